"""The reminders that enterprises got: one row for each enterprise, month, channel and day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.types import BigKey, UtcDateTime
from app.kernel.periods import Month
from app.organisations.models import one_of
from app.reports.form_models import ReportForm
from app.reports.reminder_rules import CHANNELS


class ReportReminder(db.Model):
    """An enterprise was reminded of a report by one channel. Never changed.

    The constraint on ``day`` is what keeps two clicks, two admins or a job that is taken up again from
    telling an enterprise twice. ``message_key`` leads to its message in the inbox or in the outbox.
    """

    __tablename__ = "report_reminder"
    __unaudited__ = True  # written many at a time; app.reports.reminders leaves a line for each enterprise
    __table_args__ = (
        UniqueConstraint("form_id", "period", "enterprise_id", "channel", "day"),
        one_of("channel", CHANNELS),
        CheckConstraint("period BETWEEN 190001 AND 999912", name="period"),
        Index(None, "enterprise_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    period: Mapped[int] = mapped_column(Integer)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(8))
    day: Mapped[dt.date] = mapped_column(Date)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))
    bureau_name: Mapped[str] = mapped_column(String(80), default="", server_default="")

    form: Mapped[ReportForm] = relationship()
    enterprise: Mapped[Enterprise] = relationship()

    @property
    def month(self) -> Month:
        """The period as a month."""
        return Month.from_key(self.period)

    def __str__(self) -> str:
        return f"{self.month} {self.enterprise.name}"


def message_key(reminder_id: int) -> str:
    """Under which key the message of a reminder is kept."""
    return f"reminder/{reminder_id}"
