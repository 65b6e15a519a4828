"""The table of jobs."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files import StoredFile
from app.infra.types import BigKey, UtcDateTime

PUBLIC_ID_LENGTH = 32


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # 等待
    RUNNING = "running"  # 运行中
    DONE = "done"  # 已完成
    FAILED = "failed"  # 失败
    CANCELLED = "cancelled"  # 已取消

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


def new_public_id() -> str:
    """An address of a job that cannot be guessed."""
    return uuid.uuid4().hex


class Job(db.Model):
    """One job. Times are the machine's: leases are about processes, not about business days.

    ``params`` and ``outcome`` are plain JSON. ``error`` is a sentence ``{msgid, values}``.
    ``attempts`` counts how often a worker took it up, and so names the present attempt.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("owner_id", "kind", "idempotency_key"),
        Index(
            "uq_job_system_kind_idempotency_key",
            "kind",
            "idempotency_key",
            unique=True,
            sqlite_where=text("owner_id IS NULL"),
            postgresql_where=text("owner_id IS NULL"),
        ),
        Index("ix_job_state_lease_until", "state", "lease_until"),
        Index("ix_job_owner_id_created_at", "owner_id", "created_at"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        CheckConstraint("(state IN ('queued', 'running')) = (finished_at IS NULL)", name="finished"),
        CheckConstraint("state <> 'failed' OR error IS NOT NULL", name="failed_says_why"),
        CheckConstraint(
            "state NOT IN ('queued', 'running') OR lease_until IS NOT NULL", name="open_has_lease"
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    kind: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[str] = mapped_column(String(10), default=JobState.QUEUED)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    result_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)

    result: Mapped[StoredFile | None] = relationship(lazy="raise")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __repr__(self) -> str:
        return f"<Job {self.public_id} {self.kind} {self.state}>"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return not JobState(self.state).is_final
