"""The enterprises that a number of the ranking or of the analysis counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Subquery, and_, not_, select

from app.enterprises.models import Enterprise
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.spec import Words
from app.kernel.texts import Message
from app.organisations.models import AdminName, Region
from app.queries.standing_groups import Grouping
from app.queries.standing_question import Question, conditions
from app.queries.standings import is_approved, is_on_time, is_reported
from app.reports.workflow import STATE_LABELS, STATE_MARKS

DUE = "due"


@dataclass(frozen=True, slots=True)
class Count:
    """What a number counts: its name, and the condition on standings."""

    words: Words
    condition: Any


def reporting_counts(question: Question, standings: Subquery) -> dict[str, Count]:
    """Due, reported and the rest, of the month and of the one before."""
    this = standings.c.period == question.this.month.key
    last = standings.c.period == question.last.month.key
    reported, on_time, approved = is_reported(standings), is_on_time(standings), is_approved(standings)
    return {
        DUE: Count(Message("Due"), this),
        "reported": Count(Message("Reported"), and_(this, reported)),
        "on_time": Count(Message("Reported on time"), and_(this, on_time)),
        "approved": Count(Message("Approved by then"), and_(this, approved)),
        "missing": Count(Message("Not reported"), and_(this, not_(reported))),
        "last_due": Count(Message("Due last month"), last),
        "last_reported": Count(Message("Reported last month"), and_(last, reported)),
        "last_on_time": Count(Message("Reported on time last month"), and_(last, on_time)),
        "last_approved": Count(Message("Approved last month"), and_(last, approved)),
    }


def behind_list(
    question: Question,
    standings: Subquery,
    grouping: Grouping,
    counts: Mapping[str, Count],
    *further: Filter,
    name: str,
    title: Words,
) -> ListSpec:
    """The enterprises of one count, in one group or in all of them."""
    row = standings.c
    return ListSpec(
        name=name,
        title=title,
        base=lambda _actor, _today: select(row.enterprise_id),
        key=(row.enterprise_id,),
        columns=(
            Column("enterprise", Message("Enterprise name"), lookup=Lookup(row.enterprise_id, Enterprise),
                   always=True, sortable=True),
            Column("uscc", Message("Unified social credit code"),
                   lookup=Lookup(row.enterprise_id, Enterprise, "uscc"), default=False),
            Column("period", Message("Report month"), row.period, "month"),
            Column("region", Message("Region"), lookup=Lookup(row.region_id, Region, "full_name"),
                   css="place"),
            Column("reviewer", Message("Direct reviewer"), lookup=Lookup(row.direct_reviewer_id, AdminName)),
            Column("state", Message("State at the cut-off"), row.state, "state", words=STATE_LABELS,
                   marks=STATE_MARKS, link="/reports/{}", link_from=row.report_id),
            Column("submitted", Message("First submitted"), row.first_submitted_at, "instant",
                   sortable=True),
            Column("on_time", Message("Reported on time"), is_on_time(standings), "bool"),
        ),
        filters=(
            Filter("counted", Message("Counted as"), "choice", tabs=True, required=True, default=DUE,
                   words={code: count.words for code, count in counts.items()},
                   clause=lambda code, _actor, _today: counts[code].condition),
            *conditions(question, standings),
            Filter("group", Message("Group"), "choice", words=grouping.words,
                   clause=lambda key, _actor, _today: grouping.within(standings, key)),
            *further,
        ),
        default_sort="enterprise",
        row_link="/enterprises/show/{}",
        unit=Message("{count} enterprises"),
        empty=Message("No enterprise is counted here."),
        bounded_by="period",
    )  # fmt: skip
