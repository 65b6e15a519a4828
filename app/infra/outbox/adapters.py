"""What carries messages: the shape that every adapter has, and the built-in one that keeps them here."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way out: values, since an ORM row would show what others wrote meanwhile."""

    id: int
    public_id: str
    channel: str
    recipient: str
    subject: str
    body: str
    purpose: str
    secret: bool
    attempts: int
    created_at: dt.datetime


Send = Callable[[Parcel], None]
"""Hands one message over.

:raises Refused, TryLater, Unreachable: it was not taken.
"""


class Adapter(Protocol):
    """Carries the messages of a channel."""

    @property
    def name(self) -> str:
        """The short name that is kept with each message that it sent."""

    def opened(self) -> contextlib.AbstractContextManager[Send]:
        """A connection for a row of messages.

        :raises Unreachable: there is none to be had now.
        """


@dataclass(frozen=True, slots=True)
class LocalAdapter:
    """Keeps messages in the table, to be read on the page of the local outbox."""

    name: str = LOCAL

    @contextlib.contextmanager
    def opened(self) -> Iterator[Send]:
        """A connection to nowhere: the row itself is the delivery."""
        yield lambda _parcel: None
