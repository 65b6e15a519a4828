"""Measures the platform on a database that is there: run as a process of its own, prints JSON."""

from __future__ import annotations

import functools
import gc
import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from werkzeug.test import Client, TestResponse

from app import create_app
from app.infra.database import db
from app.kernel.clock import MovableClock
from tools.bench.measuring import BenchError, Measured, caller, measure, memory, must_contain
from tools.bench.settings import (
    COLUMNS,
    FORM,
    INDICATORS,
    LAST_MONTH,
    NOON,
    OPEN_ENTERPRISE,
    OPEN_GRID,
    PASSWORD,
    PREFECTURE_ADMIN,
    SECTION,
)

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
GRID_DATA = re.compile(r'<script type="application/json" id="grid-data"[^>]*>(.*?)</script>', re.DOTALL)
LIST = f"/reports/?asked=1&period={LAST_MONTH}&cols={COLUMNS}&psize=50"
GRID = f"/filing/{FORM}/{LAST_MONTH}/{SECTION}"
SORTS = {"by submission": "-submitted", "by a figure": "-revenue", "by name": "enterprise"}


class Statements:
    """Counts what every engine of this process is sent."""

    def __init__(self) -> None:
        self.count = 0
        event.listen(Engine, "before_cursor_execute", self._add)

    def _add(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        # on PostgreSQL the driver begins unseen; so that both count alike, SQLite's BEGIN is left out
        self.count += not statement.startswith("BEGIN")

    def __call__(self) -> int:
        """How many so far."""
        return self.count


def platform(url: str) -> Any:
    """The application as a web process has it, at a fixed time.

    Rate limits are off: a bench is more eager than any user.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    app = create_app(
        {"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": folder, "LOG_LEVEL": "WARNING", "DEMO": True}
    )
    app.extensions["clock"] = MovableClock(NOON)
    gc.freeze()  # as run.py does for web processes
    return app


def signed_in(app: Any, username: str) -> Client:
    """A browser with a session."""
    client = caller(app)
    answer = client.get("/login/")
    form = {"username": username, "password": PASSWORD, "csrf_token": token(answer)}
    if client.post("/login/", data=form).status_code != 302:
        raise BenchError(f"{username} cannot sign in")
    return client


def token(answer: TestResponse) -> str:
    """The token that a page carries against forged requests."""
    found = TOKEN.search(answer.get_data(as_text=True))
    if found is None:
        raise BenchError("the page has no CSRF token")
    return found[1]


def measure_lists(app: Any, statements: Statements) -> list[Measured]:
    """One month in one prefecture, fifty rows of twelve columns, each way to sort."""
    client = signed_in(app, PREFECTURE_ADMIN)
    found = []
    for name, sort in SORTS.items():
        send = functools.partial(_open, client, f"{LIST}&sort={sort}")
        must_contain(send(0), ("<tbody", "填报人"))
        found.append(measure(f"list {name}", send, statements))
    return found


def _open(client: Client, address: str, _number: int) -> TestResponse:
    return client.get(address)


def measure_filing(app: Any, statements: Statements) -> list[Measured]:
    """Opening the grid of a month that is not begun, then saving a draft of it again and again."""
    client = signed_in(app, OPEN_ENTERPRISE)
    page = client.get(GRID)
    grid = _grid(page)
    if len(grid["indicators"]) != INDICATORS:
        raise BenchError(f"the grid has {len(grid['indicators'])} indicators")
    opened = measure(OPEN_GRID, functools.partial(_open, client, GRID), statements)
    headers = {"X-CSRFToken": token(page), "Accept": "application/json"}
    cells = {
        f"{indicator['code']}.{cell}": indicator["values"].get(cell, "100")
        for indicator in grid["indicators"]
        for cell in indicator["cells"]
    }
    lock = {"version": grid["version"]}

    def save(number: int) -> TestResponse:
        """All cells, one of them changed, as the page sends them."""
        body = {**lock, "cells": {**cells, next(iter(cells)): str(1000 + number)}}
        answer = client.post(f"{GRID}/save", json=body, headers=headers)
        if answer.is_json and answer.json:
            lock["version"] = answer.json.get("version", lock["version"])
        return answer

    return [opened, measure("save a draft", save, statements)]


def _grid(page: TestResponse) -> dict[str, Any]:
    found = GRID_DATA.search(page.get_data(as_text=True))
    if found is None:
        raise BenchError("the grid page has no data")
    state: dict[str, Any] = json.loads(found[1])
    return state


def main() -> int:
    """Command line: ``python -m tools.bench.subject <database address>``."""
    statements = Statements()
    app = platform(sys.argv[1])
    at_start = statements()
    caller(app).get("/login/")
    idle = memory("VmRSS")
    requests = [*measure_lists(app, statements), *measure_filing(app, statements)]
    with app.app_context():
        db.engine.dispose()
    result = {
        "requests": [found.as_json() for found in requests],
        "statements_at_start": at_start,
        "memory_idle": round(idle, 1),
        "memory_above_idle": round(memory("VmHWM") - idle, 1),
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
