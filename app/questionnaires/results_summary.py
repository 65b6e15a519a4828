"""问卷统计 as a declared list: each option, step, row and column with its count and shares."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.asked import Args, Asked
from app.infra.lists.filters import every_row
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
PART = 20
"""Questions on a page of an analysis: more are neither read nor counted at a glance."""
EMPTY = Message("Nobody has answered in these rounds.")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the analysis of a questionnaire is made of."""

    selection: Selection
    subset: Subset
    asked: Asked
    results: list[Result]


def analyse(actor: Actor, args: Args, codes: Collection[str] | None = None) -> Analysis:
    """Counts what the address asks about.

    :param codes: of the questions to be counted; all where none are given.
    :raises NotFound: no questionnaire is named, or none in sight.
    """
    selection = read_selection(actor, args)
    chosen, asked = subset(selection, args)
    wanted = [code for part in parts_of(selection).values() for code in part] if codes is None else codes
    counts = count(selection.definition, chosen, wanted)
    return Analysis(selection, chosen, asked, results(selection.definition, counts, wanted))


def analyse_part(actor: Actor, args: Args) -> Analysis:
    """The questions that the page of an analysis shows; none while a condition is being looked up."""
    parts = parts_of(read_selection(actor, args))
    shown = parts.get(args.get("part", ""), next(iter(parts.values()), ()))
    return analyse(actor, args, () if "choices" in args else shown)


def parts_of(selection: Selection) -> dict[str, Sequence[str]]:
    """The questions as pages of an analysis show them, by the number of the page."""
    codes = [question.code for question in selection.definition if question.is_answered]
    return {
        str(number): codes[start : start + PART] for number, start in enumerate(range(0, len(codes), PART), 1)
    }


def _part_filter(selection: Selection) -> tuple[Filter, ...]:
    """Which questions the page shows; a file has all of them."""
    parts, labels = parts_of(selection), selection.definition.labels
    if len(parts) < 2:
        return ()
    words = {part: f"{labels[codes[0]]} ~ {labels[codes[-1]]}" for part, codes in parts.items()}
    return (
        Filter(
            "part", Message("Questions"), "choice", clause=every_row, words=words, required=True, default="1",
            combinable=False, tabs=True,
        ),
    )  # fmt: skip


def summary_list(actor: Actor, args: Args) -> ListSpec:
    """The lines of every question."""
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
        filters=(*_part_filter(analysis.selection), *unapplied(conditions(analysis.selection))),
        size=MOST_LINES,
        sizes=(MOST_LINES,),
        export_name=Message("{title}, analysis", title=analysis.selection.questionnaire.title),
        unit=Message("{count} lines"),
        empty=EMPTY,
        exports_all=True,
    )  # fmt: skip
