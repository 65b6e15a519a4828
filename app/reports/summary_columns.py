"""Columns of figures for summaries: four sums of an indicator and its growth, or those of one report.

Amounts are added up. Rates are not: they stand as the simple mean of the reports that have one,
each weighing the same, and their growth is the difference of the two means in percentage points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, Table, case, func, literal_column, select
from sqlalchemy.types import TypeEngine

from app.infra.lists import Column
from app.infra.types import Scaled
from app.kernel.texts import Message
from app.reports.definitions import CELL_KINDS, FROM_LAST_YEAR, IndicatorDefinition
from app.reports.figures_layout import column as figure_column
from app.reports.summary_groups import Grouping
from app.reports.summary_sql import PLACES, growth, mean, paired, points

SUMS = "sums"
FILLED = "_filled"
"""After the name of a figure: how many reports have it."""
OTHER_YEAR = {**FROM_LAST_YEAR, **{this: last for last, this in FROM_LAST_YEAR.items()}}
"""The cell that the same figure of the other year stands in."""


def grouped(
    rows: Select[Any],
    grouping: Grouping,
    indicators: Sequence[IndicatorDefinition],
    table: Table,
    *,
    paired_only: bool,
) -> Select[Any]:
    """The groups of rows of the figures table.

    They are added up by the stored dimension first and named afterwards: looking places up for a
    hundred sums costs nothing, for each of twenty thousand reports three times the summing.
    """
    parts = [grouping.dimension.label("dimension"), func.count().label("reports")]
    for indicator in indicators:
        for cell, stored in _stored(table, indicator, paired_only=paired_only).items():
            name = figure_column(indicator.code, cell)
            parts.append(func.sum(stored).label(name))
            if is_averaged(indicator):
                parts.append(func.count(stored).label(f"{name}{FILLED}"))
    added = rows.with_only_columns(*parts, maintain_column_froms=True).group_by(grouping.dimension)
    sums = added.subquery(SUMS)
    found = select(sums.c.reports).select_from(grouping.joined(sums, sums.c.dimension))
    keys = [key for key in (group_key(grouping), group_link(grouping)) if key is not None]
    return found.group_by(*keys)


def group_key(grouping: Grouping) -> Any:
    """What makes a group of ``grouped``."""
    return grouping.key(of_sums("dimension", grouping.dimension.type))


def group_link(grouping: Grouping) -> Any:
    """What leads into a group; None where nothing does."""
    return grouping.link(of_sums("dimension", grouping.dimension.type)) if grouping.link else None


def report_count() -> tuple[Any, Any]:
    """How many reports a group has, and all groups; as many enterprises, since each has one for a month."""
    return _added(of_sums("reports", BigInteger()))


def sum_columns(indicators: Sequence[IndicatorDefinition], link: str) -> Iterator[Column]:
    """The columns of ``grouped``; each sum leads to ``link``."""
    for indicator in indicators:
        found = {cell: _stands_for(indicator, cell) for cell in indicator.cells}
        for cell, (of_group, of_all) in found.items():
            yield _figure(indicator, cell, of_group, total=of_all, link=link)
        if grows(indicator):
            scale = PLACES if is_averaged(indicator) else indicator.scale
            of_group, of_all = (
                _compared(indicator, {cell: pair[side] for cell, pair in found.items()}, scale)
                for side in (0, 1)
            )
            yield _growth(indicator, of_group, of_all)


def figure_columns(table: Table, indicators: Sequence[IndicatorDefinition]) -> Iterator[Column]:
    """The same columns for single reports."""
    for indicator in indicators:
        stored = _stored(table, indicator, paired_only=False)
        for cell, found in stored.items():
            yield _figure(indicator, cell, found)
        if grows(indicator):
            yield _growth(indicator, _compared(indicator, stored, indicator.scale))


def is_averaged(indicator: IndicatorDefinition) -> bool:
    """Whether adding its figures up would say nothing: a rate, compared in percentage points."""
    return indicator.nature == "rate" or indicator.growth_kind == "pp"


def _stored(table: Table, indicator: IndicatorDefinition, *, paired_only: bool) -> dict[str, Any]:
    stored = {cell: _of_report(table, indicator, cell) for cell in indicator.cells}
    if not paired_only:
        return stored
    other = {cell: stored.get(OTHER_YEAR[cell]) for cell in stored}
    return {
        cell: found if other[cell] is None else paired(found, other[cell]) for cell, found in stored.items()
    }


def _of_report(table: Table, indicator: IndicatorDefinition, cell: str) -> Any:
    """A stored figure where it is the report's: what was filled in before leaving industry is not."""
    found = table.c[figure_column(indicator.code, cell)]
    return case((table.c.is_industrial, found)) if indicator.industrial_only else found


