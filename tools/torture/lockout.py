"""Wrong passwords at the same moment: every one is counted, the account is locked, and no session opens."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.organisations.authentication import FAILURES_BEFORE_LOCK, count_failure
from app.organisations.models import Account
from tools.torture.instance import Instance
from tools.torture.product import make_app
from tools.torture.verdict import Verdict
from tools.torture.visitor import token_of

FAILURES = 120
THREADS = 12
ROUNDS = 5
NAME = "county2"
WRONG = "not-the-password-1"


def lock_out(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Count failures in parallel in the service, then knock with wrong passwords at four web workers."""
    app = make_app(instance.url, instance.data_dir)
    instance.serve()
    rounds = max(1, round(ROUNDS * share))
    counting = Verdict("lock-out: failures counted", rounds * FAILURES)
    knocking = Verdict("lock-out: over HTTP", rounds)
    with app.app_context():
        for _round in range(rounds):
            _count_in_parallel(app, counting)
            _knock(instance, knocking)
        _forget()
        db.session.remove()
        db.engine.dispose()
    return [counting, knocking]


def _count_in_parallel(app: Flask, verdict: Verdict) -> None:
    started = time.monotonic()
    _forget()
    _together(lambda: _fail(app), FAILURES, THREADS)
    failures, locked = _state()
    verdict.counted += failures
    if failures != FAILURES:
        verdict.fault(f"{FAILURES} failures at once were counted as {failures}")
    if not locked:
        verdict.fault(f"{failures} failures did not lock the account")
    verdict.seconds += time.monotonic() - started


def _fail(app: Flask) -> None:
    with app.app_context():
        count_failure(NAME, app.extensions["clock"].now())
        db.session.remove()


def _knock(instance: Instance, verdict: Verdict) -> None:
    """Wrong passwords over HTTP: the first are looked at, the others meet the captcha; no session opens."""
    started = time.monotonic()
    _forget()
    answers: Counter[int] = Counter()

    def sign_in() -> None:
        with httpx.Client(base_url=instance.base, timeout=60) as client:
            token = token_of(client.get("/login/").text)
            form = {"username": NAME, "password": WRONG, "csrf_token": token}
            answers[client.post("/login/", data=form, headers={"Origin": instance.base}).status_code] += 1

    _together(sign_in, THREADS * 2, THREADS)
    failures, locked = _state()
    if set(answers) != {422}:
        verdict.fault(f"wrong passwords were answered {dict(answers)}")
    if failures >= FAILURES_BEFORE_LOCK and not locked:
        verdict.fault(f"{failures} failures did not lock the account")
    verdict.counted += 1
    verdict.seconds += time.monotonic() - started


def _together(work: Callable[[], None], times: int, threads: int) -> None:
    barrier = threading.Barrier(threads)

    def run() -> None:
        barrier.wait()
        for _time in range(times // threads):
            work()

    running = [threading.Thread(target=run) for _number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def _account() -> Any:
    named = select(Account.id).join(User, User.id == Account.user_id).where(User.username == NAME)
    return named.scalar_subquery()


def _state() -> tuple[int, bool]:
    db.session.rollback()
    row = db.session.execute(
        select(Account.failed_sign_ins, Account.locked_until).where(Account.id == _account())
    ).one()
    db.session.rollback()
    return row.failed_sign_ins, row.locked_until is not None


def _forget() -> None:
    with unit_of_work():
        db.session.execute(
            update(Account)
            .where(Account.id == _account())
            .values(failed_sign_ins=0, locked_until=None)
            .execution_options(synchronize_session=False)
        )
