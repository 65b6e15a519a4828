"""The demonstration province, made through the services under a moved clock; always the same."""

from __future__ import annotations

import datetime as dt

from flask import current_app
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.enterprises.demo import NAMED, build_enterprises, renew_figures
from app.enterprises.demo_growth import WAVES, join_enterprises
from app.enterprises.demo_registrations import NAMED_APPLICANTS, build_registrations
from app.infra import audit, context
from app.infra.cli import OPERATOR
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI, MovableClock
from app.notifications.demo import build_notices
from app.organisations.account_service import hash_password
from app.organisations.accounts import actor_for
from app.organisations.demo import NAMED_ADMINS, PERSONS, build_organisations
from app.organisations.models import Account
from app.queries.demo import build_industry_groups
from app.questionnaires.demo import build_questionnaires
from app.reports.demo import report_history, usual_reasons
from app.reports.demo_freezes import build_freezes

MONTHS = 14
NAMED_ACCOUNTS = frozenset(
    {
        *NAMED_ADMINS.values(),
        *NAMED.values(),
        *NAMED_APPLICANTS,
        *(person.username for person in PERSONS),
    }
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


def _join(now: dt.datetime, months_before: int) -> int:
    """Enter the enterprises that join so many months before the last month of the history."""
    return join_enterprises(now, WAVES - 1 - months_before) if months_before < WAVES else 0


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
        report_history(clock, today, MONTHS, renew=renew_figures, join=_join)
        clock.set(today)
        usual_reasons((_named(name) for name in ("province", "prefecture", "county")), today)
        build_freezes(today)
        build_industry_groups()
        build_registrations(password, clock.now())
        build_questionnaires(_named("province"), _named("prefecture"), _named("county"), clock, today)
        build_notices(_named("province"), _named("admin"), today - dt.timedelta(days=1))
    return True


def _named(username: str) -> Actor:
    actor = actor_for(db.session.scalars(select(User.id).where(User.username == username)).one())
    if actor is None:
        raise LookupError(f"the demonstration has no account {username}")
    return actor
