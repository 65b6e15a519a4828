"""Declared lists: the inbox, the notices to administer, the notices to read, and who has read them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, case, func, select

from app.infra import scope
from app.infra.database import db
from app.infra.i18n import listed, say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, Remote
from app.infra.lists.spec import Key
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.notifications import notices, service
from app.notifications.models import InboxMessage, Notice, NoticeAudience, NoticeKind, NoticeReader
from app.notifications.reach import AUDIENCE, accounts, managed, readable
from app.notifications.workflow import STATE_LABELS, STATE_MARKS

KIND_NAMES = {
    NoticeKind.BUREAU.value: Message("Bureau notice"),
    NoticeKind.PLATFORM.value: Message("Platform notice"),
}
READ_NAMES = {"unread": Message("Unread"), "read": Message("Read")}
READ_MARKS = {"unread": "wait", "read": "none"}
READING_NAMES = {**READ_NAMES, "due": Message("To be confirmed"), "confirmed": Message("Confirmed")}
READING_MARKS = {**READ_MARKS, "due": "back", "confirmed": "pass"}


# Inbox


def inbox_list(actor: Actor) -> ListSpec:
    """The messages to an account, newest first."""
    state = case((InboxMessage.read_at.is_(None), "unread"), else_="read")
    return ListSpec(
        name="inbox",
        title=Message("Message centre"),
        base=lambda reader, today: scope.visible(InboxMessage, reader, today),
        key=(InboxMessage.id,),
        columns=(
            Column("title", Message("What it says"), each=_titles, note=_bodies, always=True),
            Column("kind", Message("Kind"), InboxMessage.kind, "choice", words=service.KINDS),
            Column("state", Message("State"), state, "state", words=READ_NAMES, marks=READ_MARKS),
            Column("created_at", Message("Received"), InboxMessage.created_at, "instant", sortable=True),
        ),
        filters=(
            Filter("kind", Message("Kind"), "choice", InboxMessage.kind, words=service.KINDS, tabs=True),
            Filter("unread", Message("Unread only"), "bool", clause=_unread),
            Filter("day", Message("Day"), "date_range", InboxMessage.created_at),
        ),
        actions=(
            Action("read", Message("Mark as read"), _mark_read, done=Message("Read"), primary=True),
            Action(
                "remove",
                Message("Remove"),
                _remove,
                done=Message("Removed"),
                confirm=Message("Remove the ticked messages from your inbox?"),
            ),
        ),
        default_sort="-created_at",
        row_link="/inbox/{}",
        unit=Message("{count} messages"),
        empty=Message("No messages yet. What concerns you appears here."),
    )


def _unread(wanted: bool, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as filters call it
    return InboxMessage.read_at.is_(None) if wanted else InboxMessage.read_at.is_not(None)


def _titles(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    return _said(keys, InboxMessage.title)


def _bodies(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    return _said(keys, InboxMessage.body)


def _said(keys: Sequence[Key], column: Any) -> Mapping[Key, str]:
    """The words of messages in the reader's language."""
    query = select(InboxMessage.id, column).where(InboxMessage.id.in_([key[0] for key in keys]))
    return {(number,): say(words_from_json(kept) or "") for number, kept in db.session.execute(query)}


