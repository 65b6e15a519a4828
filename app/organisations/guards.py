"""What the database itself refuses: one account that runs, secures or audits the platform in two capacities.

Roles come directly or by a group, so whichever link is written last is refused.
"""

from __future__ import annotations

from app.infra.triggers import Guard
from app.organisations.rules import EXCLUSIVE_ROLES

_REFUSAL = "running, securing and auditing the platform exclude each other"
_NAMES = ", ".join(f"'{name}'" for name in EXCLUSIVE_ROLES)
_EXCLUSIVE = f"SELECT r.id FROM ab_role AS r WHERE r.name IN ({_NAMES})"  # noqa: S608 - constants
_HELD = (
    "SELECT d.user_id, d.role_id FROM ab_user_role AS d UNION ALL "
    "SELECT m.user_id, g.role_id FROM ab_user_group AS m JOIN ab_group_role AS g ON g.group_id = m.group_id"
)
"""Every role of every user, those that a group gives included."""


def _clash(user: str, role: str) -> str:
    """Whether a user who gets a role holds another exclusive one."""
    return (
        f"({role} IN ({_EXCLUSIVE}) AND EXISTS (SELECT 1 FROM ({_HELD}) AS h "  # noqa: S608 - OLD or NEW
        f"WHERE h.user_id = {user} AND h.role_id <> {role} AND h.role_id IN ({_EXCLUSIVE})))"
    )


_BY_USER = _clash("NEW.user_id", "NEW.role_id")
_BY_MEMBER = (
    "EXISTS (SELECT 1 FROM ab_group_role AS x WHERE x.group_id = NEW.group_id AND "  # noqa: S608 - constants
    + _clash("NEW.user_id", "x.role_id")
    + ")"
)
_BY_GROUP = (
    "EXISTS (SELECT 1 FROM ab_user_group AS x WHERE x.group_id = NEW.group_id AND "  # noqa: S608 - constants
    + _clash("x.user_id", "NEW.role_id")
    + ")"
)

# A member's group may itself give two exclusive roles, which nobody holds before the link is written.
_TWO_IN_GROUP = (
    "(SELECT count(*) FROM ab_group_role AS t WHERE t.group_id = NEW.group_id "  # noqa: S608 - constants
    f"AND t.role_id IN ({_EXCLUSIVE})) > 1"
)

ROLE_GUARDS: tuple[Guard, ...] = (
    Guard("ab_user_role", "INSERT", _REFUSAL, _BY_USER),
    Guard("ab_user_role", "UPDATE", _REFUSAL, _BY_USER),
    Guard("ab_user_group", "INSERT", _REFUSAL, f"{_BY_MEMBER} OR {_TWO_IN_GROUP}"),
    Guard("ab_user_group", "UPDATE", _REFUSAL, f"{_BY_MEMBER} OR {_TWO_IN_GROUP}"),
    Guard("ab_group_role", "INSERT", _REFUSAL, _BY_GROUP),
    Guard("ab_group_role", "UPDATE", _REFUSAL, _BY_GROUP),
)
