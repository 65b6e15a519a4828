"""What keeps a month open after its end: returns by reviewers and timed unfreezes, read for many at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.enterprises.models import Enterprise
from app.infra.calendar import work_calendar
from app.infra.database import db
from app.infra.settings import value
from app.kernel.clock import end_of_day, local_date
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.models import RegionClosure
from app.organisations.places import regions_above
from app.organisations.scope import on_day
from app.reports.models import Report, ReportStep
from app.reports.settings import RETURN_WORKDAYS
from app.reports.unfreeze_models import ReportUnfreeze
from app.reports.windows import End, Reopening

RETURNING = ("return", "reopen")
"""Steps by which a reviewer gives a report back."""


def reopenings_of(
    form_id: int, month: Month, enterprise_ids: Collection[int], end: End, now: dt.datetime
) -> Mapping[int, Sequence[Reopening]]:
    """Each enterprise's reopenings of a month that has ended, those that are over included."""
    found: dict[int, list[Reopening]] = defaultdict(list)
    for enterprise_id, returned_at in _returns(form_id, month, enterprise_ids, end):
        found[enterprise_id].append(after_return(returned_at))
    for enterprise_id, unfreeze in _unfreezes(form_id, month, enterprise_ids, local_date(now)):
        found[enterprise_id].append(_reopening(unfreeze))
    return found


def after_return(returned_at: dt.datetime) -> Reopening:
    """The working days that an enterprise has for a report returned after the end of its month."""
    days = int(value(RETURN_WORKDAYS, returned_at))
    last = work_calendar().add(local_date(returned_at), days)
    return Reopening(end_of_day(last), Message("{count} working days after the return", count=days))


def _reopening(unfreeze: ReportUnfreeze) -> Reopening:
    words = Message(
        "timed unfreeze by {name} ({bureau})", name=unfreeze.granted_by, bureau=unfreeze.granted_bureau
    )
    return Reopening(unfreeze.until, words)


def _returns(
    form_id: int, month: Month, enterprise_ids: Collection[int], end: End
) -> Sequence[tuple[int, dt.datetime]]:
    """(enterprise, instant) of the last return of each report, where it came after the end."""
    query = (
        select(Report.enterprise_id, func.max(ReportStep.at))
        .join(ReportStep, ReportStep.report_id == Report.id)
        .where(Report.form_id == form_id, Report.period == month.key)
        .where(Report.enterprise_id.in_(enterprise_ids))
        .where(ReportStep.verb.in_(RETURNING), ReportStep.at >= end.at)
        .group_by(Report.enterprise_id)
    )
    return [tuple(row) for row in db.session.execute(query)]


def _unfreezes(
    form_id: int, month: Month, enterprise_ids: Collection[int], today: dt.date
) -> Sequence[tuple[int, ReportUnfreeze]]:
    """(enterprise, unfreeze) of each unfreeze for an enterprise, or for a region that it lies in today."""
    query = (
        select(Enterprise.id, ReportUnfreeze)
        .join(ReportUnfreeze, _is_for(today))
        .where(ReportUnfreeze.form_id == form_id, ReportUnfreeze.period == month.key)
        .where(Enterprise.id.in_(enterprise_ids))
    )
    return [tuple(row) for row in db.session.execute(query)]


def unfrozen_periods(form_id: int, enterprise_id: int, today: dt.date) -> set[int]:
    """The months of which an enterprise ever had a timed unfreeze, in one statement."""
    query = (
        select(ReportUnfreeze.period)
        .join(Enterprise, _is_for(today))
        .where(ReportUnfreeze.form_id == form_id, Enterprise.id == enterprise_id)
    )
    return set(db.session.scalars(query))


def _is_for(today: dt.date) -> ColumnElement[bool]:
    within = select(RegionClosure.ancestor_id).where(
        RegionClosure.descendant_id == Enterprise.region_id, on_day(today)
    )
    in_region = and_(ReportUnfreeze.region_id.is_not(None), ReportUnfreeze.region_id.in_(within))
    return or_(ReportUnfreeze.enterprise_id == Enterprise.id, in_region)


def unfreezes_of(report: Report, today: dt.date) -> Sequence[ReportUnfreeze]:
    """Every unfreeze that a report ever had, those of its regions included, the newest first."""
    above = regions_above([report.region_id], today)
    query = select(ReportUnfreeze).where(
        ReportUnfreeze.form_id == report.form_id,
        ReportUnfreeze.period == report.period,
        or_(ReportUnfreeze.enterprise_id == report.enterprise_id, ReportUnfreeze.region_id.in_(above)),
    )
    return db.session.scalars(query.order_by(ReportUnfreeze.id.desc())).all()
