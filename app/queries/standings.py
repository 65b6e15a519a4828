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
from app.reports.known_forms import KnownForm
from app.reports.models import Report, ReportStep
from app.reports.summary_sql import fixed
from app.reports.workflow import APPROVED, IN_REVIEW, NOT_FILLED

NAME = "standing"
WITH_ENTERPRISE, WAITING, ACCEPTED = range(3)
"""How a report stood: still or again with the enterprise, handed in, approved."""


@dataclass(frozen=True, slots=True)
class CutOff:
    """A month, and the first instant that no longer counts for it."""

    month: Month
    until: dt.datetime


def stood_at(until: dt.datetime) -> ColumnElement[Any]:
    """How a joined report stood just before an instant: ``WITH_ENTERPRISE``, ``WAITING`` or ``ACCEPTED``.

    What is approved or waits today was so ever since its date, and what was never handed in before lay
    with the enterprise; only of the few others the history is looked up.
    """
    known = {APPROVED: fixed(ACCEPTED), IN_REVIEW: fixed(WAITING)}
    told = case(known, value=_last_target(until), else_=fixed(WITH_ENTERPRISE))
    return case(
        (Report.approved_at < until, fixed(ACCEPTED)),
        (and_(Report.state.in_(FILED), Report.submitted_at < until), fixed(WAITING)),
        (Report.first_submitted_at < until, told),
        else_=fixed(WITH_ENTERPRISE),
    )


def state_at(until: dt.datetime) -> ColumnElement[Any]:
    """The state that a joined report had just before an instant."""
    return case(
        (Report.approved_at < until, APPROVED),
        (and_(Report.state.in_(FILED), Report.submitted_at < until), IN_REVIEW),
        else_=func.coalesce(_last_target(until), NOT_FILLED),
    )


def _last_target(until: dt.datetime) -> Any:
    """Where the last step before an instant led to."""
    steps = select(ReportStep.target).where(ReportStep.report_id == Report.id, ReportStep.at < until)
    return steps.order_by(ReportStep.id.desc()).limit(1).correlate(Report).scalar_subquery()


def is_reported(standings: Subquery) -> ColumnElement[bool]:
    """Handed in and not taken or given back by the cut-off."""
    return standings.c.stood > fixed(WITH_ENTERPRISE)


def is_on_time(standings: Subquery) -> ColumnElement[bool]:
    """Of these, first handed in before the month was late."""
    return and_(is_reported(standings), standings.c.late.is_(False))


def is_approved(standings: Subquery) -> ColumnElement[bool]:
    """Accepted by the top of the chain by the cut-off."""
    return standings.c.stood == fixed(ACCEPTED)


def standings(
    actor: Actor,
    today: dt.date,
    form: KnownForm,
    cut_offs: Sequence[CutOff],
    *,
    facts: bool = False,
    details: bool = False,
) -> Subquery:
    """A row for each enterprise in scope that owes a month, of each of the months.

    :param facts: with trade, size and control type: as the report was filed with, else as they are today.
    :param details: with the report, its state and when it was first handed in, for lists of enterprises;
        to count them would look up the history of every report.
    """
    parts = [_of(actor, today, form, cut_off, facts=facts, details=details) for cut_off in cut_offs]
    return union_all(*parts).subquery(NAME)


def _of(
    actor: Actor, today: dt.date, form: KnownForm, cut_off: CutOff, *, facts: bool, details: bool
) -> Select[Any]:
    found = select(
        literal(cut_off.month.key).label("period"),
        Enterprise.id.label("enterprise_id"),
        Enterprise.region_id,
        Enterprise.direct_reviewer_id,
        stood_at(cut_off.until).label("stood"),
        Report.late,
    )
    if details:
        state = state_at(cut_off.until).label("state")
        found = found.add_columns(Report.id.label("report_id"), Report.first_submitted_at, state)
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
