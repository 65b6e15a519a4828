"""What waits for an account, as parts of the statement that reads who is signed in: no page asks again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from app.notifications.models import InboxMessage, Notice, NoticeReader
from app.notifications.workflow import PUBLISHED


def unread_messages(account_id: Any) -> Select:
    """How many messages an account has not opened."""
    return (
        select(func.count())
        .select_from(InboxMessage)
        .where(InboxMessage.account_id == account_id, InboxMessage.read_at.is_(None))
    )


def due_notices(account_id: Any) -> Select:
    """How many notices an account was given that it has still to confirm."""
    return (
        select(func.count())
        .select_from(NoticeReader)
        .join(Notice, (Notice.id == NoticeReader.notice_id) & (Notice.edition == NoticeReader.edition))
        .where(NoticeReader.account_id == account_id, NoticeReader.acknowledged_at.is_(None))
        .where(Notice.must_read, Notice.state == PUBLISHED)
    )
