"""Reports of two months with invented histories, and what plain SQL says of them by their history alone."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from sqlalchemy import select, text

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import SHANGHAI
from app.kernel.periods import Month
from app.organisations.models import Region
from tests.factories.histories import Step, enterprises, invented, put

OCTOBER, SEPTEMBER = Month(2026, 10), Month(2026, 9)
TODAY = dt.date(2026, 11, 20)
HANGZHOU, NINGBO = "杭州市", "宁波市"
STATE_AT = """(SELECT s.target FROM report_step s WHERE s.report_id = r.id AND s.at < :until
               ORDER BY s.at DESC, s.id DESC LIMIT 1)"""
REPORTED = f"{STATE_AT} IN ('in_review', 'approved')"
FIRST_SENT = "(SELECT min(s.at) FROM report_step s WHERE s.report_id = r.id AND s.verb = 'submit')"
USUAL = ("1=1", REPORTED, f"{REPORTED} AND {FIRST_SENT} < :deadline", f"{STATE_AT} = 'approved'")
"""Due, reported, reported on time, approved."""


def at(day: int, hour: int = 10, month: int = 11) -> dt.datetime:
    """An hour in Shanghai."""
    return dt.datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def sent(day: int, hour: int = 10, month: int = 11) -> list[Step]:
    """The steps of a report that was saved and handed in."""
    when = at(day, hour, month)
    return [Step(when, "save", "editing"), Step(when, "submit", "in_review")]


def of(prefecture: str) -> list[Enterprise]:
    """The enterprises of a prefecture."""
    place = db.session.scalars(select(Region.id).where(Region.name == prefecture)).one()
    return [found for found in enterprises() if found.prefecture_id == place]


def invent_reports() -> None:
    """Both months of every enterprise, a few without a report."""
    chance = random.Random(7)
    with unit_of_work():
        for enterprise in enterprises():
            put(enterprise, OCTOBER, invented(chance, at(2), 18))
            put(enterprise, SEPTEMBER, invented(chance, at(2, month=10), 18))


def plain(
    group: str, month: Month, until: dt.datetime, counts: tuple[str, ...] = USUAL, where: str = "1=1"
) -> dict[Any, tuple[int, ...]]:
    """Group → how many enterprises each condition holds for; ``e``, ``r``, ``v`` and ``i`` are the tables."""
    deadline = at(16, 0, month=month.next().month)
    query = f"""
        SELECT {group}, {", ".join(f"sum(CASE WHEN {count} THEN 1 ELSE 0 END)" for count in counts)}
        FROM enterprise e LEFT JOIN report r ON r.enterprise_id = e.id AND r.period = :period
        LEFT JOIN enterprise_version v ON v.id = COALESCE(r.enterprise_version_id, e.current_version_id)
        LEFT JOIN industry i ON i.id = v.industry_id LEFT JOIN control_type c ON c.id = v.control_type_id
        WHERE e.state = 'active' AND e.code_status <> 'test' AND {where}
        GROUP BY {group}"""
    values = {"until": instant(until), "deadline": instant(deadline), "period": month.key}
    return {row[0]: tuple(map(int, row[1:])) for row in db.session.execute(text(query), values)}


def instant(when: dt.datetime) -> Any:
    """An instant as the database keeps it."""
    utc = when.astimezone(dt.UTC)
    return utc.strftime("%Y-%m-%d %H:%M:%S.%f") if db.engine.dialect.name == "sqlite" else utc
