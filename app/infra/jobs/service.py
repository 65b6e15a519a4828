"""What users do with jobs: ask for one, look at it, cancel it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from app.infra import audit
from app.infra.database import db
from app.infra.jobs import registry
from app.infra.jobs.models import PUBLIC_ID_LENGTH, Job, JobState
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import UTC
from app.kernel.errors import Conflict, Invalid, NotFound, Problem
from app.kernel.texts import Message

DELIVERY_LEASE = dt.timedelta(seconds=30)
"""A queued job that no worker took within this time is delivered again."""

MAX_KEY = 100


@dataclass(frozen=True, slots=True)
class JobQueued:
    """A job was written down; after the commit ``deliver`` hands it to the queue."""

    job_id: int


def machine_now() -> dt.datetime:
    """The machine's time: a moved clock must neither end a lease nor prolong one."""
    return dt.datetime.now(UTC)


def enqueue(kind: str, actor: Actor, params: Mapping[str, Any], idempotency_key: str | None = None) -> Job:
    """Write a job down inside the caller's unit of work; it is delivered after the commit.

    :param params: plain JSON; the work reads them as ``ctx.params``.
    :param idempotency_key: the same owner, kind and key give the same job again, whatever
        became of it: a double click starts one job.
    :raises ValueError: no such kind.
    :raises Invalid: the key is too long.
    """
    if registry.find_kind(kind) is None:
        raise ValueError(f"unknown kind of job {kind!r}")
    if idempotency_key is not None and not 0 < len(idempotency_key) <= MAX_KEY:
        raise Invalid(
            [Problem(Message("The key of this request is not valid. Reload the page and try again."))]
        )
    return _once(kind, actor.account_id, params, idempotency_key)


def _once(kind: str, owner_id: int | None, params: Mapping[str, Any], key: str | None) -> Job:
    return _with_key(owner_id, kind, key) or _insert(kind, owner_id, params, key)


def _insert(kind: str, owner_id: int | None, params: Mapping[str, Any], key: str | None) -> Job:
    now = machine_now()
    new = Job(
        kind=kind,
        owner_id=owner_id,
        params=dict(params),
        idempotency_key=key,
        state=JobState.QUEUED,
        created_at=now,
        lease_until=now + DELIVERY_LEASE,
    )
    try:
        with db.session.begin_nested():
            db.session.add(new)
    except IntegrityError:  # another request with the same key was a moment faster
        known = _with_key(owner_id, kind, key)
        if known is None:
            raise
        return known
    emit(JobQueued(new.id))
    return new


def _with_key(owner_id: int | None, kind: str, key: str | None) -> Job | None:
    if key is None:
        return None
    mine = Job.owner_id.is_(None) if owner_id is None else Job.owner_id == owner_id
    return db.session.scalar(select(Job).where(mine, Job.kind == kind, Job.idempotency_key == key))


def oversees_jobs(actor: Actor) -> bool:
    """Whether the actor runs the platform; its security administrator does not."""
    return actor.kind is Kind.PLATFORM and "SecurityAdmin" not in actor.roles


def visible_jobs(actor: Actor) -> ColumnElement[bool]:
    """Which rows an actor sees: their own; the platform admin all of them, without what they brought."""
    if oversees_jobs(actor):
        return true()
    return false() if actor.account_id is None else Job.owner_id == actor.account_id


def may_see_outcome(actor: Actor, found: Job) -> bool:
    """Whether the outcome and the result file are the actor's: the owner's only."""
    return found.owner_id is not None and found.owner_id == actor.account_id


def find(actor: Actor, public_id: str) -> Job:
    """A job by its public identifier.

    :raises NotFound: there is none, or it is not the actor's to see.
    """
    if len(public_id) != PUBLIC_ID_LENGTH or not public_id.isalnum():
        raise NotFound
    query = select(Job).where(Job.public_id == public_id, visible_jobs(actor))
    found = db.session.scalar(query.options(selectinload(Job.result)))
    if found is None:
        raise NotFound
    return found


def cancel_queued(actor: Actor, public_id: str) -> bool:
    """Cancel a job that no worker has taken up; False when one has, meanwhile or before.

    :raises NotFound: not the actor's job.
    :raises Conflict: it is over.
    """
    found = find(actor, public_id)
    if not found.is_open:
        raise over()
    result = db.session.execute(
        update(Job)
        .where(Job.id == found.id, Job.state == JobState.QUEUED)
        .values(
            state=JobState.CANCELLED, finished_at=machine_now(), lease_until=None, version=Job.version + 1
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire(found)
    return bool(result.rowcount)


def over() -> Conflict:
    """The refusal to cancel what is over."""
    return Conflict(Message("This job is over already; there is nothing to cancel."))


def repeatable(found: Job) -> bool:
    """Whether a job may be run again: it came to nothing, and all it wrote was rolled back with it."""
    return found.state in (JobState.FAILED, JobState.CANCELLED) and registry.find_kind(found.kind) is not None


def run_again(actor: Actor, public_id: str) -> Job:
    """Ask anew for a job that failed or was cancelled, in the name of the account that asked for it.

    Asking twice gives one job. The platform administrator may do it for others: the work sees what its
    owner sees, and its outcome stays the owner's.

    :raises NotFound: not the actor's to see.
    :raises Conflict: it waits, runs, or succeeded.
    """
    found = find(actor, public_id)
    if not repeatable(found):
        raise Conflict(Message("Only a job that failed or was cancelled can be run again."))
    again = _once(found.kind, found.owner_id, found.params, f"again-{found.public_id}")
    audit.record(actor, "run_again", Job.__tablename__, public_id, after={"job": again.public_id})
    return again
