"""月度报送情况分析 and 规模分布: a month by kind of enterprise, beside the month before (spec 80).

Trade, size and control type are those that a report was filed with, of who has not reported those of today.
The place is that of today, as in the ranking: there the report is owed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, literal_column, select

from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.charting import told_apart
from app.infra.lists.filters import every_row
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.queries.analysis_columns import reporting_columns, spread_columns
from app.queries.analysis_counts import ANALYSED, FACTS, SPREAD
from app.queries.kind_groups import (
    by_economic_type,
    by_industrial_class,
    by_industry,
    by_industry_group,
    by_size,
)
from app.queries.query_charts import analysis_charts
from app.queries.standing_behind import behind_list
from app.queries.standing_counts import REPORTING
from app.queries.standing_groups import Grouping, by_region, counted
from app.queries.standing_question import Question, address, conditions, read_question
from app.queries.standings import Wanted, pairs
from app.reports.summary_filters import NO_YES

HERE = "/queries/analysis/"
BEHIND = "/queries/analysis/enterprises"
KEPT = ("by", "period", "cutoff", "last_cutoff", "region", "no_large", "where")
MOST_GROUPS = 500
USUAL = "economic"
NO_LARGE = "no_large"
KINDS: Mapping[str, tuple[Message, Callable[[], Grouping]]] = {
    "economic": (Message("By economic type"), by_economic_type),
    "size": (Message("By enterprise size"), by_size),
    "industry": (Message("By industry"), by_industry),
    "class": (Message("By industrial class"), by_industrial_class),
    "group": (Message("By group of the operations bureau"), by_industry_group),
}
BY = {
    "economic": KINDS["economic"][0],
    "size": KINDS["size"][0],
    "region": Message("Analysis by region"),
    **{code: words for code, (words, _make) in KINDS.items()},
    SPREAD: Message("Distribution of sizes"),
}
"""分析类别, in the order of its tabs."""


def analysis_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each kind or place, and their totals."""
    question = read_question(actor, args)
    by = question.chosen("by", BY, USUAL)
    grouping, counts = _grouping(question, by), ANALYSED if by == SPREAD else REPORTING
    wanted = _wanted(question, grouping, FACTS if by == SPREAD else ())
    found = pairs(question.actor, question.today, question.form, question.this, question.last, wanted)
    behind = address(BEHIND, question, KEPT, group="{}", counted="[]")
    numbers = spread_columns(behind) if by == SPREAD else reporting_columns(behind)
    key = literal_column("sums.key", String() if by in TEXT_KEYS else Integer())
    return ListSpec(
        name="analysis",
        title=Message("Analysis of monthly reporting"),
        base=lambda _actor, _today: select(found.c.enterprise_id),
        groups=lambda rows: _each(counted(rows, found, grouping, counts)),
        key=(key,),
        columns=(
            Column("group", Message("Group"), key, "choice", words=grouping.words, always=True,
                   sortable=True, nullable=False, **_inside(question, grouping)),
            *numbers,
        ),
        filters=(
            Filter("by", Message("Kind of analysis"), "choice", clause=every_row, tabs=True, required=True,
                   default=USUAL, words=BY),
            *conditions(question, found),
            _no_large(),
        ),
        default_sort="group",
        size=MOST_GROUPS,
        sizes=(MOST_GROUPS,),
        unit=Message("{count} groups"),
        empty=Message("No enterprise owes a report here."),
        bounded_by="period",
        columns_fixed=True,
        total=Message("Total"),
        charts=() if by == SPREAD else analysis_charts(
            by_region=by == "region", few=told_apart(grouping.words)
        ),
    )  # fmt: skip


def analysis_behind_list(actor: Actor, args: Args) -> ListSpec:
    """The enterprises that a number of the analysis counts."""
    question = read_question(actor, args)
    grouping = _grouping(question, question.chosen("by", BY, USUAL))
    kind = Filter("by", Message("Kind of analysis"), "choice", clause=every_row, required=True,
                  default=USUAL, words=BY)  # fmt: skip
    return behind_list(
        question, grouping, ANALYSED, _wanted(question, grouping, FACTS), _no_large(), kind,
        name="analysis_enterprises", title=Message("Enterprises behind the analysis"),
    )  # fmt: skip


TEXT_KEYS = frozenset({"economic", "region", "industry", SPREAD})
"""Kinds of analysis whose groups are known by a code; the others by a number."""


def _wanted(question: Question, grouping: Grouping, facts: Iterable[str]) -> Wanted:
    """What standings have to tell: what is counted of them, and what they are counted by."""
    grouped = () if grouping.is_of_today else (grouping.dimension,)
    without_large = question.chosen(NO_LARGE, NO_YES, "0") == "1"
    return Wanted(tuple(dict.fromkeys((*facts, *grouped))), without_large)


def _grouping(question: Question, by: str) -> Grouping:
    if by in KINDS:
        return KINDS[by][1]()
    return by_region(question.actor, question.today, question.region_ids)


def _each(groups: Select[Any]) -> Select[Any]:
    """The groups as plain numbers, a group of its own each, so that all can be sorted by."""
    sums = groups.subquery("sums")
    return select(sums.c.key).group_by(*sums.c)


def _inside(question: Question, grouping: Grouping) -> dict[str, Any]:
    """The way from a place into those below it."""
    if not grouping.places:
        return {}
    link = address(HERE, question, KEPT, region="{}")
    return {"link": link, "link_from": literal_column("sums.place", BigInteger())}


def _no_large() -> Filter:
    """是否剔除大型和上市企业: whom standings leave out."""
    return Filter(
        NO_LARGE, Message("Leave out large and listed enterprises"), "choice", words=NO_YES, required=True,
        default="0", clause=every_row,
    )  # fmt: skip
