"""Accepts five thousand waiting reports at once: run as a process of its own on a database, prints JSON."""

from __future__ import annotations

import json
import sys
import time

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.organisations.accounts import actor_for
from app.reports import bulk
from app.reports.models import Report
from app.reports.workflow import IN_REVIEW
from tools.bench.measuring import BenchError
from tools.bench.settings import NOON, PROVINCE_ADMIN
from tools.bench.subject import platform

REPORTS = 5_000


def leave_waiting() -> None:
    """Let so many screened reports wait, and the others be edited: a day's work, not three years'."""
    waiting = select(Report.id).where(Report.state == IN_REVIEW, Report.screening == "passed")
    kept = waiting.order_by(Report.period.desc(), Report.id).limit(REPORTS)
    db.session.execute(
        update(Report)
        .where(Report.state == IN_REVIEW, Report.id.not_in(kept))
        .values(state="editing", holder_id=None)
        .execution_options(synchronize_session=False)
    )


def accept_all() -> float:
    """Seconds that leapfrog acceptance takes, its commit included."""
    user_id = db.session.scalars(select(User.id).where(User.username == PROVINCE_ADMIN)).one()
    actor = actor_for(user_id)
    if actor is None:
        raise BenchError(f"{PROVINCE_ADMIN} is not there")
    started = time.perf_counter()
    with context.acting_as(actor), unit_of_work():
        outcome = bulk.run(actor, bulk.Choice(bulk.LEAPFROG), NOON)
    seconds = time.perf_counter() - started
    if outcome.done != REPORTS or outcome.skipped:
        raise BenchError(f"{outcome.done} accepted, {outcome.skipped} skipped")
    return seconds


def main() -> int:
    """Command line: ``python -m tools.bench.acceptance <database address>``."""
    app = platform(sys.argv[1])
    with app.app_context():
        with unit_of_work():
            leave_waiting()
        seconds = accept_all()
        db.engine.dispose()
    print(json.dumps({"reports": REPORTS, "seconds": round(seconds, 2)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
