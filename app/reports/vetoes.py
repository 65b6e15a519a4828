"""Why records of other domains must stay: reports refer to them."""

from __future__ import annotations

from sqlalchemy import exists, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.reports.models import Report


def enterprise_reported(enterprise: Enterprise) -> Problem | None:
    """An enterprise that ever reported stays, disabled (spec 10, 'Enterprise administration')."""
    if db.session.scalar(select(exists().where(Report.enterprise_id == enterprise.id))):
        return Problem(Message("It has filed reports, so it can only stay disabled."))
    return None
