"""Fixtures of the tests of jobs: the small application on a scratch database, and worker processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from app.infra.database import db
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.queue import engine
from app.infra.jobs.service import machine_now
from app.infra.transactions import unit_of_work
from tests.infra import jobs_app
from tests.infra.scratch import scratch_database

PATIENCE = 90.0
"""Seconds; a busy machine starts a worker in ten."""


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Flask]:
    """The small application with its tables, inside its context."""
    with scratch_database(tmp_path) as url:
        app = jobs_app.make_app(tmp_path, url)
        jobs_app.create_tables(app)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


@contextlib.contextmanager
def worker_process(app: Flask, parent: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of the small application, as a process of its own; killed at the end if still there."""
    process = start_worker(app, parent)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def start_worker(app: Flask, parent: int | None = None) -> subprocess.Popen[bytes]:
    """Start a worker process in a session of its own."""
    command = [
        sys.executable,
        "-m",
        "tests.infra.jobs_app",
        str(app.config["DATA_DIR"]),
        app.config["SQLALCHEMY_DATABASE_URI"],
        *([] if parent is None else [str(parent)]),
    ]
    log = (Path(app.config["DATA_DIR"]) / "worker.log").open("ab")
    with log:
        return subprocess.Popen(
            command, cwd=jobs_app.ROOT, stderr=log, env={**os.environ, "PYTHONWARNINGS": "ignore"}
        )


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask a process to stop and wait; gives its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout=PATIENCE)


def fresh(job: Job) -> Job:
    """The job as it is in the database now."""
    db.session.rollback()
    db.session.refresh(job)
    return job


def end_lease(job: Job) -> None:
    """Let the time of a killed worker be over."""
    engine().progress.keep_alive(job.public_id, 0)
    with unit_of_work():
        db.session.execute(
            update(Job)
            .where(Job.id == job.id, Job.state == JobState.RUNNING)
            .values(lease_until=machine_now())
            .execution_options(synchronize_session=False)
        )


def wait_until(condition: Callable[[], bool], why: str) -> None:
    """Wait for something that another process brings about.

    :raises AssertionError: it did not happen in time.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {why}"
        time.sleep(0.05)


def wait_for_state(job: Job, *states: JobState) -> Job:
    """Wait until a job is in one of the states."""
    wait_until(lambda: fresh(job).state in states, f"{job} -> {states}")
    return job
