"""What a timed unfreeze is called and how it stands: for its list, its page and the page of a report."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.infra.i18n import say
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.reports.models import Report
from app.reports.reopenings import unfreezes_of
from app.reports.unfreeze_models import ReportUnfreeze
from app.reports.windows import local_time

LASTING, EXPIRED, ENDED = "lasting", "expired", "ended"
STANDINGS = {LASTING: Message("In force"), EXPIRED: Message("Expired"), ENDED: Message("Ended early")}
STANDING_MARKS = {LASTING: "pass", EXPIRED: "none", ENDED: "back"}


def standing_of(row: ReportUnfreeze, now: dt.datetime) -> str:
    """Whether an unfreeze holds, has expired or was ended early."""
    if row.ended_at is not None:
        return ENDED
    return LASTING if now < row.until else EXPIRED


def unfreeze_lines(report: Report, now: dt.datetime) -> list[dict[str, Any]]:
    """The unfreezes that a report ever had, for the page of the report."""
    return [_line(row, now) for row in unfreezes_of(report, local_date(now))]


def _line(row: ReportUnfreeze, now: dt.datetime) -> dict[str, Any]:
    standing = standing_of(row, now)
    return {
        "who": row.granted_by,
        "unit": row.granted_bureau,
        "at": f"{local_time(row.granted_at):%Y-%m-%d %H:%M}",
        "target": str(row.enterprise or row.region),
        "until": row.expires_on.isoformat(),
        "reason": row.reason,
        "state": {"label": say(STANDINGS[standing]), "style": STANDING_MARKS[standing]},
        "ended": _ended(row),
    }


def _ended(row: ReportUnfreeze) -> str:
    if row.ended_at is None:
        return ""
    return say(
        Message(
            "Ended by {name} at {when}: {reason}",
            name=row.ended_by,
            when=f"{local_time(row.ended_at):%Y-%m-%d %H:%M}",
            reason=row.end_reason,
        )
    )
