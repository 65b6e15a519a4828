"""Sums up one month over the province: run as a process of its own on a database, prints JSON.

The hand-written statement answers the same question straight from the stored figures. Both are sent
through the same connection, in turn, and the medians compared; the numbers must be the same.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, text
from werkzeug.datastructures import MultiDict

from app.infra import context
from app.infra.database import db
from app.infra.lists import ask
from app.infra.lists.query import Page, fetch
from app.infra.types import scaled
from app.kernel.actor import Actor
from app.organisations.accounts import actor_for
from app.reports.summary import summary_list
from tools.bench.measuring import BenchError, measure
from tools.bench.settings import LAST_MONTH, NOON, PROVINCE_ADMIN
from tools.bench.subject import Statements, platform, signed_in

ROUNDS = 25
WARM_UP = 3
SCALE = 4
"""Decimals that the summed amounts are kept with."""
ADDRESS = f"/summaries/?asked=1&period={LAST_MONTH}&by=region"
BY_HAND = """
    SELECT p.code, count(*), sum(f.revenue_m), sum(f.revenue_ytd), sum(f.revenue_ly_m), sum(f.revenue_ly_ytd),
           sum(f.cost_m), sum(f.cost_ytd), sum(f.cost_ly_m), sum(f.cost_ly_ytd)
    FROM figures_sme_monthly_main f
    JOIN enterprise e ON e.id = f.enterprise_id AND e.code_status <> 'test'
    JOIN region p ON p.id = f.prefecture_id
    WHERE f.period = :period AND f.state = 'approved'
    GROUP BY p.code ORDER BY p.code"""


def by_hand() -> list[tuple[int, ...]]:
    """The counts and sums of each prefecture, in the order of their codes."""
    return [tuple(map(int, row[1:])) for row in db.session.execute(text(BY_HAND), {"period": LAST_MONTH.key})]


class Listed:
    """The declared list, as a page of it is fetched."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        args = MultiDict({"asked": "1", "period": str(LAST_MONTH), "by": "region"})
        self.spec = summary_list(actor, args)
        self.asked = ask(self.spec, args, actor, NOON.date())

    def __call__(self) -> Page:
        """The groups with their totals."""
        return fetch(self.spec, self.asked, self.actor, NOON.date())

    def stored(self) -> list[tuple[int, ...]]:
        """The counts and sums as integers of their scale, like ``by_hand``."""
        found = []
        for column, values in zip(self.asked.columns, self().values, strict=True):
            if column.key == "enterprises":
                found.append([int(value) for value in values])
            elif column.kind == "number" and not column.key.endswith("_growth"):
                found.append([scaled(value, SCALE) for value in values])
        return list(zip(*found, strict=True))


def in_turn(*ways: Callable[[], Any]) -> list[float]:
    """The median milliseconds of each way, one after the other in every round."""
    times: list[list[float]] = [[] for _way in ways]
    for number in range(ROUNDS + WARM_UP):
        for place, way in enumerate(ways):
            started = time.perf_counter()
            way()
            if number >= WARM_UP:
                times[place].append((time.perf_counter() - started) * 1000)
    return [round(statistics.median(found), 2) for found in times]


def main() -> int:
    """Command line: ``python -m tools.bench.summaries <database address>``."""
    statements = Statements()
    app = platform(sys.argv[1])
    with app.app_context():
        actor = actor_for(db.session.scalars(select(User.id).where(User.username == PROVINCE_ADMIN)).one())
        if actor is None:
            raise BenchError(f"{PROVINCE_ADMIN} is not there")
        with context.acting_as(actor):
            listed = Listed(actor)
            if listed.stored() != by_hand():
                raise BenchError("the summary and the statement written by hand do not agree")
            ours, plain = in_turn(listed, by_hand)
        db.session.remove()
    client = signed_in(app, PROVINCE_ADMIN)
    page = measure("summary of a month", lambda _number: client.get(ADDRESS), statements)
    with app.app_context():
        db.engine.dispose()
    print(json.dumps({"ours": ours, "by_hand": plain, "page": page.as_json()}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
