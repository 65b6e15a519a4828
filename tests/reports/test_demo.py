"""The demonstration's reports, whatever the day on which it is made."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from app.infra.database import db
from app.kernel.clock import MovableClock
from app.reports.demo import report_history
from app.reports.models import Report

OPENING = dt.datetime(2026, 11, 1, 0, 30, tzinfo=dt.UTC)
"""Half past eight in Shanghai on the day on which October can be filled in."""


def test_on_the_morning_a_month_opens_nobody_has_filled_it_in_yet(clock: MovableClock) -> None:
    report_history(clock, OPENING, 1, renew=lambda _now: 0, join=lambda _now, _back: 0)

    assert db.session.scalar(select(func.count()).select_from(Report)) == 0
