"""Opens the first page of each standard query: run as a process of its own on a database, prints JSON.

Beside each stands a statement written by hand over the stored tables, for the same month and place.
"""

from __future__ import annotations

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

ROUNDS, WARM_UP = 25, 3


@dataclass(frozen=True, slots=True)
class Query:
    """A page of the product, and the statement that answers its question straight from the tables."""

    name: str
    address: str
    by_hand: str
    values: Mapping[str, Any] = field(default_factory=dict)


def queries() -> tuple[Query, ...]:
    """The standard queries, asked by the admin of the province about the newest month."""
    month = {"period": LAST_MONTH.key}
    return (
        Query(
            "5 monthly summary",
            f"/summaries/?asked=1&period={LAST_MONTH}&by=region",
            """
            SELECT p.code, count(*), sum(f.revenue_m), sum(f.revenue_ytd), sum(f.revenue_ly_m),
                   sum(f.revenue_ly_ytd), sum(f.cost_m), sum(f.cost_ytd), sum(f.cost_ly_m), sum(f.cost_ly_ytd)
            FROM figures_sme_monthly_main f
            JOIN enterprise e ON e.id = f.enterprise_id AND e.code_status <> 'test'
            JOIN region p ON p.id = f.prefecture_id
            WHERE f.period = :period AND f.state = 'approved'
            GROUP BY p.code ORDER BY p.code""",
            month,
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
