"""A small application with jobs of its own; as a program it is their worker process."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import Table, text

from app.infra.database import db, init_database
from app.infra.files import StoredFile
from app.infra.jobs import (
    Job,
    JobContext,
    JobQueued,
    Outcome,
    OutcomeLine,
    deliver,
    enqueue,
    init_jobs,
    job,
    worker,
)
from app.infra.settings.models import SettingChange
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.clock import SystemClock
from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import Message
from app.organisations.list_columns import ListPreference
from app.organisations.models import Account
from app.organisations.saved_views import SavedView

ROOT = Path(__file__).resolve().parents[2]
FAST = {
    "JOB_LEASE_SECONDS": 30.0,  # tests end leases themselves: a short one runs out on a loaded machine
    "JOB_SWEEP_SECONDS": 0.3,
    "JOB_MAX_ATTEMPTS": 50,
    "JOB_SHUTDOWN_SECONDS": 10,
}


def make_app(data_dir: Path, url: str, **settings: object) -> Flask:
    """An application with database, files and jobs, and nothing else of the product."""
    app = Flask("jobs_app")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=url,
        DATA_DIR=data_dir,
        SECRET_KEY="a secret of the tests",
        QUEUE_URL=os.environ.get("TEST_QUEUE_URL", ""),
        **FAST,
    )
    app.config.update(settings)
    init_database(app)
    init_jobs(app)
    app.extensions["clock"] = SystemClock()
    app.extensions["wiring"] = {"HOOKS": {}, "EVENTS": {JobQueued: [deliver]}, "ACTOR_LOADER": load_actor}
    return app


def create_tables(app: Flask) -> None:
    """The tables that jobs need, two accounts (1 and 2, both active), and the ledger of the tests."""
    tables: list[Table] = [
        db.metadata.tables["ab_user"],
        *_tables(Account, StoredFile, Job, SettingChange, ListPreference, SavedView),
    ]
    with app.app_context():
        db.metadata.create_all(db.engine, tables=tables)
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE test_ledger (job VARCHAR(40), line INTEGER)"))
            for number in (1, 2):
                connection.execute(
                    _insert_user(), {"id": number, "name": f"user{number}", "email": f"{number}@a.test"}
                )
                connection.execute(_insert_account(), {"id": number, "now": "2026-01-01 00:00:00"})


def _tables(*models: type) -> list[Table]:
    return [model.__table__ for model in models]  # type: ignore[attr-defined]


def _insert_user() -> object:
    return text(
        "INSERT INTO ab_user (id, first_name, last_name, username, email) "
        "VALUES (:id, :name, :name, :name, :email)"
    )


def _insert_account() -> object:
    return text(
        "INSERT INTO account (id, user_id, kind, display_name, state, created_at) "
        "VALUES (:id, :id, 'enterprise', '云泽一号', 'active', :now)"
    )


def load_actor(account_id: int) -> Actor | None:
    """The actor of an active account."""
    account = db.session.get(Account, account_id)
    if account is None or account.state != "active":
        return None
    return Actor(kind=Kind(account.kind), name=account.display_name, account_id=account.id)


def ledger(job_id: str) -> list[int]:
    """The lines that a job has written, as committed."""
    db.session.rollback()
    rows = db.session.execute(
        text("SELECT line FROM test_ledger WHERE job = :job ORDER BY line"), {"job": job_id}
    )
    return [row[0] for row in rows]


def add_job(kind: str, actor: Actor, key: str | None = None, **params: object) -> Job:
    """Ask for a job as a view would."""
    with unit_of_work():
        return enqueue(kind, actor, params, key)


@job("test.ledger", title=Message("Test ledger"))
def write_ledger(ctx: JobContext) -> Outcome:
    """Write ``rows`` lines, pausing ``pause`` seconds after each."""
    lines = []
    for line in range(ctx.params["rows"]):
        db.session.execute(
            text("INSERT INTO test_ledger VALUES (:job, :line)"), {"job": ctx.public_id, "line": line}
        )
        ctx.progress(line + 1, ctx.params["rows"])
        time.sleep(ctx.params.get("pause", 0))
        lines.append(
            OutcomeLine(f"第 {line} 行", done=line != 1, message=Message("odd") if line == 1 else None)
        )
    return Outcome.of(Message("{count} lines", count=len(lines)), lines)


@job("test.export", title=Message("Test export"), writes=False)
def write_export(ctx: JobContext) -> Outcome:
    """A file of ``rows`` lines, pausing ``pause`` seconds after each."""
    with ctx.result_file("月报 导出.csv", "text/csv") as draft:
        for line in range(ctx.params["rows"]):
            draft.handle.write(f"{line}\n".encode())
            ctx.progress(line + 1, ctx.params["rows"])
            time.sleep(ctx.params.get("pause", 0))
    return Outcome(Message("exported"))


@job("test.refuse", title=Message("Test refusal"))
def refuse(ctx: JobContext) -> Outcome:
    """Write a line, then refuse."""
    db.session.execute(text("INSERT INTO test_ledger VALUES (:job, 0)"), {"job": ctx.public_id})
    if ctx.params.get("invalid"):
        raise Invalid([Problem(Message("too small"), "row 3"), Problem(Message("too big"), "row 4")])
    raise Conflict(Message("{unit} is frozen", unit="云泽"))


@job("test.fault", title=Message("Test fault"))
def fault(ctx: JobContext) -> Outcome:
    """Write a line, then break."""
    db.session.execute(text("INSERT INTO test_ledger VALUES (:job, 0)"), {"job": ctx.public_id})
    raise RuntimeError("a secret detail")


@job("test.who", title=Message("Test actor"))
def who(ctx: JobContext) -> Outcome:
    """Say as whom the job ran."""
    return Outcome(
        Message("{kind} {name} {source}", kind=ctx.actor.kind, name=ctx.actor.name, source=ctx.actor.source)
    )


def main() -> None:
    """The worker process: data directory and database address are its arguments."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    parent = int(sys.argv[3]) if len(sys.argv) > 3 else None
    worker.run(make_app(Path(sys.argv[1]), sys.argv[2]), parent)


if __name__ == "__main__":
    # The kinds were registered by this module as __main__; that is where the worker looks for them.
    main()