def _mark_read(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
    service.open_message(actor, key[0], now)


def _remove(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
    service.remove_message(actor, key[0], now)


# Notices to administer


def notice_list(name: str, row_link: str) -> ListSpec:
    """The notices that an actor administers, newest first."""
    account = accounts()
    return ListSpec(
        name=name,
        title=Message("Publish notices"),
        base=lambda actor, today: scope.visible(Notice, actor, today),
        key=(Notice.id,),
        columns=(
            Column("title", Message("Title of the notice"), Notice.title, always=True, sortable=True),
            Column("state", Message("State"), Notice.state, "state", words=STATE_LABELS, marks=STATE_MARKS),
            Column("author", Message("Author"), lookup=Lookup(Notice.author_id, account, "display_name")),
            Column("kinds", Message("Readers"), each=_audiences),
            Column("on_top", Message("On top"), Notice.on_top, "bool"),
            Column("must_read", Message("Must be confirmed"), Notice.must_read, "bool"),
            Column("told", Message("Told"), each=_told, kind="number"),
            Column("opened", Message("Read by"), each=_opened, kind="number"),
            Column("confirmed", Message("Confirmed by"), each=_confirmed, kind="number"),
            Column("published_at", Message("Published at"), Notice.published_at, "instant"),
            Column("created_at", Message("Written"), Notice.created_at, "instant", sortable=True),
        ),
        filters=(
            Filter("state", Message("State"), "choice", Notice.state, words=STATE_LABELS, tabs=True),
            Filter(
                "title", Message("Title or text of the notice"), expression=Notice.title, more=(Notice.body,)
            ),
            Filter("for_kind", Message("Readers"), "choice", clause=_for_kind, words=AUDIENCE),
            Filter("must_read", Message("Must be confirmed"), "bool", Notice.must_read),
            Filter("day", Message("Published on"), "date_range", Notice.published_at),
        ),
        actions=(
            Action(
                "withdraw",
                Message("Withdraw the notice"),
                _withdraw,
                done=Message("Withdrawn"),
                confirm=Message("Withdraw the ticked notices? Their readers no longer see them."),
                comment="required",
            ),
        ),
        default_sort="-created_at",
        row_link=row_link,
        unit=Message("{count} notices"),
        empty=Message("No notice was written yet."),
    )


def _for_kind(kind: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    return Notice.id.in_(select(NoticeAudience.notice_id).where(NoticeAudience.kind == kind))


def _audiences(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    query = select(NoticeAudience.notice_id, NoticeAudience.kind).where(
        NoticeAudience.notice_id.in_([key[0] for key in keys])
    )
    found: dict[Key, list[str]] = {}
    for notice_id, kind in db.session.execute(query.order_by(NoticeAudience.kind)):
        found.setdefault((notice_id,), []).append(say(AUDIENCE[kind]))
    return {key: listed(words) for key, words in found.items()}


def _told(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, int]:
    return _counted(keys, func.count())


def _opened(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, int]:
    return _counted(keys, func.count(NoticeReader.read_at))


def _confirmed(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, int]:
    return _counted(keys, func.count(NoticeReader.acknowledged_at))


def _counted(keys: Sequence[Key], number: Any) -> Mapping[Key, int]:
    query = (
        select(NoticeReader.notice_id, number)
        .join(Notice, _present_edition())
        .where(Notice.id.in_([key[0] for key in keys]))
        .group_by(NoticeReader.notice_id)
    )
    return {(notice_id,): found for notice_id, found in db.session.execute(query)}


def _present_edition() -> ColumnElement[bool]:
    return and_(Notice.id == NoticeReader.notice_id, Notice.edition == NoticeReader.edition)


def _withdraw(actor: Actor, key: Key, comment: str, now: dt.datetime) -> None:
    notices.take_step(actor, key[0], "withdraw", comment, now)


# Who has read


def visible_readers(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Readers of the present editions of the notices that the actor administers."""
    editions = select(Notice.id).where(managed(actor, today), Notice.edition == NoticeReader.edition)
    return NoticeReader.notice_id.in_(editions.correlate(NoticeReader))


scope.register(NoticeReader, visible_readers)


def readers_list(_actor: Actor) -> ListSpec:
    """Who was given a notice, who read it and who confirmed it."""
    account = accounts()
    reading = case(
        (NoticeReader.acknowledged_at.is_not(None), "confirmed"),
        (NoticeReader.read_at.is_not(None), "read"),
        else_="unread",
    )
    return ListSpec(
        name="notice_readers",
        title=Message("Readers of notices"),
        base=lambda actor, today: scope.visible(NoticeReader, actor, today),
        key=(NoticeReader.id,),
        columns=(
            Column(
                "account",
                Message("Reader"),
                lookup=Lookup(NoticeReader.account_id, account, "display_name"),
                always=True,
            ),
            Column("kind", Message("Kind of account"), each=_kinds_of_readers),
            Column("phone", Message("Phone"), lookup=Lookup(NoticeReader.account_id, account, "phone")),
            Column("notice", Message("Notice"), lookup=Lookup(NoticeReader.notice_id, Notice, "title")),
            Column("state", Message("State"), reading, "state", words=READING_NAMES, marks=READING_MARKS),
            Column("read_at", Message("Read at"), NoticeReader.read_at, "instant"),
            Column("acknowledged_at", Message("Confirmed at"), NoticeReader.acknowledged_at, "instant"),
            Column("number", Message("Number"), NoticeReader.id, "number", sortable=True, default=False),
        ),
        filters=(
            Filter(
                "notice",
                Message("Notice"),
                "remote",
                NoticeReader.notice_id,
                remote=Remote(_published_notices),
            ),
            Filter("acknowledged", Message("Confirmed"), "bool", clause=_is_confirmed),
            Filter("opened", Message("Read"), "bool", clause=_is_read),
            Filter("name", Message("Reader"), clause=_is_named),
        ),
        default_sort="number",
        unit=Message("{count} readers"),
        empty=Message("No reader is as you asked."),
    )


def _published_notices(actor: Actor, today: dt.date) -> Select:
    titles: Select = select(Notice.id, Notice.title)
    return titles.where(managed(actor, today), Notice.edition > 0)


def _is_confirmed(wanted: bool, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as above
    column = NoticeReader.acknowledged_at
    return column.is_not(None) if wanted else column.is_(None)


def _is_read(wanted: bool, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as above
    return NoticeReader.read_at.is_not(None) if wanted else NoticeReader.read_at.is_(None)


def _is_named(text: str, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    account = accounts()
    named = func.lower(account.display_name).contains(text.lower(), autoescape=True)
    return NoticeReader.account_id.in_(select(account.id).where(named))


def _kinds_of_readers(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    account = accounts()
    query = (
        select(NoticeReader.id, account.kind)
        .join(account, account.id == NoticeReader.account_id)
        .where(NoticeReader.id.in_([key[0] for key in keys]))
    )
    return {(number,): say(AUDIENCE.get(kind, kind)) for number, kind in db.session.execute(query)}


# Notices to read


def board_list(_actor: Actor) -> ListSpec:
    """The notices that are for an account, newest first."""
    return ListSpec(
        name="board",
        title=Message("Notice board"),
        base=lambda actor, today: select(Notice).where(readable(actor, today)),
        key=(Notice.id,),
        columns=(
            Column(
                "title", Message("Title of the notice"), Notice.title, note=_marks_of_notices, always=True
            ),
            Column("kind", Message("Kind"), Notice.kind, "choice", words=KIND_NAMES),
            Column("publisher", Message("Published by"), Notice.publisher),
            Column(
                "reading",
                Message("State"),
                each=_readings,
                kind="state",
                words=READING_NAMES,
                marks=READING_MARKS,
            ),
            Column("published_at", Message("Published at"), Notice.published_at, "instant", sortable=True),
        ),
        filters=(
            Filter("kind", Message("Kind"), "choice", Notice.kind, words=KIND_NAMES, tabs=True),
            Filter(
                "title", Message("Title or text of the notice"), expression=Notice.title, more=(Notice.body,)
            ),
            Filter("due", Message("To be confirmed"), "bool", clause=_is_due),
            Filter("day", Message("Published on"), "date_range", Notice.published_at),
        ),
        default_sort="-published_at",
        row_link="/board/{}",
        unit=Message("{count} notices"),
        empty=Message("There is no notice for you."),
    )


def due_for(actor: Actor) -> ColumnElement[bool]:
    """Notices that the actor was given and has still to confirm."""
    given = (
        select(NoticeReader.notice_id)
        .where(NoticeReader.account_id == actor.account_id, NoticeReader.acknowledged_at.is_(None))
        .where(NoticeReader.notice_id == Notice.id, NoticeReader.edition == Notice.edition)
        .correlate(Notice)
    )
    return and_(Notice.must_read, given.exists())


def _is_due(wanted: bool, actor: Actor, _today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as above
    return due_for(actor) if wanted else ~due_for(actor)


def _marks_of_notices(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    query = select(Notice.id).where(Notice.on_top, Notice.id.in_([key[0] for key in keys]))
    return {(number,): say(Message("On top")) for number in db.session.scalars(query)}


def _readings(keys: Sequence[Key], actor: Actor) -> Mapping[Key, str]:
    return readings_of(actor, [key[0] for key in keys])


def readings_of(actor: Actor, notice_ids: Sequence[int]) -> dict[Key, str]:
    """How far the actor is with notices: unread, read, to be confirmed, or confirmed; one statement."""
    query = (
        select(Notice.id, Notice.must_read, NoticeReader.read_at, NoticeReader.acknowledged_at)
        .outerjoin(NoticeReader, and_(_present_edition(), NoticeReader.account_id == actor.account_id))
        .where(Notice.id.in_(notice_ids))
    )
    found: dict[Key, str] = {}
    for number, must_read, read_at, acknowledged_at in db.session.execute(query):
        if acknowledged_at is not None:
            found[(number,)] = "confirmed"
        elif must_read:
            found[(number,)] = "due"
        else:
            found[(number,)] = "unread" if read_at is None else "read"
    return found


def readers_url(notice: Notice, **conditions: Any) -> str:
    """The list of a notice's readers."""
    return url_for("NoticeReaderView.list", notice=notice.id, **conditions)


def counts_of(notice: Notice) -> tuple[int, int, int]:
    """How many were given the present edition, read it, and confirmed it."""
    query = select(func.count(), func.count(NoticeReader.read_at), func.count(NoticeReader.acknowledged_at))
    row = db.session.execute(
        query.where(NoticeReader.notice_id == notice.id, NoticeReader.edition == notice.edition)
    ).one()
    return row[0], row[1], row[2]
