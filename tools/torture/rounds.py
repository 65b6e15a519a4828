"""Rounds of kill -9: a job is asked for, its worker killed in the middle, and the next worker resumes it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select, update

from app.infra import files
from app.infra.database import db
from app.infra.jobs import Job, JobState
from app.infra.jobs.queue import engine
from app.infra.jobs.service import machine_now
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.accounts import actor_for
from tools.torture.instance import Instance, kill, peak_memory
from tools.torture.verdict import Verdict

PATIENCE = 240.0
"""Seconds after which a job that is not over counts as lost."""

LATEST = 1.1
"""How far behind its usual end, as a part of the whole, a worker is killed at the latest."""


@dataclass
class Killer:
    """The worker of a scenario: killed and started again, while its memory is watched.

    ``lasting`` are the seconds that each kind of work took last: where its middle is.
    """

    instance: Instance
    verdict: Verdict
    chance: random.Random
    worker: int = 0
    struck: int = 0
    peak: int = 0
    lasting: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        """A worker for what waits and for what the last one left."""
        self.worker = self.instance.start_worker()

    def strike(self, number: int, work: str) -> Job:
        """Kill the worker somewhere within a job; the job as it is then left."""
        if not wait_while(number, JobState.QUEUED):
            self.verdict.fault(f"{fresh(number)} is not taken up")
        time.sleep(self.chance.uniform(0, self.lasting[work] * LATEST))
        self.stop()
        left = fresh(number)
        self.struck += left.state == JobState.RUNNING
        return left

    def recover(self, number: int, work: str) -> Job:
        """Let a worker finish the job, a new one if the last was killed; the job when it is over."""
        if not self.worker:
            end_lease(number)
            self.start()
        if not wait_while(number, JobState.QUEUED, JobState.RUNNING):
            self.verdict.fault(f"{fresh(number)} is lost")
        found = fresh(number)
        if found.state != JobState.DONE:
            self.verdict.fault(f"{found} after {found.attempts} attempts: {found.error}")
        if found.started_at and found.finished_at:
            self.lasting[work] = (found.finished_at - found.started_at).total_seconds()
        return found

    def stop(self) -> None:
        """Kill the worker, and note the most memory that it took."""
        self.peak = max(self.peak, peak_memory(self.worker))
        kill(self.worker)
        self.worker = 0

    def note(self) -> None:
        """Tell how often the job was really in the middle, and the memory (bytes)."""
        self.verdict.notes.append(f"{self.struck} in the middle, at most {self.peak / 1024**2:.0f} MB")


def end_lease(number: int) -> None:
    """Let the time of a killed worker be over at once.

    Leases so short that rounds need not wait for them would run out under living workers, too, on a
    machine that has much else to do.
    """
    job = fresh(number)
    engine().progress.keep_alive(job.public_id, 0)
    with unit_of_work():
        db.session.execute(
            update(Job)
            .where(Job.id == number, Job.state == JobState.RUNNING)
            .values(lease_until=machine_now())
            .execution_options(synchronize_session=False)
        )


def wait_while(number: int, *states: JobState) -> bool:
    """Wait until a job has left the states; False if it does not."""
    deadline = time.monotonic() + PATIENCE
    while fresh(number).state in states:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def fresh(number: int) -> Job:
    """A job as it is now, detached: a look at it later must not begin a transaction that nobody ends."""
    db.session.rollback()
    job = db.session.get(Job, number, populate_existing=True)
    if job is None:
        raise LookupError(f"job {number} is gone")
    db.session.expunge(job)
    db.session.rollback()
    return job


def actor_named(login: str) -> Actor:
    """The actor of a demonstration account."""
    user_id = db.session.scalars(select(User.id).where(User.username == login)).one()
    found = actor_for(user_id)
    if found is None:
        raise LookupError(f"{login} cannot sign in")
    return found


def check_files(verdict: Verdict) -> None:
    """After a sweep every file on disk has a row, and every row its file."""
    files.remove_orphans(older_than=0)
    db.session.rollback()
    rows = set(db.session.scalars(select(files.StoredFile.path).where(files.StoredFile.removed_at.is_(None))))
    disk = set(files.file_store().paths())
    for path in sorted(rows ^ disk):
        verdict.fault(f"{'row without file' if path in rows else 'file without row'}: {path}")
