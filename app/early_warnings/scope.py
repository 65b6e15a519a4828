"""Which warning points an actor sees; whoever is not named here sees none."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, false, select, true

from app.early_warnings.models import (
    Country,
    HsChapter,
    PointStaff,
    TradeSector,
    WarningCategory,
    WarningPoint,
)
from app.enterprises.scope import visible_dictionaries
from app.infra.scope import among, register
from app.kernel.actor import Actor, Kind
from app.organisations.scope import region_subtree


def visible_points(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Points of the managed regions for a bureau, its own for a point, all for a centre."""
    if actor.kind in {Kind.SYSTEM, Kind.CENTRE}:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return among(WarningPoint.region_id, region_subtree(actor.region_ids, today))
    if actor.kind is Kind.POINT and actor.account_id is not None:
        return WarningPoint.account_id == actor.account_id
    return false()


def visible_staff(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Staff of the points in scope."""
    return PointStaff.point_id.in_(select(WarningPoint.id).where(visible_points(actor, today)))


register(WarningPoint, visible_points)
register(PointStaff, visible_staff)
register(TradeSector, visible_dictionaries)
register(WarningCategory, visible_dictionaries)
register(Country, visible_dictionaries)
register(HsChapter, visible_dictionaries)
