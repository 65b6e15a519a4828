"""Warning points and their staff as bureaus keep them: every check together, then the writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.early_warnings.models import NAME_LENGTH, PointStaff, TradeSector, WarningPoint
from app.early_warnings.terms import BATCHES, DUTIES, LEVELS
from app.infra import crud, scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import name_key, normalise_name
from app.kernel.texts import Message
from app.organisations.contacts import any_phone_problem, email_problem, mobile_problem, normalise_number
from app.organisations.models import Account, Region


@dataclass(frozen=True, slots=True)
class PointDraft:
    """A warning point as entered."""

    name: str
    level: str
    host: str
    region_id: int
    batch: int | None = None
    sector_id: int | None = None
    introduction: str = ""
    address: str = ""
    phone: str = ""
    note: str = ""


def create_point(actor: Actor, draft: PointDraft, now: dt.datetime) -> WarningPoint:
    """Add a point to a managed region.

    :raises Forbidden: whoever is no bureau.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_keep(actor)
    point = WarningPoint(created_at=now)
    _fill(point, draft, actor, now)
    db.session.add(point)
    db.session.flush()
    return point


def edit_point(
    actor: Actor, key: object, draft: PointDraft, version: int | None, now: dt.datetime
) -> WarningPoint:
    """Change a point that the actor sees.

    :raises Forbidden: whoever is no bureau.
    :raises Invalid: naming every entry that cannot be taken.
    :raises Overtaken: somebody changed it since ``version``.
    """
    _may_keep(actor)
    point: WarningPoint = scope.find(WarningPoint, key, actor, local_date(now), lock=True)
    claim_version(point, version)
    _fill(point, draft, actor, now)
    db.session.flush()
    return point


def bind_account(actor: Actor, key: object, account: Account, now: dt.datetime) -> WarningPoint:
    """Give a point the account by which it posts.

    :raises Forbidden: whoever is no bureau.
    :raises Conflict: the account is of another kind or belongs to another point.
    """
    _may_keep(actor)
    point: WarningPoint = scope.find(WarningPoint, key, actor, local_date(now), lock=True)
    if account.kind != Kind.POINT.value:
        raise Conflict(Message("Only an account of a warning point can be given to one."))
    other = select(WarningPoint.id).where(WarningPoint.account_id == account.id, WarningPoint.id != point.id)
    if db.session.scalar(other) is not None:
        raise Conflict(Message("This account belongs to another warning point."))
    point.account_id, point.updated_at = account.id, now
    db.session.flush()
    return point


def switch_point(actor: Actor, key: object, now: dt.datetime, *, state: str) -> WarningPoint:
    """Disable a point, or put it back into use.

    :raises Forbidden: whoever is no bureau.
    :raises Conflict: it is so already.
    """
    _may_keep(actor)
    point: WarningPoint = scope.find(WarningPoint, key, actor, local_date(now), lock=True)
    if point.state == state:
        raise Conflict(
            Message("This warning point is disabled already.")
            if state == "disabled"
            else Message("This warning point is active already.")
        )
    point.state, point.updated_at = state, now
    db.session.flush()
    return point


def delete_point(actor: Actor, key: object, now: dt.datetime) -> None:
    """Delete a point that has neither staff nor an account.

    :raises Invalid: with everything that still belongs to it.
    """
    _may_keep(actor)
    point: WarningPoint = scope.find(WarningPoint, key, actor, local_date(now), lock=True)
    refuse_deletion(point)
    problems = []
    if point.account_id is not None:
        problems.append(Problem(Message("It has an account: disable it instead.")))
    if point.staff:
        problems.append(Problem(Message("Its staff are entered here: disable it instead.")))
    if problems:
        raise Invalid(problems)
    db.session.delete(point)
    db.session.flush()


def point_problems(
    actor: Actor, draft: PointDraft, point: WarningPoint | None, now: dt.datetime
) -> list[Problem]:
    """Everything wrong with a point as entered; ``point`` is the one to be changed.

    :raises NotFound: its region or sector is out of the actor's sight.
    """
    today = local_date(now)
    region = scope.find(Region, draft.region_id, actor, today) if draft.region_id else None
    sector = scope.find(TradeSector, draft.sector_id, actor, today) if draft.sector_id else None
    with db.session.no_autoflush:
        return _problems(point or WarningPoint(), draft, region, sector, today)


def _may_keep(actor: Actor) -> None:
    if actor.kind is not Kind.SYSTEM and not (actor.kind is Kind.BUREAU and actor.admin_id is not None):
        raise Forbidden(Message("Bureaus keep the warning points of their regions."))


