"""Registrations that wait follow their reviewer: when an admin hands over, or manages other regions."""

from __future__ import annotations

from sqlalchemy import func, select

from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registrations import add_step
from app.infra.database import db
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PENDING_WORK
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin
from app.organisations.reviewers import managed_regions


def waiting_registrations(admin: Admin) -> Problem | None:
    """The registrations that wait for an admin, as a reason not to disable the admin."""
    query = select(func.count()).where(EnterpriseRegistration.reviewer_id == admin.id)
    count = db.session.scalar(query) or 0
    return Problem(Message("{count} registrations to review", count=count)) if count else None


def take_over_registrations(event: AdminTransferred) -> None:
    """Give what waits for one admin to the other; runs in the transaction of the transfer.

    :raises Invalid: the other admin does not manage the region of one of them.
    """
    waiting = _waiting_for(event.from_admin_id)
    within = set(db.session.scalars(managed_regions(event.to_admin_id, local_date(event.at))))
    lost = [one for one in waiting if one.region_id not in within]
    if lost:
        words = Message("{count} registrations lie outside the regions of the new reviewer.", count=len(lost))
        raise Invalid([Problem(words, "to_admin")])
    for registration in waiting:
        registration.reviewer_id = event.to_admin_id
        add_step(event.actor, registration, "hand_over", registration.state, "", event.at)


def keep_registrations_in_sight(event: AdminRegionsChanged) -> None:
    """An admin sees every registration that waits for the admin.

    :raises Invalid: some lie outside the regions that the admin has now.
    """
    within = set(db.session.scalars(managed_regions(event.admin_id, local_date(event.at))))
    lost = [one for one in _waiting_for(event.admin_id) if one.region_id not in within]
    if lost:
        words = Message(
            "{count} registrations that wait for this admin lie outside these regions: "
            "review them or transfer the work first.",
            count=len(lost),
        )
        raise Invalid([Problem(words, "regions")])


def _waiting_for(admin_id: int) -> list[EnterpriseRegistration]:
    table = EnterpriseRegistration
    query = select(table).where(table.reviewer_id == admin_id).order_by(table.id).with_for_update()
    return list(db.session.scalars(query))


PENDING_WORK.append(waiting_registrations)
