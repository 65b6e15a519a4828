"""A small application with nothing but an outbox; as a program it is a sender that can be killed."""

from __future__ import annotations

import json
import logging
import sys
import threading
from pathlib import Path
from typing import Any

from flask import Flask

from app.infra.database import db, init_database
from app.infra.outbox import Channel, OutboxMessage, init_outbox, post
from app.infra.outbox.sender import run_senders
from app.infra.transactions import unit_of_work
from app.kernel.clock import SystemClock
from app.organisations.models import Account

FAST = {
    "OUTBOX_LEASE_SECONDS": 1.0,
    "OUTBOX_POLL_SECONDS": 0.05,
    "OUTBOX_PAUSE_SECONDS": 0.2,
    "OUTBOX_BATCH": 5,
    "OUTBOX_MAX_ATTEMPTS": 12,
}


def make_app(data_dir: Path, url: str, **settings: Any) -> Flask:
    """An application with database and outbox only."""
    app = Flask("outbox_app")
    app.config.update(SQLALCHEMY_DATABASE_URI=url, DATA_DIR=data_dir, **{**FAST, **settings})
    init_database(app)
    init_outbox(app)
    app.extensions["clock"] = SystemClock()
    app.extensions["wiring"] = {"HOOKS": {}, "EVENTS": {}}
    return app


def create_tables() -> None:
    """The tables that an outbox needs."""
    models = (Account, OutboxMessage)
    tables = [db.metadata.tables["ab_user"], *(model.__table__ for model in models)]
    db.metadata.create_all(db.engine, tables=tables)  # type: ignore[arg-type]


def post_mails(app: Flask, count: int) -> set[str]:
    """Post so many mails in one transaction; gives their names."""
    clock = app.extensions["clock"]
    with unit_of_work():
        posted = [
            post(
                Channel.EMAIL,
                f"reader{number}@reader.example",
                f"第 {number} 封",
                purpose="test",
                subject="通知",
                now=clock.now(),
            )
            for number in range(count)
        ]
        return {message.public_id for message in posted}


def main() -> None:
    """The sender process: data directory, database address and mail settings are its arguments."""
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    app = make_app(Path(sys.argv[1]), sys.argv[2], MAIL=json.loads(sys.argv[3]))
    run_senders(app, threading.Event())


if __name__ == "__main__":
    main()
