"""年度报送企业数统计: how many enterprises of each place reported each month of a year, and who they are."""

from __future__ import annotations

from app.infra import context
from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.scope import among
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.queries.conditions import REPORT
from app.queries.query_charts import year_charts
from app.queries.year_months import year_filter
from app.queries.year_places import MEASURES, STATES, address, read_places, report_facts
from app.reports.models import Report
from app.reports.summary_columns import group_key, group_link

HERE = "/queries/year-counts/"
BEHIND = "/queries/year-counts/reports"
MOST_PLACES = 500
"""Places of one page: more than any level of the territory has."""


def year_counts_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each place right below the managed ones, or below the region in force."""
    asked = read_places(actor, args)
    key = group_key(asked.grouping)
    return ListSpec(
        name="year_counts",
        title=Message("Enterprises that reported in a year"),
        base=asked.rows,
        groups=lambda rows: asked.grouped(rows, actor, context.today()),
        key=(key,),
        columns=(
            Column(
                "group", Message("Region"), key, "choice", words=asked.grouping.words, always=True,
                sortable=True, nullable=False, link=address(HERE, asked, region="{}"),
                link_from=group_link(asked.grouping),
            ),
            *asked.columns(address(BEHIND, asked)),
        ),
        filters=(year_filter(asked.year), region_filter(lambda subtree: among(Report.region_id, subtree))),
        default_sort="group",
        size=MOST_PLACES,
        sizes=(MOST_PLACES,),
        unit=Message("{count} places"),
        empty=Message("There is no enterprise that owes reports."),
        columns_fixed=True,
        total=Message("Total"),
        charts=year_charts([month.month for month in asked.year.months]),
    )  # fmt: skip


def year_reports_list(actor: Actor, args: Args) -> ListSpec:
    """The reports that a number of ``year_counts_list`` counts."""
    asked = read_places(actor, args)
    key = asked.grouping.key(asked.grouping.dimension)
    places = asked.grouping.joined(Report.__table__, Report.region_id)
    return ListSpec(
        name="year_reports",
        title=Message("Reports behind the numbers of a year"),
        base=lambda asking, today: asked.rows(asking, today).select_from(places),
        key=(Report.id,),
        columns=report_facts(),
        filters=(
            Filter(
                "period", Message("Report month"), "month", Report.period, required=True,
                default=str(asked.year.months[-1]),
            ),
            Filter(
                "counted", Message("Counted as"), "choice", required=True, default="reported", words=MEASURES,
                clause=lambda value, _actor, _today: Report.state.in_(STATES[value]),
            ),
            region_filter(lambda subtree: among(Report.region_id, subtree)),
            Filter("group", Message("Group"), "choice", key, words=asked.grouping.words),
        ),
        default_sort="enterprise",
        row_link=REPORT,
        unit=Message("{count} reports"),
        empty=Message("No report matches."),
        bounded_by="period",
    )  # fmt: skip
