"""The declared list of reports for bureaus, by month and place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, select

from app.enterprises.known_names import industry_names
from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.enterprises.size import SIZE_NAMES as SIZE_WORDS
from app.infra import context
from app.infra.i18n import say
from app.infra.lists import Column, Filter, ListSpec, Lookup, Remote
from app.infra.scope import among, scope_of
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.names import name_key
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.lists import regions_in_scope
from app.organisations.models import Account, Admin, Region
from app.organisations.scope import region_subtree
from app.reports.due import FILED, owes
from app.reports.figures_layout import column as figure_column
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import table_of_form, version_for
from app.reports.known_forms import KnownForm, find_form
from app.reports.models import Report
from app.reports.opening import calendar_of
from app.reports.trend_column import report_trend
from app.reports.workflow import STATE_MARKS, STORED_STATES

SCREENING_LABELS = {"passed": Message("Passed"), "failed": Message("Not passed")}
SCREENING_MARKS = {"passed": "pass", "failed": "back"}
GRID = "main"
HISTORY_COLUMNS = "period,enterprise,revenue,filler,submitted,screening,state,late"
"""What is shown of the reports of one enterprise."""
SHOWN_FIGURE = ("revenue", "ytd")
"""The figure that the list shows and sorts by, until columns of figures can be chosen."""


def reports_list(_actor: Actor) -> ListSpec:
    """Reports that a bureau sees, by default of the current month."""
    form = find_form(DEFAULT_FORM)
    current = calendar_of(form).current(context.now())
    return ListSpec(
        name="reports",
        title=Message("Enterprise reports"),
        base=_base,
        key=(Report.id,),
        columns=(
            *_columns(),
            enterprise_figure(form, current, Report.period, Report.enterprise_id),
            *_last_columns(),
            report_trend(),
        ),
        filters=_filters(current),
        default_sort="enterprise",
        row_link="/reports/{}",
        unit=Message("{count} reports"),
        empty=Message("No report matches."),
        bounded_by="period",
    )


def _base(actor: Actor, today: dt.date) -> Select[Any]:
    return select(Report.id).where(scope_of(Report)(actor, today))


def _columns() -> tuple[Column, ...]:
    version = Report.enterprise_version_id
    return (
        Column(
            "period", Message("Report month"), Report.period, "month", sortable=True, default=False,
        ),
        Column(
            "enterprise", Message("Enterprise name"), lookup=Lookup(version, EnterpriseVersion),
            always=True, sortable=True,
        ),
        Column(
            "uscc", Message("Unified social credit code"), lookup=Lookup(version, EnterpriseVersion, "uscc"),
            default=False,
        ),
        Column(
            "region", Message("Region"), lookup=Lookup(Report.region_id, Region, "full_name"),
            css="place",
        ),
        Column(
            "industry", Message("Industry"), filed_industry(), "local",
        ),
        Column(
            "size", Message("Size"), _filed(EnterpriseVersion.size), "choice", words=SIZE_WORDS,
        ),
    )  # fmt: skip


def _filed(fact: Any) -> Any:
    """A fact of the enterprise as the report was filed with, looked up for the rows of a page only."""
    version = select(fact).where(EnterpriseVersion.id == Report.enterprise_version_id)
    return version.correlate(Report).scalar_subquery()


def filed_industry() -> Any:
    """Name of the trade that a report was filed with, looked up for the rows of a page only."""
    filed = select(Industry.name).join(EnterpriseVersion, EnterpriseVersion.industry_id == Industry.id)
    return (
        filed.where(EnterpriseVersion.id == Report.enterprise_version_id).correlate(Report).scalar_subquery()
    )


def enterprise_figure(form: KnownForm, current: Month, period: Any, enterprise_id: Any) -> Column:
    """The figure of the report of a month and an enterprise that lists of reports show."""
    figures = table_of_form(form, GRID)
    indicator = version_for(DEFAULT_FORM, current).indicator(SHOWN_FIGURE[0])
    here = and_(figures.c.period == period, figures.c.enterprise_id == enterprise_id)
    return Column(
        SHOWN_FIGURE[0],
        Message("{name}, cumulative ({unit})", name=indicator.name, unit=indicator.unit),
        # a subquery, so that it is looked up for the rows of a page and not for all that are sorted
        select(figures.c[figure_column(*SHOWN_FIGURE)]).where(here).scalar_subquery(),
        "number",
        sortable=True,
        decimals=0,
    )


def _last_columns() -> tuple[Column, ...]:
    return (
        Column("filler", Message("Filled in by"), Report.filler_name, css="keep"),
        Column("submitted", Message("Submitted"), Report.submitted_at, "instant", sortable=True),
        Column("reviewer", Message("Reviewer now"), reviewer_now(), css="keep"),
        Column(
            "screening", Message("System screening"), Report.screening, "state",
            words=SCREENING_LABELS, marks=SCREENING_MARKS,
        ),
        Column("state", Message("State"), Report.state, "state", words=STORED_STATES, marks=STATE_MARKS),
        Column("late", Message("Late"), Report.late, "bool", default=False),
    )  # fmt: skip


def reviewer_now() -> Any:
    """Name of the admin at whom a report waits, looked up for the rows of a page only."""
    named = select(Account.display_name).join(Admin, Admin.account_id == Account.id)
    return named.where(Admin.id == Report.holder_id).correlate(Report).scalar_subquery()


def _filters(current: Month) -> tuple[Filter, ...]:
    return (
        Filter("state", Message("State"), "choice", Report.state, words=STORED_STATES, tabs=True),
        Filter("period", Message("Report month"), "month", Report.period, default=str(current)),
        Filter(
            "region", Message("Region"), "remote", Report.region_id,
            remote=regions_in_scope(), clause=in_region,
        ),
        Filter(
            "industry", Message("Industry"), "choice", Industry.section, words=sections, clause=in_section,
        ),
        Filter(
            "size", Message("Size"), "choice", Enterprise.size, words=SIZE_WORDS, clause=of_size,
            more_conditions=True,
        ),
        Filter(
            "screening", Message("System screening"), "choice", Report.screening, words=SCREENING_LABELS,
            more_conditions=True,
        ),
        Filter(
            "reviewer", Message("Reviewer now"), "remote", Report.holder_id, remote=admins_in_scope(),
            more_conditions=True,
        ),
        Filter(
            "filed", Message("Handed in and counted"), "bool", clause=is_filed, more_conditions=True,
        ),
        Filter("late", Message("Late"), "bool", Report.late, more_conditions=True),
        Filter("keyword", Message("Enterprise name"), "text", Enterprise.name_key, clause=named_like),
        Filter(
            "enterprise", Message("Enterprise"), "remote", Report.enterprise_id,
            remote=Remote(_enterprises, (Enterprise.name, Enterprise.uscc)), more_conditions=True,
        ),
    )  # fmt: skip


def _enterprises(actor: Actor, today: dt.date) -> Any:
    return select(Enterprise.id, Enterprise.name).where(scope_of(Enterprise)(actor, today))


def admins_in_scope() -> Remote:
    """The admins that the actor sees, found by the person's name."""

    def source(actor: Actor, today: dt.date) -> Any:
        named = select(Admin.id, Account.display_name).join(Account, Account.id == Admin.account_id)
        return named.where(scope_of(Admin)(actor, today))

    return Remote(source, match=(Account.display_name,))


