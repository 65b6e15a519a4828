"""The declared list of the outbox, and what of a body may be shown."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import current_app

from app.infra import scope
from app.infra.jobs.service import oversees_jobs
from app.infra.lists import Action, Column, Filter, ListSpec
from app.infra.outbox.adapters import LOCAL
from app.infra.outbox.models import Channel, Delivery, OutboxMessage
from app.infra.outbox.service import send_again
from app.kernel.actor import Actor
from app.kernel.texts import Message

CHANNEL_NAMES = {
    Channel.EMAIL.value: Message("E-mail"),
    Channel.SMS.value: Message("SMS"),
    Channel.ROBOT.value: Message("Chat robot"),
}
STATE_NAMES = {
    Delivery.WAITING.value: Message("Waiting"),
    Delivery.SENDING.value: Message("Being sent"),
    Delivery.SENT.value: Message("Sent"),
    Delivery.FAILED.value: Message("Not delivered"),
}
STATE_MARKS = {
    Delivery.WAITING.value: "edit",
    Delivery.SENDING.value: "wait",
    Delivery.SENT.value: "pass",
    Delivery.FAILED.value: "late",
}
ADAPTER_NAMES = {
    "": Message("Not tried yet"),
    LOCAL: Message("Local outbox"),
    "smtp": Message("Mail server"),
    "sms": Message("SMS gateway"),
    "robot": Message("Robot gateway"),
}
PURPOSE_NAMES = {
    "code.sign_in": Message("Code for signing in"),
    "code.registration": Message("Code for registering"),
    "code.recover_password": Message("Code for a new password"),
    "code.bind_phone": Message("Code for binding a mobile"),
    "code.old_phone": Message("Code to the old mobile"),
    "code.new_phone": Message("Code to the new mobile"),
    "login_names": Message("Recovery of login names"),
    "activation": Message("Activation link"),
    "registration_approved": Message("Registration passed"),
    "registration_returned": Message("Registration returned"),
    "report_reminder": Message("Reminder of a report"),
}
"""Words for purposes; one that is not here is shown by its own name."""


def bodies_may_be_read() -> bool:
    """Whether this installation is for trying out, so that codes may be read from the local outbox."""
    return bool(current_app.config["DEMO"]) or current_app.config["APP_ENV"] == "development"


def readable_body(message: OutboxMessage) -> str | None:
    """The text of a message; None where only its receiver may read it."""
    if message.secret and not (message.adapter == LOCAL and bodies_may_be_read()):
        return None
    return message.body


def outbox_list(name: str, row_link: str) -> ListSpec:
    """Messages, newest first, with the failed ones to be sent again."""
    return ListSpec(
        name=name,
        title=Message("Outbox"),
        base=lambda actor, today: scope.visible(OutboxMessage, actor, today),
        key=(OutboxMessage.id,),
        columns=(
            Column("recipient", Message("Receiver"), OutboxMessage.recipient, always=True),
            Column("channel", Message("Channel"), OutboxMessage.channel, "choice", words=CHANNEL_NAMES),
            Column("purpose", Message("Purpose"), OutboxMessage.purpose, "choice", words=PURPOSE_NAMES),
            Column("subject", Message("Subject"), OutboxMessage.subject),
            Column(
                "state", Message("State"), OutboxMessage.state, "state", words=STATE_NAMES, marks=STATE_MARKS
            ),
            Column("attempts", Message("Tries"), OutboxMessage.attempts, "number"),
            Column("error", Message("Reason"), OutboxMessage.error, default=False),
            Column("created_at", Message("Written"), OutboxMessage.created_at, "instant", sortable=True),
            Column("sent_at", Message("Sent at"), OutboxMessage.sent_at, "instant"),
            Column(
                "adapter",
                Message("Carried by"),
                OutboxMessage.adapter,
                "choice",
                words=ADAPTER_NAMES,
                default=False,
            ),
            Column("public_id", Message("Message number"), OutboxMessage.public_id, default=False),
        ),
        filters=(
            Filter("state", Message("State"), "choice", OutboxMessage.state, words=STATE_NAMES, tabs=True),
            Filter("channel", Message("Channel"), "choice", OutboxMessage.channel, words=CHANNEL_NAMES),
            Filter("purpose", Message("Purpose"), "choice", OutboxMessage.purpose, words=PURPOSE_NAMES),
            Filter("recipient", Message("Receiver"), expression=OutboxMessage.recipient),
            Filter("day", Message("Day"), "date_range", OutboxMessage.created_at),
        ),
        actions=(
            Action(
                "again",
                Message("Send again"),
                _again,
                done=Message("Will be sent again"),
                confirm=Message("Send the ticked messages again that could not be delivered?"),
                allowed=oversees_jobs,
                primary=True,
            ),
        ),
        default_sort="-created_at",
        row_link=row_link,
        unit=Message("{count} messages"),
        empty=Message("No message has left the platform yet."),
    )


def _again(actor: Actor, key: tuple[Any, ...], _comment: str, now: dt.datetime) -> None:
    send_again(actor, key[0], now)
