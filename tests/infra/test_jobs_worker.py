"""The real worker, as a process: it takes jobs, survives kills, stops cleanly, and dies with its parent."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeredis import TcpFakeServer
from flask import Flask

from app.infra.files import file_store, remove_orphans
from app.infra.jobs.models import JobState
from app.infra.jobs.queue import engine
from app.infra.jobs.service import find
from app.kernel.actor import Actor
from tests.infra import jobs_app
from tests.infra.jobs_app import add_job, ledger, load_actor
from tests.infra.jobs_fixtures import (
    end_lease,
    fresh,
    jobs,
    start_worker,
    stop,
    wait_for_state,
    wait_until,
    worker_process,
)

__all__ = ["jobs"]

KILL_ROUNDS = 3
"""Few here; ``tools.torture`` does a hundred."""


@pytest.fixture
def owner(jobs: Flask) -> Actor:
    found = load_actor(1)
    assert found is not None
    return found


def test_a_worker_process_does_what_was_asked_before_and_after_its_start(jobs: Flask, owner: Actor) -> None:
    early = add_job("test.ledger", owner, rows=3)

    with worker_process(jobs):
        wait_for_state(early, JobState.DONE)
        late = wait_for_state(add_job("test.export", owner, rows=3), JobState.DONE)

    assert ledger(early.public_id) == [0, 1, 2]
    result = find(owner, late.public_id).result
    assert result is not None
    assert file_store().locate(result.path).read_bytes() == b"0\n1\n2\n"


def test_kill_9_during_a_writing_job_leaves_nothing_partial_and_loses_nothing(
    jobs: Flask, owner: Actor
) -> None:
    task = add_job("test.ledger", owner, rows=10, pause=0.05)
    picked = random.Random(7)

    for _ in range(KILL_ROUNDS):
        before = fresh(task).attempts
        process = start_worker(jobs)
        wait_until(lambda before=before: fresh(task).attempts > before or not task.is_open, "the job runs")  # type: ignore[misc]
        time.sleep(picked.uniform(0, 0.3))
        process.kill()
        process.wait()
        assert ledger(task.public_id) in ([], list(range(10)))
        end_lease(task)
    with worker_process(jobs):
        wait_for_state(task, JobState.DONE)

    assert ledger(task.public_id) == list(range(10))


def test_kill_9_during_an_export_leaves_no_half_file(jobs: Flask, owner: Actor) -> None:
    task = add_job("test.export", owner, rows=20, pause=0.05)
    process = start_worker(jobs)
    wait_until(lambda: engine().progress.read(task.public_id).done > 0, "the export writes")

    process.kill()
    process.wait()

    assert list(file_store().paths()) == []
    end_lease(task)
    with worker_process(jobs):
        wait_for_state(task, JobState.DONE)
    remove_orphans(older_than=0)
    assert len(list(file_store().paths())) == 1
    assert list(file_store().temporary.glob("*")) == []


def test_sigterm_ends_the_worker_cleanly_and_gives_the_job_back(jobs: Flask, owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1000, pause=0.02)
    with worker_process(jobs) as process:
        wait_for_state(task, JobState.RUNNING)

        code = stop(process)

    assert code == 0
    assert (fresh(task).state, task.attempts) == (JobState.QUEUED, 0)
    assert ledger(task.public_id) == []


def test_a_running_job_is_cancelled_from_another_process(jobs: Flask, owner: Actor) -> None:
    task = add_job("test.ledger", owner, rows=1000, pause=0.02)

    with worker_process(jobs):
        wait_for_state(task, JobState.RUNNING)
        engine().progress.ask_cancel(task.public_id)
        wait_for_state(task, JobState.CANCELLED)

    assert ledger(task.public_id) == []


def test_two_workers_do_every_job_once(jobs: Flask, owner: Actor) -> None:
    tasks = [add_job("test.ledger", owner, rows=2, pause=0.01) for _ in range(12)]

    with worker_process(jobs), worker_process(jobs):
        for task in tasks:
            wait_for_state(task, JobState.DONE)

    assert [ledger(task.public_id) for task in tasks] == [[0, 1]] * 12
    assert {fresh(task).attempts for task in tasks} == {1}


def test_a_worker_stops_when_its_supervisor_is_gone(jobs: Flask, tmp_path: Path) -> None:
    code = (
        "import json, os, subprocess, sys, time\n"
        "command = json.loads(sys.argv[1]) + [str(os.getpid())]\n"
        "print(subprocess.Popen(command).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    arguments = [str(jobs.config["DATA_DIR"]), jobs.config["SQLALCHEMY_DATABASE_URI"]]
    command = [sys.executable, "-m", "tests.infra.jobs_app", *arguments]
    supervisor = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(command)],
        cwd=jobs_app.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert supervisor.stdout is not None
    worker = int(supervisor.stdout.readline())
    task = add_job("test.who", load_actor(1) or pytest.fail("no account"))
    wait_for_state(task, JobState.DONE)

    supervisor.kill()
    supervisor.communicate()

    wait_until(lambda: not is_alive(worker), "the worker followed its supervisor")


def is_alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A server that speaks Redis over TCP on the loopback, so that no test needs a daemon installed."""
    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()


def test_jobs_run_over_redis_as_well(
    jobs: Flask, owner: Actor, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_QUEUE_URL", redis_url)
    jobs.config["QUEUE_URL"] = redis_url
    task = add_job("test.ledger", owner, rows=500, pause=0.02)

    with worker_process(jobs):
        wait_until(lambda: engine().progress.read(task.public_id).done > 0, "progress is seen")
        engine().progress.ask_cancel(task.public_id)
        wait_for_state(task, JobState.CANCELLED)

    assert engine().progress.read(task.public_id).alive_until > 0
    assert not (jobs.config["DATA_DIR"] / "queue.sqlite3").exists()
