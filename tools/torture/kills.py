"""kill -9 while jobs write and export: nothing partial, nothing lost, nothing twice."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from sqlalchemy import select, text

from app.infra import files
from app.infra.database import db
from app.infra.jobs import Job, JobState, enqueue
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from tools.torture.instance import Instance, kill
from tools.torture.product import LEDGER, make_app
from tools.torture.verdict import Verdict

ROUNDS = 100
ROWS = 12
PAUSE = 0.02
PATIENCE = 60.0


def kill_jobs(instance: Instance, share: float, chance: random.Random) -> list[Verdict]:
    """The rounds for a writing batch and for an export."""
    app = make_app(instance.url, instance.data_dir)
    with app.app_context():
        with unit_of_work():
            db.session.execute(text(LEDGER))
        rounds = max(1, round(ROUNDS * share))
        batch = _rounds(instance, "torture.batch", rounds, chance, _check_batch)
        export = _rounds(instance, "torture.export", rounds, chance, _check_export)
        db.session.remove()
        db.engine.dispose()
    return [batch, export]


def _rounds(
    instance: Instance, kind: str, rounds: int, chance: random.Random, check: Callable[[Verdict, Job], None]
) -> Verdict:
    """Kill a worker in the middle of a job, let the next one resume it, and look at what is there."""
    verdict = Verdict(f"kill -9, {kind}", rounds)
    started = time.monotonic()
    worker = instance.start_worker()
    for _ in range(rounds):
        with unit_of_work():
            number = enqueue(kind, SYSTEM, {"rows": ROWS, "pause": PAUSE}).id
        taken_up = _wait_while(number, JobState.QUEUED)
        time.sleep(chance.uniform(0, ROWS * PAUSE))
        kill(worker)
        check(verdict, _fresh(number))
        worker = instance.start_worker()
        if not taken_up or not _wait_while(number, JobState.QUEUED, JobState.RUNNING):
            verdict.fault(f"{_fresh(number)} is lost")
            break
        if _fresh(number).state != JobState.DONE:
            verdict.fault(f"{_fresh(number)} is not done")
        check(verdict, _fresh(number))
        verdict.counted += 1
    kill(worker)
    files.remove_orphans(older_than=0)
    _check_files(verdict)
    verdict.seconds = time.monotonic() - started
    return verdict


def _check_batch(verdict: Verdict, job: Job) -> None:
    query = text("SELECT line FROM torture_ledger WHERE job = :job ORDER BY line")
    lines = [row[0] for row in db.session.execute(query, {"job": job.public_id})]
    wanted = list(range(ROWS)) if job.state == JobState.DONE else []
    if lines != wanted:
        verdict.fault(f"{job.public_id} in state {job.state} has lines {lines}")


def _check_export(verdict: Verdict, job: Job) -> None:
    stored = db.session.get(files.StoredFile, job.result_id) if job.result_id else None
    if (job.state == JobState.DONE) != (stored is not None):
        verdict.fault(f"{job.public_id} in state {job.state}: file {stored}")
    elif stored is not None:
        content = files.file_store().locate(stored.path).read_bytes()
        if content != b"".join(b"%d\n" % line for line in range(ROWS)):
            verdict.fault(f"{job.public_id} has a file of {len(content)} bytes")


def _check_files(verdict: Verdict) -> None:
    """After the sweep: every file on disk has a row, every row its file."""
    db.session.rollback()
    rows = set(db.session.scalars(select(files.StoredFile.path).where(files.StoredFile.removed_at.is_(None))))
    disk = set(files.file_store().paths())
    for path in sorted(rows ^ disk):
        verdict.fault(f"{'row without file' if path in rows else 'file without row'}: {path}")


def _fresh(number: int) -> Job:
    db.session.rollback()
    job = db.session.get(Job, number, populate_existing=True)
    if job is None:
        raise LookupError(f"job {number} is gone")
    return job


def _wait_while(number: int, *states: JobState) -> bool:
    """Wait until a job has left the states; False if it does not."""
    deadline = time.monotonic() + PATIENCE
    while _fresh(number).state in states:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
