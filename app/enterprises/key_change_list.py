"""The declared lists of changes of key fields: the desk of an admin, and the query of all of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from app.enterprises import key_changes
from app.enterprises.desk_actions import decisions
from app.enterprises.key_change_models import KeyChange
from app.enterprises.key_change_workflow import (
    MANUAL,
    PENDING,
    ROUTE_LABELS,
    STATE_LABELS,
    STATE_MARKS,
)
from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup
from app.infra.scope import scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.lists import region_filter, scoped
from app.organisations.models import Account, Admin, Region

MOST_WAITING = 2_000
_Row = KeyChange
CHANGED_FIELDS = {
    "several": Message("Several of them"),
    "name": Message("Enterprise name"),
    "uscc": Message("Unified social credit code"),
    "industry": Message("Industry"),
}
"""What a change is about; one that is about more than one field is counted by itself."""


def changed_field() -> Any:
    """The key of ``CHANGED_FIELDS`` for a change."""
    name, uscc = _Row.old_name != _Row.new_name, _Row.old_uscc != _Row.new_uscc
    industry = _Row.old_industry_id != _Row.new_industry_id
    several = (name & uscc) | (name & industry) | (uscc & industry)
    return case((several, "several"), (name, "name"), (uscc, "uscc"), else_="industry")


def desk_list(actor: Actor) -> ListSpec:
    """企业信息变更审核: by default the cases that wait for the acting admin, the earliest first."""
    return ListSpec(
        name="key_changes",
        title=Message("Review of changed enterprise information"),
        base=_referred,
        key=(_Row.id,),
        columns=(_name(), _state(), _asked(), *_values(default=False)),
        filters=(
            Filter(
                "mine",
                Message("Waits for"),
                "choice",
                _Row.reviewer_id,
                words={"mine": Message("Me"), "all": Message("All of my regions")},
                clause=_mine,
                default="mine",
            ),
            Filter("state", Message("State"), "choice", _Row.state, words=STATE_LABELS),
            *_places(),
        ),
        default_sort="asked",
        size=25,
        row_link="?change={}",
        actions=_actions(),
        unit=Message("{count} changes"),
        empty=Message("No change waits for you."),
        empty_next=(Message("See all changes of my regions"), "/key-changes/?asked=1&mine=all"),
    )


def query_list(actor: Actor) -> ListSpec:
    """企业信息变更查询: every change with its old and new values; of its own, for an enterprise."""
    own = actor.kind is Kind.ENTERPRISE
    return ListSpec(
        name="key_change_query",
        title=Message("Query of changed enterprise information"),
        base=scoped(_Row),
        key=(_Row.id,),
        columns=(
            _name(),
            *_values(default=True),
            Column("period", Message("Report month"), _Row.period, "month", sortable=True),
            _state(),
            _asked(),
            Column("decided", Message("Decided at"), _Row.decided_at, "instant", sortable=True),
            Column("region", Message("Region"), _region(), default=False, css="place"),
            Column("route", Message("Decided by"), _Row.route, "choice", words=ROUTE_LABELS, default=False),
            Column("reason", Message("Reason of the return"), _Row.reason, "local", default=False),
        ),
        filters=(
            Filter("state", Message("State"), "choice", _Row.state, words=STATE_LABELS, tabs=True),
            Filter("period", Message("Report month"), "month", _Row.period),
            Filter("field", Message("What changed"), "choice", changed_field(), words=CHANGED_FIELDS),
            *(() if own else _places()),
        ),
        default_sort="-asked",
        unit=Message("{count} changes"),
        empty=Message("No change of name, credit code or industry was asked for."),
    )


def _region() -> Any:
    """Where the enterprise is today, looked up for the rows of a page only."""
    located = select(Region.full_name).join(Enterprise, Enterprise.region_id == Region.id)
    return located.where(Enterprise.id == _Row.enterprise_id).correlate(_Row).scalar_subquery()


def _name() -> Column:
    return Column("name", Message("Enterprise name before"), _Row.old_name, sortable=True, always=True)


def _state() -> Column:
    return Column("state", Message("State"), _Row.state, "state", words=STATE_LABELS, marks=STATE_MARKS)


def _asked() -> Column:
    return Column("asked", Message("Asked for at"), _Row.asked_at, "instant", sortable=True)


def _values(*, default: bool) -> tuple[Column, ...]:
    given: dict[str, Any] = {"default": default}
    return (
        Column("new_name", Message("Enterprise name after"), _Row.new_name, **given),
        Column("old_uscc", Message("Credit code before"), _Row.old_uscc, **given),
        Column("new_uscc", Message("Credit code after"), _Row.new_uscc, **given),
        Column(
            "old_industry",
            Message("Industry before"),
            kind="local",
            lookup=Lookup(_Row.old_industry_id, Industry),
            **given,
        ),
        Column(
            "new_industry",
            Message("Industry after"),
            kind="local",
            lookup=Lookup(_Row.new_industry_id, Industry),
            **given,
        ),
    )


def _places() -> tuple[Filter, ...]:
    return (
        region_filter(_within),
        Filter("keyword", Message("Name or user ID"), expression=_Row.new_name_key, clause=_named_like),
    )


def _within(regions: Any) -> ColumnElement[bool]:
    return _Row.enterprise_id.in_(select(Enterprise.id).where(Enterprise.region_id.in_(regions)))


def _named_like(value: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The name today, the one before and the one asked for, a code, or the user ID."""
    typed, code = name_key(value), "".join(value.split()).upper()
    owner = (
        select(Enterprise.id)
        .outerjoin(Account, Account.id == Enterprise.account_id)
        .outerjoin(User, User.id == Account.user_id)
        .where(
            or_(
                Enterprise.name_key.contains(typed, autoescape=True),
                func.lower(User.username).contains(value.strip().lower(), autoescape=True),
            )
        )
    )
    return or_(
        _Row.enterprise_id.in_(owner),
        _Row.new_name_key.contains(typed, autoescape=True),
        _Row.old_name.contains(value.strip(), autoescape=True),
        _Row.old_uscc.contains(code, autoescape=True),
        _Row.new_uscc.contains(code, autoescape=True),
    )


