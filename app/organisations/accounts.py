"""Who is signed in: the actor and the credentials of a FAB user, read in one statement."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask_appbuilder.security.sqla.models import (
    Role,
    User,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.engine import Row

from app.infra.database import db
from app.infra.security import Credentials, SecurityStamp
from app.kernel.actor import Actor, Kind
from app.notifications.waiting import due_notices, unread_messages
from app.organisations.models import Account, Admin, AdminRegion, Bureau
from app.organisations.terms import RIGHTS

OWN_RECORDS: dict[str, Callable[[], Select[Any]]] = {}
"""For domains above: which field of the actor holds the record that belongs to the account.

The select stands inside the actor's statement and correlates with ``Account``.
"""

_OWN_FIELDS = ("enterprise_id",)
OWN_COUNTS: dict[str, Callable[[], Select[Any]]] = {
    "unread": lambda: unread_messages(Account.id),
    "due_notices": lambda: due_notices(Account.id),
}
"""What waits for an account, counted in the same statement: the frame of every page shows it."""

NEXT_DUE: list[Callable[[], Select[Any]]] = []
"""For domains above: when something of theirs next falls due, in the same statement (``infra.settling``)."""

_LINE = "\n"
_COLON = ":"


def actor_for(user_id: int) -> Actor | None:
    """The actor behind a FAB user; None when the user, the account or the admin is not active."""
    credentials = load_credentials(user_id)
    return None if credentials is None else credentials.actor


def load_credentials(user_id: int) -> Credentials | None:
    """Actor, roles and what a session depends on; None as for ``actor_for``. One statement."""
    return _credentials(Account.user_id == user_id)


def actor_of_account(account_id: int) -> Actor | None:
    """The actor of an account, for jobs that go on after their owner left."""
    credentials = _credentials(Account.id == account_id)
    return None if credentials is None else credentials.actor


def _credentials(which: ColumnElement[bool]) -> Credentials | None:
    row = db.session.execute(_statement((*OWN_RECORDS, *_due_names())).where(which)).one_or_none()
    if row is None or (row.kind == Kind.BUREAU and row.admin_state != "active"):
        return None
    roles = [line.split(_COLON, 1) for line in _lines(row.roles)]
    return Credentials(
        actor=_actor(row, frozenset(name for _id, name in roles)),
        secret=f"{row.password}|{row.session_epoch}",
        role_ids=frozenset(int(role_id) for role_id, _name in roles),
        stamp=row.stamp or 0,
        counts={name: getattr(row, name) for name in OWN_COUNTS},
        due=min(
            (due for due in (getattr(row, name) for name in _due_names()) if due is not None), default=None
        ),
    )


def _due_names() -> list[str]:
    return [f"due_{place}" for place in range(len(NEXT_DUE))]


@functools.cache
def _statement(_known: tuple[str, ...]) -> Select[Any]:
    """Built once for the domains that have said what belongs to an account: it is asked in every request."""
    own = (
        OWN_RECORDS[field]().correlate(Account).scalar_subquery() if field in OWN_RECORDS else null()
        for field in _OWN_FIELDS
    )
    return (
        select(
            Account.id.label("account_id"),
            Account.user_id,
            Account.kind,
            Account.display_name,
            Account.language,
            Account.session_epoch,
            User.password,
            Admin.id.label("admin_id"),
            Admin.state.label("admin_state"),
            *(getattr(Admin, right) for right in RIGHTS),
            Bureau.id.label("bureau_id"),
            Bureau.name.label("bureau_name"),
            Bureau.level.label("level"),
            _region_ids().label("region_ids"),
            _roles().label("roles"),
            select(func.max(SecurityStamp.value)).scalar_subquery().label("stamp"),
            *(record.label(field) for field, record in zip(_OWN_FIELDS, own, strict=True)),
            *(count().correlate(Account).scalar_subquery().label(name) for name, count in OWN_COUNTS.items()),
            *(due().scalar_subquery().label(name) for name, due in zip(_due_names(), NEXT_DUE, strict=True)),
        )
        .join(User, User.id == Account.user_id)
        .outerjoin(Admin, and_(Admin.account_id == Account.id, Account.kind == Kind.BUREAU))
        .outerjoin(Bureau, Bureau.id == Admin.bureau_id)
        .where(Account.state == "active", User.active.is_(True))
    )


def _region_ids() -> ScalarSelect[str]:
    return (
        select(func.aggregate_strings(cast(AdminRegion.region_id, String), _LINE))
        .where(AdminRegion.admin_id == Admin.id)
        .correlate(Admin)
        .scalar_subquery()
    )


def _roles() -> ScalarSelect[str]:
    """``id:name`` of the user's roles, those that a group gives included."""
    role = Role.__table__
    direct = (
        select(assoc_user_role.c.role_id)
        .where(assoc_user_role.c.user_id == Account.user_id)
        .correlate(Account)
    )
    grouped = (
        select(assoc_group_role.c.role_id)
        .join(assoc_user_group, assoc_user_group.c.group_id == assoc_group_role.c.group_id)
        .where(assoc_user_group.c.user_id == Account.user_id)
        .correlate(Account)
    )
    line = cast(role.c.id, String) + literal(_COLON) + role.c.name
    return (
        select(func.aggregate_strings(line, _LINE))
        .where(role.c.id.in_(direct) | role.c.id.in_(grouped))
        .correlate(Account)
        .scalar_subquery()
    )


def _actor(row: Row[Any], roles: frozenset[str]) -> Actor:
    return Actor(
        kind=Kind(row.kind),
        name=row.display_name,
        account_id=row.account_id,
        user_id=row.user_id,
        roles=roles,
        rights=frozenset(right for right in RIGHTS if getattr(row, right)),
        admin_id=row.admin_id,
        level=row.level,
        bureau_id=row.bureau_id,
        bureau_name=row.bureau_name or "",
        region_ids=frozenset(int(region_id) for region_id in _lines(row.region_ids)),
        enterprise_id=row.enterprise_id,
        language=row.language,
    )


def _lines(joined: str | None) -> list[str]:
    return joined.split(_LINE) if joined else []
