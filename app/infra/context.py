"""Who acts and what time it is, for the edges: views, jobs and commands."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator

from flask import current_app, g, has_app_context

from app.kernel.actor import ANONYMOUS, Actor
from app.kernel.clock import Clock, local_date


def current_actor() -> Actor:
    """The actor of this request, job or command; anonymous where nobody was set."""
    if not has_app_context():
        return ANONYMOUS
    actor: Actor = g.get("actor", ANONYMOUS)
    return actor


@contextlib.contextmanager
def acting_as(actor: Actor) -> Iterator[Actor]:
    """Act as somebody within a block: a job as its owner, demonstration data as its authors."""
    before = g.get("actor", ANONYMOUS)
    g.actor = actor
    try:
        yield actor
    finally:
        g.actor = before


def clock() -> Clock:
    """The clock of the application; tests and demonstration data replace it."""
    found: Clock = current_app.extensions["clock"]
    return found


def now() -> dt.datetime:
    """This instant, UTC."""
    return clock().now()


def today() -> dt.date:
    """This day in Shanghai."""
    return local_date(now())
