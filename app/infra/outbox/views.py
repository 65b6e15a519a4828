"""Pages of the outbox: the administrator's list, and the local outbox of an installation for trying out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select

from app.infra import context
from app.infra.database import db
from app.infra.i18n import say
from app.infra.jobs.service import machine_now, oversees_jobs
from app.infra.lists import ListSpec
from app.infra.outbox.adapters import LOCAL
from app.infra.outbox.lists import (
    ADAPTER_NAMES,
    CHANNEL_NAMES,
    PURPOSE_NAMES,
    STATE_NAMES,
    outbox_list,
    readable_body,
)
from app.infra.outbox.models import Delivery, OutboxMessage
from app.infra.outbox.service import send_again
from app.infra.shell import Todo
from app.infra.transactions import unit_of_work
from app.infra.views import DomainView, PageView, protected
from app.kernel.actor import Actor
from app.kernel.texts import Message

SHOWN = 30
"""Messages on the page of the local outbox: who tries something looks for the newest."""

SHOWN_FOR = dt.timedelta(days=1)
LONGEST_SEARCH = 100


class OutboxView(DomainView):
    """Every message that leaves the platform, read only."""

    model = OutboxMessage
    route_base = "/outbox"
    editable = False
    batch_permission = "again"
    show_template = "outbox/show.html"
    list_title = lazy_gettext("Outbox")
    show_title = lazy_gettext("Message of the outbox")
    label_columns = {
        "recipient": lazy_gettext("Receiver"),
        "channel": lazy_gettext("Channel"),
        "purpose": lazy_gettext("Purpose"),
        "subject": lazy_gettext("Subject"),
        "state": lazy_gettext("State"),
        "attempts": lazy_gettext("Tries"),
        "error": lazy_gettext("Reason"),
        "created_at": lazy_gettext("Written"),
        "next_attempt_at": lazy_gettext("Next try not before"),
        "sent_at": lazy_gettext("Sent at"),
        "adapter": lazy_gettext("Carried by"),
        "public_id": lazy_gettext("Message number"),
    }
    list_columns = ["recipient", "channel", "purpose", "state", "created_at"]
    search_columns = ["recipient", "channel", "purpose", "state"]
    base_order = ("created_at", "desc")
    show_columns = [
        *("recipient", "channel", "purpose", "subject", "state", "attempts", "error"),
        *("created_at", "next_attempt_at", "sent_at", "adapter", "public_id"),
    ]
    choices_columns = {
        "channel": list(CHANNEL_NAMES.items()),
        "purpose": list(PURPOSE_NAMES.items()),
        "state": list(STATE_NAMES.items()),
        "adapter": list(ADAPTER_NAMES.items()),
    }

    def listing(self) -> ListSpec:
        """Messages by channel, state, purpose, receiver and day."""
        return outbox_list(self.listing_name, self._row_link())

    def name_of(self, row: Any) -> str:
        """The receiver."""
        return str(row.recipient)

    def show_actions(self, row: Any) -> list[tuple[str, str]]:
        """A failed message can be sent again."""
        if row.state != Delivery.FAILED or not self.can("again"):
            return []
        return [(gettext("Send again"), self._url("again", pk=row.id))]

    def _show_page(self, pk: str, row: Any, **values: Any) -> Any:
        return super()._show_page(
            pk, row, body=readable_body(row), wiped=row.secret and not row.body, **values
        )

    @expose("/again/<pk>", methods=["POST"])
    @protected("again")
    def again(self, pk: str) -> Any:
        """Put a message that could not be delivered back to the waiting ones."""
        with unit_of_work():
            send_again(self.actor, pk, context.now())
        flash(gettext("The message will be sent again."), "success")
        return redirect(self._url("show", pk=pk))


class LocalOutboxView(PageView):
    """What the built-in adapter kept, for everybody; only where the installation is a demonstration."""

    route_base = "/outbox"
    default_view = "local"

    @expose("/local", methods=["GET"])
    def local(self) -> Any:
        """The newest messages of the last day, or those to one receiver."""
        if not current_app.config["DEMO"]:
            abort(404)
        receiver = request.args.get("receiver", "").strip()[:LONGEST_SEARCH]
        return self.page(
            "outbox/local.html", messages=kept_messages(receiver), receiver=receiver, channels=CHANNEL_NAMES
        )


def kept_messages(receiver: str) -> list[OutboxMessage]:
    """What the local outbox kept lately, newest first.

    :param receiver: a part of the address or number; empty for all.
    """
    query = select(OutboxMessage).where(
        OutboxMessage.adapter == LOCAL, OutboxMessage.sent_at > machine_now() - SHOWN_FOR
    )
    if receiver:
        query = query.where(func.lower(OutboxMessage.recipient).contains(receiver.lower(), autoescape=True))
    return list(db.session.scalars(query.order_by(OutboxMessage.id.desc()).limit(SHOWN)))


def outbox_todos(actor: Actor, _now: dt.datetime) -> list[Todo]:
    """Messages that could not be delivered, for who runs the platform."""
    if not oversees_jobs(actor):
        return []
    failed = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == Delivery.FAILED)
    return [
        Todo(
            name="outbox.failed",
            label=say(Message("Messages that could not be delivered")),
            count=db.session.scalar(failed) or 0,
            url=url_for("OutboxView.list", state=Delivery.FAILED.value),
            action=say(Message("Look")),
            note=say(Message("Read the reason, then send them again")),
            hot=True,
        )
    ]
