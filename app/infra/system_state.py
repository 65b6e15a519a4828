"""How the installation is: database, disk, jobs, workers, outbox, backup; figures only, nothing secret."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.infra.audit import AuditEntry
from app.infra.database import db, is_postgresql
from app.infra.jobs.models import Job, JobState
from app.infra.jobs.progress import WorkerSeen
from app.infra.jobs.queue import engine
from app.infra.outbox.models import Delivery, OutboxMessage

log = logging.getLogger(__name__)

BACKUP = "backup"
"""The action of the audit trail that a backup leaves."""

SILENT_ROUNDS = 3
"""After so many missed rounds of its sweeper a worker counts as gone."""

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SystemState:
    """Figures of one moment. Sizes in bytes; ``outbox`` counts messages by state, ``jobs`` jobs by state."""

    database: str
    database_bytes: int
    revision: str
    disk_free: int
    disk_total: int
    jobs: Mapping[JobState, int]
    failed_today: int
    oldest_waiting: dt.datetime | None
    workers: tuple[tuple[WorkerSeen, bool], ...]
    outbox: Mapping[Delivery, int]
    oldest_unsent: dt.datetime | None
    backup_at: dt.datetime | None

    @property
    def workers_alive(self) -> int:
        """How many workers gave a sign of life just now."""
        return sum(alive for _worker, alive in self.workers)

    @property
    def disk_share(self) -> int:
        """How much of the disk is used, in percent."""
        return round(100 * (self.disk_total - self.disk_free) / self.disk_total) if self.disk_total else 0


def system_state(now: dt.datetime) -> SystemState:
    """The state at an instant of the machine's clock."""
    disk = shutil.disk_usage(current_app.config["DATA_DIR"])
    jobs = dict(db.session.execute(select(Job.state, func.count()).group_by(Job.state)).all())
    outbox = dict(
        db.session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state)).all()
    )
    unsent = OutboxMessage.state.in_((Delivery.WAITING, Delivery.SENDING))
    return SystemState(
        database=_database_kind(),
        database_bytes=_database_bytes(),
        revision=revision(),
        disk_free=disk.free,
        disk_total=disk.total,
        jobs={state: jobs.get(state, 0) for state in JobState},
        failed_today=_scalar(
            select(func.count()).where(Job.state == JobState.FAILED, Job.finished_at > now - DAY)
        ),
        oldest_waiting=_scalar(select(func.min(Job.created_at)).where(Job.state == JobState.QUEUED)),
        workers=_workers(now),
        outbox={state: outbox.get(state, 0) for state in Delivery},
        oldest_unsent=_scalar(select(func.min(OutboxMessage.created_at)).where(unsent)),
        backup_at=_scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == BACKUP)),
    )


def healthy() -> bool:
    """Whether the database answers and holds the platform's tables."""
    try:
        return bool(revision())
    except SQLAlchemyError as error:
        log.warning("health: the database does not answer: %s", type(error).__name__)
        db.session.rollback()
        return False


def revision() -> str:
    """The migration that the database is at."""
    return str(db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _workers(now: dt.datetime) -> tuple[tuple[WorkerSeen, bool], ...]:
    jobs = engine()
    limit = now.timestamp() - SILENT_ROUNDS * jobs.settings.sweep
    return tuple((worker, worker.seen >= limit) for worker in jobs.progress.workers())


def _database_kind() -> str:
    if is_postgresql():
        version = str(db.session.execute(text("SHOW server_version")).scalar_one())
        return f"PostgreSQL {version.split(maxsplit=1)[0]}"
    return f"SQLite {db.session.execute(text('SELECT sqlite_version()')).scalar_one()}"


def _database_bytes() -> int:
    if is_postgresql():
        return int(db.session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    file = Path(db.engine.url.database or "")
    beside = (file.with_name(file.name + ending) for ending in ("", "-wal"))
    return sum(path.stat().st_size for path in beside if path.is_file())


def _scalar(query: Select[Any]) -> Any:
    return db.session.execute(query).scalar()
