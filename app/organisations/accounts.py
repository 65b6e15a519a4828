"""Who is signed in: the actor of a FAB user, read in one statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Role,
    User,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import ScalarSelect, Select, String, and_, cast, func, null, select
from sqlalchemy.engine import Row

from app.infra.database import db
from app.kernel.actor import Actor, Kind, Source
from app.organisations.models import RIGHTS, Account, Admin, AdminRegion, Bureau

OWN_RECORDS: dict[str, Callable[[], Select[tuple[int]]]] = {}
"""For domains above: which field of the actor holds the record that belongs to the account.

The select stands inside the actor's statement and correlates with ``Account``.
"""

_SEPARATOR = "\n"


def actor_for(user_id: int, *, source: Source = Source.PAGE, address: str = "", request_id: str = "") -> Actor | None:
    """The actor behind a FAB user; None when the user, the account or the admin is not active."""
    row = db.session.execute(_actor_statement(user_id)).one_or_none()
    return None if row is None else _actor(row, source, address, request_id)


def _actor_statement(user_id: int) -> Select[Any]:
    own = [
        (OWN_RECORDS[field]().correlate(Account).scalar_subquery() if field in OWN_RECORDS else null()).label(field)
        for field in ("enterprise_id",)
    ]
    return (
        select(
            Account.id.label("account_id"),
            Account.user_id,
            Account.kind,
            Account.display_name,
            Account.language,
            Admin.id.label("admin_id"),
            Admin.state.label("admin_state"),
            *(getattr(Admin, right) for right in RIGHTS),
            Bureau.id.label("bureau_id"),
            Bureau.name.label("bureau_name"),
            Bureau.level.label("level"),
            _region_ids().label("region_ids"),
            _role_names().label("role_names"),
            *own,
        )
        .join(User, User.id == Account.user_id)
        .outerjoin(Admin, and_(Admin.account_id == Account.id, Account.kind == Kind.BUREAU))
        .outerjoin(Bureau, Bureau.id == Admin.bureau_id)
        .where(Account.user_id == user_id, Account.state == "active", User.active.is_(True))
    )


def _region_ids() -> ScalarSelect[str]:
    return (
        select(func.aggregate_strings(cast(AdminRegion.region_id, String), _SEPARATOR))
        .where(AdminRegion.admin_id == Admin.id)
        .correlate(Admin)
        .scalar_subquery()
    )


def _role_names() -> ScalarSelect[str]:
    """Names of the user's roles, those given by a group included."""
    role, user_role, user_group, group_role = (
        Role.__table__,
        assoc_user_role,
        assoc_user_group,
        assoc_group_role,
    )
    direct = select(user_role.c.role_id).where(user_role.c.user_id == Account.user_id).correlate(Account)
    grouped = (
        select(group_role.c.role_id)
        .join(user_group, user_group.c.group_id == group_role.c.group_id)
        .where(user_group.c.user_id == Account.user_id)
        .correlate(Account)
    )
    return (
        select(func.aggregate_strings(role.c.name, _SEPARATOR))
        .where(role.c.id.in_(direct) | role.c.id.in_(grouped))
        .correlate(Account)
        .scalar_subquery()
    )


def _actor(row: Row[Any], source: Source, address: str, request_id: str) -> Actor | None:
    if row.kind == Kind.BUREAU and row.admin_state != "active":
        return None
    return Actor(
        kind=Kind(row.kind),
        name=row.display_name,
        account_id=row.account_id,
        user_id=row.user_id,
        roles=frozenset(_split(row.role_names)),
        rights=frozenset(right for right in RIGHTS if getattr(row, right)),
        admin_id=row.admin_id,
        level=row.level,
        bureau_id=row.bureau_id,
        bureau_name=row.bureau_name or "",
        region_ids=frozenset(int(region_id) for region_id in _split(row.region_ids)),
        enterprise_id=row.enterprise_id,
        language=row.language,
        source=source,
        address=address,
        request_id=request_id,
    )


def _split(joined: str | None) -> list[str]:
    return joined.split(_SEPARATOR) if joined else []
