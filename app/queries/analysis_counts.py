"""What the analysis of a month counts: reporting in both months, and 规模分布 of what was reported."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Subquery, and_

from app.kernel.texts import Message
from app.queries.kind_groups import AGRICULTURE, CONSTRUCTION
from app.queries.standing_behind import Count, reporting_counts
from app.queries.standing_question import Question
from app.queries.standings import is_reported

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


def analysis_counts(question: Question, standings: Subquery) -> dict[str, Count]:
    """Every count of the analysis, of both months."""
    this = and_(standings.c.period == question.this.month.key, is_reported(standings))
    spread = {
        name: Count(SPREAD_COUNTS[name], and_(this, condition)) for name, condition in _kinds(standings)
    }
    return {**reporting_counts(question, standings), **spread}


def _kinds(standings: Subquery) -> list[tuple[str, Any]]:
    """Kinds of enterprises that 规模分布 tells apart; a revenue that is missing is not a small one."""
    row = standings.c
    return [
        ("small_micro", row.size.in_(("small", "micro"))),
        ("industrial", row.is_industrial.is_(True)),
        ("below_designated", and_(row.is_industrial.is_(True), row.revenue < DESIGNATED)),
        ("industrial_smm", and_(row.is_industrial.is_(True), row.size.in_(("medium", "small", "micro")))),
        ("construction", row.section == CONSTRUCTION),
        ("agriculture", row.section == AGRICULTURE),
        ("tertiary", row.sector == TERTIARY),
    ]
