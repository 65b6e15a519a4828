"""Whom a questionnaire is for, as one select over the enterprises of today."""

from __future__ import annotations

import datetime as dt
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


def addressed(questionnaire: Questionnaire, today: dt.date) -> Select[tuple[Enterprise]]:
    """The enterprises that a round opening today would ask.

    They are active, lie where the questionnaire asks, and meet each of its conditions. Where it names
    enterprises these alone are asked. One with a test code is asked only when it is named.
    """
    query = select(Enterprise).where(
        Enterprise.state == "active",
        among(Enterprise.region_id, region_subtree(_roots(questionnaire), today)),
    )
    named = [one.id for one in questionnaire.enterprises]
    if named:
        return query.where(Enterprise.id.in_(named))
    query = query.where(counted())
    if sizes := questionnaire.conditions("size"):
        query = query.where(Enterprise.size.in_(sizes))
    if controls := questionnaire.conditions("control_type"):
        chosen = select(ControlType.id).where(ControlType.code.in_(controls))
        query = query.where(Enterprise.control_type_id.in_(chosen))
    if questionnaire.industries:
        query = query.where(Enterprise.industry_id.in_(_trades_below(questionnaire)))
    if sectors := questionnaire.conditions("sector"):
        manufacturing = select(Industry.id).where(Industry.section == MANUFACTURING)
        within = Enterprise.industry_id.in_(manufacturing)
        query = query.where(within if "manufacturing" in sectors else ~within)
    return query


def number_addressed(questionnaire: Questionnaire, today: dt.date) -> int:
    """How many enterprises a round opening today would ask."""
    ids = addressed(questionnaire, today).with_only_columns(Enterprise.id).subquery()
    return db.session.scalar(select(func.count()).select_from(ids)) or 0


def regions_of_owner(admin_id: int) -> list[int]:
    """The roots of the regions that the owner of a questionnaire manages."""
    return list(db.session.scalars(select(AdminRegion.region_id).where(AdminRegion.admin_id == admin_id)))


def owner_name(questionnaire: Questionnaire) -> str:
    """The bureau that asks."""
    return db.session.get_one(Admin, questionnaire.admin_id).bureau.name


def _roots(questionnaire: Questionnaire) -> list[int]:
    """The chosen regions; else all that the owner manages. Enabling writes the latter down for good."""
    return [region.id for region in questionnaire.regions] or regions_of_owner(questionnaire.admin_id)


def _trades_below(questionnaire: Questionnaire) -> Any:
    """The chosen trades with all below them."""
    chosen = [industry.id for industry in questionnaire.industries]
    tree = select(Industry.id).where(Industry.id.in_(chosen)).cte(recursive=True)
    tree = tree.union(select(Industry.id).join(tree, Industry.parent_id == tree.c.id))
    return select(tree.c.id)
