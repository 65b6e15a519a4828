"""Personal tokens for programs: shown once, kept as a digest, ended by what ends a session."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import select, update

from app.infra.database import db
from app.infra.security import Credentials, session_tag
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor, Source
from app.kernel.clock import local_date, start_of_day
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message
from app.organisations.access_models import ApiToken
from app.organisations.accounts import load_credentials
from app.organisations.models import Account

PREFIX = "tem_"
"""So that a token that got lost is recognised as one of ours."""
LONGEST_LIFE = dt.timedelta(days=365)
MOST = 10


def create_token(actor: Actor, name: str, last_day: dt.date | None, now: dt.datetime) -> str:
    """Make a token for the actor's own account and give it; it cannot be read again.

    Inside a unit of work.

    :param last_day: the last day on which it holds, in Shanghai.
    :raises Invalid: no name, no day within a year from now, or too many tokens.
    """
    problems = []
    called = normalise_name(name)
    if not 1 <= len(called) <= 60:
        problems.append(Problem(Message("Enter a name of up to {most} characters.", most=60), "name"))
    today = local_date(now)
    if last_day is None or not today <= last_day <= today + LONGEST_LIFE:
        problems.append(Problem(Message("Choose a day within a year from today."), "last_day"))
    credentials = load_credentials(actor.user_id or 0)
    if problems or credentials is None or last_day is None:
        raise Invalid(problems)
    if len(live_tokens(actor, now)) >= MOST:
        raise Invalid([Problem(Message("Revoke a token first: an account has at most {most}.", most=MOST))])
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        account_id=actor.account_id,
        name=called,
        token_hash=_hash(token),
        tag=session_tag(credentials),
        created_at=now,
        expires_at=start_of_day(last_day + dt.timedelta(days=1)),
    )
    db.session.add(row)
    db.session.flush()
    return token


def live_tokens(actor: Actor, now: dt.datetime) -> list[ApiToken]:
    """The actor's tokens that still open something, the newest first."""
    credentials = load_credentials(actor.user_id or 0)
    if credentials is None:
        return []
    query = (
        select(ApiToken)
        .where(
            ApiToken.account_id == actor.account_id,
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            ApiToken.tag == session_tag(credentials),
        )
        .order_by(ApiToken.id.desc())
    )
    return list(db.session.scalars(query))


def revoke_token(actor: Actor, token_id: int, now: dt.datetime) -> None:
    """End a token of the actor's own account.

    :raises NotFound: there is none, or it is somebody else's.
    """
    row = db.session.scalars(
        select(ApiToken).where(ApiToken.id == token_id, ApiToken.account_id == actor.account_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    row.revoked_at = row.revoked_at or now
    db.session.flush()


def load_bearer(token: str, now: dt.datetime) -> tuple[int, Credentials] | None:
    """The user and credentials of a token; None when it does not hold (any more).

    That it was used is written down once a day, in a unit of work of its own.
    """
    row = db.session.execute(
        select(Account.user_id, ApiToken.id, ApiToken.tag, ApiToken.last_used_on)
        .join(Account, Account.id == ApiToken.account_id)
        .where(ApiToken.token_hash == _hash(token), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now)
    ).one_or_none()
    if row is None:
        return None
    credentials = load_credentials(row.user_id)
    if credentials is None or not secrets.compare_digest(row.tag, session_tag(credentials)):
        return None
    if row.last_used_on != local_date(now):
        _note_use(row.id, local_date(now))
    actor = credentials.actor.through(Source.API)
    return row.user_id, Credentials(actor, credentials.secret, credentials.role_ids, credentials.stamp)


def _note_use(token_id: int, day: dt.date) -> None:
    with unit_of_work():
        db.session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_on=day))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
