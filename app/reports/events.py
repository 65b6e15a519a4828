"""What happens to reports, for those who listen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportStepped:
    """A report took a step; ``name`` is what its workflow emits."""

    name: str
    report_id: int
    period: int
    enterprise_id: int
    holder_id: int | None
    at: dt.datetime
    comment: str = ""
