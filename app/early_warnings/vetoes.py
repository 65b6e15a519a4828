"""Why records of other domains, and entries of dictionaries, must stay: warning points refer to them."""

from __future__ import annotations

from sqlalchemy import select

from app.early_warnings.models import TradeSector, WarningPoint
from app.infra.database import db
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.models import Region


def sector_in_use(sector: TradeSector) -> Problem | None:
    """A sector that a point belongs to stays."""
    used = select(WarningPoint.id).where(WarningPoint.sector_id == sector.id).limit(1)
    if db.session.scalar(used) is None:
        return None
    return Problem(
        Message(
            "Warning points use this entry, so it cannot be deleted. Enter the day on which it ends instead."
        )
    )


def region_in_use(region: Region) -> Problem | None:
    """A region that a warning point lies in stays."""
    used = select(WarningPoint.id).where(WarningPoint.region_id == region.id).limit(1)
    if db.session.scalar(used) is None:
        return None
    return Problem(Message("A warning point lies in this region, so it stays."))
