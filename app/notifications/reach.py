"""Whom a notice reaches, as a condition on accounts; and which notices reach an account.

Regions and enterprises are known to the domains above: the wiring hands over how to ask them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, inspect, or_, select

from app.infra import scope
from app.infra.registries import table
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message
from app.notifications.models import Notice, NoticeAudience, NoticeReader, NoticeRegion
from app.notifications.workflow import PUBLISHED

AUDIENCE = {
    Kind.BUREAU.value: Message("Bureau admin"),
    Kind.ENTERPRISE.value: Message("Enterprise account"),
    Kind.POINT.value: Message("Warning point"),
    Kind.CENTRE.value: Message("Warning centre"),
    Kind.PROVIDER.value: Message("Service provider"),
}
"""Kinds of accounts that notices can be for."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the wiring hands over.

    ``within`` and ``above`` give the ids of the regions below, or above, those of a select, themselves
    included, on a day. ``places`` gives for a kind of accounts a select of ``account_id`` and
    ``region_id``; a kind that is not there has no known place. ``is_top`` says whether a bureau
    admin has no superior.
    """

    within: Callable[[Any, dt.date], Select]
    above: Callable[[Any, dt.date], Select]
    places: Mapping[Kind, Callable[[], Select]]
    is_top: Callable[[Actor], bool]


def reach() -> Reach:
    """How this application asks for places."""
    found: Reach = table("REACH")
    return found


def accounts() -> Any:
    """The model of accounts."""
    return inspect(Notice).relationships["author"].mapper.class_


def regions() -> Any:
    """The model of regions."""
    return inspect(Notice).relationships["regions"].mapper.class_


def addressed(notice: Notice, today: dt.date) -> ColumnElement[bool]:
    """The accounts that a notice is for: active ones of its kinds and places, its author excepted."""
    account, asked = accounts(), reach()
    below = asked.within(select(NoticeRegion.region_id).where(NoticeRegion.notice_id == notice.id), today)
    parts: list[ColumnElement[bool]] = []
    for kind in notice.kinds:
        place = asked.places.get(Kind(kind))
        if notice.everywhere or (place is None and notice.unplaced):
            parts.append(account.kind == kind)
        elif place is not None:
            located = place().subquery()
            here = select(located.c.account_id).where(located.c.region_id.in_(below))
            parts.append(and_(account.kind == kind, account.id.in_(here)))
    return and_(account.state == "active", account.id != notice.author_id, or_(false(), *parts))


def readable(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The published notices that are for an account by its kind and by where it is, or that it was given."""
    if actor.account_id is None or actor.kind not in AUDIENCE:
        return false()
    asked = reach()
    for_kind = exists().where(NoticeAudience.notice_id == Notice.id, NoticeAudience.kind == actor.kind.value)
    place = asked.places.get(actor.kind)
    if place is None:
        here: ColumnElement[bool] = or_(Notice.everywhere, Notice.unplaced)
    else:
        located = place().subquery()
        own = select(located.c.region_id).where(located.c.account_id == actor.account_id)
        named = select(NoticeRegion.notice_id).where(NoticeRegion.region_id.in_(asked.above(own, today)))
        here = or_(Notice.everywhere, Notice.id.in_(named))
    told = exists().where(
        NoticeReader.notice_id == Notice.id,
        NoticeReader.edition == Notice.edition,
        NoticeReader.account_id == actor.account_id,
    )
    others = Notice.author_id != actor.account_id
    return and_(Notice.state == PUBLISHED, others, or_(and_(for_kind, here), told))


def managed(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The notices that an actor administers: a bureau's own and its subordinates', or the platform's."""
    if actor.kind is Kind.PLATFORM and "SecurityAdmin" not in actor.roles:
        return Notice.kind == "platform"
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        account = accounts()
        below = select(account.id).where(scope.scope_of(account)(actor, today))
        return and_(Notice.kind == "bureau", Notice.author_id.in_(below))
    return false()
