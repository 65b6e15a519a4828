"""Everything at once: reading, writing, exporting and jobs, with four web workers and two job workers."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx
from flask import Flask
from sqlalchemy import text

from app.infra.database import db
from app.infra.jobs import enqueue
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from tools.torture.instance import Instance, kill
from tools.torture.product import COUNTER, LEDGER, make_app
from tools.torture.verdict import Verdict
from tools.torture.visitor import Visitor, crawl

REQUESTS = 20_000
NUMBERS = 1000
THREADS = 8
TIME_LIMIT = 1800.0
PATIENCE = 180.0
ACCOUNTS = ("province", "prefecture", "county", "enterprise", "admin", "auditor")
SIZES = ("normal", "large", "larger")
EXPECTED = frozenset({200, 302, 304, 400, 403, 404, 409, 410, 422})
"""Refusals belong to the game: two sessions of one account change the same report. Faults and 429 do not."""

_LOCK = re.compile(r'name="version" value="(\d+)"')
_VERSION = re.compile(r'"version":\s*(\d+)')
_STEP = re.compile(r"^/filing/[a-z0-9_]+/\d{4}-\d{2}/[a-z0-9_]+$")
_REPORT = re.compile(r"^/reports/(\d+)$")


@dataclass
class Crowd:
    """What the threads share."""

    instance: Instance
    password: str
    verdict: Verdict
    left: int
    ends: float
    pages: dict[str, list[str]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Whether another request is wanted."""
        with self.lock:
            self.left -= 1
            return self.left >= 0 and time.monotonic() < self.ends

    def note(self, what: str, status: int) -> None:
        """Count an answer."""
        with self.lock:
            self.verdict.counted += 1
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status not in EXPECTED:
                self.verdict.fault(f"{status} {what}")


def mix(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """The requests, while jobs take numbers."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    workers = [instance.start_worker() for _ in range(2)]
    wished = max(1, round(REQUESTS * share))
    crowd = Crowd(
        instance,
        str(app.config["DEMO_PASSWORD"]),
        Verdict("mixed requests", wished),
        wished,
        time.monotonic() + TIME_LIMIT,
    )
    numbers = Verdict("numbers taken by jobs", max(1, round(NUMBERS * share)))
    started = time.monotonic()
    _ask_for_numbers(app, numbers.wished)
    for account in ACCOUNTS:
        visitor = Visitor(instance, account).sign_in(crowd.password)
        crowd.pages[account] = crawl(visitor, 40)[0]
        visitor.close()
    _all_at_once(crowd, chance)
    crowd.verdict.seconds = time.monotonic() - started
    counts = ", ".join(f"{status}: {count}" for status, count in sorted(crowd.statuses.items()))
    crowd.verdict.notes.append(f"{wished / crowd.verdict.seconds:.0f} a second; {counts}")
    _count_numbers(app, numbers)
    numbers.seconds = time.monotonic() - started
    for worker in workers:
        kill(worker)
    return [crowd.verdict, numbers]


def _all_at_once(crowd: Crowd, chance: random.Random) -> None:
    threads = [
        threading.Thread(
            target=_visit, args=(crowd, ACCOUNTS[number % len(ACCOUNTS)], random.Random(chance.random()))
        )
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _visit(crowd: Crowd, account: str, chance: random.Random) -> None:
    visitor = Visitor(crowd.instance, account).sign_in(crowd.password)
    moves = _moves(visitor, crowd.pages[account])
    weights = [move.weight for move in moves]
    while crowd.take():
        move = chance.choices(moves, weights)[0]
        try:
            answer = move.make(chance)
        except httpx.HTTPError as error:
            crowd.note(f"{account} {move.name}: {type(error).__name__}", 599)
        else:
            asked = answer.request
            crowd.note(
                f"{account} {move.name}: {asked.method} {asked.url.raw_path.decode()}", answer.status_code
            )
    visitor.close()


@dataclass(frozen=True, slots=True)
class Move:
    """What a user does, how often among the others, and how."""

    name: str
    weight: int
    make: Callable[[random.Random], httpx.Response]


def _moves(visitor: Visitor, pages: Sequence[str]) -> list[Move]:
    """What the user of a session can do on the pages that it reaches."""
    moves = [
        Move("reads", 70, lambda chance: visitor.get(chance.choice(pages))),
        Move("sets the text size", 8, lambda chance: _set_size(visitor, chance)),
    ]
    steps = [page for page in pages if _STEP.match(page)]
    if steps:
        moves.append(Move("saves a draft", 15, lambda chance: _save(visitor, chance.choice(steps), chance)))
    reports = [page for page in pages if _REPORT.match(page)]
    if reports and visitor.account in {"county", "prefecture", "province"}:
        moves.append(Move("reviews", 8, lambda chance: _review(visitor, chance.choice(reports), chance)))
    lists = [page for page in pages if page in {"/reports/", "/enterprises/list/"}]
    if lists:
        export = {"format": "csv", "columns": "shown"}
        moves.append(Move("exports", 3, lambda chance: visitor.post(chance.choice(lists), export)))
    return moves


def _set_size(visitor: Visitor, chance: random.Random) -> httpx.Response:
    return visitor.post("/preferences/text-size", {"size": chance.choice(SIZES)})


def _save(visitor: Visitor, page: str, chance: random.Random) -> httpx.Response:
    opened = visitor.get(page)
    found = _VERSION.search(opened.text)
    cells = {"revenue.m": str(chance.randrange(10_000)), "revenue.ytd": str(chance.randrange(10_000, 90_000))}
    body = {"version": int(found.group(1)) if found else 0, "cells": cells}
    return visitor.post_json(f"{page}/save", body)


def _review(visitor: Visitor, page: str, chance: random.Random) -> httpx.Response:
    report = _REPORT.match(page)
    opened = visitor.get(page)
    found = _LOCK.search(opened.text)
    if report is None or found is None:
        return opened
    verb = chance.choice(("accept", "return"))
    form = {"version": found.group(1), "comment": "请核对本月数据"}
    return visitor.post(f"/review/{report.group(1)}/{verb}", form)


def _ask_for_numbers(app: Flask, count: int) -> None:
    with app.app_context():
        with unit_of_work():
            db.session.execute(text(LEDGER))
            db.session.execute(text(COUNTER))
            if db.session.execute(text("SELECT count(*) FROM torture_counter")).scalar_one() == 0:
                db.session.execute(text("INSERT INTO torture_counter (value) VALUES (0)"))
            for _ in range(count):
                enqueue("torture.number", SYSTEM, {})
        db.session.remove()


def _count_numbers(app: Flask, verdict: Verdict) -> None:
    """Read-then-write by many: each number once, none left out."""
    taken: list[int] = []
    deadline = time.monotonic() + PATIENCE
    with app.app_context():
        while len(taken) < verdict.wished and time.monotonic() < deadline:
            time.sleep(0.2)
            db.session.rollback()
            query = text("SELECT line FROM torture_ledger WHERE job = 'number' ORDER BY line")
            taken = [row[0] for row in db.session.execute(query)]
        db.session.remove()
        db.engine.dispose()
    verdict.counted = len(taken)
    if taken != list(range(1, len(taken) + 1)):
        verdict.fault(
            f"{len(taken)} numbers, {len(set(taken))} different, highest {taken[-1] if taken else 0}"
        )
