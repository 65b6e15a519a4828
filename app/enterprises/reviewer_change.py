"""变更审核员 for many enterprises at once: who can take them over, and the step for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from app.enterprises import service
from app.enterprises.models import Enterprise
from app.infra import scope
from app.infra.database import db
from app.infra.lists import Action, Choice
from app.infra.lists.spec import Key
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict
from app.kernel.texts import Message
from app.organisations.models import Account, Admin, AdminRegion, Bureau, RegionClosure
from app.organisations.scope import on_day
from app.organisations.terms import RANKS


def reviewer_options(keys: Sequence[Key], actor: Actor, today: dt.date) -> list[tuple[str, Message]]:
    """The active admins in sight whose regions cover at least one of the enterprises.

    Those who cover them all come first, the lowest level before the higher ones.
    """
    places = (
        select(Enterprise.region_id, func.count().label("number"))
        .where(Enterprise.id.in_([key[0] for key in keys]))
        .group_by(Enterprise.region_id)
        .subquery("places")
    )
    covered = (
        select(AdminRegion.admin_id, places.c.region_id, places.c.number)
        .join(RegionClosure, RegionClosure.ancestor_id == AdminRegion.region_id)
        .join(places, places.c.region_id == RegionClosure.descendant_id)
        .where(on_day(today))
        .distinct()
        .subquery("covered")
    )
    rows = db.session.execute(
        select(Admin.id, Admin.level, Account.display_name, Bureau.name, func.sum(covered.c.number))
        .join(covered, covered.c.admin_id == Admin.id)
        .join(Account, Account.id == Admin.account_id)
        .join(Bureau, Bureau.id == Admin.bureau_id)
        .where(scope.scope_of(Admin)(actor, today), Admin.state == "active")
        .group_by(Admin.id, Admin.level, Account.display_name, Bureau.name)
    ).all()
    ordered = sorted(rows, key=lambda row: (-int(row[4]), -RANKS[row[1]], row[0]))
    return [
        (str(key), _option(f"{person} · {bureau}", int(number), len(keys)))
        for key, _level, person, bureau, number in ordered
    ]


def _option(admin: str, number: int, total: int) -> Message:
    if number == total:
        return Message("{admin}: manages the regions of all {total}", admin=admin, total=total)
    return Message(
        "{admin}: manages the regions of {number} of {total}", admin=admin, number=number, total=total
    )


def hand_to(actor: Actor, key: Key, chosen: str, now: dt.datetime) -> None:
    """Give one enterprise of a batch to the chosen reviewer.

    :raises Conflict: that admin reviews it already.
    :raises Invalid: its region is not among those of the admin.
    """
    found: Enterprise = scope.find(Enterprise, key[0], actor, local_date(now))
    if str(found.direct_reviewer_id) == chosen:
        raise Conflict(Message("This admin reviews it already."))
    service.change_reviewer(actor, [found.id], int(chosen), now)


REVIEWER_ACTION = Action(
    "reviewer",
    Message("Change reviewer"),
    hand_to,
    done=Message("Handed over"),
    confirm=Message(
        "Who reviews the ticked enterprises from now on? Their reports of every period move along."
    ),
    choice=Choice(
        Message("New direct reviewer"),
        reviewer_options,
        Message("No active admin below you manages the regions of these enterprises."),
    ),
    allowed=lambda actor: actor.kind is Kind.BUREAU,
)
