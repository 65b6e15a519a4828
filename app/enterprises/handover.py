"""What an admin is responsible for among the enterprises, and how it passes to another one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from app.enterprises.events import ReviewerChanged
from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PASSES_ON, PENDING_WORK
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin
from app.organisations.reviewers import managed_regions


def reviewed_enterprises(admin: Admin) -> Problem | None:
    """The active enterprises that an admin reviews, as a reason not to disable the admin."""
    query = select(func.count()).where(
        Enterprise.direct_reviewer_id == admin.id, Enterprise.state == "active"
    )
    count = db.session.scalar(query) or 0
    return Problem(Message("{count} enterprises to review", count=count)) if count else None


def take_over_enterprises(event: AdminTransferred) -> None:
    """Give the enterprises of one admin to the other; runs in the transaction of the transfer.

    :raises Invalid: the other admin does not manage the region of one of them.
    """
    enterprises = _reviewed_by(event.from_admin_id)
    lost = _outside(enterprises, event.to_admin_id, local_date(event.at))
    if lost:
        raise Invalid(_lost_to_taker(enterprise) for enterprise in lost)
    for enterprise in enterprises:
        enterprise.direct_reviewer_id = event.to_admin_id
    db.session.flush()
    if enterprises:
        moved = tuple(one.id for one in enterprises)
        emit(ReviewerChanged(event.actor, moved, event.to_admin_id, event.at))


def keep_enterprises_in_sight(event: AdminRegionsChanged) -> None:
    """An admin sees every enterprise that the admin reviews.

    :raises Invalid: some lie outside the regions that the admin has now.
    """
    lost = _outside(_reviewed_by(event.admin_id), event.admin_id, local_date(event.at))
    if lost:
        words = Message(
            "{count} enterprises reviewed by this admin lie outside these regions: transfer the work first.",
            count=len(lost),
        )
        raise Invalid([Problem(words, "regions")])


def _reviewed_by(admin_id: int) -> Sequence[Enterprise]:
    reviewed = select(Enterprise).where(Enterprise.direct_reviewer_id == admin_id)
    return db.session.scalars(reviewed.order_by(Enterprise.id).with_for_update()).all()


def _outside(enterprises: Sequence[Enterprise], admin_id: int, today: dt.date) -> list[Enterprise]:
    within = set(db.session.scalars(managed_regions(admin_id, today)))
    return [one for one in enterprises if one.region_id not in within]


def _lost_to_taker(enterprise: Enterprise) -> Problem:
    words = Message(
        "{enterprise}: its region {region} is not among those of the new reviewer.",
        enterprise=enterprise.name,
        region=enterprise.region,
    )
    return Problem(words, "to_admin")


def enterprises_to_pass_on(admin: Admin) -> Message | None:
    """Every enterprise that an admin reviews, disabled ones included: all of them pass on."""
    query = select(func.count()).where(Enterprise.direct_reviewer_id == admin.id)
    count = db.session.scalar(query) or 0
    return Message("{count} enterprises with their reports", count=count) if count else None


PENDING_WORK.append(reviewed_enterprises)
PASSES_ON.append(enterprises_to_pass_on)
