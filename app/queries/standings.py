"""How the report of a month stood at a cut-off, for every enterprise that owes it.

Who owes is said by ``app.reports.due``, by the enterprises of today. How a report stood is told by what
never changes afterwards: when it was handed in and approved, and by its history where it moved on since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, FromClause, Subquery, and_, case, func, literal, or_, select

from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.infra.remembering import remembered
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports.due import FILED, of_month, owed, owing
from app.reports.known_forms import KnownForm
from app.reports.models import Report, ReportStep
from app.reports.summary_filters import LARGE
from app.reports.summary_sql import fixed
from app.reports.workflow import APPROVED, IN_REVIEW, NOT_FILLED

WITH_ENTERPRISE, WAITING, ACCEPTED, NOT_OWED = 0, 2, 4, 8
"""How a report stood: still or again with the enterprise, handed in, approved; or nothing was owed."""
ON_TIME = 1
"""Added to ``WAITING`` and ``ACCEPTED`` where the report was first handed in before its month was late."""
OF_LAST = "last_"
"""Begins the names of what is said of the month before."""
TRADE = ("section", "is_industrial", "sector")
"""Facts that follow from the trade."""
NAME = "standing"
THIS, LAST = Report.__table__.alias("this_report"), Report.__table__.alias("last_report")


@dataclass(frozen=True, slots=True)
class CutOff:
    """A month, and the first instant that no longer counts for it."""

    month: Month
    until: dt.datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of standings beside how the reports stood.

    :param facts: of the enterprise as the report was filed with, else as it is today: columns of its
        versions, and ``TRADE``.
    :param without_large: large and listed enterprises owe nothing.
    """

    facts: tuple[str, ...] = ()
    without_large: bool = False


USUAL = Wanted()


@dataclass(frozen=True, slots=True)
class Standing:
    """Conditions on a row of standings, about one of its months: where nothing is owed none of them holds."""

    rows: FromClause
    prefix: str = ""

    def fact(self, name: str) -> Any:
        """What the enterprise was when it filed."""
        return self.rows.c[self.prefix + name]

    @property
    def is_due(self) -> ColumnElement[bool]:
        """Whether the enterprise owes the month."""
        return self._stood < fixed(NOT_OWED)

    @property
    def is_reported(self) -> ColumnElement[bool]:
        """Handed in and not taken or given back by the cut-off."""
        return self._stood.between(fixed(WAITING), fixed(NOT_OWED - 1))

    @property
    def is_missing(self) -> ColumnElement[bool]:
        """Owed and not reported."""
        return self._stood == fixed(WITH_ENTERPRISE)

    @property
    def is_on_time(self) -> ColumnElement[bool]:
        """Reported, and first handed in before the month was late."""
        return self._stood.in_((fixed(WAITING + ON_TIME), fixed(ACCEPTED + ON_TIME)))

    @property
    def is_approved(self) -> ColumnElement[bool]:
        """Accepted by the top of the chain by the cut-off."""
        return self._stood.between(fixed(ACCEPTED), fixed(NOT_OWED - 1))

    @property
    def is_unfiled(self) -> ColumnElement[bool]:
        """Owed and not handed in until now, whatever the cut-off."""
        return self.rows.c.unfiled == fixed(1)

    @property
    def _stood(self) -> Any:
        return self.fact("stood")


def stood_at(report: Any, until: dt.datetime) -> ColumnElement[Any]:
    """How a joined report stood just before an instant: ``WITH_ENTERPRISE``, ``WAITING`` or ``ACCEPTED``,
    with ``ON_TIME``.

    What is approved or waits today was so ever since its date, and what was never handed in before lay
    with the enterprise; only of the few others the history is looked up.
    """
    on_time = case((report.c.late, fixed(0)), else_=fixed(ON_TIME))
    accepted, waiting, other = on_time + fixed(ACCEPTED), on_time + fixed(WAITING), fixed(WITH_ENTERPRISE)
    told = case({APPROVED: accepted, IN_REVIEW: waiting}, value=_last_target(report, until), else_=other)
    return case(
        (report.c.approved_at < until, accepted),
        (and_(report.c.state.in_(FILED), report.c.submitted_at < until), waiting),
        (report.c.first_submitted_at < until, told),
        else_=other,
    )


def state_at(report: Any, until: dt.datetime) -> ColumnElement[Any]:
    """The state that a joined report had just before an instant."""
    return case(
        (report.c.approved_at < until, APPROVED),
        (and_(report.c.state.in_(FILED), report.c.submitted_at < until), IN_REVIEW),
        else_=func.coalesce(_last_target(report, until), NOT_FILLED),
    )


def _last_target(report: Any, until: dt.datetime) -> Any:
    """Where the last step before an instant led to."""
    steps = select(ReportStep.target).where(ReportStep.report_id == report.c.id, ReportStep.at < until)
    return steps.order_by(ReportStep.id.desc()).limit(1).correlate(report).scalar_subquery()


