"""Whether the report of a month came on time: pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.windows import Calendar


class Punctuality(StrEnum):
    """How the first submission of a month lies to its due date."""

    ON_TIME = "on_time"
    LATE = "late"
    MISSING = "missing"
    DUE = "due"
    NOT_OWED = "not_owed"


WORDS = {
    Punctuality.ON_TIME: Message("On time"),
    Punctuality.LATE: Message("Filed late"),
    Punctuality.MISSING: Message("Missing"),
    Punctuality.DUE: Message("Not due yet"),
    Punctuality.NOT_OWED: Message("Not owed"),
}


@dataclass(frozen=True, slots=True)
class Filed:
    """When the report of a month was first submitted, if ever, and whether that was late."""

    first_at: dt.datetime | None
    late: bool


def punctuality(
    month: Month, filed: Filed | None, calendar: Calendar, entered: dt.datetime, now: dt.datetime
) -> Punctuality:
    """How an enterprise stands with a month; a return afterwards does not make it late.

    :param filed: None where nothing was saved for the month.
    :param entered: when the enterprise came under monitoring.
    """
    if filed is not None and filed.first_at is not None:
        return Punctuality.LATE if filed.late else Punctuality.ON_TIME
    if not calendar.is_owed(month, entered):
        return Punctuality.NOT_OWED
    return Punctuality.MISSING if calendar.is_late(month, now) else Punctuality.DUE
