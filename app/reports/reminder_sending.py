"""How a reminder leaves by one channel, and what is said of it; the same for every thing that is owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.infra.i18n import say_in
from app.infra.outbox import Channel, post
from app.infra.urls import public_address
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify
from app.reports.reminder_rules import CHANNEL_LABELS, EMAIL, INBOX, SMS, Target

JUST_REMINDED = Message("somebody else has just reminded it")


@dataclass(frozen=True, slots=True)
class Letter:
    """What one enterprise is told: ``kind`` files it in the message centre, ``path`` is where it leads."""

    kind: str
    purpose: str
    title: Message
    words: Message | LocalText
    path: str


def send(letter: Letter, target: Target, channel: str, key: str, now: dt.datetime) -> None:
    """Post a reminder by a channel that reaches the enterprise; ``key`` makes it unique."""
    if channel == INBOX and target.account_id is not None:
        notify([target.account_id], letter.kind, letter.title, letter.words, now, url=letter.path, key=key)
        return
    text = say_in(letter.words, target.language)
    if channel == EMAIL:
        text = f"{text}\n\n{public_address(letter.path)}"
    post(
        Channel.SMS if channel == SMS else Channel.EMAIL,
        target.mobile if channel == SMS else target.email,
        text,
        purpose=letter.purpose,
        now=now,
        subject=say_in(letter.title, target.language) if channel == EMAIL else "",
        account_id=target.account_id,
        key=key,
    )


def how_it_went(channel: str, reason: Message | None, *, sent: bool) -> Message:
    """What became of one enterprise by one channel."""
    label = CHANNEL_LABELS[channel]
    if sent:
        return Message("{channel}: sent", channel=label)
    return Message("{channel}: {reason}", channel=label, reason=reason or JUST_REMINDED)
