"""One question of an analysis as a declared list: its figures, drawn as charts and kept as files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, type_coerce

from app.infra.json_rows import Cell, JsonRows
from app.infra.lists import Chart, Column, Filter, ListSpec
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.infra.types import Scaled
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.questionnaires.definition import CHOICES, MATRICES, Question, QuestionKind
from app.questionnaires.results_bins import bins_of
from app.questionnaires.results_figures import Result
from app.questionnaires.results_rows import ResultRows
from app.questionnaires.results_selection import asked_question, conditions, read_selection, unapplied
from app.questionnaires.results_spread import PLACES
from app.questionnaires.results_summary import EMPTY, Analysis, analyse

ONE_QUESTION = "questionnaire_question"
DRAWN = CHOICES | MATRICES | {QuestionKind.RATING, QuestionKind.RANKING, QuestionKind.NUMBER}
"""Kinds whose answers are figures; those of the others are texts."""
MOST_LINES = 500
LABEL = "option"


def question_list(actor: Actor, args: Args) -> ListSpec:
    """The lines of one question.

    :raises NotFound: no questionnaire in sight, no such question, or one that is answered by texts.
    """
    question = asked_question(read_selection(actor, args), args)
    analysis = analyse(actor, args, {question.code})
    (result,) = analysis.results
    if question.kind in MATRICES:
        return _matrix_list(analysis, result)
    if question.kind is QuestionKind.NUMBER:
        return _number_list(analysis, result)
    if question.kind not in DRAWN:
        raise NotFound
    return _option_list(analysis, result)


def _option_list(analysis: Analysis, result: Result) -> ListSpec:
    rows = ResultRows([replace(result, spread=None)], analysis.selection.language)
    at: Any = rows.number("at")
    figures = [
        rows.column("count", Message("Responses")),
        rows.column("of_answered", Message("Share of answered (%)")),
        rows.column("of_asked", Message("Share of asked (%)")),
    ]
    measures = [("count",), ("of_answered",), ("of_asked",)]
    if result.question.kind is QuestionKind.RANKING:
        figures = [
            rows.column("mean", Message("Mean rank")),
            rows.column("first", Message("Ranked first")),
            rows.column("count", Message("Responses")),
        ]
        measures = [("mean",), ("first",), ("count",)]
    base = select(at).select_from(rows.rows.table)
    label = Column(LABEL, Message("Option"), rows.text("option"), always=True)
    return _spec(analysis, result.question, base, at, (label, *figures), measures)


def _number_list(analysis: Analysis, result: Result) -> ListSpec:
    """Numbers by interval."""
    found = bins_of(analysis.subset, result.no, result.spread) if result.spread else ()
    rows = JsonRows("bins", [(number, one.words, one.count) for number, one in enumerate(found)])
    at: Any = rows.number(0)
    columns = (
        Column(LABEL, Message("Interval"), rows.text(1), always=True),
        Column("count", Message("Responses"), rows.number(2), "number"),
    )
    return _spec(analysis, result.question, select(at).select_from(rows.table), at, columns, [("count",)])


def _matrix_list(analysis: Analysis, result: Result) -> ListSpec:
    """A line for each row of the matrix; of columns filled with numbers their means."""
    language, columns = analysis.selection.language, result.question.columns
    table: list[Sequence[Cell]] = []
    for number, (row, lines) in enumerate(result.rows):
        means = [None if one.spread is None else int(one.spread.mean.scaleb(PLACES)) for one in lines]
        table.append((number, row.in_language(language), *(one.count for one in lines), *means))
    rows = JsonRows("matrix", table)
    at: Any = rows.number(0)
    label = Column(LABEL, Message("Matrix row"), rows.text(1), always=True)
    counted = [
        Column(f"c{place}", column.text.in_language(language), rows.number(1 + place), "number")
        for place, column in enumerate(columns, 1)
    ]
    measured = [
        Column(
            f"m{place}", Message("{column}, mean", column=column.text.in_language(language)),
            type_coerce(rows.number(1 + len(columns) + place), Scaled(PLACES)), "number", decimals=2,
        )
        for place, column in enumerate(columns, 1)
        if column.numeric and result.question.kind is QuestionKind.MATRIX_FILL
    ]  # fmt: skip
    measures = [tuple(one.key for one in counted), *((one.key,) for one in measured)]
    base = select(at).select_from(rows.table)
    return _spec(analysis, result.question, base, at, (label, *counted, *measured), measures)


def _spec(
    analysis: Analysis,
    question: Question,
    base: Any,
    key: Any,
    columns: Sequence[Column],
    measures: Sequence[tuple[str, ...]],
) -> ListSpec:
    selection = analysis.selection
    return ListSpec(
        name=ONE_QUESTION,
        title=Message("Results of a question"),
        base=lambda _actor, _today: base,
        key=(key,),
        columns=tuple(columns),
        filters=(*_filters(analysis, question), *unapplied(conditions(selection))[1:]),
        size=MOST_LINES,
        sizes=(MOST_LINES,),
        export_name=Message(
            "{title}, {question}", title=selection.questionnaire.title,
            question=selection.definition.labels[question.code],
        ),
        unit=Message("{count} lines"),
        empty=EMPTY,
        bounded_by="questionnaire",
        columns_fixed=True,
        charts=tuple(_charts(question, measures)),
    )  # fmt: skip


def _filters(analysis: Analysis, question: Question) -> tuple[Filter, ...]:
    selection = analysis.selection
    names = {
        one.code: f"{selection.definition.labels[one.code]} {selection.text(one)}"
        for one in selection.definition
        if one.kind in DRAWN
    }
    which = unapplied(conditions(selection))[0]
    chosen = Filter(
        "question", Message("Question"), "choice", clause=every_row, words=names, required=True,
        default=question.code, combinable=False, stays=True,
    )  # fmt: skip
    return which, chosen


def _charts(question: Question, measures: Sequence[tuple[str, ...]]) -> Iterator[Chart]:
    yield Chart("bars", Message("Bars"), "bar", LABEL, measures)
    if question.kind is QuestionKind.MATRIX_SINGLE and len(question.columns) > 1:
        yield Chart("shares", Message("Shares"), "share", LABEL, measures[:1])
    elif question.kind in CHOICES:
        yield Chart("ranking", Message("Ranking"), "ranking", LABEL, measures)
