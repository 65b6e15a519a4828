"""What tests of sign-in share: settings put on, codes read from the outbox, mobiles of accounts."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.infra.outbox import OutboxMessage
from app.infra.settings.models import SettingChange
from app.infra.transactions import unit_of_work
from app.organisations.models import Account

MOBILE = "10000000001"
OTHER_MOBILE = "10000000002"


def set_value(key: str, value: Any, now: dt.datetime) -> None:
    """Let a setting hold from an instant on."""
    with unit_of_work():
        db.session.add(SettingChange(key=key, value=value, valid_from=now, reason="试验", created_at=now))


def give_mobile(account_id: int | None, phone: str = MOBILE) -> None:
    """Give an account a mobile."""
    with unit_of_work():
        db.session.get_one(Account, account_id).phone = phone


def messages() -> list[OutboxMessage]:
    """Everything in the outbox, the newest first."""
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())))


def last_code(phone: str = MOBILE) -> str:
    """The code that was last sent to a phone."""
    body = next(message.body for message in messages() if message.recipient == phone)
    found = re.search(r"\d{6}", body)
    assert found is not None, body
    return found[0]
