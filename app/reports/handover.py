"""Reports follow their reviewer: when an enterprise gets another one, and before an admin is disabled."""

from __future__ import annotations

from sqlalchemy import func, select, update

from app.enterprises.events import ReviewerChanged
from app.infra.database import db
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.admin_service import PENDING_WORK
from app.organisations.models import Admin
from app.reports.models import Report, ReportStep
from app.reports.workflow import IN_REVIEW


def follow_reviewer(event: ReviewerChanged) -> None:
    """Move the reports of every period along, and those still on the old desk to the new one (spec 10).

    A report that has climbed further stays where it is: it is somebody else's turn by now.
    """
    waiting = db.session.scalars(
        select(Report)
        .where(
            Report.enterprise_id.in_(event.enterprise_ids),
            Report.state == IN_REVIEW,
            Report.accepted_levels == 0,
        )
        .with_for_update()
    ).all()
    for report in waiting:
        before, report.holder_id = report.holder_id, event.admin_id
        report.updated_at = event.at
        db.session.add(_line(report, before, event))
    db.session.execute(
        update(Report)
        .where(Report.enterprise_id.in_(event.enterprise_ids))
        .values(direct_reviewer_id=event.admin_id)
        .execution_options(synchronize_session="fetch")
    )
    db.session.flush()


def _line(report: Report, before: int | None, event: ReviewerChanged) -> ReportStep:
    return ReportStep(
        report_id=report.id,
        at=event.at,
        account_id=event.actor.account_id,
        actor_name=event.actor.name[:100],
        bureau_name=event.actor.bureau_name[:80],
        verb="hand_over",
        source=report.state,
        target=report.state,
        holder_before_id=before,
        holder_after_id=event.admin_id,
    )


def waiting_reports(admin: Admin) -> Problem | None:
    """The reports that wait at an admin, as a reason not to disable the admin."""
    query = select(func.count()).where(Report.holder_id == admin.id, Report.state == IN_REVIEW)
    count = db.session.scalar(query) or 0
    return Problem(Message("{count} reports to review", count=count)) if count else None


PENDING_WORK.append(waiting_reports)
