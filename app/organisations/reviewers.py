"""Who reviews a place, and who reviews after that."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, func, select

from app.infra.database import db
from app.organisations.models import Account, Admin, AdminRegion, RegionClosure
from app.organisations.rules import Candidate, lowest_reviewer
from app.organisations.scope import on_day, region_subtree


def reviewer_for(region_id: int, today: dt.date) -> Admin | None:
    """The lowest active admin whose regions cover a region on a day; None where nobody does.

    The deepest level wins, then the nearest region, then the lowest id, so that the answer is
    the same whenever and by whomever it is asked.
    """
    query = (
        select(Admin.id, Admin.level, func.min(RegionClosure.depth))
        .join(AdminRegion, AdminRegion.admin_id == Admin.id)
        .join(RegionClosure, RegionClosure.ancestor_id == AdminRegion.region_id)
        .join(Account, Account.id == Admin.account_id)
        .where(RegionClosure.descendant_id == region_id, on_day(today))
        .where(Admin.state == "active", Account.state == "active")
        .group_by(Admin.id, Admin.level)
    )
    found = lowest_reviewer(Candidate(*row) for row in db.session.execute(query))
    return None if found is None else db.session.get(Admin, found.admin_id)


def superior_of(admin: Admin) -> Admin | None:
    """The next active admin above; None at the top, where a review chain ends."""
    above = admin.superior
    while above is not None and above.state != "active":
        above = above.superior
    return above


def chain_above(admin: Admin) -> tuple[Admin, ...]:
    """Every active admin above, the nearest first."""
    chain: list[Admin] = []
    above = superior_of(admin)
    while above is not None:
        chain.append(above)
        above = superior_of(above)
    return tuple(chain)


def top_of(admin: Admin) -> Admin:
    """Where the review chain of an admin ends: the highest active admin above, or the admin."""
    above = chain_above(admin)
    return above[-1] if above else admin


def managed_regions(admin_id: int, today: dt.date) -> Select[tuple[int]]:
    """A SELECT of the ids of all regions that an admin manages on a day."""
    roots = db.session.scalars(select(AdminRegion.region_id).where(AdminRegion.admin_id == admin_id))
    return region_subtree(roots.all(), today)


def covers(admin_id: int, region_id: int, today: dt.date) -> bool:
    """Whether a region is among those that an admin manages on a day."""
    return (
        db.session.scalar(
            select(
                select(RegionClosure.id)
                .join(AdminRegion, AdminRegion.region_id == RegionClosure.ancestor_id)
                .where(
                    AdminRegion.admin_id == admin_id, RegionClosure.descendant_id == region_id, on_day(today)
                )
                .exists()
            )
        )
        or False
    )
