"""问卷统计 as a declared list: each option, step, row and column with its count and shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.infra.lists import Column, ListSpec
from app.infra.lists.asked import Args, Asked
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.kind_words import KINDS
from app.questionnaires.results_counts import count
from app.questionnaires.results_figures import Result, results
from app.questionnaires.results_rows import ResultRows
from app.questionnaires.results_selection import (
    Selection,
    Subset,
    conditions,
    read_selection,
    subset,
    unapplied,
)

SUMMARY = "questionnaire_summary"
MOST_LINES = 500
EMPTY = Message("Nobody has answered in these rounds.")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the analysis of a questionnaire is made of."""

    selection: Selection
    subset: Subset
    asked: Asked
    results: list[Result]


def analyse(actor: Actor, args: Args, *, counted: bool = True) -> Analysis:
    """Counts what the address asks about.

    :param counted: False where only the conditions are needed.
    :raises NotFound: no questionnaire is named, or none in sight.
    """
    selection = read_selection(actor, args)
    chosen, asked = subset(selection, args)
    found = results(selection.definition, count(selection.definition, chosen)) if counted else []
    return Analysis(selection, chosen, asked, found)


def summary_list(actor: Actor, args: Args) -> ListSpec:
    """The list alone, for jobs and programs."""
    return list_of(analyse(actor, args))


def list_of(analysis: Analysis) -> ListSpec:
    """The lines of an analysis, as a list to sort and to export."""
    rows = ResultRows(analysis.results, analysis.selection.language)
    at: Any = rows.number("at")
    return ListSpec(
        name=SUMMARY,
        title=Message("Analysis of the questionnaire"),
        base=lambda _actor, _today: select(at).select_from(rows.rows.table),
        key=(at,),
        columns=(
            Column("label", Message("Question number"), rows.text("label"), always=True),
            Column("question", Message("Question"), rows.text("question")),
            Column(
                "kind", Message("Kind of question"), rows.text("kind"), "choice", default=False,
                words={kind.value: name for kind, name in KINDS.items()},
            ),
            Column("row", Message("Matrix row"), rows.text("row")),
            Column("option", Message("Option"), rows.text("option")),
            rows.column("asked", Message("Asked")),
            rows.column("answered", Message("Answered")),
            rows.column("count", Message("Responses")),
            rows.column("of_answered", Message("Share of answered (%)")),
            rows.column("of_asked", Message("Share of asked (%)")),
            *rows.spread_columns(default=False),
            rows.column("first", Message("Ranked first"), default=False),
        ),
        filters=unapplied(conditions(analysis.selection)),
        size=MOST_LINES,
        sizes=(MOST_LINES,),
        export_name=Message("{title}, analysis", title=analysis.selection.questionnaire.title),
        unit=Message("{count} lines"),
        empty=EMPTY,
        exports_all=True,
    )  # fmt: skip
