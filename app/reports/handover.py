"""Reports follow their reviewer: when an enterprise gets another one, and when an admin hands over."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select, update

from app.enterprises.events import ReviewerChanged
from app.infra import audit
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PASSES_ON, PENDING_WORK
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin
from app.organisations.reviewers import chain_above, covers, managed_regions
from app.organisations.terms import RANKS
from app.reports.models import Report, ReportStep
from app.reports.workflow import APPROVED, IN_REVIEW


def follow_reviewer(event: ReviewerChanged) -> None:
    """Move the reports of every period along, and those still on the old desk to the new one (spec 10).

    A report that has climbed further stays where it is: it is somebody else's turn by now. It moves
    only where the enterprise left the regions of whoever that is, to the same level of the new chain.
    So does the say over an approved report: who approved it can no longer see it, let alone return it.
    """
    reviewer = db.session.get_one(Admin, event.admin_id)
    _hand_over_approved(reviewer, event)
    waiting = select(Report).where(Report.enterprise_id.in_(event.enterprise_ids), Report.state == IN_REVIEW)
    waiting = waiting.order_by(Report.id).with_for_update().execution_options(populate_existing=True)
    for report in db.session.scalars(waiting).all():
        if report.accepted_levels == 0:
            _hand_over(report, event.admin_id, event.actor, event.at)
        elif (holder := report.holder) and not covers(holder.id, report.region_id, local_date(event.at)):
            _hand_over(report, _peer_above(reviewer, holder).id, event.actor, event.at)
    db.session.execute(
        update(Report)
        .where(Report.enterprise_id.in_(event.enterprise_ids))
        .values(direct_reviewer_id=event.admin_id)
        .execution_options(synchronize_session="fetch")
    )
    db.session.flush()


def _hand_over_approved(reviewer: Admin, event: ReviewerChanged) -> None:
    """Give approved reports whose holder no longer manages their region to the peer in the new chain."""
    approved = select(Report.holder_id).where(
        Report.enterprise_id.in_(event.enterprise_ids), Report.state == APPROVED
    )
    for holder_id in db.session.scalars(approved.distinct()).all():
        holder = db.session.get_one(Admin, holder_id)
        lost = _approved_out_of_sight(holder, event)
        if not lost:
            continue
        taker = _peer_above(reviewer, holder).id
        moved = update(Report).where(Report.id.in_(lost)).values(holder_id=taker)
        db.session.execute(moved.execution_options(synchronize_session="fetch"))
        audit.record(
            event.actor,
            "hand_over",
            "report",
            before={"holder_id": holder_id},
            after={"holder_id": taker, "approved": len(lost)},
        )


def _approved_out_of_sight(holder: Admin, event: ReviewerChanged) -> list[int]:
    outside = Report.region_id.not_in(managed_regions(holder.id, local_date(event.at)))
    mine = (Report.enterprise_id.in_(event.enterprise_ids), Report.holder_id == holder.id)
    return list(db.session.scalars(select(Report.id).where(*mine, Report.state == APPROVED, outside)))


def take_over_reports(event: AdminTransferred) -> None:
    """Give what waits at one admin to the other, and the say over what the one has approved.

    Without it nobody could go on with reports that had climbed to an admin who left.

    :raises Invalid: the other admin does not manage the region of one of them.
    """
    lost = _held_outside(event.from_admin_id, event.to_admin_id, local_date(event.at))
    if lost:
        words = Message("{count} reports lie outside the regions of the new reviewer.", count=lost)
        raise Invalid([Problem(words, "to_admin")])
    held = Report.holder_id == event.from_admin_id
    waiting = db.session.scalars(select(Report).where(held, Report.state == IN_REVIEW).with_for_update())
    for report in waiting.all():
        _hand_over(report, event.to_admin_id, event.actor, event.at)
    db.session.flush()
    approved = update(Report).where(held, Report.state == APPROVED).values(holder_id=event.to_admin_id)
    moved = db.session.execute(approved.execution_options(synchronize_session="fetch"))
    audit.record(
        event.actor,
        "hand_over",
        "report",
        before={"holder_id": event.from_admin_id},
        after={"holder_id": event.to_admin_id, "approved": moved.rowcount},
    )


def keep_reports_in_sight(event: AdminRegionsChanged) -> None:
    """An admin sees every report that waits at the admin or may be returned by the admin only.

    :raises Invalid: some lie outside the regions that the admin has now.
    """
    lost = _held_outside(event.admin_id, event.admin_id, local_date(event.at))
    if lost:
        words = Message(
            "{count} reports held by this admin lie outside these regions: transfer the work first.",
            count=lost,
        )
        raise Invalid([Problem(words, "regions")])


def _peer_above(reviewer: Admin, holder: Admin) -> Admin:
    """Who stands in a reviewer's chain where the holder stood in another one; else its top."""
    chain = (reviewer, *chain_above(reviewer))
    return next((admin for admin in chain if RANKS[admin.level] <= RANKS[holder.level]), chain[-1])


def _held_outside(holder_id: int, admin_id: int, today: dt.date) -> int:
    """How many reports of a holder lie outside the regions of an admin."""
    outside = Report.region_id.not_in(managed_regions(admin_id, today))
    return db.session.scalar(select(func.count()).where(Report.holder_id == holder_id, outside)) or 0


def _hand_over(report: Report, admin_id: int, actor: Actor, at: dt.datetime) -> None:
    """Have a report wait at another admin, with its line of history."""
    before, report.holder_id = report.holder_id, admin_id
    report.updated_at = at
    db.session.add(
        ReportStep(
            report_id=report.id,
            at=at,
            account_id=actor.account_id,
            actor_name=actor.name[:100],
            bureau_name=actor.bureau_name[:80],
            verb="hand_over",
            source=report.state,
            target=report.state,
            holder_before_id=before,
            holder_after_id=admin_id,
        )
    )


def waiting_reports(admin: Admin) -> Problem | None:
    """The reports that wait at an admin, as a reason not to disable the admin."""
    query = select(func.count()).where(Report.holder_id == admin.id, Report.state == IN_REVIEW)
    count = db.session.scalar(query) or 0
    return Problem(Message("{count} reports to review", count=count)) if count else None


def reports_to_pass_on(admin: Admin) -> Message | None:
    """The reports that wait at an admin or were approved by the admin: they pass on with the work."""
    held = func.count().filter(Report.state == APPROVED), func.count().filter(Report.state == IN_REVIEW)
    approved, waiting = db.session.execute(select(*held).where(Report.holder_id == admin.id)).one()
    if not approved and not waiting:
        return None
    return Message(
        "{waiting} reports to review, and the say over {approved} approved reports",
        waiting=waiting,
        approved=approved,
    )


PENDING_WORK.append(waiting_reports)
PASSES_ON.append(reports_to_pass_on)
