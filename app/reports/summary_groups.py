"""How the reports of a month are grouped: all, by region, industry, sector, size or control type.

The dimensions are those that a report was filed with. A place that was abolished counts at the one
that took it over, since it lies below it today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, String, Subquery, Table, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from app.enterprises.known_names import control_types, industry_names
from app.enterprises.models import SIZES, Industry
from app.enterprises.size import SIZE_NAMES
from app.infra.database import db
from app.infra.json_rows import JsonRows
from app.infra.lists.spec import Words
from app.infra.remembering import remembered
from app.kernel.actor import Actor
from app.kernel.texts import LocalText, Message
from app.organisations.models import Region, RegionClosure, ended_name
from app.organisations.scope import on_day
from app.reports.summary_sql import fixed

NO_NAME = "-"
"""Key of the group of those whose dimension is missing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a grouping depends on: who asks when about which month, and regions and industry in force."""

    actor: Actor
    today: dt.date
    period: int
    region_ids: tuple[int, ...] = ()
    industry: str = ""


def _itself(dimension: Any) -> Any:
    return dimension


@dataclass(frozen=True, slots=True)
class Grouping:
    """``dimension`` is the stored column that figures are added up by; ``key`` makes of its value the group.

    Keys order the groups, ``words`` name them. Where values have to be looked up, ``places`` is joined
    to them by its first column. ``narrows`` is the condition that leads into a group, with ``link``
    as its value, if one does.
    """

    dimension: Any
    words: Mapping[Any, Words]
    key: Callable[[Any], Any] = _itself
    places: Subquery | None = None
    narrows: str = ""
    link: Callable[[Any], Any] | None = None

    def joined(self, source: FromClause, dimension: Any) -> FromClause:
        """The source with what its values are looked up in."""
        if self.places is None:
            return source
        return source.outerjoin(self.places, self.places.c[0] == dimension)


def everything(table: Table, asked: Asked) -> Grouping:
    """综合: one group, since a summary is of one month."""
    return Grouping(table.c.period, {asked.period: Message("All enterprises")})


def by_region(table: Table, asked: Asked) -> Grouping:
    """所在地区: the places right below those that the actor manages, or below the regions in force."""
    roots = outermost(asked.region_ids or asked.actor.region_ids, asked.today)
    places, names = remembered(
        ("places", tuple(roots), asked.today), lambda: _known_places(roots, asked.today)
    )
    return Grouping(
        table.c.region_id,
        names,
        lambda _region: func.coalesce(places.c.code, _text(NO_NAME)),
        places,
        "region",
        lambda _region: places.c.place_id,
    )


def _known_places(roots: Collection[int], today: dt.date) -> tuple[Subquery, Mapping[str, Words]]:
    """``places_below`` as rows that are known, so that no statement finds them again, and their names."""
    found = places_below(roots, today)
    rows = JsonRows("known_places", [[*row] for row in db.session.execute(select(found))])
    places = select(
        rows.number(0).label("region_id"), rows.number(1).label("place_id"), rows.text(2).label("code")
    ).subquery("places")
    return places, _place_names(found, roots, today)


def places_below(roots: Collection[int], today: dt.date) -> Subquery:
    """Region → the place right below the roots that it lies in today.

    What lies in a root and in no place below it stays with the root; so does an abolished place
    that the root itself took over, which is of the root's own level.
    """
    child, within = aliased(RegionClosure), aliased(RegionClosure)
    root, place = aliased(Region), aliased(Region)
    itself = or_(child.depth == 0, place.level == root.level)
    query = (
        select(
            within.descendant_id.label("region_id"),
            case((itself, root.id), else_=place.id).label("place_id"),
            case((itself, root.code), else_=place.code).label("code"),
        )
        .select_from(child)
        .join(root, root.id == child.ancestor_id)
        .join(place, place.id == child.descendant_id)
        .join(within, within.ancestor_id == child.descendant_id)
        .where(child.ancestor_id.in_(roots), on_day(today, child), on_day(today, within))
        .where(or_(child.depth == 1, and_(child.depth == 0, within.depth == 0)))
    )
    return query.subquery("places")


def outermost(regions: Collection[int], today: dt.date) -> list[int]:
    """The regions that lie in no other of them."""
    if len(regions) < 2:
        return list(regions)
    return remembered(("outermost", tuple(sorted(regions)), today), lambda: _outermost(regions, today))


def _outermost(regions: Collection[int], today: dt.date) -> list[int]:
    inner = select(RegionClosure.descendant_id).where(
        RegionClosure.ancestor_id.in_(regions), RegionClosure.depth > 0, on_day(today)
    )
    return sorted(set(regions) - set(db.session.scalars(inner)))


def _place_names(places: Subquery, roots: Collection[int], today: dt.date) -> Mapping[str, Words]:
    query = select(Region.code, Region.id, Region.name, Region.valid_to).where(
        Region.code.in_(select(places.c.code))
    )
    rows = db.session.execute(query).all()
    names: dict[str, Words] = {NO_NAME: Message("Filed from another territory")}
    for code, key, name, ended in rows:
        names[code] = name if ended is None or today < ended else ended_name(name, str(ended.year))
        if key in roots and len(rows) > len(roots):
            names[code] = Message("{region} itself", region=name)
    return names


def by_industry(table: Table, asked: Asked) -> Grouping:
    """所属行业: sections; the divisions of the section in force; the trades of the division in force."""
    columns = (table.c.industry_section, table.c.industry_division, table.c.industry_code)
    level = min(len(asked.industry), 2)
    opens = level < len(columns) - 1
    return Grouping(
        columns[level],
        _industry_names(asked.industry),
        _or_none,
        narrows="industry" if opens else "",
        link=_itself if opens else None,
    )


def _industry_names(within: str) -> dict[str, Words]:
    """The trades that can stand in a group below a section or a division, by code."""
    names: dict[str, Words] = {NO_NAME: Message("No industry")}
    for code, name in industry_names(within).items():
        names[code] = LocalText(f"{code} {name.zh}", f"{code} {name.en}" if name.is_translated else "")
    return names


SECTORS: Mapping[int, Words] = {
    0: Message("No industry"),
    1: Message("Primary sector"),
    2: Message("Secondary sector"),
    3: Message("Tertiary sector"),
}
"""三次产业; the number of none is that of no trade."""


def by_sector(table: Table, _asked: Asked) -> Grouping:
    """所属产业: of the division, since some divisions of farming, mining and manufacturing are services.

    A report that was filed with a whole section counts where the section does.
    """
    trade = func.coalesce(func.nullif(table.c.industry_division, _text("")), table.c.industry_section)
    sectors = select(Industry.code, Industry.sector).where(Industry.level <= 2).subquery("sectors")
    return Grouping(trade, SECTORS, lambda _trade: func.coalesce(sectors.c.sector, fixed(0)), sectors)


def by_size(table: Table, _asked: Asked) -> Grouping:
    """企业规模: from large to micro, then 不划型 and those of no known size, each by itself."""
    order = {size: place for place, size in enumerate(SIZES, start=1)}
    words = {0: Message("No size"), **{order[size]: SIZE_NAMES[size] for size in SIZES}}
    return Grouping(
        table.c.size,
        words,
        lambda size: case(
            *((size == _text(name), fixed(place)) for name, place in order.items()), else_=fixed(0)
        ),
    )


def by_control(table: Table, _asked: Asked) -> Grouping:
    """控股类型."""
    words: dict[str, Words] = {NO_NAME: Message("No control type")}
    words |= {known.code: known.name for known in control_types()}
    return Grouping(table.c.control_type, words, _or_none)


def _or_none(code: Any) -> Any:
    return func.coalesce(code, _text(NO_NAME))


def _text(code: str) -> Any:
    """A code of ours written into the statement, for the reason that ``fixed`` gives."""
    return literal_column(f"'{code}'", String())


GROUPINGS: Mapping[str, tuple[Message, Callable[[Table, Asked], Grouping]]] = {
    "all": (Message("All together"), everything),
    "region": (Message("Summary by region"), by_region),
    "industry": (Message("Summary by industry"), by_industry),
    "sector": (Message("Summary by sector"), by_sector),
    "size": (Message("Summary by size"), by_size),
    "control": (Message("Summary by control type"), by_control),
}
"""汇总类型."""
