"""What standings are counted by: places, subordinate admins, and kinds of enterprises.

A grouping is a roster: which value of a stored column belongs to which group. Standings are counted by the
column first and joined to the roster afterwards, so that a group without any enterprise has a line too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    CompoundSelect,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.infra.database import db
from app.infra.json_rows import JsonRows
from app.infra.lists.spec import Words
from app.infra.remembering import remembered
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.models import Account, Admin, Bureau, Region, ended_name
from app.organisations.scope import admin_subtree, region_subtree
from app.queries.standing_counts import Count
from app.queries.standings import OF_LAST, Standing
from app.reports.summary_groups import outermost, places_below
from app.reports.summary_sql import fixed

TODAY = frozenset({"region_id", "direct_reviewer_id"})
"""Columns of standings that say what an enterprise is today, whatever its reports were filed with."""
OTHERS = 0
"""Key of the group of those that no group of a roster claims."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """``roster`` has ``member``, a value of ``dimension``; ``key``, its group; ``place``, the region or the
    admin of the group, if it is one; ``listed``, 1 where the group is shown even without enterprises.

    Keys order the groups and ``words`` name them. ``dimension`` is a column of the standings, or for
    ``by_admin`` made of one by ``claimed``.
    """

    dimension: str
    roster: Subquery
    words: Mapping[Any, Words]
    claimed: Select[Any] | None = None
    places: Mapping[Any, int] = field(default_factory=dict)

    @property
    def is_of_today(self) -> bool:
        """Whether an enterprise stands in the same group in both months."""
        return self.dimension in TODAY

    def of(self, standings: FromClause, prefix: str = "") -> Any:
        """What standings are counted by: ``OTHERS`` where only some values are claimed."""
        column = standings.c[prefix + self.dimension]
        return column if self.claimed is None else case((column.in_(self.claimed), column), else_=fixed(0))

    def within(self, standings: FromClause, key: Any) -> Any:
        """Standings of one group."""
        members = select(self.roster.c.member).where(self.roster.c.key == key)
        return self.of(standings).in_(members)


def counted(
    rows: Select[Any], standings: FromClause, grouping: Grouping, counts: Mapping[str, Count]
) -> Select[Any]:
    """Key and place of each group with how many of the rows each count holds for.

    A group that is not listed by itself is left out where every count is zero.

    :param standings: ``pairs``, which ``rows`` selects from.
    """
    sums = _added(rows, standings, grouping, counts).subquery("added")
    roster = grouping.roster
    totals = {name: cast(func.coalesce(func.sum(sums.c[name]), 0), BigInteger) for name in counts}
    return (
        select(roster.c.key, roster.c.place, *(total.label(name) for name, total in totals.items()))
        .select_from(roster.outerjoin(sums, sums.c.member == roster.c.member))
        .group_by(roster.c.key, roster.c.place)
        .having(or_(func.max(roster.c.listed) == 1, *(total > 0 for total in totals.values())))
    )


def _added(
    rows: Select[Any], standings: FromClause, grouping: Grouping, counts: Mapping[str, Count]
) -> Select[Any] | CompoundSelect[Any]:
    """The counts by what the enterprises are counted by, which may be another thing in each month."""
    if any(count.of_kind for count in counts.values()):
        member = grouping.of(standings)
        parts = [
            func.count(case((_holds(count, standings), 1))).label(name) for name, count in counts.items()
        ]
        found = rows.with_only_columns(member.label("member"), *parts, maintain_column_froms=True)
        return found.group_by(member)
    tally = _tally(rows, standings, grouping)

    def by(member: Any, meant: Callable[[Count], bool]) -> Select[Any]:
        parts = (
            func.sum(case((_holds(count, tally), tally.c.number))) if meant(count) else fixed(0)
            for count in counts.values()
        )
        named = (part.label(name) for name, part in zip(counts, parts, strict=True))
        return select(member.label("member"), *named).group_by(member)

    if grouping.is_of_today:
        return by(tally.c.member, lambda _count: True)
    return union_all(
        by(tally.c.member, lambda count: not count.of_last),
        by(tally.c.last_member, lambda count: count.of_last),
    )


def _holds(count: Count, rows: FromClause) -> Any:
    return count.holds(Standing(rows, OF_LAST if count.of_last else ""))


def _tally(rows: Select[Any], standings: FromClause, grouping: Grouping) -> CTE:
    """How often each combination occurs of what is counted by and of how both reports stood.

    These are few, so that every number is worked out on few rows (the analysis of a province: 47 → 38 ms).
    """
    column, ten = standings.c, fixed(10)
    marks = column.stood + ten * (column[f"{OF_LAST}stood"] + ten * column.unfiled)
    members = [grouping.of(standings).label("member")]
    if not grouping.is_of_today:
        members.append(grouping.of(standings, OF_LAST).label("last_member"))
    told = (*members, marks.label("marks"))
    counted = rows.with_only_columns(*told, func.count().label("number"), maintain_column_froms=True)
    found = counted.group_by(*(part.element for part in told)).subquery("combinations")
    names = [found.c[member.name] for member in members]
    return select(
        *names,
        found.c.number,
        (found.c.marks % ten).label("stood"),
        (found.c.marks // ten % ten).label(f"{OF_LAST}stood"),
        (found.c.marks // fixed(100)).label("unfiled"),
    ).cte("tally")


def by_region(
    actor: Actor, today: dt.date, region_ids: Collection[int] = (), *, further: bool = False
) -> Grouping:
    """The places right below those that the actor manages, or below a region; ``further``: one level more.

    An abolished place counts at the one that took it over, since it lies below it today.
    """
    roots = outermost(region_ids or actor.region_ids, today)
    key = ("grouping by region", tuple(roots), today, actor.region_ids, further)
    return remembered(key, lambda: _by_region(actor, today, roots, further=further))


def _by_region(actor: Actor, today: dt.date, roots: Collection[int], *, further: bool) -> Grouping:
    near = places_below(roots, today).alias("near")
    source: FromClause = near
    code: Any = near.c.code
    place: Any = near.c.place_id
    if further:
        inner = set(db.session.scalars(select(near.c.place_id).distinct())) - set(roots)
        far = places_below(sorted(inner), today).alias("far")
        source = near.outerjoin(far, far.c.region_id == near.c.region_id)
        code, place = func.coalesce(far.c.code, code), func.coalesce(far.c.place_id, place)
    region = aliased(Region)
    stands = and_(region.kind == "admin", or_(region.valid_to.is_(None), region.valid_to > today))
    found = (
        select(near.c.region_id, code, place, case((and_(stands, region.id.not_in(roots)), 1), else_=0))
        .select_from(source)
        .join(region, region.id == place)
        .where(near.c.region_id.in_(region_subtree(actor.region_ids, today)))
    )
    rows = [[*row] for row in db.session.execute(found)]
    words, places = _place_words({row[2] for row in rows}, roots, today, full=further)
    return Grouping("region_id", _known_roster(rows), words, places=places)


def _known_roster(found: Sequence[Sequence[Any]]) -> Subquery:
    """A roster as rows that are known, so that no statement has to find them again."""
    rows = JsonRows("known_roster", found)
    return select(
        rows.number(0).label("member"),
        rows.text(1).label("key"),
        rows.number(2).label("place"),
        rows.number(3).label("listed"),
    ).subquery("roster")


def _place_words(
    found: Collection[int], roots: Collection[int], today: dt.date, *, full: bool
) -> tuple[dict[str, Words], dict[str, int]]:
    """Names of the groups, and which of them can be opened: all but the roots that others lie below."""
    named = select(Region.code, Region.id, Region.full_name if full else Region.name, Region.valid_to)
    rows = db.session.execute(named.where(Region.id.in_(found))).all()
    words: dict[str, Words] = {}
    places: dict[str, int] = {}
    for code, key, name, ended in rows:
        words[code] = name if ended is None or today < ended else ended_name(name, str(ended.year))
        if key in roots and len(rows) > len(roots):
            words[code] = Message("{region} itself", region=name)
        else:
            places[code] = key
    return words, places


def by_admin(actor: Actor) -> Grouping:
    """The direct subordinates of an admin, each with what all admins below review; the own ones apart."""
    below = aliased(Admin)
    team = select(Admin.id.label("member"), Admin.id.label("key")).where(Admin.superior_id == actor.admin_id)
    tree = team.cte("team", recursive=True)
    tree = tree.union(select(below.id, tree.c.key).join(tree, below.superior_id == tree.c.member))
    head = aliased(Admin)
    roster = union_all(
        select(
            tree.c.member, tree.c.key, tree.c.key.label("place"),
            case((head.state == "active", 1), else_=0).label("listed"),
        ).join(head, head.id == tree.c.key),
        *(
            select(fixed(own).label("member"), fixed(own).label("key"), fixed(own).label("place"),
                   fixed(0).label("listed"))
            for own in (actor.admin_id or 0, OTHERS)
        ),
    ).subquery("roster")  # fmt: skip
    return Grouping("direct_reviewer_id", roster, _admin_words(actor), admin_subtree(actor.admin_id or 0))


def _admin_words(actor: Actor) -> dict[int, Words]:
    named = select(Admin.id, Account.display_name, Bureau.name).join(Account, Account.id == Admin.account_id)
    named = named.join(Bureau, Bureau.id == Admin.bureau_id).where(Admin.superior_id == actor.admin_id)
    words: dict[int, Words] = {OTHERS: Message("Reviewed by others")}
    words |= {key: f"{person} · {bureau}" for key, person, bureau in db.session.execute(named)}
    return words | {actor.admin_id or 0: Message("Reviewed by yourself")}
