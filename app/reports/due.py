"""Which enterprises owe a report of a month, and which of them have not filed it: the one definition."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from app.enterprises.models import Enterprise
from app.enterprises.scope import counted
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.periods import LAST_YEAR, Month
from app.reports.known_forms import KnownForm
from app.reports.models import Report
from app.reports.opening import calendar_of
from app.reports.workflow import APPROVED, IN_REVIEW, NOT_FILLED, STATE_LABELS

FILED = (APPROVED, IN_REVIEW)
"""States of a report that the enterprise has handed in."""

UNFILED = tuple(state for state in STATE_LABELS if state not in FILED)
"""Every other state, whichever the process has: 未填报 with those that still lie with the enterprise."""

STATE: ColumnElement[Any] = func.coalesce(Report.state, NOT_FILLED)
"""The state of an enterprise's report where ``of_month`` was joined: not filled where there is no row."""


def of_month(form_id: int, period: int, report: Any = Report) -> ColumnElement[bool]:
    """Joins an enterprise with its report of a month, or with an alias of it."""
    return and_(report.enterprise_id == Enterprise.id, report.form_id == form_id, report.period == period)


def owing(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Enterprises in scope that owe reports: monitored today, and counted by statistics."""
    return and_(scope_of(Enterprise)(actor, today), owes())


def owes() -> ColumnElement[bool]:
    """What makes any enterprise owe reports."""
    return and_(Enterprise.state == "active", counted())


def owed(form: KnownForm, month: Month, report: Any = Report) -> ColumnElement[bool]:
    """Where ``of_month`` was joined: who has a report of the month, or was there before it was due."""
    if month.year == LAST_YEAR:  # its deadline may lie beyond every month
        return true()
    return or_(report.id.is_not(None), Enterprise.created_at < calendar_of(form).deadline(month))


def unfiled(actor: Actor, today: dt.date, form: KnownForm, month: Month) -> Select[Any]:
    """Enterprises in scope that owe the report of a month and have not handed it in.

    An enterprise without a row has filled in nothing, so the select begins with enterprises.
    """
    return (
        select(Enterprise.id)
        .outerjoin(Report, of_month(form.id, month.key))
        .where(owing(actor, today), owed(form, month), or_(Report.id.is_(None), Report.state.not_in(FILED)))
    )
