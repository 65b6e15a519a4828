"""When a month opens, is due, and can be made up."""

from __future__ import annotations

import datetime as dt

import pytest

from app.kernel.clock import SHANGHAI
from app.kernel.periods import Month
from app.reports.windows import Calendar, TimeLeft

CALENDAR = Calendar(opens_day=1, due_day=15, make_up_months=12)


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
    assert CALENDAR.is_late(Month(2026, 10), sent) is late


@pytest.mark.parametrize(
    ("month", "closed"), [("2026-11", True), ("2026-10", False), ("2025-10", False), ("2025-09", True)]
)
def test_a_month_can_be_filled_from_its_opening_until_twelve_months_back(month: str, closed: bool) -> None:
    refusal = CALENDAR.closed_for(Month.parse(month), shanghai(2026, 11, 6, 12, 0))

    assert (refusal is not None) is closed


def test_a_form_without_make_up_takes_only_the_current_month() -> None:
    strict, noon = Calendar(make_up_months=0), shanghai(2026, 11, 6, 12, 0)

    closed = {month: strict.closed_for(month, noon) for month in (Month(2026, 9), Month(2026, 10))}

    assert [month for month, refusal in closed.items() if refusal is None] == [Month(2026, 10)]


def test_the_time_left_is_counted_in_days_and_hours_and_turns_into_overdue() -> None:
    deadline = shanghai(2026, 11, 16, 0, 0)

    assert TimeLeft.until(deadline, shanghai(2026, 11, 11, 19, 0)) == TimeLeft(4, 5, overdue=False)
    assert TimeLeft.until(deadline, shanghai(2026, 11, 17, 1, 0)) == TimeLeft(1, 1, overdue=True)
