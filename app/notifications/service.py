"""Telling accounts something, and what an account does with what it was told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, false, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.infra import scope
from app.infra.database import db, is_postgresql
from app.infra.words import words_to_json
from app.kernel.actor import Actor
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.notifications.models import InboxMessage

KINDS = {
    "registration": Message("Registration"),
    "report": Message("Report"),
    "questionnaire": Message("Questionnaire"),
    "notice": Message("Notice"),
    "account": Message("Account"),
}
"""What a message may be about."""


def notify(
    account_ids: Collection[int],
    kind: str,
    title: Words,
    body: Words,
    now: dt.datetime,
    *,
    url: str = "",
    key: str | None = None,
) -> None:
    """Put a message into the inbox of each account, inside the caller's unit of work.

    :param kind: what it is about, one of ``KINDS``.
    :param url: the page of the platform that it opens; empty for none.
    :param key: what makes the message unique; an account that has it already gets no other.
    """
    wanted = set(account_ids)
    if key is not None:
        known = select(InboxMessage.account_id).where(InboxMessage.key == key)
        wanted -= set(db.session.scalars(known.where(InboxMessage.account_id.in_(wanted))))
    db.session.add_all(
        InboxMessage(
            account_id=account_id,
            kind=kind,
            title=words_to_json(title),
            body=words_to_json(body),
            url=url,
            key=key,
            created_at=now,
        )
        for account_id in sorted(wanted)
    )
    db.session.flush()


def notify_selected(
    told: Select[Any], kind: str, title: Words, body: Words, now: dt.datetime, *, key: str
) -> None:
    """``notify`` for any number of accounts by one statement; who has the message of ``key`` gets no other.

    :param told: gives ``account_id`` and the page that the message opens.
    """
    values = {
        "kind": literal(kind),
        "title": literal(words_to_json(title), InboxMessage.title.type),
        "body": literal(words_to_json(body), InboxMessage.body.type),
        "key": literal(key),
        "created_at": literal(now, InboxMessage.created_at.type),
    }
    adding: Any = (postgresql if is_postgresql() else sqlite).insert(InboxMessage)
    known = exists().where(InboxMessage.key == key, InboxMessage.account_id == told.selected_columns[0])
    rows = told.where(~known).add_columns(*values.values())
    db.session.execute(adding.from_select(["account_id", "url", *values], rows).on_conflict_do_nothing())


def visible_inbox(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Everybody's own messages, and nobody else's."""
    return false() if actor.account_id is None else InboxMessage.account_id == actor.account_id


scope.register(InboxMessage, visible_inbox)


def open_message(actor: Actor, key: object, now: dt.datetime) -> InboxMessage:
    """A message of the actor's, read from now on.

    :raises NotFound: not the actor's.
    """
    message: InboxMessage = scope.find(InboxMessage, key, actor, now.date())
    if message.read_at is None:
        message.read_at = now
        db.session.flush()
    return message


def remove_message(actor: Actor, key: object, now: dt.datetime) -> None:
    """Take a message out of the actor's inbox.

    :raises NotFound: not the actor's.
    """
    db.session.delete(scope.find(InboxMessage, key, actor, now.date()))
    db.session.flush()


def read_all(actor: Actor, now: dt.datetime) -> int:
    """Mark every message of the actor's as read; gives how many were not."""
    result: Any = db.session.execute(
        update(InboxMessage)
        .where(visible_inbox(actor, now.date()), InboxMessage.read_at.is_(None))
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)


def take_back(key: str) -> None:
    """Remove a message that went to many from their inboxes."""
    db.session.execute(
        delete(InboxMessage).where(InboxMessage.key == key).execution_options(synchronize_session=False)
    )
