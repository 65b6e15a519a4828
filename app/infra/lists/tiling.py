"""Where the tiles of regions stand: each region one square of the same size, near its true neighbours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import ceil, sqrt

from app.infra.lists.charting import Place

WIDER_THAN_HIGH = 1.6
"""A generated grid is as much wider than high."""
NARROWEST, WIDEST = 3, 10
ENOUGH_KNOWN = 0.5
"""Share of regions whose places must be known for the others to be put below them."""


def tile_places(codes: Sequence[str], known: Mapping[str, Place]) -> dict[str, Place]:
    """The place of each code: the known ones as they lie, moved to the corner, the others below them.

    Where too few are known, all of them stand in rows in the order of their codes.
    """
    placed = {code: known[code] for code in codes if code in known}
    if len(placed) < ENOUGH_KNOWN * len(codes) or len(set(placed.values())) < len(placed):
        placed = {}
    places = _moved(placed)
    others = sorted(set(codes) - places.keys())
    return places | _rows(others, _width(places, len(others)), _height(places))


def _moved(places: Mapping[str, Place]) -> dict[str, Place]:
    left = min((column for column, _row in places.values()), default=0)
    top = min((row for _column, row in places.values()), default=0)
    return {code: (column - left, row - top) for code, (column, row) in places.items()}


def _width(places: Mapping[str, Place], others: int) -> int:
    if places:
        return max(NARROWEST, 1 + max(column for column, _row in places.values()))
    return min(WIDEST, max(NARROWEST, ceil(sqrt(others * WIDER_THAN_HIGH))))


def _height(places: Mapping[str, Place]) -> int:
    return 1 + max(row for _column, row in places.values()) if places else 0


def _rows(codes: Collection[str], width: int, top: int) -> dict[str, Place]:
    return {code: (place % width, top + place // width) for place, code in enumerate(codes)}
