"""Identities of a provider (OpenID Connect) and the accounts that they open."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from app.infra import audit
from app.infra.database import db
from app.infra.security import Credentials
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.texts import Message
from app.organisations.access_models import ExternalIdentity
from app.organisations.accounts import load_credentials
from app.organisations.models import Account


def account_of_identity(issuer: str, subject: str) -> tuple[int, Credentials] | None:
    """The user and credentials that an identity opens; None when it is bound to no active account."""
    user_id = db.session.scalar(
        select(Account.user_id)
        .join(ExternalIdentity, ExternalIdentity.account_id == Account.id)
        .where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    )
    credentials = load_credentials(user_id) if user_id else None
    return (user_id, credentials) if user_id and credentials else None


def bind_identity(actor: Actor, issuer: str, subject: str, now: dt.datetime) -> None:
    """Let an identity open the actor's account from now on, inside a unit of work.

    :raises Conflict: it opens another account already.
    """
    bound = db.session.scalars(
        select(ExternalIdentity).where(ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject)
    ).one_or_none()
    if bound is not None and bound.account_id != actor.account_id:
        raise Conflict(Message("This identity belongs to another account already."))
    if bound is None and actor.account_id is not None:
        row = ExternalIdentity(account_id=actor.account_id, issuer=issuer, subject=subject, bound_at=now)
        db.session.add(row)
        db.session.flush()
        audit.record(actor, "bind_identity", "account", actor.account_id, after={"issuer": issuer})


def identities_of(account_id: int) -> list[ExternalIdentity]:
    """The identities that open an account."""
    query = select(ExternalIdentity).where(ExternalIdentity.account_id == account_id)
    return list(db.session.scalars(query.order_by(ExternalIdentity.id)))


def unbind_identities(actor: Actor) -> None:
    """Take every identity of a provider from the actor's own account, inside a unit of work."""
    for identity in identities_of(actor.account_id or 0):
        db.session.delete(identity)
    db.session.flush()
