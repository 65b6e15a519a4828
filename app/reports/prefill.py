"""Figures that the platform can propose, and growth over last year (spec 20)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.reports.checking import Case, EarlierReport
from app.reports.definitions import FROM_LAST_YEAR, Cell, Cells, IndicatorDefinition, VersionDefinition

GROWTH_PLACES = Decimal("0.01")


def prefill(version: VersionDefinition, case: Case) -> dict[Cell, Decimal]:
    """Proposed figures for the cells that are still empty, of the indicators that apply.

    Last year's cells come from last year's approved report of the same month. The 本月 of a
    cumulative indicator is 1-本月 less last month's, once last month is approved; in January
    the year has no earlier month, so it is 1-本月 itself.
    """
    proposed: dict[Cell, Decimal] = {}
    for section in version.grids:
        for indicator in section.applicable(case.month.month, industrial=case.industrial):
            for cell, value in _proposals(indicator, case):
                if cell in indicator.cells and case.cells.get((indicator.code, cell)) is None:
                    proposed[indicator.code, cell] = value
    return proposed


def changed_prefills(version: VersionDefinition, case: Case) -> dict[Cell, Decimal]:
    """Last year's cells that hold no or another figure than last year's approved report; with its figure."""
    if case.last_year is None or not case.last_year.approved:
        return {}
    return {
        (indicator.code, cell): value
        for section in version.grids
        for indicator in section.applicable(case.month.month, industrial=case.industrial)
        for cell, source in FROM_LAST_YEAR.items()
        if cell in indicator.cells
        and (value := case.last_year.cells.get((indicator.code, source))) is not None
        and case.cells.get((indicator.code, cell)) != value
    }


def with_last_year(
    version: VersionDefinition, report: EarlierReport | None, year_before: EarlierReport | None
) -> EarlierReport | None:
    """An earlier report, where last year's figures that it lacks are those of the approved report of a year
    before: what they would have been copied from (note to rule S04).
    """
    if report is None or year_before is None or not year_before.approved:
        return report
    copied = {
        (indicator.code, cell): value
        for indicator in version.indicators
        for cell, source in FROM_LAST_YEAR.items()
        if cell in indicator.cells and (value := year_before.cells.get((indicator.code, source))) is not None
    }
    return EarlierReport({**copied, **report.cells}, report.approved)


def _proposals(indicator: IndicatorDefinition, case: Case) -> list[tuple[str, Decimal]]:
    found = []
    if case.last_year is not None and case.last_year.approved:
        for cell, source in FROM_LAST_YEAR.items():
            value = case.last_year.cells.get((indicator.code, source))
            if value is not None:
                found.append((cell, value))
    if indicator.nature == "flow_ytd" and (month := month_of_cumulative(indicator.code, case)) is not None:
        found.append(("m", month))
    return found


def month_of_cumulative(indicator: str, case: Case) -> Decimal | None:
    """本月 of a cumulative indicator, or None where it cannot be told."""
    cumulative = case.cells.get((indicator, "ytd"))
    if cumulative is None or case.month.month == 1:
        return cumulative
    if case.last is None or not case.last.approved:
        return None
    before = case.last.cells.get((indicator, "ytd"))
    return None if before is None else cumulative - before


def growth(kind: str, cells: Cells, indicator: str) -> Decimal | None:
    """累计同比增长, to two decimals: per cent of the base, or percentage points for rates.

    (1-本月 − 上年1-本月) / |上年1-本月| × 100; None when a figure is missing or the base is zero.
    """
    this, base = cells.get((indicator, "ytd")), cells.get((indicator, "ly_ytd"))
    if this is None or base is None or kind == "none" or (kind == "pct" and base == 0):
        return None
    exact = this - base if kind == "pp" else (this - base) / abs(base) * 100
    return exact.quantize(GROWTH_PLACES, rounding=ROUND_HALF_UP)
