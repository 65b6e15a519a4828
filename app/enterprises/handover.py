"""What an admin is responsible for among the enterprises, and how it passes to another one."""

from __future__ import annotations

from sqlalchemy import func, select

from app.enterprises.events import ReviewerChanged
from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PENDING_WORK
from app.organisations.events import AdminTransferred
from app.organisations.models import Admin, AdminRegion
from app.organisations.scope import region_subtree


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
    reviewed = select(Enterprise).where(Enterprise.direct_reviewer_id == event.from_admin_id)
    enterprises = db.session.scalars(reviewed.order_by(Enterprise.id).with_for_update()).all()
    roots = db.session.scalars(
        select(AdminRegion.region_id).where(AdminRegion.admin_id == event.to_admin_id)
    ).all()
    within = set(db.session.scalars(region_subtree(roots, local_date(event.at))))
    lost = [one for one in enterprises if one.region_id not in within]
    if lost:
        words = "{enterprise}: its region {region} is not among those of the new reviewer."
        raise Invalid(
            Problem(Message(words, enterprise=one.name, region=one.region), "to_admin") for one in lost
        )
    for enterprise in enterprises:
        enterprise.direct_reviewer_id = event.to_admin_id
    db.session.flush()
    if enterprises:
        moved = tuple(one.id for one in enterprises)
        emit(ReviewerChanged(event.actor, moved, event.to_admin_id, event.at))


PENDING_WORK.append(reviewed_enterprises)
