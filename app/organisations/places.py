"""Where bureau admins are, and how places lie, for domains below that address accounts by region."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, select

from app.infra.database import db
from app.kernel.actor import Actor
from app.organisations.models import Admin, AdminRegion, RegionClosure
from app.organisations.scope import on_day, region_subtree


def regions_within(region_ids: Any, today: dt.date) -> Select:
    """Ids of the regions of a select and of all below them."""
    return region_subtree(region_ids, today)


def regions_above(region_ids: Any, today: dt.date) -> Select:
    """Ids of the regions of a select and of all that they lie in."""
    return select(RegionClosure.ancestor_id).where(RegionClosure.descendant_id.in_(region_ids), on_day(today))


def places_of_admins() -> Select:
    """(account_id, region_id) of each active bureau admin: the regions that it manages."""
    managed: Select = select(Admin.account_id, AdminRegion.region_id)
    return managed.join(AdminRegion, AdminRegion.admin_id == Admin.id).where(Admin.state == "active")


def is_top(actor: Actor) -> bool:
    """Whether a bureau admin has no superior in this installation."""
    if actor.admin_id is None:
        return False
    return db.session.scalar(select(Admin.superior_id).where(Admin.id == actor.admin_id)) is None
