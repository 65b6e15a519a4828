"""Which months a report can be imported for now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from app.infra.database import db
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.reports.form_loading import has_version_for
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import calendar_of, closed_reasons
from app.reports.reopenings import unfrozen_periods
from app.reports.workflow import FILLABLE, NOT_FILLED


def open_months(form: str, now: dt.datetime) -> list[Month]:
    """The months that are open to everybody, the newest first: the current one and those to be made up."""
    calendar = calendar_of(find_form(form))
    month = calendar.current(now)
    found = []
    while calendar.closed(month, now) is None and has_version_for(form, month):
        found.append(month)
        month = month.previous()
    return found


def own_months(form: str, enterprise_id: int, now: dt.datetime) -> list[Month]:
    """The months whose report the enterprise can fill in now, the newest first.

    Those open to everybody and the closed ones that a timed unfreeze or a late return opens to it, without
    those whose report is with the reviewers or approved.
    """
    found = find_form(form)
    states = _states(found.id, enterprise_id)
    begun = {period for period, state in states.items() if state in FILLABLE}
    unfrozen = set(unfrozen_periods(found.id, enterprise_id, local_date(now)))
    months = {*open_months(form, now), *map(Month.from_key, begun | unfrozen)}
    return [
        month
        for month in sorted(months, key=lambda month: month.key, reverse=True)
        if states.get(month.key, NOT_FILLED) in FILLABLE
        and has_version_for(form, month)
        and not closed_reasons(found, month, [enterprise_id], now)
    ]


def _states(form_id: int, enterprise_id: int) -> Mapping[int, str]:
    """Period → state of each of the enterprise's reports."""
    query = select(Report.period, Report.state).where(
        Report.form_id == form_id, Report.enterprise_id == enterprise_id
    )
    return dict(db.session.execute(query).all())
