"""What the analysis of a month counts: reporting in both months, and 规模分布 of what was reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import and_

from app.kernel.texts import Message
from app.queries.kind_groups import AGRICULTURE, CONSTRUCTION
from app.queries.standing_counts import REPORTING, Count
from app.queries.standings import TRADE, Standing

SPREAD = "spread"
DESIGNATED = Decimal(20_000)
"""千元 of last year's revenue: an industrial enterprise with less is 规模以下, below designated size."""
TERTIARY = 3
SPREAD_COUNTS = {
    "small_micro": Message("Small and micro"),
    "industrial": Message("Industrial enterprises"),
    "below_designated": Message("Industrial below designated size"),
    "industrial_smm": Message("Small, medium and micro of industrial enterprises"),
    "construction": Message("Construction"),
    "agriculture": Message("Agriculture, forestry, animal husbandry and fishery"),
    "tertiary": Message("Tertiary sector"),
}
"""What is counted of the enterprises that reported, in the order of its columns."""


FACTS = ("size", "revenue", *TRADE)
"""What the counts of 规模分布 look at."""


def _of_kind(condition: Callable[[Any], Any]) -> Callable[[Standing], Any]:
    """Reported by an enterprise of a kind; ``condition`` is about the facts of its standing."""
    return lambda standing: and_(standing.is_reported, condition(standing.rows.c))


def _is_industrial(row: Any) -> Any:
    return row.is_industrial.is_(True)


SPREAD_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "small_micro": lambda row: row.size.in_(("small", "micro")),
    "industrial": _is_industrial,
    "below_designated": lambda row: and_(_is_industrial(row), row.revenue < DESIGNATED),
    "industrial_smm": lambda row: and_(_is_industrial(row), row.size.in_(("medium", "small", "micro"))),
    "construction": lambda row: row.section == CONSTRUCTION,
    "agriculture": lambda row: row.section == AGRICULTURE,
    "tertiary": lambda row: row.sector == TERTIARY,
}
"""Kinds of enterprises that 规模分布 tells apart; a revenue that is missing is not a small one."""

SPREAD_CONDITIONS = {name: _of_kind(condition) for name, condition in SPREAD_KINDS.items()}

ANALYSED: Mapping[str, Count] = {
    **REPORTING,
    **{name: Count(SPREAD_COUNTS[name], holds, of_kind=True) for name, holds in SPREAD_CONDITIONS.items()},
}
"""Every count of the analysis, of both months."""
