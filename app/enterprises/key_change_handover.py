"""Changes that wait for an administrator follow their reviewer: nothing frozen is left without an owner."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import func, select

from app.enterprises.events import ReviewerChanged
from app.enterprises.key_change_models import KeyChange
from app.enterprises.key_changes import add_step
from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PENDING_WORK
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin
from app.organisations.reviewers import managed_regions


def waiting_changes(admin: Admin) -> Problem | None:
    """The changes that wait for an admin, as a reason not to disable the admin."""
    count = db.session.scalar(select(func.count()).where(KeyChange.reviewer_id == admin.id)) or 0
    return Problem(Message("{count} changes of key fields to review", count=count)) if count else None


def take_over_changes(event: AdminTransferred) -> None:
    """Give what waits for one admin to the other; runs in the transaction of the transfer.

    :raises Invalid: the other admin does not manage the region of one of them.
    """
    lost = _outside(event.from_admin_id, event.to_admin_id, local_date(event.at))
    if lost:
        words = Message(
            "{count} changes of key fields lie outside the regions of the new reviewer.", count=lost
        )
        raise Invalid([Problem(words, "to_admin")])
    _hand_over(_waiting_for(event.from_admin_id), event.to_admin_id, event.actor, event.at)


def keep_changes_in_sight(event: AdminRegionsChanged) -> None:
    """An admin sees every change that waits for the admin.

    :raises Invalid: some lie outside the regions that the admin has now.
    """
    lost = _outside(event.admin_id, event.admin_id, local_date(event.at))
    if lost:
        words = Message(
            "{count} changes of key fields that wait for this admin lie outside these regions: "
            "review them or transfer the work first.",
            count=lost,
        )
        raise Invalid([Problem(words, "regions")])


def follow_reviewer(event: ReviewerChanged) -> None:
    """Cases of enterprises that got another direct reviewer wait for that one from now on."""
    query = select(KeyChange).where(
        KeyChange.enterprise_id.in_(event.enterprise_ids),
        KeyChange.reviewer_id.is_not(None),
        KeyChange.reviewer_id != event.admin_id,
    )
    waiting = db.session.scalars(query.order_by(KeyChange.id).with_for_update(of=KeyChange)).all()
    _hand_over(waiting, event.admin_id, event.actor, event.at)


def _waiting_for(admin_id: int) -> Collection[KeyChange]:
    query = select(KeyChange).where(KeyChange.reviewer_id == admin_id).order_by(KeyChange.id)
    return db.session.scalars(query.with_for_update(of=KeyChange)).all()


def _outside(holder_id: int, admin_id: int, today: dt.date) -> int:
    """How many changes that wait for a holder lie outside the regions of an admin."""
    query = (
        select(func.count(KeyChange.id))
        .join(Enterprise, Enterprise.id == KeyChange.enterprise_id)
        .where(
            KeyChange.reviewer_id == holder_id, Enterprise.region_id.not_in(managed_regions(admin_id, today))
        )
    )
    return db.session.scalar(query) or 0


def _hand_over(changes: Collection[KeyChange], admin_id: int, actor: Actor, at: dt.datetime) -> None:
    for change in changes:
        change.reviewer_id = admin_id
        add_step(actor, change, "hand_over", change.state, None, at)


PENDING_WORK.append(waiting_changes)
