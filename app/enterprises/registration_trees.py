"""What an applicant chooses level by level: places of today and trades of GB/T 4754-2017.

Both are published standards, so they are the same for everybody and no scope narrows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Industry
from app.infra import context
from app.infra.database import db
from app.kernel.texts import LocalText, Message
from app.organisations.models import Region
from app.organisations.terms import COUNTRY_CODE

REGION_LEVELS = (
    Message("Province or municipality"),
    Message("Prefecture or city"),
    Message("County or district"),
)
INDUSTRY_LEVELS = (
    Message("Industry section"),
    Message("Industry division"),
    Message("Industry group"),
    Message("Industry class"),
)
DEEPEST = 6
"""No tree here has more levels; a ring in the data must not hang a page."""


def _path(model: Any, key: int) -> list[Any]:
    found: list[Any] = []
    row = db.session.get(model, key)
    while row is not None and len(found) < DEEPEST:
        found.insert(0, row)
        row = db.session.get(model, row.parent_id) if row.parent_id else None
    return found


class RegionTree:
    """Provinces, prefectures, counties and development zones that exist today."""

    def children(self, parent: int | None) -> Mapping[int, str]:
        """Key → name below a region; the provinces for None."""
        root = select(Region.id).where(Region.code == COUNTRY_CODE).scalar_subquery()
        query = select(Region).where(Region.parent_id == (root if parent is None else parent))
        rows = db.session.scalars(query.where(Region.kind != "alias").order_by(Region.code))
        today = context.today()
        return {row.id: row.name for row in rows if row.exists_on(today)}

    def path(self, key: int) -> Sequence[int]:
        """From the province down."""
        return [row.id for row in _path(Region, key) if row.code != COUNTRY_CODE]


class IndustryTree:
    """Sections, divisions, groups and classes."""

    def children(self, parent: int | None) -> Mapping[int, LocalText]:
        """Key → code and name below a trade; the sections for None."""
        query = select(Industry).where(
            Industry.parent_id.is_(None) if parent is None else Industry.parent_id == parent
        )
        return {row.id: row.label for row in db.session.scalars(query.order_by(Industry.code))}

    def path(self, key: int) -> Sequence[int]:
        """From the section down."""
        return [row.id for row in _path(Industry, key)]


TREES: Mapping[str, RegionTree | IndustryTree] = {"region": RegionTree(), "industry": IndustryTree()}
"""What the address of the choices names."""
