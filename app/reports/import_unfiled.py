"""Which enterprises a batch template begins rows for: those that have not filed the month yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from app.enterprises.models import Enterprise
from app.enterprises.scope import visible_enterprises
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.reports.import_batch import MOST_ENTERPRISES
from app.reports.known_forms import KnownForm
from app.reports.models import Report
from app.reports.workflow import FILLABLE


def unfiled(actor: Actor, form: KnownForm, month: Month, now: dt.datetime) -> Sequence[tuple[str, str]]:
    """Credit code and name of the active enterprises in the territory whose report can still be filled."""
    own = and_(Report.enterprise_id == Enterprise.id, Report.form_id == form.id, Report.period == month.key)
    query = (
        select(Enterprise.uscc, Enterprise.name)
        .outerjoin(Report, own)
        .where(
            visible_enterprises(actor, local_date(now)),
            Enterprise.state == "active",
            or_(Report.id.is_(None), Report.state.in_(sorted(FILLABLE))),
        )
        .order_by(Enterprise.region_id, Enterprise.uscc)
        .limit(MOST_ENTERPRISES)
    )
    return [(code, name) for code, name in db.session.execute(query)]
