"""Which place lay within which, and when: pure, from parents, dates and successors, never from codes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Day = dt.date | None
"""A bound of a half-open span of days; None is open."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the closure needs to know of a region."""

    id: int
    parent_id: int | None
    valid_to: dt.date | None = None
    successor_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Within:
    """``descendant`` lay ``depth`` steps within ``ancestor`` from ``start`` until before ``end``."""

    ancestor_id: int
    descendant_id: int
    depth: int
    start: Day = None
    end: Day = None


class CircularTerritory(ValueError):
    """Regions contain or succeed each other in a circle."""


def closure_of(places: Iterable[Place]) -> set[Within]:
    """Every containment of the territory.

    An abolished place belongs to its old parents until ``valid_to`` and from then on to its
    successor and what the successor belongs to; to what all of them belong to where there are
    several. Without a successor it stays with its parents: it is never out of everybody's reach.

    :raises CircularTerritory: a place would lie within itself.
    """
    known = {place.id: place for place in places}
    done: dict[int, list[Within]] = {}
    for place_id in known:
        _ancestry(place_id, known, done, ())
    return {row for rows in done.values() for row in rows}


def _ancestry(
    place_id: int, known: Mapping[int, Place], done: dict[int, list[Within]], path: tuple[int, ...]
) -> list[Within]:
    if place_id in done:
        return done[place_id]
    if place_id in path:
        raise CircularTerritory(f"region {place_id} would lie within itself")
    place = known[place_id]
    here = (*path, place_id)
    taken_over = place.valid_to if place.successor_ids else None
    rows = [Within(place_id, place_id, 0)]
    if place.parent_id is not None:
        above = _ancestry(place.parent_id, known, done, here)
        rows += _below(place_id, above, None, taken_over)
    if taken_over is not None:
        inherited = [_ancestry(successor, known, done, here) for successor in place.successor_ids]
        rows += _below(place_id, _shared(inherited), taken_over, None)
    done[place_id] = _merged(rows)
    return done[place_id]


def _below(place_id: int, above: Iterable[Within], start: Day, end: Day) -> list[Within]:
    """One step below ``above``, for as long as both hold within the span."""
    rows = []
    for row in above:
        span = _overlap((row.start, row.end), (start, end))
        if span is not None:
            rows.append(Within(row.ancestor_id, place_id, row.depth + 1, *span))
    return rows


def _shared(ancestries: list[list[Within]]) -> list[Within]:
    """What all successors have in common, its nearest place at depth 0; one successor shares all it has."""
    if len(ancestries) == 1:
        return ancestries[0]
    shared = ancestries[0]
    for other in ancestries[1:]:
        shared = [
            Within(one.ancestor_id, one.descendant_id, max(one.depth, two.depth), *span)
            for one in shared
            for two in other
            if one.ancestor_id == two.ancestor_id
            and (span := _overlap((one.start, one.end), (two.start, two.end))) is not None
        ]
    nearest = min((row.depth for row in shared), default=0)
    return [
        Within(row.ancestor_id, row.descendant_id, row.depth - nearest, row.start, row.end) for row in shared
    ]


def _overlap(one: tuple[Day, Day], two: tuple[Day, Day]) -> tuple[Day, Day] | None:
    """The days that two spans share; None where they share none."""
    start = max((day for day in (one[0], two[0]) if day is not None), default=None)
    end = min((day for day in (one[1], two[1]) if day is not None), default=None)
    if start is not None and end is not None and start >= end:
        return None
    return start, end


def _merged(rows: Iterable[Within]) -> list[Within]:
    """Spans of one ancestor and depth that touch become one."""
    ordered = sorted(rows, key=lambda row: (row.ancestor_id, row.depth, row.start or dt.date.min))
    merged: list[Within] = []
    for row in ordered:
        last = merged[-1] if merged else None
        if (
            last is not None
            and (last.ancestor_id, last.depth) == (row.ancestor_id, row.depth)
            and last.end is not None
            and last.end == row.start
        ):
            merged[-1] = Within(row.ancestor_id, row.descendant_id, row.depth, last.start, row.end)
        else:
            merged.append(row)
    return merged
