"""The product as the torture runs it: short leases, and a job of its own that takes numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from app import create_app
from app.infra.database import db, is_postgresql
from app.infra.jobs import JobContext, Outcome, job
from app.kernel.texts import Message

SETTINGS: dict[str, Any] = {
    "JOB_LEASE_SECONDS": 6.0,
    "JOB_SWEEP_SECONDS": 0.5,
    "JOB_MAX_ATTEMPTS": 1000,
    "JOB_SHUTDOWN_SECONDS": 10,
    "OUTBOX_LEASE_SECONDS": 0.6,
    "OUTBOX_POLL_SECONDS": 0.2,
    "OUTBOX_PAUSE_SECONDS": 0.2,
    "OUTBOX_MAX_ATTEMPTS": 1000,
    "LOG_LEVEL": "WARNING",
}

COUNTER = "CREATE TABLE IF NOT EXISTS torture_counter (value INTEGER NOT NULL)"
LEDGER = "CREATE TABLE IF NOT EXISTS torture_ledger (job VARCHAR(40) NOT NULL, line INTEGER NOT NULL)"


@job("torture.number", title=Message("Torture: number"))
def take_number(ctx: JobContext) -> Outcome:
    """Read the counter, then write it: the pattern that gave 1,266 duplicates of 1,920 without care."""
    lock = " FOR UPDATE" if is_postgresql() else ""
    value = db.session.execute(text(f"SELECT value FROM torture_counter{lock}")).scalar_one() + 1  # noqa: S608 - own text
    db.session.execute(text("UPDATE torture_counter SET value = :value"), {"value": value})
    db.session.execute(text("INSERT INTO torture_ledger VALUES ('number', :line)"), {"line": value})
    return Outcome(Message("number {value}", value=value))


def make_app(url: str = "", data_dir: Path | None = None, **settings: Any) -> Flask:
    """The product with the settings of the torture; of the environment unless told."""
    place = {"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": data_dir} if data_dir else {}
    return create_app({**SETTINGS, **place, **settings})
