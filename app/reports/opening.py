"""A report as it stands, with everything that filling, checking and reviewing look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sqlalchemy import select

from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, Industry
from app.enterprises.scope import visible_enterprises
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import NotFound
from app.kernel.periods import Month
from app.reports import figures, prefill
from app.reports.checking import Case, EarlierReport
from app.reports.definitions import Cell, Row, VersionDefinition
from app.reports.figures import Key
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import definition, version_for
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.windows import Calendar
from app.reports.workflow import APPROVED, FILLABLE, NOT_FILLED


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
    form: ReportForm
    version: VersionDefinition
    enterprise: Enterprise
    filing: Filing
    report: Report | None
    cells: dict[Cell, Decimal]
    rows: dict[str, list[Row]]
    earlier: Mapping[int, EarlierReport] = field(default_factory=dict)
    earlier_states: Mapping[int, str] = field(default_factory=dict)

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

    @cached_property
    def last(self) -> EarlierReport | None:
        """Last month's report of the same year; January has none."""
        return None if self.ref.month.month == 1 else self.earlier.get(self.ref.month.previous().key)

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


def calendar_of(form: ReportForm) -> Calendar:
    """The dates of a form."""
    return Calendar(form.opens_day, form.due_day, form.make_up_months)


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


def find_form(form_code: str) -> ReportForm:
    """A form by its code.

    :raises NotFound: there is none.
    """
    form = db.session.scalars(select(ReportForm).where(ReportForm.code == form_code)).one_or_none()
    if form is None:
        raise NotFound
    return form


def open_report(actor: Actor, ref: Ref, now: dt.datetime, *, lock: bool = False) -> OpenReport:
    """Read a report that the actor sees; ``lock`` keeps others from stepping until the commit.

    :raises NotFound: no such enterprise for this actor, or the form is not reported for the month.
    """
    form = find_form(ref.form_code)
    enterprise = _enterprise(actor, ref.enterprise_id, local_date(now))
    report = _report(form.id, ref, lock=lock)
    version = definition(report.form_version_id) if report else version_for(ref.form_code, ref.month)
    filing = _filing(report.enterprise_version_id if report else enterprise.current_version_id)
    states = _earlier_states(form.id, ref)
    key = Key(ref.month.key, ref.enterprise_id)
    earlier_keys = [Key(period, ref.enterprise_id) for period in states]
    read = figures.read_many(version, [key, *earlier_keys])
    return OpenReport(
        ref=ref,
        form=form,
        version=version,
        enterprise=enterprise,
        filing=filing,
        report=report,
        cells=read.get(key, {}),
        rows={section.code: figures.read_rows(version, section.code, key) for section in version.row_sections}
        if report
        else {section.code: [] for section in version.row_sections},
        earlier={
            found.period: EarlierReport(read.get(found, {}), approved=states[found.period] == APPROVED)
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


def _filing(version_id: int | None) -> Filing:
    query = (
        select(EnterpriseVersion, Industry, ControlType)
        .join(Industry, Industry.id == EnterpriseVersion.industry_id)
        .join(ControlType, ControlType.id == EnterpriseVersion.control_type_id)
        .where(EnterpriseVersion.id == version_id)
    )
    version, industry, control_type = db.session.execute(query).one()
    return Filing(version, industry, control_type)


def _earlier_states(form_id: int, ref: Ref) -> dict[int, str]:
    """State of the reports that checking and comparing look at: last month's and last year's."""
    wanted: Sequence[int] = [ref.month.previous().key, ref.month.last_year().key]
    query = select(Report.period, Report.state).where(
        Report.form_id == form_id, Report.enterprise_id == ref.enterprise_id, Report.period.in_(wanted)
    )
    return dict(db.session.execute(query).all())
