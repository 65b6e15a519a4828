"""One-time codes by SMS: six digits, short-lived, good for one use, few tries, few sendings.

A code belongs to a purpose, a phone and, where there is one, an account. Its row is taken over by the
next code in one statement, so that of parallel requests one sends. Tries are counted outside the
caller's transaction: a refusal rolls that back, and the count must stay.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from flask import current_app
from sqlalchemy import select, update

from app.infra import context
from app.infra.database import db, insert_for_database
from app.infra.i18n import say_in
from app.infra.limits import TooMany, count_try
from app.infra.outbox import Channel, MessagesPosted, post
from app.infra.registries import table
from app.infra.settings import value
from app.infra.transactions import emit_once
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.access_models import OneTimeCode
from app.organisations.access_settings import CODE_MINUTES

DIGITS = 6
RESEND_AFTER = dt.timedelta(seconds=60)
TRIES = 5
TRIES_LIMIT = f"{TRIES} per 15 minutes"
"""A window longer than any code lives, so that a code never gets a second count."""

PURPOSES = {
    "sign_in": Message("signing in"),
    "bind_phone": Message("binding this mobile"),
    "recover_password": Message("setting a new password"),
    "old_phone": Message("changing the mobile (the old one)"),
    "new_phone": Message("changing the mobile (the new one)"),
    "registration": Message("registering an account"),
}
"""What a code is for, as the text message says it."""

TEXT = Message(
    "[{platform}] Your code for {purpose} is {code}, valid for {minutes} minutes. Tell it to nobody; "
    "if you did not ask for it, ignore this message."
)
WRONG = Message("This code is not right or has expired. Check it, or send a new one.")
EXHAUSTED = Message("Too many wrong codes. Send a new one.")
OFTEN = Message("Too many codes were sent. Try again later.")


def issue_code(
    purpose: str, phone: str, now: dt.datetime, *, account_id: int | None = None, language: str = "zh"
) -> None:
    """Send a new code, inside a unit of work; the one before it no longer holds.

    :param purpose: a key of ``PURPOSES``. :param phone: a mobile number, normalised.
    :raises TooMany: the last one was sent less than a minute ago, or too many were sent to this phone, for
        this account or from this address.
    """
    code, minutes = _write(purpose, phone, account_id, now)
    words = Message(
        TEXT.msgid,
        platform=table("PLATFORM_NAME"),
        purpose=PURPOSES[purpose],
        code=code,
        minutes=minutes,
    )
    body = say_in(words, language)
    post(Channel.SMS, phone, body, purpose=f"code.{purpose}", now=now, account_id=account_id, secret=True)


def pretend_code(purpose: str, subject: str, now: dt.datetime) -> None:
    """Do what ``issue_code`` does and send nothing, for a name that nobody has: waits and tries answer alike.

    :param subject: what stands in the place of the phone, such as the name that was typed.
    :raises TooMany: as ``issue_code``.
    """
    _write(purpose, subject, None, now)
    emit_once(MessagesPosted(Channel.SMS))  # the same work after the commit as for a message that is there


def use_code(purpose: str, phone: str, code: str, now: dt.datetime, *, account_id: int | None = None) -> None:
    """Take a code as used, inside a unit of work; a rollback of that gives it back.

    :raises Invalid: at the field ``code``: wrong, expired, used, of another account, or tried too often.
    """
    key = _key(purpose, phone, account_id)
    row = db.session.execute(
        select(OneTimeCode.issue, OneTimeCode.digest).where(OneTimeCode.key == key)
    ).one_or_none()
    issue = row.issue if row else 0
    try:
        count_try("code_try", f"{key}:{row.digest if row else ''}", TRIES_LIMIT)
    except TooMany:
        raise _refusal(EXHAUSTED) from None
    typed = "".join(code.split())
    right = hmac.compare_digest(row.digest if row else "", _digest(key, issue, typed))
    used = db.session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.key == (key if right else ""),
            OneTimeCode.issue == issue,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if not used.rowcount:
        raise _refusal(WRONG)


def seconds_to_wait(purpose: str, phone: str, now: dt.datetime, *, account_id: int | None = None) -> int:
    """After how many seconds another code may be sent; 0 at once."""
    issued = db.session.scalar(
        select(OneTimeCode.issued_at).where(OneTimeCode.key == _key(purpose, phone, account_id))
    )
    left = (issued + RESEND_AFTER - now).total_seconds() if issued else 0
    return max(0, min(int(left + 0.999), int(RESEND_AFTER.total_seconds())))


def _write(purpose: str, subject: str, account_id: int | None, now: dt.datetime) -> tuple[str, int]:
    """A new code in the place of the last one; its life in minutes."""
    key = _key(purpose, subject, account_id)
    minutes: int = value(CODE_MINUTES, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    issue = _claim(key, now)
    if issue is None:
        words = Message("A code was sent just now. Wait {seconds} seconds, then send another.")
        wait = seconds_to_wait(purpose, subject, now, account_id=account_id)
        raise TooMany(Message(words.msgid, seconds=wait))
    _count_sending(subject, account_id)
    db.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.key == key)
        .values(digest=_digest(key, issue, code), expires_at=now + dt.timedelta(minutes=minutes))
        .execution_options(synchronize_session=False)
    )
    return code, minutes


def _claim(key: str, now: dt.datetime) -> int | None:
    """Take the row of a key for a new code in one statement; None while the last sending is too recent."""
    codes = OneTimeCode.__table__
    fresh = insert_for_database()(codes).values(key=key, digest="", issue=1, issued_at=now, expires_at=now)
    claim = fresh.on_conflict_do_update(
        index_elements=[codes.c.key],
        set_={"issue": codes.c.issue + 1, "issued_at": now, "expires_at": now, "digest": "", "used_at": None},
        where=codes.c.issued_at <= now - RESEND_AFTER,
    ).returning(codes.c.issue)
    issue: int | None = db.session.scalars(claim).one_or_none()
    return issue


def _count_sending(subject: str, account_id: int | None) -> None:
    config = current_app.config
    try:
        count_try("code_phone", _digest("phone", 0, subject), config["CODE_LIMIT_PHONE"])
        if account_id is not None:
            count_try("code_account", str(account_id), config["CODE_LIMIT_ACCOUNT"])
        count_try("code_address", context.current_actor().address, config["CODE_LIMIT_ADDRESS"])
    except TooMany:
        raise TooMany(OFTEN) from None


def _key(purpose: str, subject: str, account_id: int | None) -> str:
    return _digest(purpose, account_id or 0, subject)


def _digest(first: str, number: int, last: str) -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(secret, f"code|{first}|{number}|{last}".encode(), hashlib.sha256).hex()


def _refusal(words: Message) -> Invalid:
    return Invalid([Problem(words, "code")])
