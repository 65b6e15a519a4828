"""What stands out against own history and trade, and what does not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.outliers import (
    EMPTY,
    LEAST_HISTORY,
    LEAST_PEERS,
    LIMIT,
    Against,
    change_of,
    changes_of,
    median,
    outliers,
    per_cent,
    sample_of,
)

D = Decimal
CALM = [D(text) for text in ("100", "104", "99", "103", "98", "101", "105", "100", "102")]
PEERS = [D(text) / 100 for text in (-6, -4, -3, -1, 0, 1, 2, 3, 5, 6, 8)]
TRADE = sample_of(PEERS)

figures = st.decimals(-(10**9), 10**9, places=2)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ("100", "100", "0"),
        ("50", "100", "2/3"),
        ("100", "50", "-2/3"),
        ("0", "0", "0"),
        ("0", "7", "2"),
        ("7", "0", "-2"),
        ("10", "-10", "-2"),
        ("-10", "10", "2"),
        ("-100", "-50", "2/3"),
    ],
)
def test_a_change_is_measured_between_minus_two_and_two(before: str, now: str, change: str) -> None:
    over, _, under = change.partition("/")

    assert change_of(D(before), D(now)) == D(over) / D(under or 1)


@given(figures, figures)
def test_growth_and_fall_weigh_alike(before: Decimal, now: Decimal) -> None:
    there, back = change_of(before, now), change_of(now, before)

    assert there is not None
    assert back == -there
    assert abs(there) <= 2


def test_a_missing_figure_leaves_out_the_changes_beside_it() -> None:
    assert change_of(None, D(1)) is None
    assert changes_of([D(1), None, D(1), D(1)]) == [0]
    assert changes_of([]) == changes_of([D(1)]) == []


@pytest.mark.parametrize(
    ("sample", "middle"), [((3,), 3), ((3, 1), 2), ((5, 1, 3), 3), ((4, 1, 2, 3), "2.5")]
)
def test_the_median_is_the_middle(sample: tuple[int, ...], middle: object) -> None:
    assert median([D(one) for one in sample]) == D(str(middle))


def test_an_empty_sample_has_no_median() -> None:
    with pytest.raises(ValueError, match="empty"):
        median([])


def test_a_wild_figure_in_the_sample_hides_nothing() -> None:
    sample = [*PEERS, D(2), D(-2)]

    assert sample_of(sample).score(D("0.5")) > LIMIT


@given(st.lists(figures, min_size=1, max_size=20), figures)
def test_a_score_does_not_depend_on_the_order_and_turns_with_the_sign(
    sample: list[Decimal], value: Decimal
) -> None:
    score = sample_of(sample).score(value)

    assert sample_of(sample[::-1]).score(value) == score
    assert sample_of([-one for one in sample]).score(-value) == -score


def test_an_ordinary_month_does_not_stand_out() -> None:
    assert outliers([*CALM, D(103)], TRADE) == []


def test_a_jump_stands_out_against_history_and_trade() -> None:
    found = outliers([*CALM, D(60)], TRADE)

    assert [one.against for one in found] == [Against.HISTORY, Against.TRADE]
    assert all(one.score < -LIMIT for one in found)


def test_what_the_whole_trade_does_stands_out_against_history_only() -> None:
    festival = [D(one) / 100 for one in (-52, -50, -49, -47, -55, -51, -48, -46, -53, -50)]

    assert [one.against for one in outliers([*CALM, D(60)], sample_of(festival))] == [Against.HISTORY]


def test_what_an_enterprise_always_does_stands_out_against_the_trade_only() -> None:
    swings = [D(one) for one in (100, 40, 100, 45, 95, 40, 105, 42, 100)]

    assert [one.against for one in outliers([*swings, D(41)], TRADE)] == [Against.TRADE]


def test_figures_that_never_moved_may_move_a_little() -> None:
    still = [D(100)] * 9

    assert outliers([*still, D(104)], EMPTY) == []
    assert [one.against for one in outliers([*still, D(120)], EMPTY)] == [Against.HISTORY]


def test_too_few_to_compare_with_say_nothing() -> None:
    short = CALM[:LEAST_HISTORY]

    assert outliers([*short, D(10)], sample_of(PEERS[: LEAST_PEERS - 1])) == []
    assert len(outliers([*short, CALM[0], D(10)], sample_of(PEERS[:LEAST_PEERS]))) == 2


@pytest.mark.parametrize("series", [[], [D(1)], [*CALM, None], [*CALM, None, D(900)]])
def test_without_the_last_two_figures_nothing_is_said(series: list[Decimal | None]) -> None:
    assert outliers(series, TRADE) == []


def test_the_limit_decides_what_stands_out() -> None:
    mild = outliers([*CALM, D(115)], TRADE, limit=D(1))

    assert outliers([*CALM, D(115)], TRADE, limit=D(50)) == []
    assert mild != []


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [("100", "150", "50.0"), ("100", "50", "-50.0"), ("3", "3", "0.0"), ("0", "7", None), ("5", "-5", None)],
)
def test_a_change_is_told_in_per_cent_unless_it_crosses_zero(before: str, now: str, told: str | None) -> None:
    change = change_of(D(before), D(now))

    assert change is not None
    assert per_cent(change) == (None if told is None else D(told))
