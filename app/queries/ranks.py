"""Ranks over groups, as expressions: equal rates share a rank, and whoever owes nothing has none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Float, case, cast, func

from app.reports.summary_sql import fixed


def rank(part: Any, whole: Any) -> Any:
    """1, 1, 3 by the part of the whole, the greatest first; NULL without a whole, for whom nobody moves down.

    Equal fractions of counts are equal as floating point numbers, and different ones are not.
    """
    rate = cast(part, Float) / func.nullif(whole, fixed(0))
    owing = whole > fixed(0)
    places = func.rank().over(order_by=[case((owing, fixed(0)), else_=fixed(1)), rate.desc()])
    return case((owing, places))
