"""When a month opens, is due, closes and can be made up: both sides of midnight in Shanghai."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.clock import SHANGHAI, end_of_day, start_of_day
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.windows import Calendar, Dates, Reopening, TimeLeft, lasting

CALENDAR = Calendar(opens_day=1, due_day=15, make_up_months=12)
CLOSING = Calendar(opens_day=1, due_day=15, make_up_months=12, closes_after_days=10)
OCTOBER = Month(2026, 10)
WORDS = Message("timed unfreeze")


def shanghai(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("now", "month"),
    [
        (shanghai(2026, 11, 1, 0, 0), "2026-10"),
        (shanghai(2026, 10, 31, 23, 59), "2026-09"),
        (shanghai(2026, 1, 1, 0, 0), "2025-12"),
    ],
)
def test_the_current_month_is_the_newest_that_has_opened_in_shanghai(now: dt.datetime, month: str) -> None:
    assert str(CALENDAR.current(now)) == month


def test_a_later_opening_day_keeps_the_month_before_current() -> None:
    assert str(Calendar(opens_day=5).current(shanghai(2026, 11, 4, 12, 0))) == "2026-09"


@pytest.mark.parametrize(
    ("sent", "late"), [(shanghai(2026, 11, 15, 23, 59, 59), False), (shanghai(2026, 11, 16, 0, 0), True)]
)
def test_a_report_is_late_from_the_midnight_after_the_due_day(sent: dt.datetime, late: bool) -> None:
    assert CALENDAR.is_late(OCTOBER, sent) is late


@pytest.mark.parametrize(
    ("month", "closed"), [("2026-11", True), ("2026-10", False), ("2025-10", False), ("2025-09", True)]
)
def test_a_month_can_be_filled_from_its_opening_until_twelve_months_back(month: str, closed: bool) -> None:
    refusal = CALENDAR.closed(Month.parse(month), shanghai(2026, 11, 6, 12, 0))

    assert (refusal is not None) is closed


def test_a_form_without_make_up_takes_only_the_current_month() -> None:
    strict, noon = Calendar(make_up_months=0), shanghai(2026, 11, 6, 12, 0)

    closed = {month: strict.closed(month, noon) for month in (Month(2026, 9), OCTOBER)}

    assert [month for month, refusal in closed.items() if refusal is None] == [OCTOBER]


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (shanghai(2026, 10, 31, 23, 59, 59), True),
        (shanghai(2026, 11, 1, 0, 0), False),
        (shanghai(2026, 11, 25, 23, 59, 59), False),
        (shanghai(2026, 11, 26, 0, 0), True),
    ],
)
def test_a_month_is_open_from_its_opening_to_the_last_second_of_its_closing(
    now: dt.datetime, closed: bool
) -> None:
    assert (CLOSING.closed(OCTOBER, now) is not None) is closed


def test_a_closed_month_says_when_it_closed_and_whom_to_ask() -> None:
    told = str(CLOSING.closed(OCTOBER, shanghai(2026, 11, 26, 0, 0), ask="王审核 · 商务局"))

    assert "closed on 2026-11-25" in told
    assert "Ask 王审核 · 商务局 for a timed unfreeze" in told


def test_a_closing_may_lie_beyond_the_month_after() -> None:
    calendar = Calendar(closes_after_days=60)

    assert calendar.dates(OCTOBER).closes_on == dt.date(2027, 1, 14)
    assert calendar.closed(OCTOBER, shanghai(2027, 1, 14, 23, 59)) is None
    assert calendar.closed(OCTOBER, shanghai(2027, 1, 15, 0, 0)) is not None


def test_dates_of_a_month_take_the_place_of_the_forms_own() -> None:
    dates = Dates(dt.date(2026, 11, 3), dt.date(2026, 11, 20), dt.date(2026, 11, 30))
    calendar = Calendar(closes_after_days=10, exceptions={OCTOBER.key: dates})

    assert str(calendar.current(shanghai(2026, 11, 2, 23, 59))) == "2026-09"
    assert str(calendar.current(shanghai(2026, 11, 3, 0, 0))) == "2026-10"
    assert not calendar.is_late(OCTOBER, shanghai(2026, 11, 20, 23, 59, 59))
    assert calendar.closed(OCTOBER, shanghai(2026, 11, 30, 23, 59)) is None
    assert calendar.closed(OCTOBER, shanghai(2026, 12, 1, 0, 0)) is not None
    assert calendar.due_on(OCTOBER.next()) == dt.date(2026, 12, 15)


def test_a_month_may_open_before_it_is_over() -> None:
    dates = Dates(dt.date(2026, 10, 28), dt.date(2026, 11, 15))
    calendar = Calendar(exceptions={OCTOBER.key: dates})

    assert str(calendar.current(shanghai(2026, 10, 28, 0, 0))) == "2026-10"


def test_a_month_whose_opening_is_put_off_far_leaves_the_one_before_current() -> None:
    january = Dates(dt.date(2027, 3, 1), dt.date(2027, 3, 31))
    calendar = Calendar(exceptions={202701: january})

    assert str(calendar.current(shanghai(2027, 2, 28, 23, 59))) == "2026-12"
    assert str(calendar.current(shanghai(2027, 3, 1, 0, 0))) == "2027-02"


def test_a_month_is_never_too_far_back_before_it_is_due() -> None:
    january = Dates(dt.date(2027, 2, 1), dt.date(2027, 3, 20))
    calendar = Calendar(make_up_months=0, exceptions={202701: january})
    month = Month(2027, 1)

    assert calendar.closed(month, shanghai(2027, 3, 20, 23, 59)) is None
    assert not calendar.is_make_up(month, shanghai(2027, 3, 20, 23, 59))
    assert calendar.closed(month, shanghai(2027, 3, 21, 0, 0)) is not None


def test_an_early_opening_of_a_later_month_ends_the_making_up_of_an_older_one() -> None:
    dates = Dates(dt.date(2026, 11, 20), dt.date(2026, 12, 15))
    calendar = Calendar(make_up_months=0, exceptions={202611: dates})

    assert calendar.closed(OCTOBER, shanghai(2026, 11, 19, 23, 59)) is None
    assert calendar.closed(OCTOBER, shanghai(2026, 11, 20, 0, 0)) is not None


@pytest.mark.parametrize(
    ("month", "now", "make_up"),
    [
        (OCTOBER, shanghai(2026, 11, 30, 23, 59), False),
        (OCTOBER, shanghai(2026, 12, 1, 0, 0), True),
        (Month(2026, 9), shanghai(2026, 11, 1, 0, 0), True),
        (Month(2026, 11), shanghai(2026, 12, 31, 0, 0), False),
    ],
)
def test_an_earlier_month_is_made_up_and_the_current_one_never(
    month: Month, now: dt.datetime, make_up: bool
) -> None:
    assert CALENDAR.is_make_up(month, now) is make_up


@pytest.mark.parametrize(
    ("admitted", "owed"), [(shanghai(2026, 11, 15, 23, 59, 59), True), (shanghai(2026, 11, 16, 0, 0), False)]
)
def test_a_month_is_owed_by_who_was_there_before_it_was_due(admitted: dt.datetime, owed: bool) -> None:
    assert CALENDAR.is_owed(OCTOBER, admitted) is owed


def test_an_unfreeze_opens_until_the_end_of_its_last_day_and_its_end_is_told() -> None:
    reopening = Reopening(end_of_day(dt.date(2026, 12, 3)), WORDS)

    assert CLOSING.closed(OCTOBER, shanghai(2026, 12, 3, 23, 59, 59), [reopening]) is None
    told = CLOSING.closed(OCTOBER, shanghai(2026, 12, 4, 0, 0), [reopening])
    assert "open again until 2026-12-03" in str(told)


def test_the_longest_of_several_reopenings_counts() -> None:
    days = (dt.date(2026, 12, 3), dt.date(2026, 12, 9), dt.date(2026, 12, 5))
    reopenings = [Reopening(end_of_day(day), WORDS) for day in days]

    found = lasting(reopenings, shanghai(2026, 12, 4, 0, 0))

    assert found is not None
    assert found.last_day == dt.date(2026, 12, 9)


def test_an_unfreeze_opens_no_month_that_has_not_opened_yet() -> None:
    reopening = Reopening(end_of_day(dt.date(2027, 1, 1)), WORDS)

    assert CLOSING.closed(Month(2026, 11), shanghai(2026, 11, 30, 23, 59), [reopening]) is not None


DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2028, 12, 31))


def own_dates(key: int, opens: int, lasts: int, closes: int | None) -> tuple[int, Dates]:
    """Dates of a month, each so many days after the one before it."""
    first = Month.from_key(key).first_day + dt.timedelta(days=opens)
    due = first + dt.timedelta(days=lasts)
    return key, Dates(first, due, None if closes is None else due + dt.timedelta(days=closes))


MONTHS = st.sampled_from([Month(2026, 1).plus(index).key for index in range(14)])
OWN = st.builds(own_dates, MONTHS, st.integers(0, 120), st.integers(0, 90), st.none() | st.integers(0, 90))
CALENDARS = st.builds(
    Calendar,
    opens_day=st.integers(1, 10),
    due_day=st.integers(10, 28),
    make_up_months=st.integers(0, 14),
    closes_after_days=st.none() | st.integers(0, 90),
    exceptions=st.lists(OWN, max_size=3).map(dict),
)


@given(CALENDARS, st.integers(0, 20), DAYS)
def test_a_month_is_too_far_back_exactly_when_the_current_one_is_so_much_newer(
    calendar: Calendar, back: int, today: dt.date
) -> None:
    now = start_of_day(today)
    month = calendar.current(now).plus(-back)
    is_open = start_of_day(calendar.opens_on(month)) <= now
    closes_on = calendar.dates(month).closes_on
    too_far = back > calendar.make_up_months and now >= calendar.deadline(month)
    closed = closes_on is not None and today > closes_on

    assert (calendar.closed(month, now) is None) == (is_open and not closed and not too_far)


@given(CALENDARS, st.integers(0, 20), DAYS)
def test_whatever_is_made_up_is_late(calendar: Calendar, back: int, today: dt.date) -> None:
    now = start_of_day(today)
    month = calendar.current(now).plus(-back)

    assert not calendar.is_make_up(month, now) or calendar.is_late(month, now)


def test_the_time_left_is_counted_in_days_and_hours_and_turns_into_overdue() -> None:
    deadline = shanghai(2026, 11, 16, 0, 0)

    assert TimeLeft.until(deadline, shanghai(2026, 11, 11, 19, 0)) == TimeLeft(4, 5, overdue=False)
    assert TimeLeft.until(deadline, shanghai(2026, 11, 17, 1, 0)) == TimeLeft(1, 1, overdue=True)
