"""Running one job: taken up once, done in one transaction with its outcome, or not at all."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.infra import context
from app.infra.database import db
from app.infra.files import file_store
from app.infra.jobs import registry
from app.infra.jobs.context import CancelledByOwner, Interrupted, JobContext, LeaseLost
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.outcome import Outcome, OutcomeLine
from app.infra.jobs.queue import JobEngine
from app.infra.jobs.registry import JobKind
from app.infra.jobs.service import DELIVERY_LEASE, machine_now
from app.infra.settling import settle_due
from app.infra.transactions import unit_of_work
from app.infra.words import words_to_json
from app.kernel.actor import SYSTEM, Actor, Source
from app.kernel.errors import DomainError, Forbidden, Words
from app.kernel.texts import Message

log = logging.getLogger(__name__)


UNKNOWN_KIND = Message("This version of the program cannot do this job.")


def fault(incident: str) -> Message:
    """What a job says that a fault of the program stopped."""
    return Message(
        "The job stopped because of a fault in the program. Quote {incident} to support.", incident=incident
    )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One worker's turn at a job: values, since an ORM row would silently show what others wrote later."""

    job_id: int
    public_id: str
    kind: str
    owner_id: int | None
    params: dict[str, Any]
    number: int


def run(engine: JobEngine, job_id: int) -> None:
    """Take up a queued job and see it through; nothing happens if another worker was faster."""
    with engine.app.app_context():
        attempt = claim(job_id, engine.settings.lease)
        if attempt is None:
            return
        kind = registry.find_kind(attempt.kind)
        if kind is None:
            _close(attempt, JobState.FAILED, error=UNKNOWN_KIND)
            return
        with Heartbeat(engine, attempt.public_id, kind.time_limit):
            make(engine, attempt, kind)


def claim(job_id: int, lease: float) -> Attempt | None:
    """Take up a queued job: one statement, so that exactly one worker succeeds."""
    now = machine_now()
    with unit_of_work():
        result = db.session.execute(
            update(Job)
            .where(Job.id == job_id, Job.state == JobState.QUEUED)
            .values(
                state=JobState.RUNNING,
                attempts=Job.attempts + 1,
                started_at=now,
                lease_until=now + dt.timedelta(seconds=lease),
                version=Job.version + 1,
            )
            .execution_options(synchronize_session=False)
        )
        if not result.rowcount:
            return None
        columns = (Job.id, Job.public_id, Job.kind, Job.owner_id, Job.params, Job.attempts)
        return Attempt(*db.session.execute(select(*columns).where(Job.id == job_id)).one())


class Heartbeat:
    """Prolongs the lease in the side store while the work runs, up to its time limit."""

    def __init__(self, engine: JobEngine, public_id: str, time_limit: float) -> None:
        self._store = engine.progress
        self._lease = engine.settings.lease
        self._public_id = public_id
        self._ends = time.monotonic() + time_limit
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{public_id[:8]}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while time.monotonic() < self._ends:
            try:
                self._store.keep_alive(self._public_id, time.time() + self._lease)
            except Exception:
                log.exception("job %s: the lease could not be prolonged", self._public_id)
            if self._over.wait(self._lease / 3):
                return


def make(engine: JobEngine, attempt: Attempt, kind: JobKind) -> None:
    """Do the work; whatever happens, the job says so, or its lease runs out."""
    ctx = JobContext(
        public_id=attempt.public_id,
        actor=SYSTEM,
        params=attempt.params,
        now=context.now(),
        attempt=attempt.number,
        progress_store=engine.progress,
        file_store=file_store(),
        stopping=engine.stopping,
    )
    try:
        ctx.checkpoint()  # it may have been cancelled while it waited
        settle_due()
        ctx.actor = _owner(attempt)
        with context.acting_as(ctx.actor):
            _work(attempt, kind, ctx)
    except OperationalError:
        # Nothing can be written down while the database is away: the lease runs out, the sweeper resumes.
        log.exception("job %s: the database did not answer", attempt.public_id)
    except Exception as error:  # noqa: BLE001 - whatever the work raises, the job must say so
        ctx.discard_result()
        _give_up(engine, attempt, error)


def _owner(attempt: Attempt) -> Actor:
    if attempt.owner_id is None:
        return SYSTEM
    load: Callable[[int], Actor | None] = current_app.extensions["wiring"]["ACTOR_LOADER"]
    actor = load(attempt.owner_id)
    if actor is None:
        raise Forbidden(Message("The account that asked for this job is no longer active."))
    return actor.through(Source.JOB)


def _work(attempt: Attempt, kind: JobKind, ctx: JobContext) -> None:
    if kind.writes:
        with unit_of_work():
            _finish(attempt, ctx, kind.work(ctx))
    else:
        outcome = kind.work(ctx)
        with unit_of_work():
            _finish(attempt, ctx, outcome)


def _finish(attempt: Attempt, ctx: JobContext, outcome: Outcome) -> None:
    """Write the outcome in the running transaction; refuse if the job is no longer this attempt's."""
    for write in ctx.closing:
        write()
    if ctx.result is not None:
        db.session.add(ctx.result)
    db.session.flush()
    result_id = None if ctx.result is None else ctx.result.id
    if not _move(attempt, JobState.DONE, outcome=outcome.to_json(), result_id=result_id):
        raise LeaseLost


def _give_up(engine: JobEngine, attempt: Attempt, error: Exception) -> None:
    if isinstance(error, LeaseLost):
        log.warning(
            "job %s: attempt %d lost its lease and was rolled back", attempt.public_id, attempt.number
        )
    elif isinstance(error, Interrupted):
        _hand_back(engine, attempt)
    elif isinstance(error, CancelledByOwner):
        _close(attempt, JobState.CANCELLED)
    elif isinstance(error, DomainError):
        lines = [OutcomeLine(problem.field, False, problem.message) for problem in error.problems]
        _close(attempt, JobState.FAILED, error=error.message, outcome=Outcome.of(lines=lines))
    else:
        incident = secrets.token_hex(3).upper()
        log.error(
            "job %s (%s) failed, incident %s", attempt.public_id, attempt.kind, incident, exc_info=error
        )
        _close(attempt, JobState.FAILED, error=fault(incident))


def _close(
    attempt: Attempt, state: JobState, error: Words | None = None, outcome: Outcome | None = None
) -> None:
    with unit_of_work():
        kept = outcome.to_json() if outcome and outcome.lines else None
        _move(attempt, state, error=words_to_json(error), outcome=kept)


def _hand_back(engine: JobEngine, attempt: Attempt) -> None:
    """A worker that stops gives its job back at once; such an attempt does not count."""
    with unit_of_work():
        moved = _move(
            attempt, JobState.QUEUED, attempts=Job.attempts - 1, lease_until=machine_now() + DELIVERY_LEASE
        )
    if moved:
        engine.progress.keep_alive(attempt.public_id, 0)
        engine.push(attempt.job_id)


def _move(attempt: Attempt, state: JobState, **values: Any) -> bool:
    """Leave the running state, if the job still runs in this attempt."""
    if state.is_final:
        values |= {"finished_at": machine_now(), "lease_until": None}
    result = db.session.execute(
        update(Job)
        .where(Job.id == attempt.job_id, Job.state == JobState.RUNNING, Job.attempts == attempt.number)
        .values(state=state, version=Job.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    return bool(result.rowcount)