def _mine(value: str, actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return _Row.reviewer_id == actor.admin_id if value == "mine" else true()


def _referred(actor: Actor, today: dt.date) -> Select[Any]:
    return select(_Row.id).where(_Row.route == MANUAL, scope_of(_Row)(actor, today))


def _actions() -> tuple[Action, ...]:
    return decisions(
        key_changes.give_back,
        Message("Return the ticked changes? The old values stand."),
        key_changes.approve,
        Message("Pass the ticked changes? The new values hold at once."),
    )


def waiting_for(actor: Actor, today: dt.date) -> Select[Any]:
    """Keys of the cases at the acting admin."""
    mine = (_Row.reviewer_id == actor.admin_id, _Row.state == PENDING)
    return select(_Row.id).where(*mine, scope_of(_Row)(actor, today))


def waiting_ids(actor: Actor, today: dt.date, current: int | None = None) -> list[int]:
    """What waits for the admin, in the order of the queue; with an open one of others all of the regions."""
    order = (_Row.asked_at, _Row.id)
    mine = list(db.session.scalars(waiting_for(actor, today).order_by(*order).limit(MOST_WAITING)))
    if current is None or current in mine:
        return mine
    everybody = _referred(actor, today).where(_Row.state == PENDING)
    return list(db.session.scalars(everybody.order_by(*order).limit(MOST_WAITING)))


def reviewer_name(change: KeyChange) -> str:
    """At whom a case waits; empty where it waits for nobody."""
    if change.reviewer_id is None:
        return ""
    return str(db.session.get_one(Admin, change.reviewer_id))
