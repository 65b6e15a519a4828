"""Fixtures of notifications: notices of a bureau in each prefecture, written and published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.notifications import notices
from app.notifications.models import Notice
from app.notifications.waiting import unread_messages

ActorOf = Callable[[str], Actor]
Write = Callable[..., Notice]


def unread_count(reader: Actor) -> int:
    """How many messages an account has not opened, as the badge counts them."""
    return db.session.scalar(unread_messages(reader.account_id)) or 0


@pytest.fixture
def write(app: Flask, actor: ActorOf, now: dt.datetime) -> Write:
    """``write("prefecture", must_read=True)``: a notice of an account, published unless told."""

    def made(username: str, *, publish: bool = True, **changes: Any) -> Notice:
        author = actor(username)
        given = {
            "title": "关于做好十月份月报的通知",
            "body": "请各企业于 15 日前报送。\n\n联系人见附件。",
            "kinds": ["enterprise", "bureau"],
            **changes,
        }
        with context.acting_as(author), unit_of_work():
            notice = notices.create_notice(author, notices.NoticeInput(**given), now)
            if publish:
                notices.take_step(author, notice.id, "publish", "", now)
        return notice

    return made
