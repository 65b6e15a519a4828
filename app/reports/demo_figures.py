"""Invented figures for demonstration enterprises: plausible, consistent over the months, always the same."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.periods import Month
from app.reports.definitions import IndicatorDefinition

SEASON = (0.92, 0.71, 1.03, 1.01, 1.02, 1.05, 0.98, 0.99, 1.06, 1.04, 1.08, 1.11)
"""The year's course: February is short and has the Spring Festival."""

SHARE_OF_REVENUE = {
    "industrial_output": 1.04,
    "export_delivery": 0.46,
    "electricity": 31.0,
    "revenue": 1.0,
    "cost": 0.84,
    "finance_expense": 0.008,
    "total_profit": 0.055,
    "taxes_payable": 0.031,
    "payroll_payable": 0.09,
    "fixed_investment": 0.03,
}
"""A month's flow over a month's revenue; electricity in kWh for each 千元."""

SHARE_OF_YEAR = {
    "loan_balance": 0.22,
    "receivables": 0.18,
    "finished_goods": 0.08,
    "overdue_receivables": 0.02,
    "total_assets": 0.95,
    "total_liabilities": 0.48,
}
"""A balance over a year's revenue."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large an enterprise is: revenue of a month in 千元, persons."""

    key: str
    monthly_revenue: Decimal
    employees: int


def cells_of(scale: Scale, indicator: IndicatorDefinition, month: Month) -> Mapping[str, Decimal]:
    """The cells that the indicator takes, for a month."""
    found = {
        "m": _figure(scale, indicator, month, cumulative=False),
        "ytd": _figure(scale, indicator, month, cumulative=True),
        "ly_m": _figure(scale, indicator, month.last_year(), cumulative=False),
        "ly_ytd": _figure(scale, indicator, month.last_year(), cumulative=True),
    }
    return {cell: found[cell] for cell in indicator.cells}


def _figure(scale: Scale, indicator: IndicatorDefinition, month: Month, *, cumulative: bool) -> Decimal:
    if indicator.nature in {"flow_monthly", "flow_ytd"}:
        months = range(1, month.month + 1) if cumulative else (month.month,)
        return sum((_flow(scale, indicator.code, Month(month.year, number)) for number in months), Decimal(0))
    if indicator.nature == "rate":
        return Decimal(str(round(68 + 18 * _chance(scale, indicator.code, month), 1)))
    if indicator.code == "employees":
        return Decimal(max(1, round(scale.employees * (0.97 + 0.06 * _chance(scale, indicator.code, month)))))
    year = float(scale.monthly_revenue) * 12 * SHARE_OF_YEAR.get(indicator.code, 0.1)
    return Decimal(
        round(year * (0.93 + 0.14 * _chance(scale, indicator.code, month)) * _growth(scale, month))
    )


def _flow(scale: Scale, code: str, month: Month) -> Decimal:
    base = float(scale.monthly_revenue) * SHARE_OF_REVENUE.get(code, 0.05)
    swing = 0.94 + 0.12 * _chance(scale, code, month)
    if code == "total_profit" and _chance(scale, "loss", month) < 0.06:
        swing = -0.4
    return Decimal(round(base * SEASON[month.month - 1] * swing * _growth(scale, month)))


def _growth(scale: Scale, month: Month) -> float:
    """Growth since 2024, different for each enterprise: from a loss of 6 to a gain of 12 per cent a year."""
    yearly = random.Random(f"growth {scale.key}").uniform(-0.06, 0.12)  # noqa: S311 - demonstration data
    return float((1 + yearly) ** ((month.year - 2024) + (month.month - 1) / 12))


def _chance(scale: Scale, what: str, month: Month) -> float:
    return random.Random(f"{scale.key} {what} {month}").random()  # noqa: S311 - demonstration data


def slips_of(key: str, month: Month, texts: Mapping[str, str]) -> dict[str, str]:
    """Figures that a rule questions, in one report of twelve: the month's electricity does not add up, or
    capacity is used above 100 %. Cumulative figures stay right, so that the next month adds up again.
    """
    chance = random.Random(f"slip {key} {month}").random()  # noqa: S311 - demonstration data
    found: dict[str, str] = {}
    if chance < 0.06 and "electricity.m" in texts:
        found["electricity.m"] = str(round(Decimal(texts["electricity.m"]) * Decimal("0.93")))
    elif chance < 0.08 and "capacity_utilization.m" in texts:
        found["capacity_utilization.m"] = "103.5"
    return found
