"""The senders of a worker: one thread for each channel, so that a slow SMS gateway holds up no mail."""

from __future__ import annotations

import logging
import threading

from flask import Flask
from sqlalchemy.exc import OperationalError

from app.infra.database import db
from app.infra.outbox.delivery import send_due
from app.infra.outbox.models import Channel
from app.infra.outbox.rules import Unreachable, reason_of
from app.infra.outbox.setup import EXTENSION, Post

log = logging.getLogger(__name__)


def run_senders(app: Flask, stopping: threading.Event) -> None:
    """Send until the worker stops; gives back when every sender has let go of what it held."""
    threads = [
        threading.Thread(target=_run, args=(app, channel, stopping), name=f"outbox-{channel}", daemon=True)
        for channel in Channel
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _run(app: Flask, channel: Channel, stopping: threading.Event) -> None:
    post: Post = app.extensions[EXTENSION]
    pause = post.settings.poll
    while not stopping.is_set():
        pause = one_round(app, channel, pause, stopping)
        stopping.wait(pause)


def one_round(app: Flask, channel: Channel, pause: float, stopping: threading.Event) -> float:
    """Send what is due; gives the seconds to wait before the next round.

    :param pause: the wait before this round: it doubles while the gateway is out of reach.
    """
    post: Post = app.extensions[EXTENSION]
    settings = post.settings
    longer = min(max(pause, settings.poll) * 2, settings.longest_pause)
    with app.app_context():
        try:
            claimed = send_due(channel, post.adapters[channel], settings, stopping.is_set)
        except Unreachable as error:
            log.warning("the gateway for %s is out of reach: %s", channel, reason_of(error))
            return longer
        except OperationalError as error:
            log.warning("sending waits for the database: %s", error.orig)
            return longer
        except Exception:
            log.exception("sending by %s failed; the next round tries again", channel)
            return longer
        finally:
            db.session.remove()
    return 0.0 if claimed == settings.batch else settings.poll
