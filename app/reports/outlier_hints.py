"""Hints 提示 at figures that stand out against the enterprise's own history and its trade.

They are asked when a page is shown and never stored: what is usual moves with every report that comes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import select

from app.infra.database import db
from app.infra.i18n import say_in
from app.kernel.numbers import format_number
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.reports.checking import Finding
from app.reports.definitions import CELL_KINDS, Cells, IndicatorDefinition, SectionDefinition, plain_number
from app.reports.figures import section_table
from app.reports.opening import OpenReport
from app.reports.outliers import EMPTY, Against, Outlier, month_series, outliers, per_cent
from app.reports.settings import outlier_limit
from app.reports.trade_samples import FILED, Samples, Trade, month_columns, samples_of

RULE = "outlier"
"""What stands in the place of a rule's code; no rule may be called so, since codes have digits."""

MONTHS = 25
"""Two years of changes: every month of the year stands in them twice."""

USUAL = {
    Against.HISTORY: Message("this enterprise usually {change}"),
    Against.TRADE: Message("its trade {change}"),
}


def outlier_findings(opened: OpenReport, now: dt.datetime) -> list[Finding]:
    """What stands out in a report; nothing where hints are switched off or nothing was saved."""
    limit = outlier_limit(now)
    if limit is None or opened.report is None:
        return []
    month, industry = opened.ref.month, opened.filing.industry
    trade = Trade(opened.filing.version.province_id, industry.division, industry.section)
    samples = samples_of(opened.version, month, trade, now)
    months = [month.plus(-back) for back in range(MONTHS - 1, -1, -1)]
    found = []
    for section in opened.version.grids:
        filed = _filed(opened, section, months)
        for indicator in section.applicable(month.month, industrial=industry.is_industrial):
            series = month_series(indicator, months, filed)
            found += _finding(indicator, series, samples, limit)
    return found


def _finding(
    indicator: IndicatorDefinition, series: Sequence[Decimal | None], samples: Samples, limit: Decimal
) -> list[Finding]:
    outlying = outliers(series, samples.get(indicator.code, EMPTY), limit)
    if not outlying:
        return []
    cell = "m" if "m" in indicator.cells else "ytd"
    message = _words(indicator, cell, series, outlying)
    both = LocalText(say_in(message, "zh"), say_in(message, "en"))
    return [Finding(RULE, "hint", indicator.section, indicator.code, cell, both)]


def _words(
    indicator: IndicatorDefinition, cell: str, series: Sequence[Decimal | None], found: Sequence[Outlier]
) -> Message:
    before, now = (_number(value) for value in series[-2:])
    usual = [Message(USUAL[one.against].msgid, change=_signed(one.usual)) for one in found]
    told: Message = usual[0] if len(usual) == 1 else Message("{one}, {other}", one=usual[0], other=usual[1])
    return Message(
        "{name}, {cell}: {change} over last month ({before} → {now}); {usual}",
        name=indicator.name,
        cell=CELL_KINDS[cell].name,
        change=_told(found[0].change),
        before=before,
        now=now,
        usual=told,
    )


def _told(change: Decimal) -> Message:
    share = per_cent(change)
    if share is None:
        return Message("turned or began from zero")
    if share == 0:
        return Message("level")
    grown = Message("up {share}%", share=format_number(abs(share), 1))
    return grown if share >= 0 else Message("down {share}%", share=format_number(abs(share), 1))


def _signed(change: Decimal) -> str:
    share = per_cent(change)
    if share is None:
        return "—"
    return f"{'+' if share > 0 else ''}{format_number(share, 1)}%"


def _number(value: Decimal | None) -> str:
    if value is None:
        return "—"
    _whole, _point, decimals = plain_number(value).partition(".")
    return format_number(value, len(decimals))


def _filed(opened: OpenReport, section: SectionDefinition, months: Sequence[Month]) -> Mapping[int, Cells]:
    """What was filed for each month, and what this report says now: one statement."""
    table = section_table(opened.version, section.code)
    columns = month_columns(table, section.indicators)
    periods = [month.key for month in months[:-1]]
    query = select(table.c.period, *(one for _indicator, _cell, one in columns)).where(
        table.c.enterprise_id == opened.ref.enterprise_id,
        table.c.period.in_(periods),
        table.c.state.in_(FILED),
    )
    places = [(indicator.code, cell) for indicator, cell, _column in columns]
    found: dict[int, Cells] = {
        period: dict(zip(places, values, strict=True)) for period, *values in db.session.execute(query)
    }
    return {**found, opened.ref.month.key: opened.cells}
