"""Working days and deadlines: the worked examples, what is not announced, and laws of counting."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.infra.calendar import seed
from app.kernel.clock import SHANGHAI
from app.kernel.workdays import EndlessRest, WorkCalendar

EXAMPLES = Path(__file__).with_name("workday_examples.csv")


def shipped() -> WorkCalendar:
    days = {dt.date.fromisoformat(row["day"]): row["is_workday"] == "1" for row in seed._read("workdays.csv")}
    announced = {int(row["year"]) for row in seed._read("years.csv") if row["announced"] == "1"}
    return WorkCalendar(days, frozenset(announced))


CALENDAR = shipped()


def examples() -> list[dict[str, str]]:
    with EXAMPLES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("example", examples(), ids=lambda example: example["case_id"])
def test_a_deadline_is_that_of_the_worked_example(example: dict[str, str]) -> None:
    asked = dt.datetime.fromisoformat(example["asked_at"]).replace(tzinfo=SHANGHAI)

    due = CALENDAR.deadline(asked, int(example["working_days"]))

    assert f"{due.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" == example["deadline"]
    assert due.provisional == (example["provisional"] == "1")


def test_a_year_of_which_nothing_is_known_is_counted_by_weekdays_and_provisional() -> None:
    friday = dt.datetime(2031, 1, 31, 15, tzinfo=SHANGHAI)

    due = CALENDAR.deadline(friday, 2)

    assert (due.day, due.provisional) == (dt.date(2031, 2, 4), True)


def test_a_deadline_that_reaches_into_such_a_year_is_provisional_too() -> None:
    due = CALENDAR.deadline(dt.datetime(2026, 12, 31, 9, tzinfo=SHANGHAI), 1)

    assert due.day == dt.date(2027, 1, 4) and due.provisional


def test_the_day_of_the_question_is_that_of_shanghai() -> None:
    late_in_utc = dt.datetime(2026, 11, 5, 16, 30, tzinfo=dt.UTC)  # Friday half past midnight in Shanghai

    assert CALENDAR.deadline(late_in_utc, 1).day == dt.date(2026, 11, 9)


@pytest.mark.parametrize("count", [0, -1])
def test_a_deadline_of_no_days_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="one working day"):
        CALENDAR.add(dt.date(2026, 1, 1), count)


def test_a_calendar_without_work_does_not_count_for_ever() -> None:
    start = dt.date(2026, 1, 1)
    rest = {start + dt.timedelta(days=number): False for number in range(800)}

    with pytest.raises(EndlessRest):
        WorkCalendar(rest).add(start, 1)


DAYS = st.dates(dt.date(2004, 1, 1), dt.date(2030, 12, 31))


@given(DAYS, st.integers(1, 60))
def test_the_nth_working_day_is_worked_and_the_nth_after(day: dt.date, count: int) -> None:
    due = CALENDAR.add(day, count)

    assert CALENDAR.is_workday(due)
    assert CALENDAR.between(day, due) == count
    assert CALENDAR.between(due, day) == -count


@given(DAYS, DAYS, DAYS)
def test_counting_adds_up(first: dt.date, second: dt.date, third: dt.date) -> None:
    one, two, three = sorted((first, second, third))

    assert CALENDAR.between(one, two) + CALENDAR.between(two, three) == CALENDAR.between(one, three)


@given(DAYS, st.integers(1, 30))
def test_a_later_question_is_never_due_earlier(day: dt.date, count: int) -> None:
    assert CALENDAR.add(day, count) <= CALENDAR.add(day + dt.timedelta(days=1), count)
