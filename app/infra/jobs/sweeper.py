"""The sweeper: delivers again what the queue lost, and resumes what a killed worker left."""

from __future__ import annotations

import datetime as dt
import logging
import time

from sqlalchemy import Row, select, update

from app.infra import context, files
from app.infra.database import db
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.progress import KEEP_SECONDS
from app.infra.jobs.queue import JobEngine
from app.infra.jobs.service import DELIVERY_LEASE, machine_now
from app.infra.transactions import unit_of_work
from app.infra.words import words_to_json
from app.kernel.actor import SYSTEM
from app.kernel.texts import Message

log = logging.getLogger(__name__)

Overdue = Row[tuple[int, str, str, int, int]]

REDELIVERY_LEASE = dt.timedelta(minutes=5)
"""Longer than the first: behind a long queue a job is not lost, only waiting."""

BATCH = 200


def given_up(attempts: int) -> Message:
    """What a job says whose workers died of it."""
    return Message(
        "The job was given up: its worker stopped {attempts} times while running it.", attempts=attempts
    )


def sweep(engine: JobEngine) -> int:
    """Deliver and resume what is overdue; gives the number of jobs handed to the queue."""
    now = machine_now()
    db.session.rollback()  # see the newest state
    # Columns, not rows: the version that decides must be the one seen here.
    query = select(Job.id, Job.public_id, Job.state, Job.attempts, Job.version)
    overdue = db.session.execute(
        query.where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)), Job.lease_until < now)
        .order_by(Job.id)
        .limit(BATCH)
    ).all()
    handed = 0
    for job in overdue:
        redo = _redeliver if job.state == JobState.QUEUED else _resume
        if redo(engine, job, now):
            engine.push(job.id)
            handed += 1
    return handed


def _redeliver(_engine: JobEngine, job: Overdue, now: dt.datetime) -> bool:
    return _move(job, JobState.QUEUED, lease_until=now + REDELIVERY_LEASE)


def _resume(engine: JobEngine, job: Overdue, now: dt.datetime) -> bool:
    """Put a job back whose worker has fallen silent; True if it is to be delivered."""
    known = engine.progress.read(job.public_id)
    if known.alive_until > time.time():
        return False
    if known.cancel:
        _move(job, JobState.CANCELLED, finished_at=now, lease_until=None)
        return False
    if job.attempts >= engine.settings.max_attempts:
        words = words_to_json(given_up(job.attempts))
        _move(job, JobState.FAILED, finished_at=now, lease_until=None, error=words)
        return False
    log.warning("job %s: attempt %d fell silent, resumed", job.public_id, job.attempts)
    return _move(job, JobState.QUEUED, lease_until=now + DELIVERY_LEASE)


def _move(job: Overdue, state: JobState, **values: object) -> bool:
    """Change a job unless somebody else has, meanwhile."""
    with unit_of_work():
        result = db.session.execute(
            update(Job)
            .where(Job.id == job.id, Job.version == job.version)
            .values(state=state, version=Job.version + 1, **values)
            .execution_options(synchronize_session=False)
        )
    return bool(result.rowcount)


def tidy(engine: JobEngine) -> None:
    """The slow rounds: files whose time ran out, orphans, old progress, and what domains tidy up."""
    with unit_of_work():
        files.remove_expired(machine_now())
    files.remove_orphans()
    engine.progress.forget_before(time.time() - KEEP_SECONDS)
    for work in engine.app.extensions["wiring"].get("TIDYING", ()):
        with context.acting_as(SYSTEM), unit_of_work():
            work(context.now())
