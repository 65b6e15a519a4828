"""近12个月: an indicator over twelve months as a small line, for lists of enterprises and of reports."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.infra import context
from app.infra.database import db
from app.infra.lists import Column
from app.infra.lists.sparks import Spark
from app.infra.lists.spec import Key
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.due import FILED
from app.reports.figures_layout import column as figure_column
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_loading import table_of_form, version_for
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import calendar_of

GRID = "main"
INDICATOR, CELL = "revenue", "m"
MONTHS = 12
YEAR = 100
"""A year in the key of a month, such as 202610."""

Figures = dict[Any, dict[int, Decimal | None]]


def enterprise_trend() -> Column:
    """The twelve months up to the current one; rows are enterprises."""
    return _column(_of_enterprises)


def report_trend() -> Column:
    """The twelve months up to the one of each report; rows are reports."""
    return _column(_of_reports)


def _column(each: Any) -> Column:
    form = find_form(DEFAULT_FORM)
    current = calendar_of(form).current(context.now())
    indicator = version_for(DEFAULT_FORM, current).indicator(INDICATOR)
    label = Message("{name}, last 12 months ({unit})", name=indicator.name, unit=indicator.unit)
    return Column(
        "trend", label, kind="spark", default=False, each=lambda keys, actor: each(keys, actor, form, current)
    )


def _of_enterprises(keys: Sequence[Key], actor: Actor, form: Any, current: Month) -> dict[Key, Spark]:
    """One statement for all rows; only of reports that the reader may see."""
    figures = table_of_form(form, GRID)
    query = (
        select(Report.enterprise_id, Report.period, figures.c[figure_column(INDICATOR, CELL)])
        .join(figures, figures.c.report_id == Report.id)
        .where(Report.enterprise_id.in_([key[0] for key in keys]), Report.state.in_(FILED))
        .where(Report.period <= current.key, Report.period > current.key - YEAR)
        .where(scope_of(Report)(actor, context.today()))
    )
    found: Figures = {}
    for enterprise, period, value in db.session.execute(query):
        found.setdefault(enterprise, {})[period] = value
    return {(enterprise,): _spark(current, values) for enterprise, values in found.items()}


def _of_reports(keys: Sequence[Key], actor: Actor, form: Any, _current: Month) -> dict[Key, Spark]:
    """One statement for all rows; each with the year that ends with its own month."""
    figures, row = table_of_form(form, GRID), aliased(Report)
    same = (Report.enterprise_id == row.enterprise_id) & (Report.form_id == row.form_id)
    query = (
        select(row.id, row.period, Report.period, figures.c[figure_column(INDICATOR, CELL)])
        .join(Report, same & (Report.period <= row.period) & (Report.period > row.period - YEAR))
        .join(figures, figures.c.report_id == Report.id)
        .where(row.id.in_([key[0] for key in keys]), Report.state.in_(FILED))
        .where(scope_of(Report)(actor, context.today()))
    )
    found: Figures = {}
    last: dict[int, int] = {}
    for report, month, period, value in db.session.execute(query):
        last[report] = month
        found.setdefault(report, {})[period] = value
    return {(report,): _spark(Month.from_key(last[report]), values) for report, values in found.items()}


def _spark(last: Month, values: dict[int, Decimal | None]) -> Spark:
    months = [last.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    return Spark([str(month) for month in months], [values.get(month.key) for month in months])
