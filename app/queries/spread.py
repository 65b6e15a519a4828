"""How figures of many enterprises lie: median and quartiles, told only where nobody's figure can be read off.

Pure. Quartiles are those of the sorted sample with linear interpolation, the smallest value being the
0th and the largest the 100th percentile (``statistics.quantiles``, method "inclusive").
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

LEAST = 5
"""Enterprises besides the one that is looked at, without which nothing is told of a group."""

DIGITS = 3
"""Leading digits that are told of a figure: enough to compare with, too few to recognise somebody's own."""

PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Spread:
    """The lower quartile, the median and the upper quartile of ``count`` figures."""

    count: int
    low: Decimal
    middle: Decimal
    high: Decimal

    def coarse(self) -> Spread:
        """The same with ``DIGITS`` leading digits."""
        return Spread(self.count, *(coarse(value) for value in (self.low, self.middle, self.high)))


def spread_of(figures: Iterable[Decimal | None]) -> Spread | None:
    """Where the middle half of figures lies; None where fewer than ``LEAST`` are known."""
    known = [figure for figure in figures if figure is not None]
    if len(known) < LEAST:
        return None
    low, middle, high = statistics.quantiles(known, n=4, method="inclusive")
    return Spread(len(known), low, middle, high)


def coarse(value: Decimal) -> Decimal:
    """A figure with ``DIGITS`` leading digits, rounded half up; never with an exponent."""
    if not value:
        return Decimal(0)
    step = Decimal(1).scaleb(value.adjusted() - DIGITS + 1)
    rounded = (value / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step
    return rounded.quantize(Decimal(1)) if step >= 1 else rounded


def growth(kind: str, this: Decimal | None, base: Decimal | None) -> Decimal | None:
    """Growth over last year to two decimals: in per cent of the size of the base, of rates in points.

    :param kind: ``pct``, ``pp`` or ``none``, as an indicator says.
    :returns: None where a figure is missing, the base is zero, or the indicator has no growth.
    """
    if this is None or base is None or kind == "none" or (kind == "pct" and base == 0):
        return None
    exact = this - base if kind == "pp" else (this - base) / abs(base) * 100
    return exact.quantize(PLACES, rounding=ROUND_HALF_UP)
