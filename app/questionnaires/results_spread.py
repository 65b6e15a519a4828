"""Mean, middle and spread of numbers that the database measured, and of levels that were counted. Pure.

Quartiles lie between neighbours in proportion, and the deviation is that of a sample, as spreadsheets and
statistics programs reckon them by default.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Place = tuple[int, int, int]
"""Question, row and option of a line of answers."""

QUARTILES = (1, 2, 3)
PLACES = 4
"""Decimals that means, quartiles and deviations are told with."""
SHARE_PLACES = 2
"""Decimals of shares in per cent."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the database measured of numbers kept as integers of ``unit``.

    ``quarters`` are the two neighbours of each quartile, ``squares`` is the sum of squared distances from
    the mean; cells of a matrix have neither.
    """

    size: int
    total: int
    least: int
    most: int
    squares: float | None
    quarters: Sequence[int]
    unit: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How many numbers there are, and how they lie; a deviation or quartile that is not known is None."""

    size: int
    mean: Decimal
    low: Decimal | None
    middle: Decimal | None
    high: Decimal | None
    deviation: Decimal | None
    least: Decimal
    most: Decimal


def places_of(size: Any, quarter: int) -> tuple[Any, Any]:
    """Places, from 1, of the neighbours of a quartile in so many ordered numbers; of integers and in SQL."""
    steps = (size - 1) * quarter
    return steps // 4 + 1, (steps + 3) // 4 + 1


def joined(left: Measured | None, right: Measured) -> Measured:
    """Sums of two parts of the same numbers together."""
    if left is None:
        return right
    return replace(
        right,
        size=left.size + right.size,
        total=left.total + right.total,
        least=min(left.least, right.least),
        most=max(left.most, right.most),
    )


def spread_of(found: Measured) -> Spread:
    """Measured numbers in their own unit."""
    quarters = [
        _told(_between(found.size, quarter, *found.quarters[2 * at : 2 * at + 2]) / found.unit)
        if found.quarters
        else None
        for at, quarter in enumerate(QUARTILES)
    ]
    low, middle, high = quarters
    return Spread(
        size=found.size,
        mean=_told(Decimal(found.total) / found.size / found.unit),
        low=low,
        middle=middle,
        high=high,
        deviation=_deviation(found),
        least=Decimal(found.least) / found.unit,
        most=Decimal(found.most) / found.unit,
    )


def spread_of_levels(levels: Mapping[int, int]) -> Spread | None:
    """The same of levels and how often each was given; None where none was."""
    ordered = sorted((level, times) for level, times in levels.items() if times)
    size = sum(times for _level, times in ordered)
    if not size:
        return None
    total = sum(level * times for level, times in ordered)
    mean = total / size
    quarters = [
        at_place for quarter in QUARTILES for at_place in (_at(ordered, p) for p in places_of(size, quarter))
    ]
    squares = math.fsum(times * (level - mean) ** 2 for level, times in ordered)
    return spread_of(Measured(size, total, ordered[0][0], ordered[-1][0], squares, quarters, 1))


def percent(part: int, whole: int) -> Decimal | None:
    """A share in per cent; None of nothing."""
    return _told(Decimal(100 * part) / whole, SHARE_PLACES) if whole else None


def _at(ordered: Sequence[tuple[int, int]], place: int) -> int:
    seen = 0
    for level, times in ordered:
        seen += times
        if seen >= place:
            return level
    raise ValueError(f"there is no place {place}")


def _between(size: int, quarter: int, below: int, above: int) -> Decimal:
    part = Decimal((size - 1) * quarter % 4) / 4
    return below + (above - below) * part


def _deviation(found: Measured) -> Decimal | None:
    if found.squares is None or found.size == 1:
        return None
    return _told(Decimal(math.sqrt(found.squares / (found.size - 1)) / found.unit))


def _told(value: Decimal, places: int = PLACES) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
