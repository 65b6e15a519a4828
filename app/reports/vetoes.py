"""Why records of other domains must stay: reports refer to them."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.models import Region
from app.reports.models import Report
from app.reports.unfreeze_models import ReportUnfreeze


def enterprise_reported(enterprise: Enterprise) -> Problem | None:
    """An enterprise that ever reported stays, disabled (spec 10, 'Enterprise administration')."""
    if db.session.scalar(select(exists().where(Report.enterprise_id == enterprise.id))):
        return Problem(Message("It has filed reports, so it can only stay disabled."))
    return None


def enterprise_unfrozen(enterprise: Enterprise) -> Problem | None:
    """An enterprise for which a month was opened again stays as well: what was granted is kept."""
    if db.session.scalar(select(exists().where(ReportUnfreeze.enterprise_id == enterprise.id))):
        return Problem(Message("A month was opened again for it, so it can only stay disabled."))
    return None


def region_unfrozen(region: Region) -> Problem | None:
    """A region for which a month was opened again stays."""
    if db.session.scalar(select(exists().where(ReportUnfreeze.region_id == region.id))):
        return Problem(Message("A month was opened again for this region, so it stays."))
    return None
