"""The demonstration province, made through the services under a moved clock; always the same."""

from __future__ import annotations

import datetime as dt

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.enterprises.demo import NAMED, build_enterprises, renew_figures
from app.infra import audit, context
from app.infra.cli import OPERATOR
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import SHANGHAI, MovableClock
from app.organisations.account_service import hash_password
from app.organisations.demo import NAMED_ADMINS, PERSONS, build_organisations
from app.organisations.models import Account
from app.reports.demo import report_history

MONTHS = 14
NAMED_ACCOUNTS = frozenset(
    {*NAMED_ADMINS.values(), *NAMED.values(), *(person.username for person in PERSONS)}
)
"""Login names that get the demonstration password."""


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


def published_accounts() -> list[str]:
    """Demonstration accounts that anybody could sign in to: active, with the published password."""
    query = (
        select(User.username, User.password)
        .join(Account, Account.user_id == User.id)
        .where(User.username.in_(NAMED_ACCOUNTS), Account.state == "active")
        .order_by(User.username)
    )
    published = current_app.config["DEMO_PASSWORD"]
    return [name for name, kept in db.session.execute(query) if check_password_hash(kept, published)]


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