def _fill(point: WarningPoint, draft: PointDraft, actor: Actor, now: dt.datetime) -> None:
    problems = point_problems(actor, draft, point, now)
    if problems:
        raise Invalid(problems)
    name = normalise_name(draft.name)
    point.name, point.name_key = name, name_key(name)
    point.level, point.batch, point.host = draft.level, draft.batch, normalise_name(draft.host)
    point.region_id, point.sector_id = draft.region_id, draft.sector_id
    point.introduction, point.address = draft.introduction.strip(), normalise_name(draft.address)
    point.phone, point.note = normalise_number(draft.phone), draft.note.strip()
    point.updated_at = now


def _problems(
    point: WarningPoint,
    draft: PointDraft,
    region: Region | None,
    sector: TradeSector | None,
    today: dt.date,
) -> list[Problem]:
    found: list[Problem | None] = [_name_problem(draft.name, point.id)]
    if not 1 <= len(normalise_name(draft.host)) <= NAME_LENGTH:
        found.append(
            Problem(
                Message("Enter a host organisation of at most {count} characters.", count=NAME_LENGTH), "host"
            )
        )
    if draft.level not in LEVELS:
        found.append(Problem(Message("Choose a level."), "level"))
    if draft.batch is not None and not 1 <= draft.batch <= BATCHES:
        found.append(Problem(Message("A batch is a number from 1 to {most}.", most=BATCHES), "batch"))
    if region is None:
        found.append(Problem(Message("Choose a region."), "region"))
    if sector is not None and sector.id != point.sector_id and not sector.is_valid_on(today):
        found.append(Problem(Message("This entry can no longer be chosen."), "sector"))
    phone = normalise_number(draft.phone)
    if phone:
        found.append(any_phone_problem(phone))
    return [problem for problem in found if problem is not None]


def _name_problem(text: str, own: int | None) -> Problem | None:
    name = normalise_name(text)
    if not 1 <= len(name) <= NAME_LENGTH:
        return Problem(Message("Enter a name of at most {count} characters.", count=NAME_LENGTH), "name")
    same = select(WarningPoint.id).where(
        WarningPoint.name_key == name_key(name), WarningPoint.id != (own or 0)
    )
    if db.session.scalar(same) is not None:
        return Problem(Message("There is a warning point of this name already."), "name")
    return None


_REACHED: Mapping[str, Callable[[str, str], Problem | None]] = {
    "phone": any_phone_problem,
    "mobile": mobile_problem,
    "email": email_problem,
}


def staff_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """A person as kept: names and numbers in their one written form."""
    return {
        "point": values["point"],
        "duty": values["duty"],
        "name": normalise_name(values["name"] or ""),
        "title": normalise_name(values["title"] or ""),
        "phone": normalise_number(values["phone"] or ""),
        "mobile": normalise_number(values["mobile"] or ""),
        "email": (values["email"] or "").strip(),
        "position": values["position"] or 0,
    }


def staff_problems(actor: Actor, row: PointStaff | None, values: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with a person as entered; what the form itself found missing is not told again."""
    found: list[Problem | None] = []
    kept = staff_values(values)
    if kept["duty"] and kept["duty"] not in DUTIES:
        found.append(Problem(Message("Choose the duty."), "duty"))
    for field, check in _REACHED.items():
        if kept[field]:
            found.append(check(kept[field], field))
    if kept["point"] and kept["name"]:
        same = select(PointStaff.id).where(
            PointStaff.point_id == kept["point"],
            PointStaff.duty == kept["duty"],
            PointStaff.name == kept["name"],
            PointStaff.id != (row.id if row is not None else 0),
        )
        if db.session.scalar(same) is not None:
            found.append(Problem(Message("This person is entered for the point already."), "name"))
    return [problem for problem in found if problem is not None]


def keep_staff(
    actor: Actor, row: PointStaff | None, values: Mapping[str, Any], version: int | None, now: dt.datetime
) -> PointStaff:
    """Enter a person of a point, or change one.

    :raises Forbidden: whoever is no bureau.
    :raises NotFound: the point is out of the actor's sight.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_keep(actor)
    kept = staff_values(values)
    scope.find(WarningPoint, kept["point"], actor, local_date(now), lock=True)
    problems = staff_problems(actor, row, values)
    if not kept["name"]:
        problems.append(Problem(Message("Enter the name of the person."), "name"))
    if problems:
        raise Invalid(problems)
    person: PointStaff = crud.create(PointStaff, kept) if row is None else crud.change(row, kept, version)
    return person
