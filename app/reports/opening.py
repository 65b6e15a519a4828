"""A report as it stands, with everything that filling, checking and reviewing look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, Industry
from app.enterprises.scope import visible_enterprises
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Forbidden, NotFound, Problem
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import figures, prefill
from app.reports.checking import Case, EarlierReport
from app.reports.definitions import Cell, Row, VersionDefinition
from app.reports.figures import Key
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import definition, version_for
from app.reports.known_forms import AnyForm, KnownForm, find_form
from app.reports.models import Report
from app.reports.reopenings import reopenings_of
from app.reports.settings import DIRECT, TOP, approved_level
from app.reports.windows import Calendar, Dates, Reopening, lasting
from app.reports.workflow import APPROVED, FILLABLE, IN_REVIEW, NOT_FILLED


@dataclass(frozen=True, slots=True)
class Ref:
    """Which report: a form, a month, an enterprise. There may be no row yet."""

    form_code: str
    month: Month
    enterprise_id: int


@dataclass(frozen=True, slots=True)
class Filing:
    """The enterprise as the report is, or would be, filed with."""

    version: EnterpriseVersion
    industry: Industry
    control_type: ControlType


@dataclass
class OpenReport:
    """A report read for work. ``report`` is None while nothing was saved."""

    ref: Ref
    form: KnownForm
    version: VersionDefinition
    enterprise: Enterprise
    filing: Filing
    report: Report | None
    cells: dict[Cell, Decimal]
    rows: dict[str, list[Row]]
    read_at: dt.datetime
    earlier: Mapping[int, EarlierReport] = field(default_factory=dict)
    earlier_states: Mapping[int, str] = field(default_factory=dict)
    _reopenings: Sequence[Reopening] | None = None

    @property
    def state(self) -> str:
        """The report's state; not filled while there is no row."""
        return self.report.state if self.report else NOT_FILLED

    @property
    def lock(self) -> int:
        """The version that a page was opened at; 0 while there is no row."""
        return self.report.version if self.report else 0

    @property
    def calendar(self) -> Calendar:
        """The dates of the form."""
        return calendar_of(self.form)

    @property
    def key(self) -> Key:
        """Where its figures stand."""
        return Key(self.ref.month.key, self.ref.enterprise_id)

    @property
    def is_fillable(self) -> bool:
        """Whether its state lets the enterprise type."""
        return self.state in FILLABLE

    @property
    def is_open(self) -> bool:
        """Whether the enterprise could type when it was read: its state and its window let it."""
        return self.is_fillable and self.closed(self.read_at) is None

    @property
    def is_make_up(self) -> bool:
        """Whether filling it makes up an earlier month (补报)."""
        owed = self.calendar.is_owed(self.ref.month, self.enterprise.created_at)
        return self.is_fillable and owed and self.calendar.is_make_up(self.ref.month, self.read_at)

    def is_late(self, now: dt.datetime) -> bool:
        """Whether a first submission now is late; a month due before the enterprise was there never is."""
        month = self.ref.month
        return self.calendar.is_owed(month, self.enterprise.created_at) and self.calendar.is_late(month, now)

    def closed(self, now: dt.datetime) -> Message | None:
        """Why its window does not let the enterprise type now and what it can do, or None."""
        reviewer = self.enterprise.direct_reviewer
        asked = str(reviewer) if reviewer is not None else ""
        return self.calendar.closed(self.ref.month, now, self.reopenings(now), asked)

    def reopened(self, now: dt.datetime) -> Reopening | None:
        """What keeps it open after the end of its month, or None."""
        return lasting(self.reopenings(now), now)

    def reopenings(self, now: dt.datetime) -> Sequence[Reopening]:
        """What reopened it after the end of its month; read once, and only where the month has ended."""
        end = self.calendar.end(self.ref.month)
        if now < end.at:
            return ()
        if self._reopenings is None:
            ids = [self.enterprise.id]
            found = reopenings_of(self.form.id, self.ref.month, ids, end, now)
            self._reopenings = found.get(self.enterprise.id, ())
        return self._reopenings

    @cached_property
    def last(self) -> EarlierReport | None:
        """Last month's report of the same year; January has none.

        A figure of last year that it lacks is that of the approved report it would have been copied from.
        """
        if self.ref.month.month == 1:
            return None
        before = self.ref.month.previous()
        year_before = self.earlier.get(before.last_year().key)
        return prefill.with_last_year(self.version, self.earlier.get(before.key), year_before)

    @cached_property
    def last_year(self) -> EarlierReport | None:
        """The report of the same month of last year."""
        return self.earlier.get(self.ref.month.last_year().key)

    def case(self, cells: Mapping[Cell, Decimal | None] | None = None) -> Case:
        """What the rules are asked about; with other cells than the stored ones, if given."""
        return Case(
            month=self.ref.month,
            industrial=self.filing.industry.is_industrial,
            cells=self.cells if cells is None else cells,
            opened_on=self.filing.version.opened_on,
            last=self.last,
            last_year=self.last_year,
            rows=self.rows,
        )

    def prefilled(self) -> dict[Cell, Decimal]:
        """Figures that the platform proposes for empty cells."""
        return prefill.prefill(self.version, self.case())

    def dimensions(self) -> Dimensions:
        """What summaries group by, as of the filing."""
        if self.report is None:
            raise ValueError("a report that was never saved has no figures")
        return dimensions_of(self.report, self.filing)


