"""The queue of registrations as a declared list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import ColumnElement, Select, or_, select, true

from app.enterprises import registrations
from app.enterprises.desk_actions import decisions
from app.enterprises.models import Industry
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_workflow import PENDING, SENT, STATE_LABELS, STATE_MARKS
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup
from app.infra.lists.spec import Key
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.lists import region_filter, scoped
from app.organisations.models import Account, Admin, Region

MOST_WAITING = 2_000
SENT_LABELS = {state: words for state, words in STATE_LABELS.items() if state in SENT}

_Row = EnterpriseRegistration


def registration_list(actor: Actor) -> ListSpec:
    """企业注册审核: by default what waits for the acting admin, the earliest submitted first."""
    return ListSpec(
        name="registrations",
        title=Message("Review of registrations"),
        base=scoped(_Row),
        key=(_Row.id,),
        columns=_columns(),
        filters=_filters(),
        default_sort="submitted",
        size=25,
        row_link="?registration={}",
        actions=_actions(),
        unit=Message("{count} registrations"),
        empty=Message("No registration waits for you."),
        empty_next=(Message("See all registrations of my regions"), "/registrations/?asked=1&mine=all"),
    )


def _columns() -> tuple[Column, ...]:
    hidden: dict[str, Any] = {"default": False}
    return (
        Column("name", Message("Enterprise name"), _Row.name, sortable=True, always=True, note=_notes),
        Column("uscc", Message("Credit code"), _Row.uscc),
        Column("state", Message("State"), _Row.state, "state", words=STATE_LABELS, marks=STATE_MARKS),
        Column("username", Message("User ID"), each=_usernames, **hidden),
        Column("region", Message("Region"), lookup=Lookup(_Row.region_id, Region, "full_name"), **hidden),
        Column(
            "industry", Message("Industry"), kind="local", lookup=Lookup(_Row.industry_id, Industry), **hidden
        ),
        Column("legal_representative", Message("Legal representative"), _Row.legal_representative, **hidden),
        Column("contact_name", Message("Contact"), _Row.contact_name, **hidden),
        Column("phone", Message("Telephone"), _Row.phone, **hidden),
        Column("mobile", Message("Mobile"), _Row.mobile, **hidden),
        Column("reviewer", Message("Waits for"), each=_reviewers, **hidden),
        Column("submitted", Message("Submitted at"), _Row.submitted_at, "instant", sortable=True, **hidden),
        Column("return_reason", Message("Reason of the return"), _Row.return_reason, **hidden),
    )


def _filters() -> tuple[Filter, ...]:
    return (
        Filter(
            "mine",
            Message("Waits for"),
            "choice",
            _Row.reviewer_id,
            words={"mine": Message("Me"), "all": Message("All of my regions")},
            clause=_mine,
            default="mine",
        ),
        Filter("state", Message("State"), "choice", _Row.state, words=SENT_LABELS),
        region_filter(_Row.region_id.in_),
        Filter("keyword", Message("Name or credit code"), expression=_Row.name_key, clause=_named_like),
        Filter("submitted", Message("Submitted at"), "date_range", _Row.submitted_at, more_conditions=True),
    )


def _actions() -> tuple[Action, ...]:
    return decisions(
        registrations.give_back,
        Message("Return the ticked registrations?"),
        registrations.approve,
        Message("Pass the ticked registrations? Each enterprise is told by SMS."),
    )


def waiting_for(actor: Actor, today: dt.date) -> Select[Any]:
    """Keys of the registrations at the acting admin."""
    mine = (_Row.reviewer_id == actor.admin_id, _Row.state == PENDING)
    return select(_Row.id).where(*mine, scope_of(_Row)(actor, today))


def waiting_ids(actor: Actor, today: dt.date, current: int | None = None) -> list[int]:
    """What waits for the admin, in the order of the queue; with an open one of others all of the regions."""
    order = (_Row.submitted_at, _Row.id)
    mine = list(db.session.scalars(waiting_for(actor, today).order_by(*order).limit(MOST_WAITING)))
    if current is None or current in mine:
        return mine
    all_of_them = select(_Row.id).where(_Row.state == PENDING, scope_of(_Row)(actor, today))
    return list(db.session.scalars(all_of_them.order_by(*order).limit(MOST_WAITING)))


def _mine(value: str, actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return _Row.reviewer_id == actor.admin_id if value == "mine" else true()


def _named_like(value: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    code = "".join(value.split()).upper()
    return or_(
        _Row.name_key.contains(name_key(value), autoescape=True), _Row.uscc.contains(code, autoescape=True)
    )


def _notes(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    """Place and time of submission, under the name."""
    query = (
        select(_Row.id, Region.name, _Row.submitted_at)
        .join(Region, Region.id == _Row.region_id)
        .where(_Row.id.in_([key[0] for key in keys]))
    )
    return {
        (key,): say(
            Message("{place}, submitted {when}", place=place, when=f"{sent.astimezone(SHANGHAI):%m-%d %H:%M}")
        )
        for key, place, sent in db.session.execute(query)
    }


def _usernames(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    rows = db.session.execute(
        select(_Row.id, User.username)
        .join(Account, Account.id == _Row.account_id)
        .join(User, User.id == Account.user_id)
        .where(_Row.id.in_([key[0] for key in keys]))
    )
    return {(key,): name for key, name in rows}


def _reviewers(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    rows = db.session.execute(
        select(_Row.id, Account.display_name)
        .join(Admin, Admin.id == _Row.reviewer_id)
        .join(Account, Account.id == Admin.account_id)
        .where(_Row.id.in_([key[0] for key in keys]))
    )
    return {(key,): name for key, name in rows}
