"""Sending what waits: claimed by one sender under a lease, settled message by message.

At least once, with a stable name: a sender that is killed between the gateway's yes and its own
note leaves the message to the next one, which sends it again under the same ``public_id``. Two
living senders never send the same message, since each claim carries a token of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select, update

from app.infra.database import db
from app.infra.jobs.service import machine_now
from app.infra.outbox.adapters import LOCAL, Adapter, Parcel
from app.infra.outbox.models import Channel, Delivery, OutboxMessage
from app.infra.outbox.rules import NotDelivered, Unreachable, after_failure, reason_of
from app.infra.outbox.settings import OutboxSettings
from app.infra.transactions import unit_of_work

log = logging.getLogger(__name__)

COLUMNS = (
    OutboxMessage.id,
    OutboxMessage.public_id,
    OutboxMessage.channel,
    OutboxMessage.recipient,
    OutboxMessage.subject,
    OutboxMessage.body,
    OutboxMessage.purpose,
    OutboxMessage.secret,
    OutboxMessage.attempts,
    OutboxMessage.created_at,
)


def send_due(
    channel: Channel, adapter: Adapter, settings: OutboxSettings, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Claim what is due of a channel, at most one batch, and send it; gives the number claimed.

    :raises Unreachable: the gateway is out of reach; what was claimed waits again.
    """
    if not anything_due(channel):
        return 0
    claim = Claim(channel, adapter, settings)
    try:
        claim.send_all(stopping)
    finally:
        claim.give_back()
    return claim.size


def anything_due(channel: Channel) -> bool:
    """Whether something of a channel can be claimed now; a read, so that idle senders lock nothing."""
    db.session.rollback()  # see the newest state
    found = db.session.scalar(select(OutboxMessage.id).where(due(channel, machine_now())).limit(1))
    db.session.rollback()
    return found is not None


def due(channel: Channel, now: dt.datetime) -> ColumnElement[bool]:
    """What waits and may be tried, and what a sender left behind whose lease is over."""
    waits = and_(OutboxMessage.state == Delivery.WAITING, OutboxMessage.next_attempt_at <= now)
    left = and_(OutboxMessage.state == Delivery.SENDING, OutboxMessage.lease_until < now)
    return and_(OutboxMessage.channel == channel, or_(waits, left))


class Claim:
    """Messages that one sender holds; the token tells its rows from those of every other sender."""

    def __init__(self, channel: Channel, adapter: Adapter, settings: OutboxSettings) -> None:
        self.adapter = adapter
        self.settings = settings
        self.token = secrets.token_hex(16)
        self._open: dict[int, Parcel] = {parcel.id: parcel for parcel in self._take(channel)}
        self.size = len(self._open)
        self._renewed = time.monotonic()

    def _take(self, channel: Channel) -> Sequence[Parcel]:
        now = machine_now()
        oldest = (
            select(OutboxMessage.id)
            .where(due(channel, now))
            .order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            .limit(self.settings.batch)
            .with_for_update(skip_locked=True)
        )
        with unit_of_work():
            keys = db.session.scalars(oldest).all()
            _change(
                and_(OutboxMessage.id.in_(keys), due(channel, now)),
                state=Delivery.SENDING,
                lease_token=self.token,
                lease_until=now + self.settings.lease_span,
            )
            held = (
                select(*COLUMNS).where(self._held()).order_by(OutboxMessage.next_attempt_at, OutboxMessage.id)
            )
            return [Parcel(*row) for row in db.session.execute(held)]

    def send_all(self, stopping: Callable[[], bool]) -> None:
        """Send one after the other.

        :raises Unreachable: the gateway is out of reach; the message that met it has used up a try.
        """
        with contextlib.ExitStack() as stack:
            send = None
            for parcel in list(self._open.values()):
                if stopping() or not self._keep(parcel):
                    continue
                try:
                    send = send or stack.enter_context(self.adapter.opened())
                    send(parcel)
                except NotDelivered as error:
                    self._failed(parcel, error)
                    if isinstance(error, Unreachable):
                        raise
                else:
                    self._sent(parcel)

    def give_back(self) -> None:
        """Let go what was not tried."""
        if self._open:
            with unit_of_work():
                _change(
                    and_(OutboxMessage.id.in_(list(self._open)), self._held()),
                    state=Delivery.WAITING,
                    lease_until=None,
                    lease_token="",
                )
            self._open.clear()

    def _keep(self, parcel: Parcel) -> bool:
        """Whether the message is still this sender's; the lease of all is prolonged when a third is over."""
        if time.monotonic() - self._renewed < self.settings.lease / 3:
            return parcel.id in self._open
        with unit_of_work():
            _change(self._held(), lease_until=machine_now() + self.settings.lease_span)
            held = set(db.session.scalars(select(OutboxMessage.id).where(self._held())))
        self._renewed = time.monotonic()
        self._open = {key: kept for key, kept in self._open.items() if key in held}
        return parcel.id in self._open

    def _sent(self, parcel: Parcel) -> None:
        # A code or a link has done its work once a gateway took it: it must not lie about in clear.
        wiped = {"body": ""} if parcel.secret and self.adapter.name != LOCAL else {}
        self._settle(
            parcel,
            state=Delivery.SENT,
            sent_at=machine_now(),
            attempts=parcel.attempts + 1,
            error="",
            **wiped,
        )

    def _failed(self, parcel: Parcel, error: NotDelivered) -> None:
        verdict = after_failure(error, parcel.attempts, self.settings.max_attempts)
        state = Delivery.FAILED if verdict.wait is None else Delivery.WAITING
        wait = verdict.wait or dt.timedelta()
        log.warning("message %s by %s: %s, %s", parcel.public_id, self.adapter.name, state, reason_of(error))
        self._settle(
            parcel,
            state=state,
            attempts=verdict.attempts,
            error=reason_of(error),
            next_attempt_at=machine_now() + wait,
        )

    def _settle(self, parcel: Parcel, **values: Any) -> None:
        self._open.pop(parcel.id, None)
        with unit_of_work():
            settled = _change(
                and_(OutboxMessage.id == parcel.id, self._held()),
                adapter=self.adapter.name,
                lease_until=None,
                lease_token="",
                **values,
            )
        if not settled:
            log.warning("message %s: its lease was over before it was settled", parcel.public_id)

    def _held(self) -> ColumnElement[bool]:
        return and_(OutboxMessage.state == Delivery.SENDING, OutboxMessage.lease_token == self.token)


def keep_locally(channel: Channel) -> None:
    """Mark what waits of a channel as kept by the built-in adapter: for the moment after a commit."""
    now = machine_now()
    with unit_of_work():
        _change(
            and_(OutboxMessage.channel == channel, OutboxMessage.state == Delivery.WAITING),
            state=Delivery.SENT,
            adapter=LOCAL,
            attempts=case((OutboxMessage.attempts > 0, OutboxMessage.attempts), else_=1),
            sent_at=now,
            error="",
        )


def _change(which: ColumnElement[bool], **values: Any) -> int:
    result: Any = db.session.execute(
        update(OutboxMessage).where(which).values(**values).execution_options(synchronize_session=False)
    )
    return int(result.rowcount)