def in_region(region_id: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Reports of enterprises anywhere within a region."""
    return among(Report.region_id, region_subtree([int(region_id)], today))


def of_size(size: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Reports of enterprises of a size today."""
    return _of(Enterprise.size == size)


def named_like(text: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Reports of enterprises whose name contains the words (spec 00, rule 7)."""
    return _of(Enterprise.name_key.contains(name_key(str(text)), autoescape=True))


def is_filed(value: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Reports that the workbench counts as filed: handed in, by enterprises that owe reports today."""
    filed = and_(Report.state.in_(FILED), _of(owes()))
    return filed if value else ~filed


def _of(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Report.enterprise_id.in_(select(Enterprise.id).where(condition))


def sections(_actor: Actor, _today: dt.date) -> Mapping[str, Any]:
    """The sections of the trades, to choose from."""
    return industry_names()


def in_section(section: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Reports of enterprises of a section."""
    return _of(Enterprise.industry_id.in_(select(Industry.id).where(Industry.section == section)))


def reports_of(enterprise: Enterprise) -> list[tuple[str, str]]:
    """The way from the record of an enterprise to all of its reports, for who may read reports."""
    if ("can_list", "ReportPageView") not in current_permissions():
        return []
    address = url_for("ReportPageView.list", asked="1", enterprise=enterprise.id, sort="-period")
    return [(say(Message("Reports of the enterprise")), f"{address}&cols={HISTORY_COLUMNS}")]
