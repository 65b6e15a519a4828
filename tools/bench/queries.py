"""Opens the first page of each standard query: run as a process of its own on a database, prints JSON.

Beside each stands a statement written by hand over the stored tables, for the same month and place.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from werkzeug.test import Client, TestResponse

from app.infra.database import db
from tools.bench.measuring import Measured, measure, must_contain
from tools.bench.settings import LAST_MONTH, PROVINCE_ADMIN
from tools.bench.subject import Statements, platform, signed_in
from tools.bench.summaries import BY_HAND as SUMMARY

ROUNDS, WARM_UP = 25, 3

ENTERPRISES = """
    SELECT e.name, u.username, r.full_name, c.name, e.size, e.contact_name, (SELECT count(*) FROM enterprise)
    FROM (SELECT * FROM enterprise ORDER BY name LIMIT 50) e
    LEFT JOIN account a ON a.id = e.account_id LEFT JOIN ab_user u ON u.id = a.user_id
    JOIN region r ON r.id = e.region_id JOIN control_type c ON c.id = e.control_type_id ORDER BY e.name"""
NOT_REPORTED = """
    SELECT p.*, r.full_name, i.name FROM (
        SELECT e.name, e.region_id, e.industry_id, e.contact_name, t.state, count(*) OVER () AS total
        FROM enterprise e LEFT JOIN report t ON t.enterprise_id = e.id AND t.period = :period
        WHERE e.state = 'active' AND e.code_status <> 'test'
          AND (t.id IS NULL OR t.state IN ('editing', 'frozen', 'unfrozen', 'returned'))
        ORDER BY e.name LIMIT 50) p
    JOIN region r ON r.id = p.region_id JOIN industry i ON i.id = p.industry_id ORDER BY p.name"""
DETAILS = """
    SELECT e.name, r.full_name, i.name, p.*, t.filled_via FROM (
        SELECT f.enterprise_id, f.report_id, f.region_id, f.industry_code, f.state,
               f.revenue_m, f.revenue_ytd, f.revenue_ly_m, f.revenue_ly_ytd,
               f.cost_m, f.cost_ytd, f.cost_ly_m, f.cost_ly_ytd,
               count(*) OVER () AS total
        FROM figures_sme_monthly_main f
        JOIN enterprise e ON e.id = f.enterprise_id AND e.code_status <> 'test'
        WHERE f.period = :period AND f.state = 'approved'
        ORDER BY f.revenue_ytd DESC LIMIT 50) p
    JOIN report t ON t.id = p.report_id JOIN enterprise_version e ON e.id = t.enterprise_version_id
    JOIN region r ON r.id = p.region_id JOIN industry i ON i.code = p.industry_code
    ORDER BY p.revenue_ytd DESC"""
PRODUCT_ROWS = """
    SELECT e.name, r.full_name, p.* FROM (
        SELECT g.*, count(*) OVER () AS total FROM figures_sme_monthly_products g
        JOIN enterprise e ON e.id = g.enterprise_id AND e.code_status <> 'test'
        WHERE g.period = :period AND g.state = 'approved'
        ORDER BY g.enterprise_id, g.row_no LIMIT 50) p
    JOIN report t ON t.id = p.report_id JOIN enterprise_version e ON e.id = t.enterprise_version_id
    JOIN region r ON r.id = p.region_id ORDER BY p.enterprise_id, p.row_no"""
STANDINGS = """
    SELECT {group}, count(*),
           count(*) FILTER (WHERE t.state IN ('in_review', 'approved') AND t.submitted_at < :until),
           count(*) FILTER (WHERE t.state IN ('in_review', 'approved') AND NOT t.late),
           count(*) FILTER (WHERE t.approved_at < :until),
           count(*) FILTER (WHERE b.state IN ('in_review', 'approved') AND b.submitted_at < :earlier)
    FROM enterprise e {joined}
    LEFT JOIN report t ON t.enterprise_id = e.id AND t.period = :period
    LEFT JOIN report b ON b.enterprise_id = e.id AND b.period = :before
    WHERE e.state = 'active' AND e.code_status <> 'test'
    GROUP BY {group} ORDER BY {group}"""
RANKING = STANDINGS.format(group="p.code", joined="JOIN region p ON p.id = e.prefecture_id")
ANALYSIS = STANDINGS.format(group="e.size", joined="")
YEAR = """
    SELECT e.name, p.full_name, t.period, t.state, (SELECT count(*) FROM enterprise)
    FROM (SELECT id, name, region_id FROM enterprise WHERE state = 'active' AND code_status <> 'test'
          ORDER BY name LIMIT 50) e
    JOIN region p ON p.id = e.region_id
    LEFT JOIN report t ON t.enterprise_id = e.id AND t.period BETWEEN :first AND :last
    ORDER BY e.name, t.period"""
YEAR_COUNTS = """
    SELECT p.code, t.period, count(*) FILTER (WHERE t.state IN ('in_review', 'approved')),
           count(*) FILTER (WHERE t.state = 'approved')
    FROM report t JOIN enterprise e ON e.id = t.enterprise_id AND e.code_status <> 'test'
    JOIN region p ON p.id = e.prefecture_id
    WHERE t.period BETWEEN :first AND :last GROUP BY p.code, t.period ORDER BY p.code, t.period"""


@dataclass(frozen=True, slots=True)
class Query:
    """A page of the product, and the statement that answers its question straight from the tables."""

    name: str
    address: str
    by_hand: str
    values: Mapping[str, Any] = field(default_factory=dict)


def queries() -> tuple[Query, ...]:
    """The standard queries, asked by the admin of the province about the newest month or its year.

    企业信息变更查询 has no rows in the world of the bench, and the list of outliers takes fewer figures
    than a province has in a month: neither is measured.
    """
    month = {"period": LAST_MONTH.key}
    months = {**month, "before": LAST_MONTH.previous().key}
    days = {
        "until": dt.datetime(2026, 12, 15, 16, tzinfo=dt.UTC),
        "earlier": dt.datetime(2026, 11, 15, 16, tzinfo=dt.UTC),
    }
    year = {"first": LAST_MONTH.year * 100 + 1, "last": LAST_MONTH.year * 100 + 12}
    return (
        Query("1 enterprises", "/enterprise-query/", ENTERPRISES),
        Query("2 not reported", f"/nonreporters/?asked=1&period={LAST_MONTH}", NOT_REPORTED, month),
        Query(
            "4 details",
            f"/queries/details/?asked=1&state=approved&period_from={LAST_MONTH}&period_to={LAST_MONTH}",
            DETAILS,
            month,
        ),
        Query("5 summary", f"/summaries/?asked=1&period={LAST_MONTH}&by=region", SUMMARY, month),
        Query(
            "6 products",
            f"/queries/products/?asked=1&state=approved&period={LAST_MONTH}",
            PRODUCT_ROWS,
            month,
        ),
        Query("7 ranking", f"/queries/ranking/?asked=1&period={LAST_MONTH}", RANKING, {**months, **days}),
        Query("8 a year", f"/queries/year/?asked=1&year={LAST_MONTH.year}", YEAR, year),
        Query(
            "9 counts of a year", f"/queries/year-counts/?asked=1&year={LAST_MONTH.year}", YEAR_COUNTS, year
        ),
        Query(
            "10 analysis",
            f"/queries/analysis/?asked=1&period={LAST_MONTH}&by=size",
            ANALYSIS,
            {**months, **days},
        ),
    )


def by_hand(query: Query) -> float:
    """The median milliseconds of the statement, with its rows fetched."""
    times = []
    for number in range(ROUNDS + WARM_UP):
        started = time.perf_counter()
        db.session.execute(text(query.by_hand), dict(query.values)).all()
        if number >= WARM_UP:
            times.append((time.perf_counter() - started) * 1000)
    db.session.rollback()
    return round(statistics.median(times), 2)


def page(client: Client, query: Query, statements: Statements) -> Measured:
    """The first page, as a user gets it."""
    send = functools.partial(_open, client, query.address)
    must_contain(send(0), ("<tbody",))
    return measure(query.name, send, statements)


def _open(client: Client, address: str, _number: int) -> TestResponse:
    return client.get(address)


def main() -> int:
    """Command line: ``python -m tools.bench.queries <database address>``."""
    statements = Statements()
    app = platform(sys.argv[1])
    client = signed_in(app, PROVINCE_ADMIN)
    found = []
    for query in queries():
        shown = page(client, query, statements)
        with app.app_context():
            plain = by_hand(query)
        found.append({**shown.as_json(), "by_hand": plain})
    with app.app_context():
        db.engine.dispose()
    print(json.dumps({"queries": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
