"""The territory as administrators change it: zones, names, the export tag, abolitions and successors."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message
from app.organisations.closure import rebuild_closure
from app.organisations.events import TerritoryChanged
from app.organisations.models import Bureau, Region
from app.organisations.terms import REGION_LEVELS
from app.organisations.territory import CircularTerritory

_CODE = re.compile(r"[0-9A-Z]{6,12}")


@dataclass(frozen=True, slots=True)
class RegionDraft:
    """A region as it was entered. Dates are half-open: ``valid_to`` is the first day without it."""

    code: str
    name: str
    level: str
    parent_id: int | None
    kind: str = "admin"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    successor_ids: Sequence[int] = ()
    strong_exporter: bool = False
    note: str = ""


def create_region(actor: Actor, draft: RegionDraft, now: dt.datetime) -> Region:
    """Add a region, such as a development zone at county level.

    :raises Forbidden: a bureau adds anything but county-level zones of its territory.
    :raises Invalid: naming every entry that cannot be taken.
    """
    if not _runs_installation(actor) and (draft.level, draft.kind) != ("county", "functional_zone"):
        raise Forbidden(Message("A bureau may add development zones at county level only."))
    region = Region(code=draft.code.strip().upper(), level=draft.level)
    _fill(region, draft, actor, now)
    db.session.add(region)
    _settle(actor, region, now)
    return region


def edit_region(
    actor: Actor, region_id: int, draft: RegionDraft, version: int | None, now: dt.datetime
) -> Region:
    """Change a region; what reports and enterprises recorded of it stays as it was.

    :raises Forbidden: a bureau changes more than the tag, the note and its own zones.
    :raises Invalid: naming every entry that cannot be taken.
    :raises Conflict: somebody changed it since ``version``.
    """
    region: Region = scope.find(Region, region_id, actor, local_date(now), lock=True)
    claim_version(region, version)
    if not _runs_installation(actor) and region.kind != "functional_zone":
        if _moves(region, draft):
            raise Forbidden(
                Message("Of this region you may change the tag and the note. Ask the platform administrator.")
            )
        return tag_region(region, strong_exporter=draft.strong_exporter, note=draft.note)
    _fill(region, draft, actor, now)
    _settle(actor, region, now)
    return region


def tag_region(region: Region, *, strong_exporter: bool, note: str) -> Region:
    """Put the tag of the strong exporting counties on a region, or take it off.

    :raises Invalid: the region is no county.
    """
    if strong_exporter and region.level != "county":
        raise Invalid(
            [Problem(Message("Only a county can be a strong exporting county."), "strong_exporter")]
        )
    region.strong_exporter, region.note = strong_exporter, normalise_name(note)
    db.session.flush()
    return region


def set_tag(actor: Actor, region_id: int, *, strong_exporter: bool, now: dt.datetime) -> Region:
    """Put the tag on a region in sight, or take it off.

    :raises Conflict: it is as wanted already.
    :raises Invalid: the region is no county.
    """
    region: Region = scope.find(Region, region_id, actor, local_date(now), lock=True)
    if region.strong_exporter is strong_exporter:
        tagged = Message("This county carries the tag already.")
        raise Conflict(tagged if strong_exporter else Message("This region does not carry the tag."))
    return tag_region(region, strong_exporter=strong_exporter, note=region.note)


def region_problems(
    actor: Actor, draft: RegionDraft, region: Region | None, now: dt.datetime
) -> list[Problem]:
    """Everything wrong with a region as entered.

    :param region: the one that is to be changed; None for a new one.
    :raises NotFound: the region that it lies within is out of the actor's sight.
    """
    parent = None
    if draft.parent_id is not None:
        parent = scope.find(Region, draft.parent_id, actor, local_date(now))
    with db.session.no_autoflush:
        return _problems(region or Region(), draft, parent)


def delete_region(actor: Actor, region_id: int, now: dt.datetime) -> None:
    """Delete a region that was added by mistake.

    :raises Forbidden: it is no development zone; those of the standard are abolished, not deleted.
    :raises Invalid: with every record that still needs it.
    """
    region: Region = scope.find(Region, region_id, actor, local_date(now), lock=True)
    if region.kind != "functional_zone":
        raise Forbidden(Message("Only development zones can be deleted. Enter an end date instead."))
    refuse_deletion(region)
    used = db.session.scalar(select(Bureau.name).where(Bureau.region_id == region.id).limit(1))
    if used:
        raise Invalid([Problem(Message("The bureau {bureau} stands there.", bureau=used))])
    db.session.delete(region)
    rebuild_closure()
    emit(TerritoryChanged(actor, region_id, now))


def _runs_installation(actor: Actor) -> bool:
    return actor.kind in (Kind.PLATFORM, Kind.SYSTEM)


def _fill(region: Region, draft: RegionDraft, actor: Actor, now: dt.datetime) -> None:
    parent = None
    if draft.parent_id is not None:
        parent = scope.find(Region, draft.parent_id, actor, local_date(now))
    name = normalise_name(draft.name)
    with db.session.no_autoflush:
        successors = [_successor(key) for key in draft.successor_ids]
        problems = _problems(region, draft, parent)
    if problems:
        raise Invalid(problems)
    region.name = name
    region.full_name = name if parent is None or parent.level == "country" else parent.full_name + name
    region.parent_id = None if parent is None else parent.id
    region.kind = draft.kind
    region.valid_from, region.valid_to = draft.valid_from, draft.valid_to
    region.successors = [successor for successor in successors if successor is not None]
    region.strong_exporter, region.note = draft.strong_exporter, normalise_name(draft.note)


def _problems(region: Region, draft: RegionDraft, parent: Region | None) -> list[Problem]:
    return [
        *_code_problems(region, draft),
        *_name_problems(normalise_name(draft.name), draft, parent),
        *_date_problems(region, draft, [_successor(key) for key in draft.successor_ids]),
    ]


def _moves(region: Region, draft: RegionDraft) -> bool:
    """Whether a draft changes more of a region than its tag and note."""
    kept = (region.code, region.name, region.level, region.parent_id, region.kind)
    entered = (
        draft.code.strip().upper(),
        normalise_name(draft.name),
        draft.level,
        draft.parent_id,
        draft.kind,
    )
    dates = (region.valid_from, region.valid_to) != (draft.valid_from, draft.valid_to)
    return kept != entered or dates or {one.id for one in region.successors} != set(draft.successor_ids)


def _successor(region_id: int) -> Region | None:
    """Any region may take over another one, also one that lies outside the actor's territory."""
    return db.session.get(Region, region_id)


