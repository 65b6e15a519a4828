"""What changes over the month before are usual in a trade of a province: a bounded sample, kept for a while.

Asking the figures of a trade takes a look at the whole month of the province, so the answer is kept in the
process for some minutes; reports that come meanwhile move a median of many enterprises hardly at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import current_app
from sqlalchemy import and_, select

from app.infra.database import db
from app.kernel.periods import Month
from app.reports.definitions import Cells, IndicatorDefinition, SectionDefinition, VersionDefinition
from app.reports.figures import section_table
from app.reports.figures_layout import column
from app.reports.outliers import EMPTY, LEAST_PEERS, Sample, change_of, month_figure, sample_of
from app.reports.workflow import APPROVED, IN_REVIEW

FILED = (IN_REVIEW, APPROVED)
"""States of reports that count as what was filed."""

MOST_PEERS = 200
"""Enterprises of a trade that are looked at: a median needs no more."""

KEPT_FOR = dt.timedelta(minutes=10)
MOST_KEPT = 500
CACHE = "trade_samples"

Samples = Mapping[str, Sample]
"""Indicator code -> the changes of the trade."""


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade of a province: its division, and the section where the division has too few enterprises."""

    province_id: int
    division: str
    section: str


def samples_of(version: VersionDefinition, month: Month, trade: Trade, now: dt.datetime) -> Samples:
    """The usual changes of a trade from the month before to ``month``.

    The enterprise in question is among them, so one fewer is counted than there are.
    """
    kept: dict[Any, tuple[dt.datetime, Samples]] = current_app.extensions.setdefault(CACHE, {})
    key = (version.id, month, trade)
    known = kept.get(key)
    if known is not None and known[0] <= now < known[0] + KEPT_FOR:
        return known[1]
    found = {
        code: replace(sample, count=max(0, sample.count - 1)) for code, sample in _read(version, month, trade)
    }
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = (now, found)
    return found


def month_columns(
    table: Any, indicators: Sequence[IndicatorDefinition]
) -> list[tuple[IndicatorDefinition, str, Any]]:
    """(indicator, cell, column) of this year's figures of indicators."""
    return [
        (indicator, cell, table.c[column(indicator.code, cell)])
        for indicator in indicators
        for cell in ("m", "ytd")
        if cell in indicator.cells
    ]


def _read(version: VersionDefinition, month: Month, trade: Trade) -> list[tuple[str, Sample]]:
    found = []
    for section in version.grids:
        rows = _pairs(version, section, month, ("industry_division", trade.division), trade.province_id)
        if len(rows) <= LEAST_PEERS:
            rows = _pairs(version, section, month, ("industry_section", trade.section), trade.province_id)
        found += [(one.code, sample_of_pairs(one, month, rows)) for one in section.indicators]
    return found


def sample_of_pairs(
    indicator: IndicatorDefinition, month: Month, rows: Sequence[tuple[Cells, Cells]]
) -> Sample:
    """The changes of a trade, of (figures of the month, figures of the month before) of each enterprise."""
    before: Month = month.previous()
    nothing: Cells = {}
    changes = (
        change_of(
            month_figure(indicator, before, earlier, nothing), month_figure(indicator, month, now, earlier)
        )
        for now, earlier in rows
    )
    known = [change for change in changes if change is not None]
    return sample_of(known) if known else EMPTY


def _pairs(
    version: VersionDefinition,
    section: SectionDefinition,
    month: Month,
    trade: tuple[str, str],
    province_id: int,
) -> list[tuple[Cells, Cells]]:
    """The figures of this month and of the one before, of enterprises of a trade: one statement."""
    table = section_table(version, section.code)
    now, before = table.alias("now"), table.alias("before")
    wanted = month_columns(now, section.indicators)
    former = month_columns(before, section.indicators)
    name, code = trade
    query = (
        select(*(one for _indicator, _cell, one in (*wanted, *former)))
        .join_from(
            now,
            before,
            and_(before.c.period == month.previous().key, before.c.enterprise_id == now.c.enterprise_id),
        )
        .where(now.c.period == month.key, now.c.province_id == province_id, now.c[name] == code)
        .where(now.c.state.in_(FILED), before.c.state.in_(FILED))
        .order_by(now.c.enterprise_id)
        .limit(MOST_PEERS)
    )
    places = [(indicator.code, cell) for indicator, cell, _column in wanted]
    return [
        (
            dict(zip(places, row[: len(places)], strict=True)),
            dict(zip(places, row[len(places) :], strict=True)),
        )
        for row in db.session.execute(query)
    ]
