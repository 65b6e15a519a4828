"""Checking a password: same answer and same work for unknown names, and a lock after too many failures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import case, func, select, update
from werkzeug.security import check_password_hash

from app.infra import audit
from app.infra.context import current_actor
from app.infra.database import db
from app.infra.limits import TooMany, count, count_try, counted, forget
from app.infra.security import Credentials
from app.infra.settings import value
from app.infra.transactions import unit_of_work
from app.kernel.actor import ANONYMOUS
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.access_settings import CAPTCHA_ALWAYS
from app.organisations.account_service import NO_PASSWORD
from app.organisations.accounts import load_credentials
from app.organisations.login_names import login_key
from app.organisations.models import Account

FAILURES_BEFORE_CAPTCHA = 2
FAILURES_BEFORE_LOCK = 5
LOCKED_FOR = dt.timedelta(minutes=15)
UNKNOWN_LIMIT = f"{FAILURES_BEFORE_LOCK} per 15 minutes"

WRONG = Message("User name or password is not right.")
LOCKED = Message("Too many failed tries. Wait 15 minutes, or ask your administrator.")

_DECOY = f"scrypt:32768:8:1$decoy${'0' * 128}"
"""Checked for unknown names and accounts without a password, so that they take as long."""


def authenticate(name: str, password: str, now: dt.datetime) -> tuple[int, Credentials]:
    """The user of a name and password, inside a unit of work.

    :raises Invalid: not right, or locked; unknown names answer like wrong passwords.
    """
    row = db.session.execute(
        select(User.id, User.password, Account.id.label("account_id"), Account.locked_until)
        .join(Account, Account.user_id == User.id)
        .where(func.lower(User.username) == login_key(name))
    ).one_or_none()
    right = check_password_hash(row.password if row and row.password != NO_PASSWORD else _DECOY, password)
    if row is not None and row.locked_until is not None and row.locked_until > now:
        raise _refusal(LOCKED)
    credentials = load_credentials(row.id) if row is not None and right else None
    if row is None:
        _lock_unknown(name)
    if row is None or credentials is None:
        raise _refusal(WRONG)
    _forget_failures(row.account_id)
    forget("sign_in_name", _named(name))
    return row.id, credentials


def captcha_due(name: str, now: dt.datetime) -> bool:
    """Whether a captcha has to be solved before a password is looked at.

    Decided by what is the same for names that exist and names that do not: the failures of this name, and
    whether any kind of account always enters one; an answer that differed by kind would tell who exists.
    """
    if value(CAPTCHA_ALWAYS, now):
        return True
    return bool(name) and counted("sign_in_name", _named(name)) >= FAILURES_BEFORE_CAPTCHA


def count_failure(name: str, now: dt.datetime) -> None:
    """Count a failed try in one statement, so that parallel tries are all counted; lock at the limit."""
    count("sign_in_name", _named(name))
    failures = Account.failed_sign_ins + 1
    locked = case((failures % FAILURES_BEFORE_LOCK == 0, now + LOCKED_FOR), else_=Account.locked_until)
    account = select(User.id).where(func.lower(User.username) == login_key(name)).scalar_subquery()
    with unit_of_work():
        counted_for = db.session.scalar(
            update(Account)
            .where(Account.user_id == account)
            .values(failed_sign_ins=failures, locked_until=locked)
            .returning(Account.id)
            .execution_options(synchronize_session=False)
        )
        told = {"username": name[:128]}
        visitor = replace(ANONYMOUS, address=current_actor().address)
        audit.record(visitor, "sign_in", "account", counted_for or "", outcome="refused", after=told)


def _lock_unknown(name: str) -> None:
    """Answer for a name that nobody has as for one that is locked: the lock must not tell who exists."""
    try:
        count_try("unknown_name", _named(name), UNKNOWN_LIMIT)
    except TooMany:
        raise _refusal(LOCKED) from None


def _named(name: str) -> str:
    return login_key(name)[:128]


def _forget_failures(account_id: int) -> None:
    db.session.execute(
        update(Account)
        .where(Account.id == account_id)
        .values(failed_sign_ins=0, locked_until=None)
        .execution_options(synchronize_session=False)
    )


def _refusal(words: Message) -> Invalid:
    return Invalid([Problem(words)], message=words)
