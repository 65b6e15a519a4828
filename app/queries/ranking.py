"""报送龙虎榜: how places or subordinate admins did with the reports of a month by a cut-off (spec 80).

The columns of a line are plain numbers of one subquery, so that every one of them can be sorted by,
ranks included, and totals stand under them from the same statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, String, func, literal_column, select

from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.queries.query_charts import ranking_charts
from app.queries.ranks import rank
from app.queries.reminding import remind_column
from app.queries.standing_behind import behind_list
from app.queries.standing_counts import REPORTING, Count
from app.queries.standing_groups import Grouping, by_admin, by_region, counted
from app.queries.standing_question import Question, address, conditions, read_question
from app.queries.standings import USUAL, pairs
from app.reports.summary_sql import share

HERE = "/queries/ranking/"
BEHIND = "/queries/ranking/enterprises"
KEPT = ("by", "measure", "period", "cutoff", "last_cutoff", "region", "where")
MOST_GROUPS = 500
BY = {
    "region": Message("By region"),
    "further": Message("By region, one level further"),
    "admin": Message("By subordinate admin"),
}
MEASURES = {
    "reported": Message("Report rate"),
    "on_time": Message("On-time rate"),
    "approved": Message("Approval rate"),
}
"""排名依据: what places are ranked by; each is a part of what is due."""
COUNTS = {**REPORTING, "unfiled": Count(Message("Not reported"), lambda standing: standing.is_unfiled)}
"""What is counted of each group; ``unfiled`` are those who can be reminded now."""


def ranking_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each place or admin, the best first, and their totals."""
    question = read_question(actor, args)
    grouping = _grouping(question)
    found = pairs(question.actor, question.today, question.form, question.this, question.last)
    measure = question.chosen("measure", MEASURES, "reported")
    return ListSpec(
        name="ranking",
        title=Message("Ranking of reporting"),
        base=lambda _actor, _today: select(found.c.enterprise_id),
        groups=lambda rows: _ranked(counted(rows, found, grouping, COUNTS), measure),
        key=(_sum("key", String() if grouping.claimed is None else Integer()),),
        columns=(
            Column("group", Message("Group"), _sum("key"), "choice", words=grouping.words, always=True,
                   sortable=True, nullable=False, **_inside(question, grouping)),
            Column("rank", Message("Rank"), _sum("standing"), "number", always=True, sortable=True),
            *_numbers(question),
            Column("moved", Message("Change of rank"), _sum("last_standing") - _sum("standing"), "number",
                   sortable=True),
            remind_column(question, grouping, _sum("unfiled")),
        ),
        filters=(
            Filter("by", Message("Query type"), "choice", clause=every_row, tabs=True, required=True,
                   default="region", words=BY),
            *conditions(question, found),
            Filter("measure", Message("Ranked by"), "choice", clause=every_row, required=True,
                   default="reported", words=MEASURES),
        ),
        default_sort="rank",
        size=MOST_GROUPS,
        sizes=(MOST_GROUPS,),
        unit=Message("{count} groups"),
        empty=Message("No enterprise owes a report here."),
        bounded_by="period",
        total=Message("Total"),
        charts=ranking_charts(by_region=grouping.claimed is None),
    )  # fmt: skip


def ranking_behind_list(actor: Actor, args: Args) -> ListSpec:
    """The enterprises that a number of the ranking counts."""
    question = read_question(actor, args)
    kind = Filter("by", Message("Query type"), "choice", clause=every_row, required=True, default="region",
                  words=BY)  # fmt: skip
    return behind_list(
        question, _grouping(question), REPORTING, USUAL, kind,
        name="ranking_enterprises", title=Message("Enterprises behind the ranking"),
    )  # fmt: skip


def _grouping(question: Question) -> Grouping:
    by = question.chosen("by", BY, "region")
    if by == "admin":
        return by_admin(question.actor)
    return by_region(question.actor, question.today, question.region_ids, further=by == "further")


def _ranked(groups: Select[Any], measure: str) -> Select[Any]:
    """The groups with their rank of this month and of the last."""
    sums = groups.subquery("counted")
    ranks = (
        rank(sums.c[measure], sums.c.due).label("standing"),
        rank(sums.c[f"last_{measure}"], sums.c.last_due).label("last_standing"),
    )
    ranked = select(*sums.c, *ranks).subquery("sums")
    # a group of its own each, as a list of groups needs it
    return select(ranked.c.key).group_by(*ranked.c)


def _sum(name: str, kind: Any = None) -> Any:
    return literal_column(f"sums.{name}", kind or BigInteger())


def _numbers(question: Question) -> Iterator[Column]:
    """Counts, each opening its enterprises, and rates; both with their totals."""
    for column in NUMBERS:
        link = address(BEHIND, question, KEPT, group="{}", counted=column.key)
        yield replace(column, link=link)
    yield from RATES


def _all(name: str) -> Any:
    return func.sum(_sum(name)).over()


NUMBERS = tuple(
    Column(name, REPORTING[name].words, _sum(name), "number", sortable=True, nullable=False, total=_all(name))
    for name in ("due", "reported", "on_time", "approved", "missing")
)
RATES = tuple(
    Column(
        f"{name}_rate", Message("{rate} (%)", rate=label), share(_sum(name), _sum("due")), "number",
        sortable=True, decimals=2, total=share(_all(name), _all("due")),
    )
    for name, label in MEASURES.items()
)  # fmt: skip
"""Made once: they are the same for every question, and long to make."""


def _inside(question: Question, grouping: Grouping) -> dict[str, Any]:
    """The way from a place into those below it."""
    if not grouping.places:
        return {}
    link = address(HERE, question, KEPT, region="{}", by="region")
    return {"link": link, "link_from": _sum("place", BigInteger())}
