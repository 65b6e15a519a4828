"""Keeps the closure table of regions as the territory says."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import delete, insert, select

from app.infra.database import db
from app.infra.security import move_stamp
from app.organisations.models import Region, RegionClosure, RegionSuccessor
from app.organisations.scope import on_day
from app.organisations.terms import COUNTRY_CODE
from app.organisations.territory import Place, Within, closure_of

_CHUNK = 500


def rebuild_closure() -> int:
    """Write what the closure lacks and delete what it has too much; the number of rows touched.

    The root region's row is locked meanwhile, so that two processes do not write the same rows.

    :raises CircularTerritory: a region would lie within itself; nothing is written.
    """
    db.session.flush()
    db.session.execute(select(Region.id).where(Region.code == COUNTRY_CODE).with_for_update())
    wanted = closure_of(_places())
    held = _held()
    surplus = [held[row] for row in held.keys() - wanted]
    missing = sorted(wanted - held.keys(), key=lambda row: (row.descendant_id, row.depth, row.ancestor_id))
    for start in range(0, len(surplus), _CHUNK):
        db.session.execute(delete(RegionClosure).where(RegionClosure.id.in_(surplus[start : start + _CHUNK])))
    if missing:
        db.session.execute(insert(RegionClosure), [_row(row) for row in missing])
    if surplus or missing:
        move_stamp(db.session())  # rows written in bulk, which nobody follows one by one
    return len(surplus) + len(missing)


def levels_of(region_id: int, today: dt.date) -> Mapping[str, int]:
    """Level → id of the regions that a region lies within on a day, its own level included.

    An abolished place stands for its own level, not the one that took it over.
    """
    query = (
        select(Region.level, Region.id)
        .join(RegionClosure, RegionClosure.ancestor_id == Region.id)
        .where(RegionClosure.descendant_id == region_id, on_day(today))
        .order_by(RegionClosure.depth.desc())
    )
    return dict(db.session.execute(query).all())


def _places() -> list[Place]:
    successors: dict[int, list[int]] = defaultdict(list)
    pairs = select(RegionSuccessor.region_id, RegionSuccessor.successor_id).order_by(
        RegionSuccessor.successor_id
    )
    for region_id, successor_id in db.session.execute(pairs):
        successors[region_id].append(successor_id)
    rows = db.session.execute(select(Region.id, Region.parent_id, Region.valid_to))
    return [Place(key, parent, ended, tuple(successors.get(key, ()))) for key, parent, ended in rows]


def _held() -> dict[Within, int]:
    table = RegionClosure
    rows = db.session.execute(
        select(
            table.id, table.ancestor_id, table.descendant_id, table.depth, table.valid_from, table.valid_to
        )
    )
    return {Within(*facts): key for key, *facts in rows}


def _row(within: Within) -> dict[str, object]:
    return {
        "ancestor_id": within.ancestor_id,
        "descendant_id": within.descendant_id,
        "depth": within.depth,
        "valid_from": within.start,
        "valid_to": within.end,
    }
