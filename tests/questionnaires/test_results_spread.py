"""Means, quartiles and deviations against a statistics program."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.questionnaires.results_spread import (
    QUARTILES,
    Measured,
    percent,
    places_of,
    spread_of,
    spread_of_levels,
)

CENT = Decimal("0.011")


def measured(numbers: list[int]) -> Measured:
    """What the database is to find of cents."""
    ordered, mean = sorted(numbers), sum(numbers) / len(numbers)
    quarters = [ordered[place - 1] for quarter in QUARTILES for place in places_of(len(numbers), quarter)]
    squares = sum((number - mean) ** 2 for number in numbers)
    return Measured(len(numbers), sum(numbers), ordered[0], ordered[-1], squares, quarters, 100)


@given(st.lists(st.integers(-10_000_000, 10_000_000), min_size=1, max_size=60))
def test_numbers_lie_as_a_statistics_program_says(numbers: list[int]) -> None:
    found = spread_of(measured(numbers))
    series = pd.Series(numbers) / 100

    assert abs(found.mean - Decimal(series.mean())) < CENT
    for ours, quarter in ((found.low, 0.25), (found.middle, 0.5), (found.high, 0.75)):
        assert abs(ours - Decimal(series.quantile(quarter))) < CENT
    assert (found.least, found.most) == (Decimal(min(numbers)) / 100, Decimal(max(numbers)) / 100)
    if found.deviation is None:
        assert len(numbers) == 1
    else:
        assert abs(found.deviation - Decimal(float(series.std()))) < CENT


@given(st.lists(st.integers(1, 7), min_size=1, max_size=60))
def test_levels_lie_as_the_numbers_that_they_count(levels: list[int]) -> None:
    found = spread_of_levels(Counter(levels))
    series = pd.Series(levels)

    assert found is not None
    assert found.size == len(levels)
    assert abs(found.mean - Decimal(series.mean())) < CENT
    assert found.middle == Decimal(str(series.median()))


def test_of_nothing_there_is_no_spread_and_no_share() -> None:
    assert spread_of_levels({3: 0}) is None
    assert percent(0, 0) is None


@pytest.mark.parametrize(("part", "whole", "told"), [(1, 3, "33.33"), (2, 3, "66.67"), (1, 800, "0.13")])
def test_shares_are_rounded_half_up(part: int, whole: int, told: str) -> None:
    assert percent(part, whole) == Decimal(told)
