"""Rounds as calendar periods cut to the time of their questionnaire."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.questionnaires.models import FREQUENCIES
from app.questionnaires.round_periods import Span, number_of_spans, span_after, span_name, span_on

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@dataclass(frozen=True)
class Times:
    """When and how often something is asked."""

    frequency: str
    starts_on: dt.date | None
    ends_on: dt.date | None


def all_spans(times: Times) -> list[Span]:
    assert times.starts_on is not None
    found = [span_on(times, times.starts_on)]
    while found[-1] is not None:
        found.append(span_after(times, found[-1].begins_on))
    return [span for span in found if span is not None]


@pytest.mark.parametrize(
    ("frequency", "day", "expected"),
    [
        ("monthly", dt.date(2026, 11, 6), Span(dt.date(2026, 11, 5), dt.date(2026, 11, 30))),
        ("monthly", dt.date(2027, 2, 3), Span(dt.date(2027, 2, 1), dt.date(2027, 2, 10))),
        ("quarterly", dt.date(2026, 12, 31), Span(dt.date(2026, 11, 5), dt.date(2026, 12, 31))),
        ("yearly", dt.date(2027, 1, 1), Span(dt.date(2027, 1, 1), dt.date(2027, 2, 10))),
        ("once", dt.date(2027, 1, 1), Span(dt.date(2026, 11, 5), dt.date(2027, 2, 10))),
        ("once", dt.date(2027, 2, 11), None),
        ("monthly", dt.date(2026, 11, 4), None),
    ],
)
def test_a_round_is_a_calendar_period_cut_to_first_and_last_day(
    frequency: str, day: dt.date, expected: Span | None
) -> None:
    assert span_on(Times(frequency, dt.date(2026, 11, 5), dt.date(2027, 2, 10)), day) == expected


def test_what_has_no_days_yet_has_no_rounds() -> None:
    open_ended = Times("monthly", None, None)
    assert span_on(open_ended, dt.date(2026, 1, 1)) is None
    assert span_after(open_ended, dt.date(2026, 1, 1)) is None
    assert number_of_spans(open_ended) == 0


@given(st.sampled_from(sorted(FREQUENCIES)), DAYS, st.integers(0, 1500))
def test_rounds_follow_each_other_without_gap_and_cover_the_whole_time(
    frequency: str, starts_on: dt.date, days: int
) -> None:
    times = Times(frequency, starts_on, starts_on + dt.timedelta(days=days))
    spans = all_spans(times)
    assert spans[0].begins_on == starts_on
    assert spans[-1].ends_on == times.ends_on
    one_day = dt.timedelta(days=1)
    assert all(before.ends_on + one_day == after.begins_on for before, after in itertools.pairwise(spans))
    assert len(spans) == number_of_spans(times)


@given(st.sampled_from(sorted(FREQUENCIES)), DAYS, st.integers(0, 1500), DAYS)
def test_the_round_after_a_day_is_the_first_that_begins_later(
    frequency: str, starts_on: dt.date, days: int, day: dt.date
) -> None:
    times = Times(frequency, starts_on, starts_on + dt.timedelta(days=days))
    later = [span for span in all_spans(times) if span.begins_on > day]
    assert span_after(times, day) == (later[0] if later else None)


def test_rounds_are_called_by_their_period() -> None:
    first, last = dt.date(2026, 11, 5), dt.date(2026, 11, 30)
    assert str(span_name("monthly", first, last)) == "2026-11"
    assert str(span_name("quarterly", first, last)) == "2026-Q4"
    assert str(span_name("yearly", first, last)) == "2026"
    assert str(span_name("once", first, last)) == "2026-11-05 to 2026-11-30"
