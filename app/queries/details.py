"""经济指标月报明细查询: a line for each report with the figures that were filed."""

from __future__ import annotations

from dataclasses import replace

from app.infra.lists import Column, ListSpec
from app.infra.lists.asked import Args
from app.infra.scope import among
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.queries.conditions import (
    REPORT,
    indicator_columns,
    keyword_filter,
    months_filter,
    reported_form,
    source_column,
    source_filter,
    state_filter,
    usual_order,
)
from app.reports.figure_rows import figures_in_sight, report_columns
from app.reports.form_loading import table_of_form
from app.reports.summary_filters import indicator_filter, industry_filter
from app.reports.summary_question import GRID, month_of, read_indicators


def details_list(_actor: Actor, args: Args) -> ListSpec:
    """Reports of the months asked for, with the chosen indicators; a file has all of them."""
    form, _calendar, current = reported_form()
    first, last = (month_of(args.get(f"period_{end}", "")) or current for end in ("from", "to"))
    indicators = read_indicators(args, last, current)
    table = table_of_form(form, GRID)
    name, *facts = report_columns(table)
    facts = [replace(fact, default=fact.default and fact.key != "size") for fact in facts]  # room for figures
    return ListSpec(
        name="details",
        title=Message("Details of monthly indicators"),
        base=lambda actor, today: figures_in_sight(table, actor, today),
        key=(table.c.report_id,),
        columns=(
            name,
            Column(
                "period", Message("Report month"), table.c.period, "month", sortable=True,
                default=first != last,
            ),
            *facts,
            source_column(table),
            *indicator_columns(table, indicators, args),
        ),
        filters=(
            months_filter(table, current),
            state_filter(table),
            indicator_filter(indicators),
            region_filter(lambda subtree: among(table.c.region_id, subtree)),
            industry_filter(table),
            source_filter(table),
            keyword_filter(table.c.enterprise_id),
        ),
        default_sort=usual_order(indicators),
        row_link=REPORT,
        unit=Message("{count} reports"),
        empty=Message("No report matches."),
        # a month is counted with its page, many months only as far as people read
        bounded_by="period" if first == last else "",
        columns_fixed=True,
        exports_all=True,
    )  # fmt: skip
