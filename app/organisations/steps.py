"""What is due between a right password and a session: a code, a mobile to send it to, a new password."""

from __future__ import annotations

import contextlib
import datetime as dt

from sqlalchemy import select, update

from app.infra.database import db
from app.infra.limits import TooMany
from app.infra.settings import value
from app.infra.transactions import independent_step
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.organisations.access_settings import SECOND_FACTOR
from app.organisations.codes import issue_code, use_code
from app.organisations.contacts import mobile_problem, normalise_number
from app.organisations.models import Account
from app.organisations.password_service import choose_password, is_change_due

CODE = "code"
"""The step of the second factor, as the note of an unfinished sign-in calls it."""


def next_step(user_id: int, passed: frozenset[str], now: dt.datetime) -> str | None:
    """The endpoint of the step that is due, inside a unit of work; the code of a step is sent at once."""
    account = account_of_user(user_id)
    if CODE not in passed and account.kind in value(SECOND_FACTOR, now):
        if needs_phone(account):
            return "EntryView.phone"
        with contextlib.suppress(TooMany), independent_step():  # the page says when another can be sent
            issue_code("sign_in", account.phone, now, account_id=account.id, language=account.language)
        return "EntryView.code"
    return "EntryView.password" if is_change_due(account, now) else None


def note_entry(actor: Actor, now: dt.datetime) -> None:
    """Keep when an account was last entered."""
    db.session.execute(
        update(Account)
        .where(Account.id == actor.account_id)
        .values(last_sign_in_at=now)
        .execution_options(synchronize_session=False)
    )


def bind_phone(account_id: int, phone: str, code: str, now: dt.datetime) -> None:
    """Bind the first mobile of an account, inside a unit of work.

    :raises Invalid: no mobile number, or not the code that was sent there.
    """
    number = checked_mobile(phone)
    use_code("bind_phone", number, code, now, account_id=account_id)
    db.session.get_one(Account, account_id).phone = number
    db.session.flush()


def change_phone(account_id: int, old_code: str, phone: str, code: str, now: dt.datetime) -> None:
    """Bind another mobile in the place of the present one: a code to each, inside a unit of work.

    :raises Invalid: no mobile number, or a code that is not right; each at its field.
    """
    account = db.session.get_one(Account, account_id)
    number = checked_mobile(phone)
    if not needs_phone(account):
        try:
            use_code("old_phone", account.phone, old_code, now, account_id=account_id)
        except Invalid as refusal:
            raise Invalid([type(one)(one.message, "old_code") for one in refusal.problems]) from refusal
    use_code("new_phone", number, code, now, account_id=account_id)
    account.phone = number
    db.session.flush()


def checked_mobile(text: str, field: str = "phone") -> str:
    """A mobile number as it is kept.

    :raises Invalid: it is none.
    """
    number = normalise_number(text)
    problem = mobile_problem(number, field)
    if problem:
        raise Invalid([problem])
    return number


def renew_password(account_id: int, password: str, now: dt.datetime) -> None:
    """Choose the password that was due, inside a unit of work.

    :raises Invalid: too weak, or used before.
    """
    choose_password(db.session.get_one(Account, account_id), password, now)


def account_of_user(user_id: int) -> Account:
    """The account of a FAB user that has one."""
    return db.session.scalars(select(Account).where(Account.user_id == user_id)).one()


def needs_phone(account: Account) -> bool:
    """Whether an account has no mobile that a code could be sent to."""
    return mobile_problem(account.phone) is not None


def masked(phone: str) -> str:
    """A mobile as others may see it over the shoulder: its first three and last four digits."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else phone
