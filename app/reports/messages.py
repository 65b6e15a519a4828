"""What the platform tells an enterprise of its reports: that one was returned, and that one was approved."""

from __future__ import annotations

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify
from app.reports.events import ReportStepped

TITLES = {
    "report_returned": Message("Report returned"),
    "report_approved": Message("Report approved"),
}


def tell_enterprise(event: ReportStepped) -> None:
    """Put a message into the inbox of the enterprise, in the transaction of the step."""
    title = TITLES.get(event.name)
    account = select(Enterprise.account_id).where(Enterprise.id == event.enterprise_id)
    account_id = db.session.scalar(account) if title is not None else None
    if title is None or account_id is None:
        return
    month = Month.from_key(event.period)
    if event.name == "report_returned":
        reason = LocalText(event.comment)
        body = Message("Your report of {month} was returned: {reason}", month=month, reason=reason)
    else:
        body = Message("Your report of {month} was approved.", month=month)
    notify([account_id], "report", title, body, event.at, url=f"/reports/{event.report_id}")
