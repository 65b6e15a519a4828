"""Tables of the review desk: what reports said when they were returned, and the usual reasons of a bureau."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import EnterpriseVersion
from app.infra.database import db
from app.infra.triggers import Guard
from app.infra.types import BigKey, UtcDateTime
from app.organisations.models import Bureau
from app.reports.models import Report, ReportStep

LONGEST_REASON = 150


class ReportSnapshot(db.Model):
    """A report as it was returned: figures, rows and the enterprise's facts. Never changed.

    ``content`` is canonical JSON with every figure as an exact text (``app.reports.snapshots``).
    Only returned reports have one, so that the table stays small.
    """

    __tablename__ = "report_snapshot"
    __table_args__ = (Index(None, "report_id", "id"), CheckConstraint("content <> ''", name="content"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("report_step.id"), unique=True)
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"))
    enterprise_version_id: Mapped[int] = mapped_column(ForeignKey("enterprise_version.id"))
    content: Mapped[str] = mapped_column(Text)

    report: Mapped[Report] = relationship()
    step: Mapped[ReportStep] = relationship()
    enterprise_version: Mapped[EnterpriseVersion] = relationship()

    def __str__(self) -> str:
        return f"{self.report_id}/{self.step_id}"


class ReturnReason(db.Model):
    """常用退回原因: a reason that the admins of a bureau often give, with variables such as ``{name}``."""

    __tablename__ = "return_reason"
    __table_args__ = (
        UniqueConstraint("bureau_id", "text"),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint("position BETWEEN 1 AND 999", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id"))
    text: Mapped[str] = mapped_column(String(LONGEST_REASON))
    position: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    bureau: Mapped[Bureau] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return self.text


SNAPSHOT_GUARDS: tuple[Guard, ...] = (
    Guard("report_snapshot", "UPDATE", "what a report said when it was returned never changes"),
)
