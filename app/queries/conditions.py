"""Conditions and columns that several queries share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, select, true

from app.enterprises.lists import named_or_user
from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.lists import Column, Filter, Lookup
from app.infra.lists.asked import Args
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import KnownForm, find_form
from app.reports.models import FILLED_VIA, Report
from app.reports.opening import calendar_of
from app.reports.summary_columns import figure_columns
from app.reports.summary_question import Choice
from app.reports.windows import Calendar
from app.reports.workflow import APPROVED, STORED_STATES

REPORT = "/reports/{}"
"""Address of a report, by its id."""
MOST_MONTHS = 120
"""Months that are named one by one, so that an index finds the enterprises of each."""


def reported_form() -> tuple[KnownForm, Calendar, Month]:
    """The form that enterprises report, its dates and its month now."""
    form = find_form(DEFAULT_FORM)
    calendar = calendar_of(form)
    return form, calendar, calendar.current(context.now())


def months_filter(table: Table, current: Month) -> Filter:
    """From a month to another, by default the current one alone."""
    return Filter(
        "period", Message("Report month"), "month_range", table.c.period, required=True, default=str(current),
        clause=lambda value, _actor, _today: within_months(table.c.period, *value),
    )  # fmt: skip


def within_months(period: Any, first: int, last: int) -> ColumnElement[bool]:
    """Rows of the months from one to another."""
    found: ColumnElement[bool]
    low, high = Month.from_key(first), Month.from_key(last)
    count = low.months_until(high) + 1
    if count > MOST_MONTHS:
        found = period.between(first, last)
    else:
        found = period.in_([low.plus(further).key for further in range(count)])
    return found


def state_filter(table: Table) -> Filter:
    """States of reports; approved ones unless somebody asks for others."""
    return Filter(
        "state", Message("State"), "multi", table.c.state, words=STORED_STATES, default=APPROVED,
    )  # fmt: skip


def source_filter(table: Table) -> Filter:
    """数据来源: how the report came in."""
    return Filter(
        "source", Message("Source of the data"), "multi", words=FILLED_VIA,
        clause=lambda ways, _actor, _today: table.c.report_id.in_(_came_in(ways)) if ways else true(),
    )  # fmt: skip


def _came_in(ways: list[str]) -> Select[Any]:
    return select(Report.id).where(Report.filled_via.in_(ways))


def source_column(table: Table) -> Column:
    """How the report came in."""
    return Column(
        "source", Message("Source of the data"), kind="choice", words=FILLED_VIA, css="keep",
        lookup=Lookup(table.c.report_id, Report, "filled_via"),
    )  # fmt: skip


def keyword_filter(enterprise_id: Any) -> Filter:
    """Words in the name of an enterprise or in the name of its account."""

    def clause(words: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
        found: ColumnElement[bool] = enterprise_id.in_(
            select(Enterprise.id).where(named_or_user(str(words), actor, today))
        )
        return found

    return Filter("keyword", Message("Name or user ID"), clause=clause)


def indicator_columns(table: Table, indicators: Choice, args: Args) -> Iterator[Column]:
    """The chosen indicators; a file has all of them at hand, which a page need not build."""
    chosen = {found.code for found in indicators.chosen}
    for indicator in indicators.offered if "format" in args else indicators.chosen:
        for column in figure_columns(table, [indicator]):
            yield column if indicator.code in chosen else replace(column, default=False)


def usual_order(indicators: Choice) -> str:
    """The largest first, by the cumulative figure of the first indicator that is shown."""
    for indicator in indicators.chosen:
        cell = "ytd" if "ytd" in indicator.cells else indicator.cells[0]
        return f"-{indicator.code}_{cell}"
    return "-period"
