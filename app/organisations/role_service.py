"""Roles that an administrator makes beside the shipped ones: which permissions each holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flask_appbuilder.security.sqla.models import Permission, PermissionView, Role, User, ViewMenu
from sqlalchemy import func, select

from app.infra.crud import remove
from app.infra.database import db
from app.infra.roles import Patterns, matches
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message
from app.organisations.shipped_roles import SHIPPED_ROLES

PUBLIC = "Public"
LONGEST_NAME = 64
RESERVED: Patterns = (
    ("^can_(add|edit|delete)$", "^RoleView$"),
    ("^can_grant$", "^AccountView$"),
    ("^can_.*$", "^AuditView$"),
)
"""Granting and auditing belong to their shipped roles, which exclude each other and the platform
administrator's: a role made beside them could be given to anybody."""

SHIPPED = Message("This role ships with the platform and stays as it is. Make one of your own beside it.")


def is_shipped(role: Role) -> bool:
    """Whether ``init`` restores the role, so that a change would be lost."""
    return role.name in SHIPPED_ROLES or role.name == PUBLIC


def create_role(actor: Actor, name: str, permission_ids: Collection[int]) -> Role:
    """Add a role.

    :raises Forbidden: the actor does not keep the roles.
    :raises Invalid: the name is taken or unusable, or a permission belongs to a shipped role only.
    """
    _require_keeper(actor)
    role = Role()
    _fill(role, name, permission_ids)
    db.session.add(role)
    db.session.flush()
    return role


def edit_role(actor: Actor, role: Role, name: str, permission_ids: Collection[int]) -> Role:
    """Change name and permissions; whoever holds the role feels it at the next request.

    :raises Conflict: the role ships with the platform.
    """
    _require_keeper(actor)
    _refuse_shipped(role)
    _fill(role, name, permission_ids)
    db.session.flush()
    return role


def delete_role(actor: Actor, role: Role) -> None:
    """Delete a role that nobody holds.

    :raises Conflict: the role ships with the platform.
    """
    _require_keeper(actor)
    _refuse_shipped(role)
    if db.session.scalar(select(User.id).where(User.roles.any(Role.id == role.id)).limit(1)):
        raise Invalid([Problem(Message("Accounts hold this role: take it from them first."))])
    remove(role)


def reserved_problems(permissions: Iterable[tuple[str, str]]) -> list[Problem]:
    """What a role of one's own must not hold; pairs of permission and view."""
    if any(matches(pair, RESERVED) for pair in permissions):
        words = Message("Granting roles and reading the audit trail belong to shipped roles only.")
        return [Problem(words, "permissions")]
    return []


def role_entry_problems(role_id: int | None, name: str, permission_ids: Collection[int]) -> list[Problem]:
    """Everything wrong with a role of one's own as entered."""
    chosen = _permissions(permission_ids)
    reserved = reserved_problems((pair.permission.name, pair.view_menu.name) for pair in chosen)
    return [*_name_problems(normalise_name(name), role_id), *reserved]


def _fill(role: Role, name: str, permission_ids: Collection[int]) -> None:
    problems = role_entry_problems(role.id, name, permission_ids)
    if problems:
        raise Invalid(problems)
    role.name, role.permissions = normalise_name(name), _permissions(permission_ids)


def _permissions(ids: Collection[int]) -> list[PermissionView]:
    query = select(PermissionView).where(PermissionView.id.in_(ids)).order_by(PermissionView.id)
    return list(db.session.scalars(query))


def _name_problems(name: str, role_id: int | None) -> list[Problem]:
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        return [Problem(Message("Enter a name of at most {limit} characters.", limit=LONGEST_NAME), "name")]
    taken = select(Role.id).where(func.lower(Role.name) == name.lower(), Role.id != (role_id or 0))
    if name in SHIPPED_ROLES or name == PUBLIC or db.session.scalar(taken):
        return [Problem(Message("There is a role of this name: choose another one."), "name")]
    return []


def _require_keeper(actor: Actor) -> None:
    if actor.kind is not Kind.SYSTEM and "SecurityAdmin" not in actor.roles:
        raise Forbidden(Message("Only the security administrator keeps the roles."))


def _refuse_shipped(role: Role) -> None:
    if is_shipped(role):
        raise Conflict(SHIPPED)


def offered_permissions() -> list[PermissionView]:
    """The permissions that a role of one's own may hold, in the order of their views."""
    query = select(PermissionView).join(PermissionView.view_menu).join(PermissionView.permission)
    query = query.order_by(ViewMenu.name, Permission.name)
    return [
        pair
        for pair in db.session.scalars(query)
        if not matches((pair.permission.name, pair.view_menu.name), RESERVED)
    ]
