"""Timed unfreezes 限时解冻: a month that is open again for one enterprise or a region until a day."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.types import UtcDateTime
from app.kernel.clock import end_of_day
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.models import Region
from app.reports.form_models import ReportForm


class ReportUnfreeze(db.Model):
    """A timed unfreeze: who granted it, why, until the end of which day, and who ended it before.

    What was granted never changes; ending it early is the only thing that can still happen to it. The names
    are those of the day, as in the history of a report.
    """

    __tablename__ = "report_unfreeze"
    __table_args__ = (
        CheckConstraint("(enterprise_id IS NULL) <> (region_id IS NULL)", name="target"),
        CheckConstraint("period BETWEEN 190001 AND 999912", name="period"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(ended_at IS NULL) = (end_reason = '')", name="ended"),
        Index(None, "form_id", "period"),
        Index(None, "enterprise_id"),
        Index(None, "region_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    period: Mapped[int] = mapped_column(Integer)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    reason: Mapped[str] = mapped_column(String(500))
    expires_on: Mapped[dt.date] = mapped_column(Date)
    granted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    granted_by: Mapped[str] = mapped_column(String(100))
    granted_bureau: Mapped[str] = mapped_column(String(80), default="", server_default="")
    granted_level: Mapped[str] = mapped_column(String(12), default="", server_default="")
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    ended_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    end_reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    form: Mapped[ReportForm] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship()
    region: Mapped[Region | None] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def month(self) -> Month:
        """The month that is open again."""
        return Month.from_key(self.period)

    @property
    def until(self) -> dt.datetime:
        """The first instant at which it holds no longer."""
        expiry = end_of_day(self.expires_on)
        return expiry if self.ended_at is None else min(self.ended_at, expiry)

    @property
    def label(self) -> Message:
        """Whom it is for, and which month."""
        return Message("{target}: {month}", target=str(self.enterprise or self.region), month=self.month)

    def __str__(self) -> str:
        return f"{self.enterprise or self.region} {self.month}"
