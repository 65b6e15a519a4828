"""Warning points for tests, entered through the services."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from app.early_warnings import points
from app.early_warnings.models import PointStaff, WarningPoint
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.organisations.models import Region


def draft(code: str = "330109", **changes: object) -> points.PointDraft:
    """A point as entered, in the region of that code."""
    region = db.session.scalars(select(Region.id).where(Region.code == code)).one()
    entered: dict[str, object] = {"name": f"{code}示范预警点", "level": "province", "host": "示范行业协会"}
    return points.PointDraft(**{**entered, "region_id": region, **changes})  # type: ignore[arg-type]


def point(actor: Actor, now: dt.datetime, code: str = "330109", **changes: object) -> WarningPoint:
    """A point that an admin entered."""
    with context.acting_as(actor), unit_of_work():
        return points.create_point(actor, draft(code, **changes), now)


def person(of: WarningPoint, **changes: object) -> dict[str, object]:
    """A person of a point as entered."""
    entered: dict[str, object] = {
        "point": of.id,
        "duty": "staff",
        "name": "禾知",
        "title": "专员",
        "phone": "0500-12345678",
        "mobile": "",
        "email": "staff@point.example",
        "position": 1,
    }
    return {**entered, **changes}


def headed(of: WarningPoint, now: dt.datetime) -> PointStaff:
    """The head of a point."""
    with context.acting_as(SYSTEM), unit_of_work():
        return points.keep_staff(SYSTEM, None, person(of, duty="head", name="言云"), None, now)