def _stands_for(indicator: IndicatorDefinition, cell: str) -> tuple[Any, Any]:
    name = figure_column(indicator.code, cell)
    sums = _added(of_sums(name, Scaled(indicator.scale)))
    if not is_averaged(indicator):
        return sums
    counts = _added(of_sums(f"{name}{FILLED}", BigInteger()))
    return mean(sums[0], counts[0], indicator.scale), mean(sums[1], counts[1], indicator.scale)


def _added(column: Any) -> tuple[Any, Any]:
    """The sum over a group, and over all groups beside each of them."""
    total = func.sum(column)
    return total, func.sum(total).over()


def of_sums(name: str, kind: TypeEngine[Any]) -> Any:
    """A column of the sums that groups are made of, before these are known."""
    return literal_column(f"{SUMS}.{name}", kind)


def grows(indicator: IndicatorDefinition) -> bool:
    """Whether the growth of its cumulative figure is worked out."""
    return indicator.growth_kind != "none" and {"ytd", "ly_ytd"} <= set(indicator.cells)


def growth_key(indicator: IndicatorDefinition) -> str:
    """The key of the column of its growth."""
    return f"{indicator.code}_growth"


def _compared(indicator: IndicatorDefinition, found: Mapping[str, Any], scale: int) -> Any:
    this, base = found["ytd"], found["ly_ytd"]
    return points(this, base, scale) if indicator.growth_kind == "pp" else growth(this, base)


def _figure(
    indicator: IndicatorDefinition, cell: str, found: Any, *, total: Any = None, link: str = ""
) -> Column:
    words = {"name": indicator.name, "cell": CELL_KINDS[cell].name, "unit": indicator.unit}
    averaged = is_averaged(indicator)
    label = Message("{name}, {cell} ({unit})", **words)
    if averaged and total is not None:
        label = Message("{name}, {cell}, simple mean ({unit})", **words)
    return Column(
        figure_column(indicator.code, cell), label, found, "number", sortable=True, total=total, link=link,
        decimals=PLACES if averaged else 0,
        band=(_over(indicator, averaged=averaged and total is not None), CELL_KINDS[cell].name),
    )  # fmt: skip


def _over(indicator: IndicatorDefinition, *, averaged: bool) -> Message:
    if averaged:
        return Message("{name}, simple mean ({unit})", name=indicator.name, unit=indicator.unit)
    return Message("{name} ({unit})", name=indicator.name, unit=indicator.unit)


def _growth(indicator: IndicatorDefinition, found: Any, total: Any = None) -> Column:
    label, short = Message("{name}, cumulative growth (%)", name=indicator.name), Message("Growth (%)")
    if indicator.growth_kind == "pp":
        label, short = Message("{name}, change (points)", name=indicator.name), Message("Change (points)")
    averaged = is_averaged(indicator) and total is not None
    return Column(
        growth_key(indicator), label, found, "number", sortable=True, decimals=PLACES, total=total,
        band=(_over(indicator, averaged=averaged), short),
    )  # fmt: skip
