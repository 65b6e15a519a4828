"""Kinds of enterprises that standings are counted by: 经济类型, 企业规模, 所属行业, 工业分类, 运行局分类."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import String, Subquery, case, func, literal_column, select, union_all
from sqlalchemy.orm import aliased

from app.enterprises.known_names import industry_names
from app.enterprises.models import SIZES, ControlType, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.database import db
from app.infra.lists.spec import Words
from app.kernel.texts import LocalText, Message
from app.queries.models import IndustryGroup, IndustryGroupMember
from app.queries.standing_groups import Grouping
from app.reports.summary_sql import fixed

ECONOMIC_TYPES = {
    "1": Message("State-owned economy"),
    "2": Message("Collective economy"),
    "3": Message("Private economy"),
    "4": Message("Economy of Hong Kong, Macao and Taiwan"),
    "5": Message("Foreign economy"),
}
"""经济类型 by the control type that it follows from (economic_types.csv); any other one is 其他."""
MINING, MANUFACTURING, UTILITIES, CONSTRUCTION, AGRICULTURE = "BCDEA"
"""Sections of the trades."""
UNGROUPED = 999_999_999
"""Key of what no industry group claims: after all of them."""
CLASSES = (MINING, MANUFACTURING, UTILITIES)
CLASS_WORDS: Mapping[int, Words] = {
    1: Message("Mining"),
    2: Message("Manufacturing"),
    3: Message("Electricity, heat, gas and water"),
    4: Message("Not industrial"),
}


def by_economic_type() -> Grouping:
    """经济类型, which follows from who controls the capital."""
    known = literal_column("'9'", String())
    key = case((ControlType.code.in_(ECONOMIC_TYPES), ControlType.code), else_=known)
    words = {**ECONOMIC_TYPES, "9": Message("Other economy")}
    return Grouping("control_type_id", _roster(ControlType.id, key), words)


def by_size() -> Grouping:
    """企业规模, from large to micro, then unknown and 不划型."""
    parts = [
        select(literal_column(f"'{size}'", String()).label("member"), fixed(place).label("key"),
               fixed(0).label("place"), fixed(0).label("listed"))
        for place, size in enumerate(SIZES, start=1)
    ]  # fmt: skip
    words = {place: SIZE_NAMES[size] for place, size in enumerate(SIZES, start=1)}
    return Grouping("size", union_all(*parts).subquery("roster"), words)


def by_industry() -> Grouping:
    """所属行业: the sections."""
    words: dict[str, Words] = {}
    for code, name in industry_names().items():
        words[code] = LocalText(f"{code} {name.zh}", f"{code} {name.en}" if name.is_translated else "")
    return Grouping("industry_id", _roster(Industry.id, Industry.section), words)


def by_industrial_class() -> Grouping:
    """工业分类: mining, manufacturing, utilities; what is not industrial stands by itself."""
    places = {section: fixed(place) for place, section in enumerate(CLASSES, start=1)}
    key = case(places, value=Industry.section, else_=fixed(len(CLASS_WORDS)))
    return Grouping("industry_id", _roster(Industry.id, key), CLASS_WORDS)


def by_industry_group() -> Grouping:
    """运行局分类: the group that names the trade itself, else the nearest trade above it; else 未归类."""
    above, member = aliased(Industry), IndustryGroupMember
    chain = (Industry.code, *(func.substr(Industry.code, 1, length) for length in (3, 2)), Industry.section)
    nearest = (
        select(member.group_id)
        .join(above, above.id == member.industry_id)
        .where(above.code.in_(chain))
        .order_by(above.level.desc())
        .limit(1)
        .correlate(Industry)
        .scalar_subquery()
    )
    words: dict[int, Words] = dict(db.session.execute(select(IndustryGroup.id, IndustryGroup.name)).all())
    key = func.coalesce(nearest, fixed(UNGROUPED))
    return Grouping("industry_id", _roster(Industry.id, key), words | {UNGROUPED: Message("In no group")})


def _roster(member: Any, key: Any) -> Subquery:
    """The roster of a dictionary; a group without enterprises has no line."""
    row = (member.label("member"), key.label("key"), fixed(0).label("place"), fixed(0).label("listed"))
    return select(*row).subquery("roster")