def calendar_of(form: AnyForm) -> Calendar:
    """The dates of a form, those of single months included."""
    own = {found.period: Dates(found.opens_on, found.due_on, found.closes_on) for found in form.periods}
    return Calendar(form.opens_day, form.due_day, form.make_up_months, form.closes_after_days, own)


class Closed(Forbidden):
    """The window of a month does not let the enterprise type now; what it typed is shown again."""

    def __init__(self, words: Message) -> None:
        super().__init__(words, [Problem(words)])


def closed_reasons(
    form: AnyForm, month: Month, enterprise_ids: Collection[int], now: dt.datetime
) -> dict[int, Message]:
    """For each enterprise for which a month is closed now the reason, as ``OpenReport.closed`` tells it.

    A month that is open for all takes no statement but the one for the form's dates, any other takes two.
    """
    calendar = calendar_of(form)
    end = calendar.end(month)
    found = reopenings_of(form.id, month, enterprise_ids, end, now) if now >= end.at else {}
    reasons = {one: calendar.closed(month, now, found.get(one, ())) for one in enterprise_ids}
    return {one: words for one, words in reasons.items() if words is not None}


def closed_reason(report: Report, now: dt.datetime) -> Message | None:
    """Why the window of a stored report is closed now, or None."""
    return closed_reasons(report.form, report.month, [report.enterprise_id], now).get(report.enterprise_id)


def dimensions_of(report: Report, filing: Filing) -> Dimensions:
    """The summary dimensions of a report."""
    version, industry = filing.version, filing.industry
    return Dimensions(
        report_id=report.id,
        region_id=version.region_id,
        state=report.state,
        province_id=version.province_id,
        prefecture_id=version.prefecture_id,
        county_id=version.county_id,
        industry_section=industry.section,
        industry_division=industry.division or None,
        industry_code=industry.code,
        size=version.size,
        control_type=filing.control_type.code,
        is_industrial=industry.is_industrial,
        is_listed=version.is_listed,
    )


