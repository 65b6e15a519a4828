"""The enterprises that a number of the ranking or of the analysis counts."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.spec import Words
from app.kernel.texts import Message
from app.organisations.models import AdminName, Region
from app.queries.standing_counts import DUE, Count
from app.queries.standing_groups import Grouping
from app.queries.standing_question import Question, conditions
from app.queries.standings import Standing, Wanted, standings
from app.reports.workflow import STATE_LABELS, STATE_MARKS


def behind_list(
    question: Question,
    grouping: Grouping,
    counts: Mapping[str, Count],
    wanted: Wanted,
    *further: Filter,
    name: str,
    title: Words,
) -> ListSpec:
    """The enterprises of one count, in one group or in all of them."""
    count = counts[question.chosen("counted", counts, DUE)]
    cut_off = question.last if count.of_last else question.this
    found = standings(question.actor, question.today, question.form, cut_off, wanted)
    row, standing = found.c, Standing(found)
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
            Column("on_time", Message("Reported on time"), standing.is_on_time, "bool"),
        ),
        filters=(
            Filter("counted", Message("Counted as"), "choice", tabs=True, required=True, default=DUE,
                   words={code: count.words for code, count in counts.items()},
                   clause=lambda code, _actor, _today: counts[code].holds(standing)),
            *conditions(question, found),
            Filter("group", Message("Group"), "choice", words=grouping.words,
                   clause=lambda key, _actor, _today: grouping.within(found, key)),
            *further,
        ),
        default_sort="enterprise",
        row_link="/enterprises/show/{}",
        unit=Message("{count} enterprises"),
        empty=Message("No enterprise is counted here."),
        bounded_by="period",
    )  # fmt: skip
