"""The score of a warning point for a year: pure, exact, and explained by its own columns.

Source: the scoring table of the warning points (外贸预警点线上评分, 50 points). Where the table is silent:
the summary counts when it is in by the end of 20 January of the next year; two analyses of one quarter count
once; a leader's instruction counts beside the exchange that it answers; what the C items bring beyond their
cap is shown apart and not added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel.clock import local_date

QUARTERS = frozenset({1, 2, 3, 4})
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Tier:
    """``points`` for an average of at least ``least`` a month."""

    least: int
    points: int


@dataclass(frozen=True, slots=True)
class PointRules:
    """The figures of the scoring table; ``first_year`` is the first year they hold for.

    ``summary_due`` is month and day of the next year, that day included.
    """

    first_year: int
    upkeep: int = 5
    web: tuple[Tier, ...] = (Tier(7, 5), Tier(5, 3), Tier(3, 2))
    news: tuple[Tier, ...] = (Tier(3, 5), Tier(2, 3))
    per_original: int = 1
    most_originals: int = 12
    per_quarter: int = 2
    most_quarters: int = 8
    summary: int = 5
    summary_due: tuple[int, int] = (1, 20)
    per_adopted: int = 2
    per_exchange: int = 1
    per_instruction: int = 2
    most_reporting: int = 10
    most_bonus: int = 3
    bonus_counts: bool = False


RULES = (PointRules(first_year=2018),)
"""The shipped rules, oldest first."""


def rules_of(year: int, rules: Iterable[PointRules] = RULES) -> PointRules:
    """The rules that hold for a year.

    :raises ValueError: no rules reach back so far.
    """
    found = [one for one in rules if one.first_year <= year]
    if not found:
        raise ValueError(f"no rules for {year}")
    return max(found, key=lambda one: one.first_year)


def score_point(year: int, inputs: Mapping[str, Any], rules: PointRules | None = None) -> dict[str, int]:
    """The points of a year, item by item; the sums are the sums of their items.

    ``inputs``: ``p`` whether the basic information is complete; ``cols`` updates of the mini-site's
    three columns; ``web`` updates of the page; ``dyn`` news with pictures; ``orig`` originals published
    to the exchange; ``quarters`` of the analyses; ``summary`` when it was submitted (a day, an ISO text,
    or an aware instant; empty: never); ``adopt`` analyses adopted by the magazine; ``internal`` posts for
    internal exchange; ``endorse`` leader's instructions; ``months`` on the register, 12 where not given.

    :raises ValueError: a count is negative, a quarter is none, or the months are not 1 to 12.
    """
    held = rules or rules_of(year)
    months = _count(inputs, "months", MONTHS)
    if not 1 <= months <= MONTHS:
        raise ValueError("months must be 1 to 12")
    upkeep = {
        "A1": held.upkeep if inputs.get("p") and any(number > 0 for number in inputs.get("cols", ())) else 0,
        "A2": _tiered(_count(inputs, "web"), months, held.web),
        "A3": _tiered(_count(inputs, "dyn"), months, held.news),
    }
    research = {
        "B1": min(held.most_originals, held.per_original * _count(inputs, "orig")),
        "B2": min(held.most_quarters, held.per_quarter * len(_quarters(inputs.get("quarters", ())))),
        "B3": held.summary if _in_time(inputs.get("summary"), year, held) else 0,
    }
    raw = (
        held.per_adopted * _count(inputs, "adopt")
        + held.per_exchange * _count(inputs, "internal")
        + held.per_instruction * _count(inputs, "endorse")
    )
    reporting = min(held.most_reporting, raw)
    bonus = min(held.most_bonus, max(0, raw - held.most_reporting))
    total = sum(upkeep.values()) + sum(research.values()) + reporting
    return {
        **upkeep,
        "A_total": sum(upkeep.values()),
        **research,
        "B_total": sum(research.values()),
        "C_raw": raw,
        "C_total": reporting,
        "C_bonus_not_added": bonus if not held.bonus_counts else 0,
        "total": total + (bonus if held.bonus_counts else 0),
    }


def _count(inputs: Mapping[str, Any], name: str, default: int = 0) -> int:
    number = int(inputs.get(name, default))
    if number < 0:
        raise ValueError(f"{name} must not be negative")
    return number


def _tiered(number: int, months: int, tiers: Iterable[Tier]) -> int:
    """The points of the highest tier that the average reaches; compared without dividing."""
    return max((tier.points for tier in tiers if number >= tier.least * months), default=0)


def _quarters(given: Iterable[int]) -> set[int]:
    found = {int(quarter) for quarter in given}
    if not found <= QUARTERS:
        raise ValueError("a quarter is 1 to 4")
    return found


def _in_time(submitted: object, year: int, rules: PointRules) -> bool:
    if not submitted:
        return False
    return _day(submitted) <= dt.date(year + 1, *rules.summary_due)


def _day(given: object) -> dt.date:
    """The day in Shanghai of a day, an ISO text or an instant."""
    moment = dt.datetime.fromisoformat(given) if isinstance(given, str) else given
    if isinstance(moment, dt.datetime):
        return local_date(moment) if moment.tzinfo is not None else moment.date()
    if isinstance(moment, dt.date):
        return moment
    raise TypeError("a submission is a day or an instant")
