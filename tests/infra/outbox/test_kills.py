"""A sender killed in the middle of a stream of mails, and a server that goes away: none lost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from app.infra.database import db
from app.infra.outbox import Delivery, OutboxMessage
from tests.infra.outbox.outbox_app import post_mails
from tests.infra.outbox.places import PATIENCE, ROOT, MailServer

MAILS = 60
ROUNDS = 4
"""Few here; ``tools.torture`` does a hundred."""


def start_sender(app: Flask) -> subprocess.Popen[bytes]:
    command = [
        *(sys.executable, "-m", "tests.infra.outbox.outbox_app"),
        *(str(app.config["DATA_DIR"]), app.config["SQLALCHEMY_DATABASE_URI"], json.dumps(app.config["MAIL"])),
    ]
    with (Path(app.config["DATA_DIR"]) / "sender.log").open("ab") as log:
        return subprocess.Popen(command, cwd=ROOT, stderr=log, env={**os.environ, "PYTHONWARNINGS": "ignore"})


def unsent() -> int:
    db.session.rollback()
    query = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state != Delivery.SENT)
    return db.session.scalar(query) or 0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_no_mail_is_lost_when_senders_and_the_server_are_killed(
    office: Flask, mail_server: MailServer
) -> None:
    chance = random.Random(20_261_120)
    mail_server.kill()
    mail_server.pause = 0.02  # noted, but not yet acknowledged: where a kill makes a duplicate
    mail_server.start()
    names = post_mails(office, MAILS)

    for number in range(ROUNDS):
        before = len(mail_server.letters)
        sender = start_sender(office)
        wait_until(lambda before=before: len(mail_server.letters) > before + 2 or unsent() == 0)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.05))
        sender.kill()
        sender.wait()
        if number % 2:
            mail_server.kill()
            mail_server.start()
    last = start_sender(office)
    wait_until(lambda: unsent() == 0)
    last.kill()
    last.wait()

    came = [name.strip("<>").partition("@")[0] for name, _receiver in mail_server.letters]
    assert set(came) == names
    assert len(came) <= MAILS + 2 * ROUNDS
