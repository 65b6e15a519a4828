"""Forgotten passwords and login names: what is done and said is the same whether somebody has the name."""

from __future__ import annotations

import datetime as dt

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.infra import audit
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.limits import TooMany, count_try
from app.infra.outbox import Channel, post
from app.infra.registries import table
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.codes import OFTEN, WRONG, issue_code, pretend_code, seconds_to_wait, use_code
from app.organisations.contacts import mobile_problem, normalise_number
from app.organisations.login_names import login_key, login_name
from app.organisations.models import Account
from app.organisations.password_service import choose_password, new_password_problems

PURPOSE = "recover_password"
NAMES_LIMIT = "5 per day"
"""How often the login names of one mobile are sent to it."""
NAMES = Message(
    "[{platform}] Login names of this mobile: {names}. If you did not ask for them, ignore this message."
)


def ask_code(actor: Actor, username: str, name: str, now: dt.datetime) -> None:
    """Send a code to the mobile of the account of a login name and a user name, if there is one.

    Inside a unit of work.

    :raises TooMany: as for any code, and alike for names that nobody has.
    """
    account = _account(username, name)
    if account is None:
        pretend_code(PURPOSE, _typed(username, name), now)
        told = {"username": username[:128]}
        audit.record(actor, "recover_password", "account", outcome="refused", after=told)
    else:
        issue_code(PURPOSE, account.phone, now, account_id=account.id, language=account.language)


def recover(actor: Actor, username: str, name: str, code: str, password: str, now: dt.datetime) -> None:
    """Set a new password with the code that was sent; sessions and tokens of the account end.

    :raises Invalid: the password is too weak, at ``password``; the code is not right, at ``code``.
    """
    problems = new_password_problems(password, login_name(username), now)
    if problems:
        raise Invalid(problems)
    account = _account(username, name)
    if account is None:
        use_code(PURPOSE, _typed(username, name), code, now)
        raise Invalid([Problem(WRONG, "code")])
    use_code(PURPOSE, account.phone, code, now, account_id=account.id)
    choose_password(account, password, now)
    audit.record(actor, "recover_password", "account", account.id)


def seconds_left(username: str, name: str, now: dt.datetime) -> int:
    """After how many seconds another code may be sent."""
    account = _account(username, name)
    if account is None:
        return seconds_to_wait(PURPOSE, _typed(username, name), now)
    return seconds_to_wait(PURPOSE, account.phone, now, account_id=account.id)


def send_names(actor: Actor, phone: str, name: str, now: dt.datetime) -> None:
    """Send the login names that a mobile and a user name have to that mobile; they are never shown.

    :raises Invalid: no mobile number. :raises TooMany: asked too often for this mobile.
    """
    number = normalise_number(phone)
    problem = mobile_problem(number, "phone")
    if problem:
        raise Invalid([problem])
    try:
        count_try("recover_name", number, NAMES_LIMIT)
    except TooMany:
        raise TooMany(OFTEN) from None
    accounts = db.session.scalars(select(Account).where(Account.phone == number, Account.state == "active"))
    found = [account for account in accounts if name_key(account.display_name) == name_key(name)]
    if not found:
        audit.record(actor, "recover_name", "account", outcome="refused", after={"phone": number})
        return
    names = "、".join(sorted(account.username for account in found))
    words = Message(NAMES.msgid, platform=table("PLATFORM_NAME"), names=names)
    body = say_in(words, found[0].language)
    post(Channel.SMS, number, body, purpose="login_names", now=now, account_id=found[0].id, secret=True)


def _account(username: str, name: str) -> Account | None:
    """The active account of a login name and a user name, with a mobile to send a code to."""
    account: Account | None = db.session.scalars(
        select(Account)
        .join(User, User.id == Account.user_id)
        .where(func.lower(User.username) == login_key(username), Account.state == "active")
    ).one_or_none()
    if account is None or mobile_problem(account.phone):
        return None
    return account if name_key(account.display_name) == name_key(name) else None


def _typed(username: str, name: str) -> str:
    return f"{login_key(username)[:128]}|{name_key(name)[:128]}"
