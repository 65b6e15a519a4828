"""kill -9 of a worker that sends mail, and a mail server that goes away: none lost, copies by one name."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, update

from app.infra.database import db
from app.infra.jobs.service import machine_now
from app.infra.outbox import Channel, Delivery, OutboxMessage, post
from app.infra.transactions import unit_of_work
from tools.mail_server import received
from tools.ports import free_port
from tools.torture.instance import ROOT, Instance, kill
from tools.torture.product import make_app
from tools.torture.verdict import Verdict

ROUNDS = 100
OUTAGES = 10
MAILS = 15
"""Mails for each round: 1,500 in all."""

PAUSE = 0.01
"""Seconds between the server's note of a mail and its yes: where a kill makes a copy."""

LONGEST_ROUND = 0.4
LONGEST_START = 5.0
"""Seconds in which a worker has usually sent its first mail: one that is killed before proves nothing."""

PATIENCE = 60.0
"""Seconds without any mail after which the rest counts as lost."""

PURPOSE = "torture"
SENDER = "platform@service.example"


@dataclass
class Server:
    """The mail server, to be killed and started again on its port."""

    port: int
    notes: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "tools.mail_server", str(self.port), str(self.notes)]
        self.process = subprocess.Popen([*command, "--pause", str(PAUSE)], cwd=ROOT)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise RuntimeError("the mail server does not answer")

    @property
    def size(self) -> int:
        """How much it has noted."""
        return self.notes.stat().st_size if self.notes.exists() else 0

    def kill(self) -> None:
        """Take it away in the middle of whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def kill_senders(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """Post, send, kill; at the end everything that was posted must have come."""
    rounds, outages = max(1, round(ROUNDS * share)), max(1, round(OUTAGES * share))
    server = Server(free_port(), instance.data_dir / "letters.txt")
    instance.with_settings(
        MAIL_HOST="127.0.0.1", MAIL_PORT=str(server.port), MAIL_SECURITY="none", MAIL_FROM=SENDER
    )
    mail = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": SENDER}
    mail |= {"user": "", "password": "", "timeout": 10.0}
    app = make_app(instance.url, instance.data_dir, MAIL=mail)
    verdict = Verdict(f"kill -9, mails, {outages} outages", rounds * MAILS)
    try:
        server.start()
        with app.app_context():
            away = set(chance.sample(range(rounds), min(outages, rounds)))
            posted: dict[str, str] = {}
            for number in range(rounds):
                posted |= _post(number)
                _round(instance, server, chance, outage=number in away)
            _send_the_rest(instance, verdict)
            _compare(verdict, posted, received(server.notes))
            db.session.remove()
            db.engine.dispose()
    finally:
        server.kill()
        instance.with_settings()
    return [verdict]


def _post(number: int) -> dict[str, str]:
    """Receiver → name of the mails of a round."""
    now = machine_now()
    with unit_of_work():
        mails = [
            post(Channel.EMAIL, f"r{number}-{mail}@reader.example", "正文", purpose=PURPOSE, now=now)
            for mail in range(MAILS)
        ]
        return {mail.recipient: mail.public_id for mail in mails}


def _round(instance: Instance, server: Server, chance: random.Random, *, outage: bool) -> None:
    """Let a worker send for a moment, take the server away if so, and kill the worker."""
    before = server.size
    worker = instance.start_worker()
    deadline = time.monotonic() + LONGEST_START
    while server.size == before and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, LONGEST_ROUND))
    if outage:
        server.kill()
        time.sleep(chance.uniform(0, LONGEST_ROUND))
    kill(worker)
    if outage:
        server.start()


def _send_the_rest(instance: Instance, verdict: Verdict) -> None:
    """Send what is left, without waiting for the retries to be due."""
    with unit_of_work():
        waiting = update(OutboxMessage).where(OutboxMessage.state == Delivery.WAITING)
        db.session.execute(waiting.values(next_attempt_at=machine_now()))
    worker = instance.start_worker()
    left, deadline = _unsent(), time.monotonic() + PATIENCE
    while left and time.monotonic() < deadline:
        time.sleep(0.3)
        now_left = _unsent()
        if now_left < left:
            left, deadline = now_left, time.monotonic() + PATIENCE
    kill(worker)
    if left:
        verdict.fault(f"{left} mails were not sent")


def _unsent() -> int:
    db.session.rollback()
    query = select(func.count()).select_from(OutboxMessage)
    return (
        db.session.scalar(query.where(OutboxMessage.purpose == PURPOSE, OutboxMessage.state != Delivery.SENT))
        or 0
    )


def _compare(verdict: Verdict, posted: dict[str, str], letters: list[tuple[str, str]]) -> None:
    """Every mail came, and what came more than once came by the same name."""
    names: dict[str, set[str]] = defaultdict(set)
    for name, receiver in letters:
        names[receiver].add(name.strip("<>").partition("@")[0])
    for receiver, name in posted.items():
        if names[receiver] == {name}:
            verdict.counted += 1
        else:
            verdict.fault(f"{receiver}: posted as {name}, came as {sorted(names[receiver])}")
    verdict.notes.append(f"{len(letters) - len(set(letters))} sent twice by the same name")
