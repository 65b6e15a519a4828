"""What falls due by itself is settled before anybody reads it, with or without a worker.

A settler of the wiring's table ``SETTLERS`` is called as ``settle(now)``; it opens units of work of its own,
costs one statement where nothing is due, and may run in several processes at once. The frame calls it before
the request of an account that something due waits for, before each job, and in the worker's rounds.
"""

from __future__ import annotations

import logging

from flask import Flask, current_app, g
from sqlalchemy.exc import OperationalError

from app.infra import context
from app.infra.database import db
from app.infra.security import current_principal, is_static

log = logging.getLogger(__name__)


def settle_due() -> None:
    """Run every settler; what fails in one is told in the log and tried again at the next access.

    A fault in one domain's work must not close the pages of all others; a database that does not answer is
    told as such.
    """
    now = context.now()
    for settle in current_app.extensions["wiring"].get("SETTLERS", ()):
        try:
            settle(now)
        except OperationalError:
            raise
        except Exception:
            log.exception("settling what is due failed; the next access tries again")
            db.session.rollback()


def init_settling(app: Flask) -> None:
    """Settle before each request, once it is known who asks."""
    app.before_request(_before_request)


def _before_request() -> None:
    principal = None if is_static() else current_principal()
    if principal is None or principal.due is None or principal.due > context.now():
        return
    settle_due()
    g.pop("language", None)  # the program acted meanwhile: the page asks anew in whose language it speaks
