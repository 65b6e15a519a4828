"""The demonstration province, made through the services under a moved clock; always the same."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from app.enterprises.demo import build_enterprises, renew_figures
from app.infra import audit, context
from app.infra.cli import OPERATOR
from app.infra.transactions import unit_of_work
from app.kernel.clock import SHANGHAI, MovableClock
from app.organisations.account_service import hash_password
from app.organisations.demo import build_organisations
from app.reports.demo import report_history

MONTHS = 14


def load() -> bool:
    """Load it, if it is not there yet; whether anything was loaded.

    The history ends with the month that is current today, so that a new installation
    always shows a month at work.
    """
    real = current_app.extensions["clock"]
    today = real.now()
    clock = MovableClock(_start(today))
    current_app.extensions["clock"] = clock
    try:
        return _build(clock, today)
    finally:
        current_app.extensions["clock"] = real


def _start(today: dt.datetime) -> dt.datetime:
    """A working day well before the first month of the history."""
    local = today.astimezone(SHANGHAI)
    return dt.datetime(local.year - 2, 1, 8, 9, 30, tzinfo=SHANGHAI)


def _build(clock: MovableClock, today: dt.datetime) -> bool:
    """All of it in one transaction: a first start that is killed leaves nothing half told."""
    password = hash_password(current_app.config["DEMO_PASSWORD"])
    with context.acting_as(OPERATOR), unit_of_work():
        if not build_organisations(password, clock.now()):
            return False
        build_enterprises(password, clock.now())
        audit.record(OPERATOR, "load_demonstration")
        report_history(clock, today, MONTHS, renew=renew_figures)
    return True
