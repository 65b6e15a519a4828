"""Activation links: the owner of a new account sets the first password; nobody else ever knows it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import select, update

from app.infra import audit, context
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.outbox import Channel, post
from app.infra.registries import table
from app.infra.settings import value
from app.infra.urls import public_address
from app.kernel.errors import Conflict, DomainError, Invalid, Problem
from app.kernel.texts import Message
from app.organisations.access_models import ActivationLink
from app.organisations.access_settings import ACTIVATION_DAYS
from app.organisations.account_service import has_no_password
from app.organisations.contacts import mobile_problem
from app.organisations.models import Account
from app.organisations.password_service import choose_password

PATH = "/activate/{token}"
SUBJECT = Message("Activate your account at {platform}")
TEXT = Message(
    "{name}, an account with the login name {username} was made for you at {platform}. Open this address "
    "within {days} days and choose a password: {address}"
)
SPENT = Message(
    "This link is not valid, has been used or has run out. Ask your administrator for a new one, or use "
    "“forgotten password”."
)


class LinkSpent(DomainError):
    """No such link, or no longer."""

    status = 410


def invite(account: Account, now: dt.datetime) -> None:
    """Send a link by which the account's owner sets a password: by e-mail, or by SMS where there is none.

    Inside a unit of work. Links that were sent before no longer hold.

    :raises Invalid: the account has neither an e-mail address nor a mobile.
    """
    account_id, email, phone = account.id, account.email.strip(), account.phone
    if not email and mobile_problem(phone):
        raise Invalid([Problem(Message("The account needs an e-mail address or a mobile for its link."))])
    _end_links(account_id, now)
    token, days = secrets.token_urlsafe(32), int(value(ACTIVATION_DAYS, now))
    link = ActivationLink(
        account_id=account_id,
        token_hash=_hash(token),
        created_at=now,
        expires_at=now + dt.timedelta(days=days),
    )
    db.session.add(link)
    db.session.flush()
    platform = table("PLATFORM_NAME")
    words = Message(
        TEXT.msgid,
        name=account.display_name,
        username=account.username,
        platform=platform,
        days=days,
        address=public_address(PATH.format(token=token)),
    )
    post(
        Channel.EMAIL if email else Channel.SMS,
        email or phone,
        say_in(words, account.language),
        purpose="activation",
        now=now,
        subject=say_in(Message(SUBJECT.msgid, platform=platform), account.language),
        account_id=account_id,
        secret=True,
    )


def invite_owner(account: Account, now: dt.datetime) -> None:
    """Send the link to an account that nobody could use yet, for those who manage it.

    :raises Conflict: it has a password, which only its owner renews; or it cannot sign in.
    :raises Invalid: it has neither an e-mail address nor a mobile.
    """
    if account.state != "active":
        raise Conflict(Message("This account is disabled: enable it first."))
    if not has_no_password(account):
        raise Conflict(Message("This account has a password already; its owner can renew it."))
    invite(account, now)


def account_of_link(token: str, now: dt.datetime, *, lock: bool = False) -> Account:
    """The account that a link is for.

    :raises LinkSpent: unknown, used, superseded, run out, or for an account that is disabled.
    """
    query = (
        select(ActivationLink, Account)
        .join(Account, Account.id == ActivationLink.account_id)
        .where(
            ActivationLink.token_hash == _hash(token),
            ActivationLink.used_at.is_(None),
            ActivationLink.expires_at > now,
            Account.state == "active",
        )
    )
    found = db.session.execute(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise LinkSpent(SPENT)
    account: Account = found[1]
    return account


def activate(token: str, password: str, now: dt.datetime) -> Account:
    """Set the password of a link's account, inside a unit of work; the link is used up.

    :raises LinkSpent: as ``account_of_link``. :raises Invalid: the password is too weak.
    """
    account = account_of_link(token, now, lock=True)
    choose_password(account, password, now)
    _end_links(account.id, now)
    audit.record(context.current_actor(), "activate", "account", account.id)
    return account


def _end_links(account_id: int, now: dt.datetime) -> None:
    db.session.execute(
        update(ActivationLink)
        .where(ActivationLink.account_id == account_id, ActivationLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
