"""Dates of single months that differ from a form's own, and what follows when any of them change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from app.infra.crud import claim_version
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.errors import NotFound, Problem
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.form_editing import refuse, require_editor
from app.reports.form_loading import has_version_for
from app.reports.form_models import ReportForm, ReportPeriod
from app.reports.models import Report
from app.reports.opening import calendar_of
from app.reports.windows import Dates

FURTHEST_DAYS = 366
"""So many days after its month may a date lie at most: a wrong year is a slip of the keys."""


@dataclass(frozen=True, slots=True)
class PeriodInput:
    """Dates of a month as typed; what is missing is None."""

    form_id: int | None
    month: Month | None
    opens_on: dt.date | None
    due_on: dt.date | None
    closes_on: dt.date | None
    reason: str

    @property
    def dates(self) -> Dates | None:
        """The window, where both of its ends were typed."""
        if self.opens_on is None or self.due_on is None:
            return None
        return Dates(self.opens_on, self.due_on, self.closes_on)


def date_problems(month: Month, dates: Dates) -> list[Problem]:
    """What is wrong with the dates of a month: their order, and how far from the month they lie."""
    found = []
    if dates.due_on < dates.opens_on:
        found.append(Problem(Message("The due date is before the opening."), "due_on"))
    if dates.closes_on is not None and dates.closes_on < dates.due_on:
        found.append(Problem(Message("The closing date is before the due date."), "closes_on"))
    if dates.opens_on < month.first_day:
        found.append(Problem(Message("A month cannot open before it begins."), "opens_on"))
    latest = month.last_day + dt.timedelta(days=FURTHEST_DAYS)
    for field in ("opens_on", "due_on", "closes_on"):
        day = getattr(dates, field)
        if day is not None and day > latest:
            found.append(Problem(Message("At the latest {day}.", day=latest), field))
    return found


def period_problems(actor: Actor, given: PeriodInput, row: ReportPeriod | None) -> list[Problem]:
    """Everything wrong with dates as typed.

    :param row: the dates that are to be changed; None for new ones.
    """
    require_editor(actor)
    form = db.session.get(ReportForm, given.form_id) if given.form_id is not None else None
    found = []
    if form is None:
        found.append(Problem(Message("Choose the report form."), "form"))
    if given.month is None:
        found.append(Problem(Message("Enter the month."), "month"))
    elif form is not None and row is None:
        found += _month_problems(form, given.month)
    if given.dates is None:
        found.append(Problem(Message("Enter the first day and the due date."), "opens_on"))
    elif given.month is not None:
        found += date_problems(given.month, given.dates)
    if not given.reason.strip():
        found.append(Problem(Message("Give a reason."), "reason"))
    return found


def _month_problems(form: ReportForm, month: Month) -> list[Problem]:
    if not has_version_for(form.code, month):
        return [Problem(Message("This form is not reported for {month}.", month=month), "month")]
    if any(held.period == month.key for held in form.periods):
        return [Problem(Message("{month} has dates of its own already. Change those.", month=month), "month")]
    return []


def add_period(actor: Actor, given: PeriodInput, now: dt.datetime) -> ReportPeriod:
    """Give a month dates of its own.

    :raises Invalid: naming every entry that cannot be taken.
    """
    refuse(period_problems(actor, given, None))
    form: Any = db.session.get(ReportForm, given.form_id, with_for_update=True)
    refuse(_month_problems(form, given.month) if given.month else [])
    row = ReportPeriod(period=given.month.key if given.month else 0, updated_at=now)
    form.periods.append(row)
    _write(row, given, now)
    return row


def change_period(
    actor: Actor, period_id: int, given: PeriodInput, version: int | None, now: dt.datetime
) -> ReportPeriod:
    """Change the dates of a month; form and month stay.

    :raises Overtaken: somebody changed them since ``version``.
    """
    row = _find(period_id)
    claim_version(row, version)
    refuse(period_problems(actor, given, row))
    _write(row, given, now)
    return row


def remove_period(actor: Actor, period_id: int) -> None:
    """Give a month back to the form's own dates."""
    require_editor(actor)
    row = _find(period_id)
    form, month = row.form, row.month
    form.periods.remove(row)
    db.session.delete(row)
    db.session.flush()
    _follow(form, month)


def _find(period_id: int) -> ReportPeriod:
    row: ReportPeriod | None = db.session.get(ReportPeriod, period_id, with_for_update=True)
    if row is None:
        raise NotFound
    return row


def _write(row: ReportPeriod, given: PeriodInput, now: dt.datetime) -> None:
    row.opens_on, row.due_on, row.closes_on = given.opens_on, given.due_on, given.closes_on  # type: ignore[assignment]
    row.reason, row.updated_at = given.reason.strip(), now
    db.session.flush()
    _follow(row.form, row.month)


def follow_form(form: ReportForm) -> None:
    """Let drafts of every month take the due dates of a form whose days were changed."""
    unsent = select(Report.period).where(Report.form_id == form.id, Report.first_submitted_at.is_(None))
    for period in db.session.scalars(unsent.distinct()).all():
        _follow(form, Month.from_key(period))


def _follow(form: ReportForm, month: Month) -> None:
    """Reports that were never submitted take the due date of their month; those that were keep theirs."""
    due_on = calendar_of(form).due_on(month)
    moved = update(Report).where(
        Report.form_id == form.id,
        Report.period == month.key,
        Report.first_submitted_at.is_(None),
        Report.due_on != due_on,
    )
    db.session.execute(moved.values(due_on=due_on).execution_options(synchronize_session="fetch"))
