"""How the report of a month stood at a cut-off, for every enterprise that owes it.

Who owes is said by ``app.reports.due``, by the enterprises of today. How a report stood is told by what
never changes afterwards: when it was handed in and approved, and by its history where it moved on since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select, union_all

from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports.due import FILED, of_month, owed, owing
from app.reports.form_models import ReportForm
from app.reports.models import Report, ReportStep
from app.reports.summary_sql import fixed
from app.reports.workflow import APPROVED, IN_REVIEW, NOT_FILLED

NAME = "standing"


@dataclass(frozen=True, slots=True)
class CutOff:
    """A month, and the first instant that no longer counts for it."""

    month: Month
    until: dt.datetime


def state_at(until: dt.datetime) -> ColumnElement[Any]:
    """The state that a joined report had just before an instant.

    What is approved or waits today was so ever since its date; of the few others the history tells.
    """
    steps = select(ReportStep.target).where(ReportStep.report_id == Report.id, ReportStep.at < until)
    last = steps.order_by(ReportStep.id.desc()).limit(1).correlate(Report).scalar_subquery()
    return case(
        (Report.approved_at < until, APPROVED),
        (and_(Report.state.in_(FILED), Report.submitted_at < until), IN_REVIEW),
        else_=func.coalesce(last, NOT_FILLED),
    )


def standings(
    actor: Actor, today: dt.date, form: ReportForm, cut_offs: Sequence[CutOff], *, facts: bool = False
) -> Subquery:
    """A row for each enterprise in scope that owes a month, of each of the months.

    ``reported``, ``on_time`` and ``approved`` are 1 or 0: handed in and not taken or given back by the
    cut-off, of these first handed in before the month was late, of these accepted by the top of the chain.

    :param facts: with trade, size and control type: as the report was filed with, else as they are today.
    """
    parts = [_of(actor, today, form, cut_off, facts=facts) for cut_off in cut_offs]
    return union_all(*parts).subquery(NAME)


def _of(actor: Actor, today: dt.date, form: ReportForm, cut_off: CutOff, *, facts: bool) -> Select[Any]:
    state = state_at(cut_off.until)
    # asked first: of what was never handed in by then the history need not be read
    sent = Report.first_submitted_at < cut_off.until
    found = select(
        literal(cut_off.month.key).label("period"),
        Enterprise.id.label("enterprise_id"),
        Enterprise.region_id,
        Enterprise.direct_reviewer_id,
        Report.id.label("report_id"),
        Report.first_submitted_at,
        state.label("state"),
        _flag(sent, state.in_(FILED)).label("reported"),
        _flag(sent, and_(Report.late.is_(False), state.in_(FILED))).label("on_time"),
        _flag(sent, state == APPROVED).label("approved"),
    )
    source: Any = Enterprise.__table__.outerjoin(Report.__table__, of_month(form.id, cut_off.month.key))
    if facts:
        filed_with = func.coalesce(Report.enterprise_version_id, Enterprise.current_version_id)
        version = EnterpriseVersion
        source = source.outerjoin(version.__table__, version.id == filed_with)
        source = source.outerjoin(Industry.__table__, Industry.id == version.industry_id)
        found = found.add_columns(
            version.industry_id,
            version.control_type_id,
            version.size,
            version.is_listed,
            version.revenue,
            Industry.section,
            Industry.is_industrial,
            Industry.sector,
        )
    return found.select_from(source).where(owing(actor, today), owed(form, cut_off.month))


def _flag(asked_first: Any, then: Any) -> Any:
    """1 where both hold, else 0."""
    return case((asked_first, case((then, fixed(1)), else_=fixed(0))), else_=fixed(0))
