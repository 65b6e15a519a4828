"""Figures that stand out against an enterprise's own history and against its trade: robust z-scores, pure.

What is scored is the change over the month before, so that size does not matter, and a change is
measured on a scale on which growth and fall weigh alike. The score is the modified z-score of
Iglewicz and Hoaglin: distance from the median over the median absolute deviation, which a few wild
figures in the sample cannot hide behind as they can behind mean and standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import pairwise

from app.kernel.periods import Month
from app.reports.definitions import Cells, IndicatorDefinition

LIMIT = Decimal("3.5")
"""Scores beyond this are outliers: the bound that Iglewicz and Hoaglin propose."""

LEAST_HISTORY = 6
"""Earlier changes of the enterprise itself that are needed to say anything."""

LEAST_PEERS = 10
"""Enterprises of the trade that are needed to say anything, the one in question not counted."""

FLOOR = Decimal("0.02")
"""Least spread that is believed in: figures that never move must not turn every move into an outlier."""

_TO_SIGMA = Decimal("1.4826")  # median absolute deviation of a normal distribution -> its standard deviation
_PLACES = Decimal("0.1")


class Against(StrEnum):
    """What a figure stands out against."""

    HISTORY = "history"
    TRADE = "trade"


@dataclass(frozen=True, slots=True)
class Outlier:
    """A change that stands out; ``score`` has the sign of the direction and one decimal."""

    against: Against
    score: Decimal
    change: Decimal
    usual: Decimal


def change_of(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    """The change between two figures, from -2 to 2: their difference over the mean of their sizes.

    Doubling and halving weigh alike (±2/3), a turn from profit to loss is ±2, and nothing divides
    by zero: from zero to anything is ±2. None where a figure is missing; 0 where both are zero.
    """
    if before is None or now is None:
        return None
    size = (abs(before) + abs(now)) / 2
    return (now - before) / size if size else Decimal(0)


def changes_of(series: Sequence[Decimal | None]) -> list[Decimal]:
    """The changes along a series of months, oldest first; a gap leaves out both changes beside it."""
    found = (change_of(before, now) for before, now in pairwise(series))
    return [change for change in found if change is not None]


def month_figure(indicator: IndicatorDefinition, month: Month, now: Cells, before: Cells) -> Decimal | None:
    """The figure of one month: 本月, else the cumulative one less last month's; a stock or rate as it is.

    :param before: the figures of the month before.
    """
    code = indicator.code
    value = now.get((code, "m"))
    total = now.get((code, "ytd"))
    if value is not None or not indicator.nature.startswith("flow") or month.month == 1:
        return total if value is None else value
    earlier = before.get((code, "ytd"))
    return None if total is None or earlier is None else total - earlier


def month_series(
    indicator: IndicatorDefinition, months: Sequence[Month], filed: Mapping[int, Cells]
) -> list[Decimal | None]:
    """The figures of an indicator along months, oldest first, out of what was filed for each."""
    nothing: Cells = {}
    derived = indicator.nature.startswith("flow")
    series = []
    for month in months:
        now = filed.get(month.key, nothing)
        # looked for only where it is needed: most reports say the month's figure themselves
        lacking = derived and now.get((indicator.code, "m")) is None
        before = filed.get(month.previous().key, nothing) if lacking else nothing
        series.append(month_figure(indicator, month, now, before))
    return series


def median(sample: Sequence[Decimal]) -> Decimal:
    """The middle of a sample.

    :raises ValueError: the sample is empty.
    """
    if not sample:
        raise ValueError("an empty sample has no median")
    ordered, half = sorted(sample), len(sample) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample says: how many changes, their median, and their robust standard deviation."""

    count: int
    middle: Decimal
    spread: Decimal

    def score(self, value: Decimal) -> Decimal:
        """How many robust standard deviations a value lies from the median, to one decimal."""
        return ((value - self.middle) / max(self.spread, FLOOR)).quantize(_PLACES, rounding=ROUND_HALF_UP)


EMPTY = Sample(0, Decimal(0), Decimal(0))


def sample_of(changes: Sequence[Decimal]) -> Sample:
    """The median and the spread of changes, which can be kept in their place."""
    if not changes:
        return EMPTY
    middle = median(changes)
    return Sample(len(changes), middle, _TO_SIGMA * median([abs(one - middle) for one in changes]))


def outliers(series: Sequence[Decimal | None], peers: Sample, limit: Decimal = LIMIT) -> list[Outlier]:
    """Whether the last figure of a series stands out.

    :param series: the enterprise's figures month by month, oldest first; the last is the one in question.
    :param peers: the changes (``change_of``) of others in its trade and region between the same two months.
    :param limit: scores beyond this are outliers.
    """
    if len(series) < 2 or (change := change_of(series[-2], series[-1])) is None:
        return []
    samples = (
        (Against.HISTORY, sample_of(changes_of(series[:-1])), LEAST_HISTORY),
        (Against.TRADE, peers, LEAST_PEERS),
    )
    found = []
    for against, sample, least in samples:
        if sample.count >= least and abs(score := sample.score(change)) > limit:
            found.append(Outlier(against, score, change, sample.middle))
    return found


def per_cent(change: Decimal) -> Decimal | None:
    """A change as people read it, in per cent to one decimal; None from or to zero and across it."""
    if abs(change) >= 2:
        return None
    return (200 * change / (2 - change)).quantize(_PLACES, rounding=ROUND_HALF_UP)
