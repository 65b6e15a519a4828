"""The table of import batches: which file, how far it is, what checking found."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files import StoredFile
from app.infra.imports.rules import BatchState, Mode
from app.infra.jobs.models import PUBLIC_ID_LENGTH, Job, new_public_id
from app.infra.types import BigKey, UtcDateTime

_STATES = ", ".join(f"'{state.value}'" for state in BatchState)


class ImportBatch(db.Model):
    """One uploaded file on its way. Its state is the ledger: only ``applying`` → ``done`` writes rows.

    ``preview`` is plain JSON: see ``app.infra.imports.preview``. ``options`` is what was chosen at
    the upload, such as a month. ``counted`` rows were read, ``valid`` of
    them can be written, ``written`` were. ``check_job`` and ``apply_job`` are those that worked on it last;
    ``confirmations`` counts how often writing was begun.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        UniqueConstraint("owner_id", "idempotency_key"),
        Index("ix_import_batch_owner_id_created_at", "owner_id", "created_at"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("mode IN ('', 'all', 'valid')", name="mode"),
        CheckConstraint("valid >= 0 AND valid <= counted AND written <= valid", name="counts"),
        CheckConstraint("state NOT IN ('applying', 'done') OR mode <> ''", name="confirmed"),
        CheckConstraint("(state = 'done') = (finished_at IS NOT NULL)", name="finished"),
        CheckConstraint("state = 'done' OR written = 0", name="written_when_done"),
    )
    __unaudited__ = True  # upload, confirmation and outcome are lines of their own, without the whole preview

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(PUBLIC_ID_LENGTH), unique=True, default=new_public_id)
    spec: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    language: Mapped[str] = mapped_column(String(5), default="zh", server_default="zh")
    options: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    state: Mapped[str] = mapped_column(String(10), default=BatchState.CHECKING)
    mode: Mapped[str] = mapped_column(String(5), default=Mode.NONE, server_default="")
    encoding: Mapped[str] = mapped_column(String(10), default="", server_default="")
    counted: Mapped[int] = mapped_column(default=0, server_default="0")
    valid: Mapped[int] = mapped_column(default=0, server_default="0")
    written: Mapped[int] = mapped_column(default=0, server_default="0")
    problem_count: Mapped[int] = mapped_column(default=0, server_default="0")
    preview: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    check_job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    apply_job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"), index=True)
    confirmations: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    file: Mapped[StoredFile] = relationship(lazy="raise")
    check_job: Mapped[Job | None] = relationship(foreign_keys=[check_job_id], lazy="raise")
    apply_job: Mapped[Job | None] = relationship(foreign_keys=[apply_job_id], lazy="raise")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __repr__(self) -> str:
        return f"<ImportBatch {self.public_id} {self.spec} {self.state}>"

    @property
    def failed(self) -> int:
        """How many rows cannot be written, or were not."""
        return self.counted - (self.written if self.state == BatchState.DONE else self.valid)
