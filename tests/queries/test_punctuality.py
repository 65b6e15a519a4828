"""On time, late, missing: by the due date, not by what happened to the report later."""

from __future__ import annotations

import datetime as dt

import pytest

from app.kernel.periods import Month
from app.queries.punctuality import Filed, Punctuality, punctuality
from app.reports.windows import Calendar, Dates

OCTOBER = Month(2026, 10)
LONG_AGO = dt.datetime(2024, 1, 8, tzinfo=dt.UTC)
BEFORE_DUE = dt.datetime(2026, 11, 15, 15, 59, tzinfo=dt.UTC)
AFTER_DUE = dt.datetime(2026, 11, 15, 16, 0, tzinfo=dt.UTC)
"""The 15th of November is over in Shanghai."""


@pytest.mark.parametrize(
    ("filed", "now", "expected"),
    [
        (Filed(BEFORE_DUE, late=False), AFTER_DUE, Punctuality.ON_TIME),
        (Filed(AFTER_DUE, late=True), AFTER_DUE, Punctuality.LATE),
        (Filed(None, late=False), AFTER_DUE, Punctuality.MISSING),
        (None, AFTER_DUE, Punctuality.MISSING),
        (None, BEFORE_DUE, Punctuality.DUE),
    ],
)
def test_a_month_is_judged_by_its_first_submission(
    filed: Filed | None, now: dt.datetime, expected: Punctuality
) -> None:
    assert punctuality(OCTOBER, filed, Calendar(), LONG_AGO, now) is expected


def test_a_month_that_was_due_before_the_enterprise_came_is_not_owed() -> None:
    assert punctuality(OCTOBER, None, Calendar(), AFTER_DUE, AFTER_DUE) is Punctuality.NOT_OWED


def test_a_month_with_a_due_date_of_its_own_is_judged_by_that() -> None:
    later = Dates(dt.date(2026, 11, 1), dt.date(2026, 11, 20))
    calendar = Calendar(exceptions={OCTOBER.key: later})

    assert punctuality(OCTOBER, None, calendar, LONG_AGO, AFTER_DUE) is Punctuality.DUE
