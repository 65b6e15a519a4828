"""Whom a questionnaire is for, as one select over the enterprises of today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.enterprises.models import ControlType, Enterprise, Industry
from app.enterprises.scope import counted
from app.infra.database import db
from app.infra.scope import among
from app.organisations.models import Admin, AdminRegion
from app.organisations.scope import region_subtree
from app.questionnaires.models import Questionnaire

MANUFACTURING = "C"
"""The section of the industries (GB/T 4754) that 制造业 is."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom something asks: everybody who meets each condition; one left empty excludes nobody.

    ``roots`` are regions, meant with all below them. Where enterprises are named these alone are asked.
    """

    roots: Sequence[int]
    industry_ids: Sequence[int] = ()
    sector: str = ""
    sizes: Sequence[str] = ()
    control_types: Sequence[str] = ()
    enterprise_ids: Sequence[int] = ()


def audience_of(questionnaire: Questionnaire) -> Audience:
    """The audience as written down; without regions that of all that the owner manages today."""
    regions = [region.id for region in questionnaire.regions]
    return Audience(
        roots=regions or regions_of_owner(questionnaire.admin_id),
        industry_ids=[industry.id for industry in questionnaire.industries],
        sector=questionnaire.sector,
        sizes=questionnaire.sizes,
        control_types=questionnaire.control_types,
        enterprise_ids=[enterprise.id for enterprise in questionnaire.enterprises],
    )


def addressed(questionnaire: Questionnaire, today: dt.date) -> Select[tuple[Enterprise]]:
    """The enterprises that a round opening today would ask."""
    return select_of(audience_of(questionnaire), today)


def select_of(audience: Audience, today: dt.date) -> Select[tuple[Enterprise]]:
    """The active enterprises that an audience means; one with a test code only where it is named."""
    within = among(Enterprise.region_id, region_subtree(audience.roots, today))
    query = select(Enterprise).where(Enterprise.state == "active", within)
    if audience.enterprise_ids:
        return query.where(Enterprise.id.in_(audience.enterprise_ids))
    query = query.where(counted())
    if audience.sizes:
        query = query.where(Enterprise.size.in_(audience.sizes))
    if audience.control_types:
        chosen = select(ControlType.id).where(ControlType.code.in_(audience.control_types))
        query = query.where(Enterprise.control_type_id.in_(chosen))
    if audience.industry_ids:
        query = query.where(Enterprise.industry_id.in_(_trades_below(audience.industry_ids)))
    if audience.sector:
        manufacturing = Enterprise.industry_id.in_(
            select(Industry.id).where(Industry.section == MANUFACTURING)
        )
        query = query.where(manufacturing if audience.sector == "manufacturing" else ~manufacturing)
    return query


def number_addressed(questionnaire: Questionnaire, today: dt.date) -> int:
    """How many enterprises a round opening today would ask."""
    return number_of(audience_of(questionnaire), today)


def number_of(audience: Audience, today: dt.date) -> int:
    """How many enterprises an audience means today."""
    ids = select_of(audience, today).with_only_columns(Enterprise.id).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def regions_of_owner(admin_id: int) -> list[int]:
    """The roots of the regions that the owner of a questionnaire manages."""
    return list(db.session.scalars(select(AdminRegion.region_id).where(AdminRegion.admin_id == admin_id)))


def owner_name(questionnaire: Questionnaire) -> str:
    """The bureau that asks."""
    return db.session.get_one(Admin, questionnaire.admin_id).bureau.name


def _trades_below(chosen: Sequence[int]) -> Any:
    """The chosen trades with all below them."""
    tree = select(Industry.id).where(Industry.id.in_(chosen)).cte(recursive=True)
    tree = tree.union(select(Industry.id).join(tree, Industry.parent_id == tree.c.id))
    return select(tree.c.id)
