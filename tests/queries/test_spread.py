"""Median and quartiles, by hand and against Python's statistics; growth; what is kept back."""

from __future__ import annotations

import statistics
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.spread import LEAST, coarse, growth, spread_of

D = Decimal
FIGURES = st.decimals(min_value=-(10**9), max_value=10**9, places=4)


def test_median_and_quartiles_are_those_reckoned_by_hand() -> None:
    odd = spread_of([D(9), D(1), D(7), D(3), D(5)])
    even = spread_of([D(6), D(1), D(4), D(3), D(2), D(5)])

    assert odd is not None and even is not None
    assert (odd.count, odd.low, odd.middle, odd.high) == (5, 3, 5, 7)
    assert (even.count, even.low, even.middle, even.high) == (6, D("2.25"), D("3.5"), D("4.75"))


def test_fewer_than_five_known_figures_tell_nothing() -> None:
    four = [D(1), D(2), D(3), D(4)]

    assert spread_of(four) is None
    assert spread_of([*four, None, None]) is None
    assert spread_of([*four, D(5)]) is not None


@given(st.lists(FIGURES, min_size=LEAST, max_size=40))
def test_the_middle_is_the_median_and_a_quarter_of_all_lies_beyond_each_quartile(
    figures: list[Decimal],
) -> None:
    found = spread_of(figures)

    assert found is not None
    assert found.middle == statistics.median(figures)
    assert [found.low, found.middle, found.high] == statistics.quantiles(figures, n=4, method="inclusive")
    assert 4 * sum(figure <= found.low for figure in figures) >= len(figures)
    assert 4 * sum(figure >= found.high for figure in figures) >= len(figures)


@pytest.mark.parametrize(
    ("exact", "told"),
    [
        ("12345.67", "12300"),
        ("-12355", "-12400"),
        ("0.012345", "0.0123"),
        ("999.6", "1000"),
        ("104.5", "105"),
        ("0", "0"),
        ("7", "7.00"),
    ],
)
def test_only_three_digits_are_told(exact: str, told: str) -> None:
    assert coarse(D(exact)) == D(told)
    assert "E" not in str(coarse(D(exact)))


@pytest.mark.parametrize(
    ("kind", "this", "base", "grown"),
    [
        ("pct", "150", "100", "50.00"),
        ("pct", "5", "-10", "150.00"),
        ("pct", "-20", "-10", "-100.00"),
        ("pct", "100.005", "100", "0.01"),
        ("pct", "5", "0", None),
        ("pct", None, "5", None),
        ("pct", "5", None, None),
        ("pp", "80", "0", "80.00"),
        ("pp", "70.5", "75", "-4.50"),
        ("none", "5", "4", None),
    ],
)
def test_growth_is_over_the_size_of_the_base(
    kind: str, this: str | None, base: str | None, grown: str | None
) -> None:
    found = growth(kind, None if this is None else D(this), None if base is None else D(base))

    assert found == (None if grown is None else D(grown))