def _code_problems(region: Region, draft: RegionDraft) -> list[Problem]:
    code = draft.code.strip().upper()
    if region.id:
        if code != region.code or draft.level != region.level:
            words = Message("Code and level of a region never change: add a new region as its successor.")
            return [Problem(words, "code")]
        return []
    if not _CODE.fullmatch(code):
        return [Problem(Message("A region code has 6 to 12 digits or capital letters."), "code")]
    if db.session.scalar(select(Region.id).where(Region.code == code)):
        return [Problem(Message("There is a region with this code already."), "code")]
    return []


def _name_problems(name: str, draft: RegionDraft, parent: Region | None) -> list[Problem]:
    problems = []
    if not 1 <= len(name) <= 60:
        problems.append(Problem(Message("Enter a name of at most 60 characters."), "name"))
    if draft.level not in REGION_LEVELS:
        return [*problems, Problem(Message("Choose a level."), "level")]
    if draft.level != "country" and parent is None:
        problems.append(Problem(Message("Choose the region that this one lies within."), "parent"))
    elif parent is not None and REGION_LEVELS.index(parent.level) >= REGION_LEVELS.index(draft.level):
        problems.append(
            Problem(Message("The region that this one lies within must be at a higher level."), "parent")
        )
    if draft.strong_exporter and draft.level != "county":
        problems.append(
            Problem(Message("Only a county can be a strong exporting county."), "strong_exporter")
        )
    return problems


def _date_problems(region: Region, draft: RegionDraft, successors: Sequence[Region | None]) -> list[Problem]:
    problems = []
    if draft.valid_from and draft.valid_to and draft.valid_from >= draft.valid_to:
        problems.append(Problem(Message("The end date must be after the start date."), "valid_to"))
    if successors and draft.valid_to is None:
        problems.append(Problem(Message("A region that has successors needs an end date."), "valid_to"))
    if None in successors:
        problems.append(Problem(Message("A chosen successor does not exist."), "successors"))
    if any(successor is not None and successor.id == region.id for successor in successors):
        problems.append(Problem(Message("A region cannot succeed itself."), "successors"))
    return problems


def _settle(actor: Actor, region: Region, now: dt.datetime) -> None:
    db.session.flush()
    try:
        rebuild_closure()
    except CircularTerritory as error:
        words = Message("With this parent or successor the region would lie within itself.")
        raise Invalid([Problem(words, "parent")]) from error
    emit(TerritoryChanged(actor, region.id, now))
