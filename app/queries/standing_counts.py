"""What the ranking and the analysis count, of a month and of the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.infra.lists.spec import Words
from app.kernel.texts import Message
from app.queries.standings import Standing

DUE = "due"


@dataclass(frozen=True, slots=True)
class Count:
    """What a number counts: its name, the condition on a standing, and of which of the two months.

    One that is ``of_kind`` looks at facts of the enterprise, the others only at how its report stood.
    """

    words: Words
    holds: Callable[[Standing], Any]
    of_last: bool = False
    of_kind: bool = False


REPORTING: Mapping[str, Count] = {
    DUE: Count(Message("Due"), lambda standing: standing.is_due),
    "reported": Count(Message("Reported"), lambda standing: standing.is_reported),
    "on_time": Count(Message("Reported on time"), lambda standing: standing.is_on_time),
    "approved": Count(Message("Approved by then"), lambda standing: standing.is_approved),
    "missing": Count(Message("Not reported"), lambda standing: standing.is_missing),
    "last_due": Count(Message("Due last month"), lambda standing: standing.is_due, of_last=True),
    "last_reported": Count(
        Message("Reported last month"), lambda standing: standing.is_reported, of_last=True
    ),
    "last_on_time": Count(
        Message("Reported on time last month"), lambda standing: standing.is_on_time, of_last=True
    ),
    "last_approved": Count(
        Message("Approved last month"), lambda standing: standing.is_approved, of_last=True
    ),
}
"""Due, reported and the rest, of the month and of the one before."""
