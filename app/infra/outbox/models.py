"""The outbox table."""

from __future__ import annotations

import datetime as dt
import secrets
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.database import db
from app.infra.types import BigKey, UtcDateTime


class Channel(StrEnum):
    """By which way a message leaves."""

    EMAIL = "email"
    SMS = "sms"
    ROBOT = "robot"


class Delivery(StrEnum):
    """How far a message came."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


STATES = ", ".join(f"'{state}'" for state in Delivery)
CHANNELS = ", ".join(f"'{channel}'" for channel in Channel)


def new_public_id() -> str:
    """An identifier that goes out with a message."""
    return secrets.token_hex(16)


class OutboxMessage(db.Model):
    """One message to one receiver outside.

    ``key`` makes a message unique: posting it again posts nothing. ``secret`` marks a body that
    only its receiver may read (a code, an activation link): the outbox page hides it except where
    the built-in adapter keeps messages on purpose.
    """

    __tablename__ = "outbox_message"
    __unaudited__ = True  # what causes a message is audited; its delivery is on this row
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state"),
        CheckConstraint(f"channel IN ({CHANNELS})", name="channel"),
        Index(None, "state", "next_attempt_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, default=new_public_id)
    channel: Mapped[str] = mapped_column(String(8))
    recipient: Mapped[str] = mapped_column(String(320))
    subject: Mapped[str] = mapped_column(String(200), default="", server_default="")
    body: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(40), index=True)
    secret: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    key: Mapped[str | None] = mapped_column(String(100), unique=True)
    state: Mapped[str] = mapped_column(String(8), default=Delivery.WAITING, server_default="waiting")
    adapter: Mapped[str] = mapped_column(String(12), default="", server_default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_attempt_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    lease_token: Mapped[str] = mapped_column(String(32), default="", server_default="")
    error: Mapped[str] = mapped_column(String(300), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    sent_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