def open_report(actor: Actor, ref: Ref, now: dt.datetime, *, lock: bool = False) -> OpenReport:
    """Read a report that the actor sees; ``lock`` keeps others from stepping until the commit.

    :raises NotFound: no such enterprise for this actor, or the form is not reported for the month.
    """
    form = find_form(ref.form_code)
    enterprise = _enterprise(actor, ref.enterprise_id, local_date(now))
    report = _report(form.id, ref, lock=lock)
    version = definition(report.form_version_id) if report else version_for(ref.form_code, ref.month)
    filing = filing_of(report.enterprise_version_id if report else enterprise.current_version_id)
    states, approved = _earlier(form.id, ref, now)
    key = Key(ref.month.key, ref.enterprise_id)
    earlier_keys = [Key(period, ref.enterprise_id) for period in states]
    read = figures.read_many(version, [key, *earlier_keys])
    stored = read.get(key, {})
    return OpenReport(
        ref=ref,
        form=form,
        version=version,
        enterprise=enterprise,
        filing=filing,
        report=report,
        cells=applying(version, stored, industrial=filing.industry.is_industrial),
        rows={section.code: figures.read_rows(version, section.code, key) for section in version.row_sections}
        if report
        else {section.code: [] for section in version.row_sections},
        read_at=now,
        earlier={
            found.period: EarlierReport(read.get(found, {}), approved=found.period in approved)
            for found in earlier_keys
        },
        earlier_states=states,
    )


def ref_of(report: Report) -> Ref:
    """The reference of a stored report."""
    return Ref(report.form.code, Month.from_key(report.period), report.enterprise_id)


def _enterprise(actor: Actor, enterprise_id: int, today: dt.date) -> Enterprise:
    query = select(Enterprise).where(Enterprise.id == enterprise_id, visible_enterprises(actor, today))
    enterprise = db.session.scalars(query).one_or_none()
    if enterprise is None:
        raise NotFound
    return enterprise


def _report(form_id: int, ref: Ref, *, lock: bool) -> Report | None:
    query = select(Report).where(
        Report.form_id == form_id, Report.period == ref.month.key, Report.enterprise_id == ref.enterprise_id
    )
    if lock:
        query = query.with_for_update(of=Report).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def applying(
    version: VersionDefinition, cells: Mapping[Cell, Decimal], *, industrial: bool
) -> dict[Cell, Decimal]:
    """The figures that are the report's: those of indicators that no longer apply stay in storage only.

    An enterprise that left industry keeps what it had filled in, should it come back; nobody is shown it,
    nothing checks or exports it.
    """
    if industrial:
        return dict(cells)
    left = {indicator.code for indicator in version.indicators if indicator.industrial_only}
    return {cell: value for cell, value in cells.items() if cell[0] not in left}


def filing_of(version_id: int | None) -> Filing:
    """An enterprise as one of its versions has it, with its trade and who controls it."""
    query = (
        select(EnterpriseVersion, Industry, ControlType)
        .join(Industry, Industry.id == EnterpriseVersion.industry_id)
        .join(ControlType, ControlType.id == EnterpriseVersion.control_type_id)
        .where(EnterpriseVersion.id == version_id)
    )
    version, industry, control_type = db.session.execute(query).one()
    return Filing(version, industry, control_type)


def _earlier(form_id: int, ref: Ref, now: dt.datetime) -> tuple[dict[int, str], set[int]]:
    """States of the reports that checking and comparing look at, and which of them count as approved."""
    before = ref.month.previous()
    wanted = [before.key, ref.month.last_year().key, before.last_year().key]
    query = select(Report.period, Report.state, Report.accepted_levels).where(
        Report.form_id == form_id, Report.enterprise_id == ref.enterprise_id, Report.period.in_(wanted)
    )
    found = db.session.execute(query).all()
    level = approved_level(now) if any(row.state == IN_REVIEW for row in found) else TOP
    approved = {row.period for row in found if counts_as_approved(row.state, row.accepted_levels, level)}
    return {row.period: row.state for row in found}, approved


def counts_as_approved(state: str, accepted_levels: int, level: str) -> bool:
    """Whether a report is accepted far enough for rules to compare with it.

    :param level: of ``approved_level``.
    """
    return state == APPROVED or (level == DIRECT and state == IN_REVIEW and accepted_levels > 0)
