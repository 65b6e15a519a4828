"""New passwords: chosen by their owner, set anew by an administrator, refused where they are no good."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from werkzeug.security import check_password_hash

from app.infra.database import db
from app.infra.settings import value
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Forbidden, Invalid, Problem
from app.kernel.texts import Message
from app.organisations.access_models import PasswordRecord
from app.organisations.access_settings import (
    PASSWORD_CLASSES,
    PASSWORD_DAYS,
    PASSWORD_HISTORY,
    PASSWORD_LENGTH,
)
from app.organisations.account_service import find_account, hash_password, set_password
from app.organisations.models import Account
from app.organisations.passwords import is_expired, password_problems
from app.organisations.rules import EXCLUSIVE_ROLES


def new_password_problems(
    password: str, username: str, now: dt.datetime, field: str = "password"
) -> list[Problem]:
    """Everything wrong with a new password by the settings of the day, but for what was used before."""
    return password_problems(
        password,
        username,
        field,
        shortest=value(PASSWORD_LENGTH, now),
        classes=value(PASSWORD_CLASSES, now),
    )


def choose_password(account: Account, password: str, now: dt.datetime) -> None:
    """Set a password that the owner chose; every session and token of the account ends.

    :raises Invalid: too weak, or one of the last few.
    """
    problems = new_password_problems(password, account.username, now)
    if not problems and _was_used(account, password, value(PASSWORD_HISTORY, now)):
        problems = [Problem(Message("This password was used before: choose another one."), "password")]
    if problems:
        raise Invalid(problems)
    set_password(account, hash_password(password), now)


def reset_password(actor: Actor, account_id: int, password: str, now: dt.datetime) -> Account:
    """Set another account's password for its owner who lost it, and who chooses another at the next sign-in.

    :raises Forbidden: the account runs, secures or audits the platform; only the command line resets it.
    :raises Invalid: the password is too weak.
    """
    account = find_account(actor, account_id, now)
    held = {role.name for role in account.user.roles}
    if actor.kind is not Kind.SYSTEM and (held & set(EXCLUSIVE_ROLES) or account.id == actor.account_id):
        raise Forbidden(Message("The password of this account is changed by its owner only."))
    problems = new_password_problems(password, account.username, now)
    if problems:
        raise Invalid(problems)
    set_password(account, hash_password(password), now, must_change=True)
    return account


def change_own_password(actor: Actor, current: str, password: str, now: dt.datetime) -> Account:
    """Change the actor's own password; every session of the account ends.

    :raises Invalid: the current password is not right, or the new one is too weak or was used before.
    """
    account = find_account(actor, actor.account_id or 0, now)
    if not check_password_hash(account.user.password, current):
        wrong = Problem(Message("The current password is not right."), "current")
        raise Invalid([*new_password_problems(password, account.username, now), wrong])
    if current == password:
        raise Invalid([Problem(Message("Choose a password other than the current one."), "password")])
    choose_password(account, password, now)
    return account


def is_change_due(account: Account, now: dt.datetime) -> bool:
    """Whether the owner has to choose another password before anything else."""
    since = account.password_set_at or account.created_at
    return account.must_change_password or is_expired(since, value(PASSWORD_DAYS, now), now)


def _was_used(account: Account, password: str, last: int) -> bool:
    """Whether it is the present password or one of so many before."""
    earlier = db.session.scalars(
        select(PasswordRecord.password_hash)
        .where(PasswordRecord.account_id == account.id)
        .order_by(PasswordRecord.set_at.desc(), PasswordRecord.id.desc())
        .limit(last)
    )
    hashes = {account.user.password, *earlier} if last else {account.user.password}
    return any(check_password_hash(kept, password) for kept in hashes)
