"""How senders behave."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask import Flask


@dataclass(frozen=True, slots=True)
class OutboxSettings:
    """Seconds, but for the counts.

    ``lease`` outlasts the slowest sending of one message three times over: each step of SMTP may take
    the configured timeout. ``poll`` is how often a sender looks. ``longest_pause`` is how long it
    waits at most before it asks again a gateway that was out of reach.
    """

    lease: float = 180.0
    poll: float = 1.0
    batch: int = 20
    max_attempts: int = 12
    longest_pause: float = 30.0

    @classmethod
    def of(cls, app: Flask) -> OutboxSettings:
        """From the configuration (``OUTBOX_LEASE_SECONDS`` …)."""
        config, usual = app.config, cls()
        return cls(
            lease=float(config.get("OUTBOX_LEASE_SECONDS", usual.lease)),
            poll=float(config.get("OUTBOX_POLL_SECONDS", usual.poll)),
            batch=int(config.get("OUTBOX_BATCH", usual.batch)),
            max_attempts=int(config.get("OUTBOX_MAX_ATTEMPTS", usual.max_attempts)),
            longest_pause=float(config.get("OUTBOX_PAUSE_SECONDS", usual.longest_pause)),
        )

    @property
    def lease_span(self) -> dt.timedelta:
        """The lease as a span of time."""
        return dt.timedelta(seconds=self.lease)
