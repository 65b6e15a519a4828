"""Limits are counted together by all processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from app.infra.limits import SqliteStorage, TooMany, count_try
from tests.infra.jobs_app import ROOT

LIMIT = "30 per 15 minutes"
PROCESSES = 4
TRIES = 30

PROGRAM = """
import sys
from pathlib import Path
from flask import Flask
from app.infra.limits import TooMany, count_try
app = Flask("limits")
app.config.update(DATA_DIR=Path(sys.argv[1]), QUEUE_URL="")
allowed = 0
with app.app_context():
    for _ in range(int(sys.argv[2])):
        try:
            count_try("sign_in", "192.0.2.7", sys.argv[3])
            allowed += 1
        except TooMany:
            pass
print(allowed)
"""


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    app = Flask("limits")
    app.config.update(DATA_DIR=tmp_path, QUEUE_URL="")
    with app.app_context():
        yield app


def test_four_processes_share_one_limit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(TRIES), LIMIT]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(PROCESSES)]

    allowed = [int(process.communicate(timeout=240)[0]) for process in processes]

    assert sum(allowed) == 30


def test_each_address_and_each_thing_has_a_limit_of_its_own(limited: Flask) -> None:
    count_try("sign_in", "192.0.2.1", "1 per minute")
    count_try("sign_in", "192.0.2.2", "1 per minute")
    count_try("reset", "192.0.2.1", "1 per minute")

    with pytest.raises(TooMany) as refusal:
        count_try("sign_in", "192.0.2.1", "1 per minute")
    assert refusal.value.status == 429


def test_after_the_window_trying_is_allowed_again(limited: Flask) -> None:
    with time_machine.travel("2026-05-01 08:00:30+00:00", tick=False) as moment:
        count_try("sign_in", "192.0.2.1", "1 per minute")
        moment.shift(61)

        count_try("sign_in", "192.0.2.1", "1 per minute")


def test_the_storage_reads_resets_and_forgets(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "limits.sqlite3")
    storage.incr("a", 60)
    storage.incr("a", 60, amount=2)
    storage.incr("b", 60)

    assert storage.check()
    assert (storage.get("a"), storage.get("unknown")) == (3, 0)
    assert storage.get_expiry("a") > storage.get_expiry("unknown")
    storage.clear("a")
    assert storage.get("a") == 0
    assert storage.reset() == 1


def test_a_counter_that_expired_begins_at_one(tmp_path: Path) -> None:
    storage = SqliteStorage(tmp_path / "limits.sqlite3")
    with time_machine.travel(0, tick=False) as moment:
        storage.incr("a", 10, amount=5)
        moment.shift(10)

        assert storage.get("a") == 0
        assert storage.incr("a", 10) == 1