def standings(
    actor: Actor, today: dt.date, form: KnownForm, cut_off: CutOff, wanted: Wanted = USUAL
) -> Subquery:
    """A row for each enterprise in scope that owes a month, with its report, its state at the cut-off and
    when it was first handed in. To tell each state the history of nearly every report is looked up."""
    source, facts = _facts(_joined(form, (THIS, cut_off.month)), (THIS,), wanted)
    found = select(
        literal(cut_off.month.key).label("period"),
        *_whose(),
        _stood(form, cut_off, THIS, wanted).label("stood"),
        THIS.c.id.label("report_id"),
        THIS.c.first_submitted_at,
        state_at(THIS, cut_off.until).label("state"),
        *facts,
    )
    owes = _owes(form, cut_off, THIS, wanted)
    return found.select_from(source).where(owing(actor, today), owes).subquery(NAME)


def pairs(
    actor: Actor, today: dt.date, form: KnownForm, this: CutOff, last: CutOff, wanted: Wanted = USUAL
) -> CTE:
    """A row for each enterprise in scope, with how its reports of a month and of the one before stood.

    Both months stand side by side, so that enterprises are read once; what is of the month before begins
    with ``OF_LAST``. ``unfiled`` is 1 where the report of the month is owed and not handed in until now.
    """
    key = ("pairs", actor, today, form.id, this, last, wanted)
    return remembered(key, lambda: _pairs(actor, today, form, this, last, wanted))


def _pairs(actor: Actor, today: dt.date, form: KnownForm, this: CutOff, last: CutOff, wanted: Wanted) -> CTE:
    source, facts = _facts(_joined(form, (THIS, this.month), (LAST, last.month)), (THIS, LAST), wanted)
    waits = and_(_owes(form, this, THIS, wanted), or_(THIS.c.id.is_(None), THIS.c.state.not_in(FILED)))
    found = select(
        *_whose(),
        _stood(form, this, THIS, wanted).label("stood"),
        _stood(form, last, LAST, wanted).label(f"{OF_LAST}stood"),
        case((waits, fixed(1)), else_=fixed(0)).label("unfiled"),
        *facts,
    )
    # the offset keeps the planner from working out anew for each number how each report stood (86 → 48 ms)
    return found.select_from(source).where(owing(actor, today)).offset(fixed(0)).cte(NAME)


def _whose() -> tuple[Any, ...]:
    return Enterprise.id.label("enterprise_id"), Enterprise.region_id, Enterprise.direct_reviewer_id


def _joined(form: KnownForm, *reports: tuple[Any, Month]) -> FromClause:
    source: Any = Enterprise.__table__
    for report, month in reports:
        source = source.outerjoin(report, of_month(form.id, month.key, report.c))
    return source


def _stood(form: KnownForm, cut_off: CutOff, report: Any, wanted: Wanted) -> ColumnElement[Any]:
    owes = _owes(form, cut_off, report, wanted)
    return case((owes, stood_at(report, cut_off.until)), else_=fixed(NOT_OWED))


def _owes(form: KnownForm, cut_off: CutOff, report: Any, wanted: Wanted) -> ColumnElement[bool]:
    found = owed(form, cut_off.month, report.c)
    if not wanted.without_large:
        return found
    size, listed = _filed(report, "size"), _filed(report, "is_listed")
    return and_(found, or_(size.is_(None), size != LARGE), listed.is_not(True))


def _facts(
    source: FromClause, reports: Collection[Any], wanted: Wanted
) -> tuple[FromClause, list[ColumnElement[Any]]]:
    """The facts of the first report, and of the others under ``OF_LAST``; what follows from the trade of
    the first alone."""
    found: list[ColumnElement[Any]] = []
    for place, report in enumerate(reports):
        stored = (name for name in wanted.facts if name not in TRADE)
        found += [_filed(report, name).label(f"{OF_LAST if place else ''}{name}") for name in stored]
    if any(name in TRADE for name in wanted.facts):
        first, *_others = reports
        source = source.outerjoin(Industry.__table__, Industry.id == _filed(first, "industry_id"))
        found += [getattr(Industry, name) for name in wanted.facts if name in TRADE]
    return source, found


def _filed(report: Any, name: str) -> ColumnElement[Any]:
    """A fact of the enterprise as a report was filed with, of today where there is none.

    Nearly all reports are filed with what the enterprise still is; only of the others the version is
    looked up, instead of joining all versions to all reports of both months (127 → 38 ms).
    """
    version = EnterpriseVersion.__table__.c
    kept = select(version[name]).where(version.id == report.c.enterprise_version_id)
    is_today = report.c.enterprise_version_id == Enterprise.current_version_id
    return case(
        (or_(report.c.id.is_(None), is_today), getattr(Enterprise, name)),
        else_=kept.correlate(report).scalar_subquery(),
    )
