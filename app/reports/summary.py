"""经济指标月报汇总查询: sums of a month over the stored figures, and the reports behind each of them.

Both lists are declared over one source with the same conditions, so a number and the list that it
opens cannot differ. Sums of last year are those of the same reports' cells of last year; a test
code is not counted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select

from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.charting import told_apart
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.reports.figure_rows import figures_in_sight, report_columns
from app.reports.summary_charts import summary_charts
from app.reports.summary_columns import (
    figure_columns,
    group_key,
    group_link,
    grouped,
    report_count,
    sum_columns,
)
from app.reports.summary_filters import CONDITIONS, conditions, exclusions
from app.reports.summary_question import Question, read_question

HERE = "/summaries/"
BEHIND = "/summaries/reports"
MOST_GROUPS = 500
"""Groups of one page: more than any level of the territory or of the trades has."""


def summary_list(actor: Actor, args: Args) -> ListSpec:
    """A line for each group of a month, and their totals."""
    question = read_question(actor, args)
    grouping, key = question.grouping, group_key(question.grouping)
    behind = _address(BEHIND, question.args, group="{}")
    inside = _address(HERE, question.args, **{grouping.narrows: "{}"}) if grouping.narrows else ""
    reports, all_reports = report_count()
    return ListSpec(
        name="summary",
        title=Message("Monthly summary of indicators"),
        base=lambda actor, today: _counted(question, actor, today),
        groups=lambda rows: grouped(
            rows, grouping, question.indicators, question.table, paired_only=question.like_for_like
        ),
        key=(key,),
        columns=(
            Column(
                "group", Message("Group"), key, "choice", words=grouping.words, always=True, link=inside,
                link_from=group_link(grouping), sortable=True, nullable=False,
            ),
            Column(
                "enterprises", Message("Number of enterprises"), reports, "number", always=True, link=behind,
                sortable=True, nullable=False, total=all_reports,
            ),
            *sum_columns(question.indicators, behind),
        ),
        filters=(*conditions(question), *exclusions(question.table)),
        default_sort="group",
        size=MOST_GROUPS,
        sizes=(MOST_GROUPS,),
        unit=Message("{count} groups"),
        empty=Message("No report of this month meets the conditions yet."),
        bounded_by="period",
        columns_fixed=True,
        total=Message("Total"),
        charts=summary_charts(
            question.indicators, by_region=grouping.narrows == "region", few=told_apart(grouping.words)
        ),
    )  # fmt: skip


def behind_list(actor: Actor, args: Args) -> ListSpec:
    """The reports that a number of the summary counts."""
    question = read_question(actor, args)
    table, grouping = question.table, question.grouping
    key = grouping.key(grouping.dimension)
    return ListSpec(
        name="summary_reports",
        title=Message("Reports behind the summary"),
        base=lambda actor, today: _counted(question, actor, today).select_from(
            grouping.joined(table, grouping.dimension)
        ),
        key=(table.c.report_id,),
        columns=(*report_columns(table), *figure_columns(table, question.indicators)),
        filters=(
            *conditions(question),
            Filter(
                "group", Message("Group"), "choice", key, words=grouping.words,
                clause=lambda value, _actor, _today: key == value,
            ),
            *exclusions(question.table),
        ),
        default_sort="enterprise",
        row_link="/reports/{}",
        unit=Message("{count} reports"),
        empty=Message("No report matches."),
        bounded_by="period",
        columns_fixed=True,
    )  # fmt: skip


def _counted(question: Question, actor: Actor, today: dt.date) -> Select[Any]:
    """Reports of the month of enterprises in sight, without those of test codes."""
    rows = figures_in_sight(question.table, actor, today)
    return rows.where(question.table.c.period == question.asked.period)


def _address(path: str, args: Args, **changes: str) -> str:
    """A page of the summary with the conditions of this one; a change may be ``{}``, to be filled in."""
    kept = [(name, value) for name in CONDITIONS if name not in changes for value in args.getlist(name)]
    changed = "&".join(f"{name}={value}" for name, value in changes.items())
    return "&".join((f"{path}?asked=1", *([urlencode(kept)] if kept else []), changed))
