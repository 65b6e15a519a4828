"""Reports, the steps they took and what checking found; their figures stand in tables of their own."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise, EnterpriseVersion
from app.infra.database import db
from app.infra.types import BigKey, LocalTextType, UtcDateTime
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.organisations.models import Admin, one_of
from app.reports.form_models import FormVersion, ReportForm
from app.reports.workflow import APPROVED, EDITING, FROZEN, IN_REVIEW, STORED_STATES, UNFROZEN

FILLED_VIA = {
    "online": Message("Filled in online"),
    "import": Message("Own import"),
    "batch_import": Message("Batch import"),
    "api": Message("API"),
}
"""填报方式: how a report came in."""
SEVERITIES = ("hard", "soft", "hint")
SCREENINGS = ("passed", "failed")
_FROZEN = text(f"state = '{FROZEN}'")


class Report(db.Model):
    """One enterprise's report of one month. There is no row before something was saved.

    ``enterprise_version_id`` is the enterprise as it was filed with: summaries use it. Scope uses
    ``region_id``, where the enterprise is today: the database itself carries a move over (ON UPDATE
    CASCADE), so the two cannot differ. ``holder_id`` is the admin whose turn it is, and after
    approval the admin who gave it. ``accepted_levels`` counts who accepted since the last submission.
    An enterprise has one change of key fields under way at most, so one frozen report at most.
    """

    __tablename__ = "report"
    __table_args__ = (
        UniqueConstraint("form_id", "period", "enterprise_id"),
        ForeignKeyConstraint(
            ["enterprise_id", "region_id"], ["enterprise.id", "enterprise.region_id"], onupdate="CASCADE"
        ),
        one_of("state", tuple(STORED_STATES)),
        one_of("filled_via", tuple(FILLED_VIA)),
        one_of("screening", SCREENINGS),
        CheckConstraint(f"(holder_id IS NOT NULL) = (state IN ('{IN_REVIEW}', '{APPROVED}'))", name="holder"),
        CheckConstraint(
            f"state NOT IN ('{EDITING}', '{FROZEN}', '{UNFROZEN}') OR accepted_levels = 0", name="accepted"
        ),
        Index(
            "uq_report_frozen",
            "enterprise_id",
            unique=True,
            sqlite_where=_FROZEN,
            postgresql_where=_FROZEN,
        ),
        CheckConstraint(f"(approved_at IS NOT NULL) = (state = '{APPROVED}')", name="approved"),
        CheckConstraint(f"state <> '{IN_REVIEW}' OR submitted_at IS NOT NULL", name="submitted"),
        CheckConstraint("period BETWEEN 190001 AND 999912", name="period"),
        Index(None, "period", "state"),
        Index(None, "period", "enterprise_id"),
        Index(None, "period", "region_id", "state", "form_id", "enterprise_id"),
        Index(None, "holder_id", "state", "period"),
        Index(None, "enterprise_id", "period"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    form_version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id"))
    period: Mapped[int] = mapped_column(Integer)
    enterprise_id: Mapped[int] = mapped_column(Integer)
    region_id: Mapped[int] = mapped_column(Integer)
    enterprise_version_id: Mapped[int] = mapped_column(ForeignKey("enterprise_version.id"))
    state: Mapped[str] = mapped_column(String(12))
    direct_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    accepted_levels: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    filler_name: Mapped[str] = mapped_column(String(60), default="", server_default="")
    filled_via: Mapped[str] = mapped_column(String(12), default="online", server_default="online")
    due_on: Mapped[dt.date] = mapped_column(Date)
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    first_submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    return_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    hard_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    soft_count: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    screening: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    form: Mapped[ReportForm] = relationship()
    form_version: Mapped[FormVersion] = relationship()
    enterprise: Mapped[Enterprise] = relationship(
        primaryjoin="Report.enterprise_id == Enterprise.id", foreign_keys=[enterprise_id]
    )
    enterprise_version: Mapped[EnterpriseVersion] = relationship()
    direct_reviewer: Mapped[Admin | None] = relationship(foreign_keys=[direct_reviewer_id])
    holder: Mapped[Admin | None] = relationship(foreign_keys=[holder_id])
    steps: Mapped[list[ReportStep]] = relationship(back_populates="report", order_by="ReportStep.id")
    findings: Mapped[list[ReportFinding]] = relationship(
        back_populates="report", order_by="ReportFinding.id", cascade="all, delete-orphan"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def month(self) -> Month:
        """The period as a month."""
        return Month.from_key(self.period)

    def __str__(self) -> str:
        return f"{self.month} {self.enterprise_version.name}"


class ReportStep(db.Model):
    """One step of a report: who, when, from where to where, with which comment. Never changed."""

    __tablename__ = "report_step"
    __table_args__ = (Index(None, "report_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))
    bureau_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    verb: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(12))
    target: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str] = mapped_column(String(500), default="", server_default="")
    holder_before_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    holder_after_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))

    report: Mapped[Report] = relationship(back_populates="steps")
    holder_after: Mapped[Admin | None] = relationship(foreign_keys=[holder_after_id])


class ReportFinding(db.Model):
    """What a rule found in a report, at which cell."""

    __tablename__ = "report_finding"
    __table_args__ = (
        one_of("severity", SEVERITIES),
        UniqueConstraint("report_id", "rule", "section", "row_no", "indicator", "cell"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("report.id", ondelete="CASCADE"), index=True)
    rule: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(10))
    section: Mapped[str] = mapped_column(String(20), default="", server_default="")
    row_no: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    indicator: Mapped[str] = mapped_column(String(41))
    cell: Mapped[str] = mapped_column(String(10), default="", server_default="")
    message: Mapped[LocalText] = mapped_column(LocalTextType)
    explanation: Mapped[str] = mapped_column(String(500), default="", server_default="")

    report: Mapped[Report] = relationship(back_populates="findings")

    @property
    def field(self) -> str:
        """Name of the input that it belongs to: ``revenue.ytd`` or ``products.1.sales``."""
        return (
            f"{self.section}.{self.row_no}.{self.indicator}"
            if self.row_no
            else f"{self.indicator}.{self.cell}"
        )

    @property
    def key(self) -> str:
        """What an explanation is kept under."""
        return f"{self.rule}:{self.field}"
