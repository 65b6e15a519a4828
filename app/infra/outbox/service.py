"""What the program and administrators do with messages: post one, have a failed one sent again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, select, true

from app.infra import audit, scope
from app.infra.database import db
from app.infra.jobs.service import machine_now, oversees_jobs
from app.infra.outbox.models import Channel, Delivery, OutboxMessage
from app.infra.transactions import emit_once
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.texts import Message


@dataclass(frozen=True, slots=True)
class MessagesPosted:
    """Messages of a channel were written down in this unit of work; told once, after its commit."""

    channel: Channel


def post(
    channel: Channel,
    recipient: str,
    body: str,
    *,
    purpose: str,
    now: dt.datetime,
    subject: str = "",
    account_id: int | None = None,
    key: str | None = None,
    secret: bool = False,
) -> OutboxMessage:
    """Write a message down inside the caller's unit of work; it is sent after the commit.

    :param body: finished text in the receiver's language. :param purpose: a stable word such as
        ``sign_in_code``. :param key: what makes the message unique; posting it again gives the
        first one. :param secret: only the receiver may read the body.
    """
    if key is not None:
        known = db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))
        if known is not None:
            return known
    message = OutboxMessage(
        channel=channel,
        recipient=recipient,
        subject=subject,
        body=body,
        purpose=purpose,
        secret=secret,
        account_id=account_id,
        key=key,
        created_at=now,
        next_attempt_at=machine_now(),  # leases and retries are about processes, not about business days
    )
    db.session.add(message)
    db.session.flush()
    emit_once(MessagesPosted(Channel(channel)))
    return message


def visible_messages(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The outbox is the platform administrator's; what its secret bodies say is not shown even there."""
    return true() if oversees_jobs(actor) else false()


scope.register(OutboxMessage, visible_messages)


def send_again(actor: Actor, key: object, now: dt.datetime) -> OutboxMessage:
    """Put a message that was given up back to the waiting ones, with all its tries before it.

    :raises NotFound: not the actor's to see.
    :raises Conflict: it has not failed.
    """
    message: OutboxMessage = scope.find(OutboxMessage, key, actor, now.date(), lock=True)
    if message.state != Delivery.FAILED:
        raise Conflict(Message("Only a message that could not be delivered is sent again."))
    audit.record(actor, "send_again", "outbox_message", message.id, before={"error": message.error})
    message.state = Delivery.WAITING
    message.attempts = 0
    message.error = ""
    message.next_attempt_at = machine_now()
    message.lease_token = ""
    message.lease_until = None
    db.session.flush()
    emit_once(MessagesPosted(Channel(message.channel)))
    return message
