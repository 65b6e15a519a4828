"""What an account does for itself: its sign-ins, its other sessions, the scans of 实名认证."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import BinaryIO

from sqlalchemy import select

from app.infra.audit import AuditEntry
from app.infra.content import MEGABYTE, FileRule, receive
from app.infra.database import db
from app.infra.files.attachments import store_upload
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid, NotFound, Problem
from app.organisations.access_models import IdentityDocument
from app.organisations.account_service import find_account
from app.organisations.terms import DOCUMENT_NAMES

SHOWN = 20
"""Sign-ins that the page shows."""
SCAN = FileRule(("jpg", "png"), max_bytes=4 * MEGABYTE)

PERSON, COMPANY = ("identity_front", "identity_back"), ("licence", "legal_person")


def document_kinds(kind: Kind) -> Sequence[str]:
    """Which scans an account of a kind hands in: a company's, or a person's."""
    return COMPANY if kind in (Kind.ENTERPRISE, Kind.PROVIDER, Kind.POINT, Kind.CENTRE) else PERSON


def recent_sign_ins(account_id: int) -> list[AuditEntry]:
    """The last sign-ins of an account and the failed tries with its name, the newest first."""
    query = (
        select(AuditEntry)
        .where(
            AuditEntry.entity == "account",
            AuditEntry.entity_key == str(account_id),
            AuditEntry.action == "sign_in",
        )
        .order_by(AuditEntry.id.desc())
        .limit(SHOWN)
    )
    return list(db.session.scalars(query))


def end_sessions(actor: Actor, now: dt.datetime) -> None:
    """End every session and token of the actor's own account, inside a unit of work."""
    account = find_account(actor, actor.account_id or 0, now)
    account.session_epoch += 1
    db.session.flush()


def documents_of(account_id: int) -> list[IdentityDocument]:
    """The scans that an account handed in, in the order of their kinds."""
    query = select(IdentityDocument).where(IdentityDocument.account_id == account_id)
    order = list(DOCUMENT_NAMES)
    return sorted(db.session.scalars(query), key=lambda found: order.index(found.kind))


def document(account_id: int, kind: str) -> IdentityDocument:
    """One scan of an account.

    :raises NotFound: it was never handed in.
    """
    for found in documents_of(account_id):
        if found.kind == kind:
            return found
    raise NotFound


def submit_document(actor: Actor, kind: str, name: str, source: BinaryIO, now: dt.datetime) -> None:
    """Hand a scan in, inside a unit of work; an earlier one of the kind is replaced.

    :raises Invalid: at the field of the kind: no picture that can be read, or a too large one.
    """
    try:
        accepted = receive(source, name, SCAN)
    except Invalid as refusal:
        raise Invalid([Problem(problem.message, kind) for problem in refusal.problems]) from refusal
    stored = store_upload(actor, accepted, now)
    query = select(IdentityDocument).where(
        IdentityDocument.account_id == actor.account_id, IdentityDocument.kind == kind
    )
    row = db.session.scalars(query).one_or_none()
    if row is None:
        row = IdentityDocument(account_id=actor.account_id, kind=kind, file_id=stored.id, submitted_at=now)
        db.session.add(row)
    else:
        row.file.expires_at = now  # the sweeper removes the bytes
        row.file_id, row.submitted_at = stored.id, now
    db.session.flush()
