"""The reminders that respondents got: one row for each respondent, channel and day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.types import BigKey, UtcDateTime
from app.organisations.models import one_of
from app.questionnaires.round_models import Respondent
from app.reports.reminder_rules import CHANNELS


class RespondentReminder(db.Model):
    """A respondent was reminded by one channel. Never changed.

    The constraint on ``day`` keeps two clicks, two admins or a job that is taken up again from telling a
    respondent twice. ``message_key`` leads to its message in the inbox or in the outbox.
    """

    __tablename__ = "questionnaire_reminder"
    __unaudited__ = True  # written many at a time; app.questionnaires.reminders leaves a line for each
    __table_args__ = (
        UniqueConstraint("respondent_id", "channel", "day"),
        one_of("channel", CHANNELS),
        Index(None, "respondent_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_respondent.id"))
    channel: Mapped[str] = mapped_column(String(8))
    day: Mapped[dt.date] = mapped_column(Date)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))
    bureau_name: Mapped[str] = mapped_column(String(80), default="", server_default="")

    respondent: Mapped[Respondent] = relationship()


def message_key(reminder_id: int) -> str:
    """Under which key the message of a reminder is kept."""
    return f"questionnaire-reminder/{reminder_id}"
