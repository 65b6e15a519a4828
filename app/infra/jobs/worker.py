"""The worker process: runs jobs, sweeps, and stops cleanly."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable

from flask import Flask
from huey.consumer import Consumer
from sqlalchemy.exc import OperationalError

from app.infra.jobs import sweeper
from app.infra.jobs.queue import JobEngine
from app.infra.settling import settle_due

log = logging.getLogger(__name__)

TIDY_SECONDS = 600.0

Companion = Callable[[Flask, threading.Event], None]


def run(app: Flask, parent: int | None = None) -> None:
    """Run jobs until SIGTERM (jobs at a checkpoint go back to the queue) or SIGINT.

    :param parent: the process identifier of a supervisor; when it dies, the worker stops too.
    """
    engine: JobEngine = app.extensions["jobs"]
    settings = engine.settings
    consumer = engine.prepare_worker().create_consumer(
        workers=settings.threads,
        worker_type="thread",
        periodic=False,
        initial_delay=0.05,
        max_delay=0.5,
        shutdown_timeout=settings.shutdown,
        graceful_signal="TERM",
    )
    engine.stopping = consumer.stop_flag.is_set
    threading.Thread(target=_keep_house, args=(engine, consumer), name="sweeper", daemon=True).start()
    companions = [_start_companion(engine, consumer, work) for work in app.extensions.get("companions", ())]
    if parent is not None:
        threading.Thread(target=_follow_parent, args=(parent,), name="parent", daemon=True).start()
    log.info("worker %d takes jobs with %d threads", os.getpid(), settings.threads)
    consumer.run()
    for companion in companions:
        companion.join(settings.shutdown)


def _start_companion(engine: JobEngine, consumer: Consumer, work: Companion) -> threading.Thread:
    """What a worker does beside jobs, such as sending messages, until it stops."""
    name = work.__module__.rpartition(".")[2]
    thread = threading.Thread(target=work, args=(engine.app, consumer.stop_flag), name=name, daemon=True)
    thread.start()
    return thread


def _keep_house(engine: JobEngine, consumer: Consumer) -> None:
    next_tidy = 0.0
    name = f"{socket.gethostname()}:{os.getpid()}"
    while not consumer.stop_flag.is_set():
        with engine.app.app_context():
            try:
                engine.progress.beat(name, engine.settings.threads)
                settle_due()
                sweeper.sweep(engine)
                if time.monotonic() >= next_tidy:
                    next_tidy = time.monotonic() + TIDY_SECONDS
                    sweeper.tidy(engine)
            except OperationalError as error:
                log.warning("sweeping waits for the database: %s", error.orig)
            except Exception:
                log.exception("sweeping failed; the next round tries again")
        consumer.stop_flag.wait(engine.settings.sweep)


def _follow_parent(parent: int) -> None:
    """Stop when the supervisor is gone: an orphaned worker would hold the database for ever."""
    while os.getppid() == parent:
        time.sleep(1)
    log.warning("the parent process is gone; stopping")
    os.kill(os.getpid(), signal.SIGTERM)
