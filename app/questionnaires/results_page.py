"""What the page of an analysis shows above its table: a card for each question."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import url_for

from app.infra.i18n import say
from app.infra.lists.asked import Args
from app.kernel.numbers import format_number
from app.kernel.texts import Message
from app.questionnaires.definition import MATRICES, QuestionKind
from app.questionnaires.kind_words import KINDS
from app.questionnaires.results_figures import Line, Result
from app.questionnaires.results_one import DRAWN
from app.questionnaires.results_rows import SPREAD_LABELS
from app.questionnaires.results_selection import CONDITIONS, KEPT_BACK, Selection
from app.questionnaires.results_spread import Spread
from app.questionnaires.results_subjects import Subject, subjects
from app.questionnaires.results_summary import Analysis
from app.questionnaires.results_texts import has_texts

DEPTHS = 10
"""Steps of colour of a matrix: one for each tenth of those who answered."""
Link = tuple[str, str]


def analysis_context(analysis: Analysis, args: Args) -> dict[str, Any]:
    """Cards and links of ``questionnaires/results/analysis.html``."""
    selection = analysis.selection
    kept = kept_conditions(selection, args)
    found = subjects(selection)
    return {
        "questionnaire": selection.questionnaire,
        "responses": say(Message("{count} responses", count=f"{analysis.subset.count:,}")),
        "notes": notes(selection),
        "cards": [_card(selection, result, kept, found) for result in analysis.results],
        "links": page_links(selection, kept, "analysis"),
    }


def notes(selection: Selection) -> list[str]:
    """What has to be known about the rounds."""
    return [say(KEPT_BACK)] if selection.rounds.kept_back else []


def kept_conditions(selection: Selection, args: Args) -> list[tuple[str, str]]:
    """The conditions of an address, for the pages that it leads to."""
    found = [(name, value) for name in CONDITIONS[1:] for value in args.getlist(name) if value]
    asked = [("asked", "1")] if "asked" in args else []
    return [*asked, ("questionnaire", str(selection.questionnaire.id)), *found]


def page_links(selection: Selection, kept: Sequence[tuple[str, str]], here: str) -> list[Link]:
    """The other pages of results of the same questionnaire and conditions."""
    pages = [
        ("analysis", Message("Analysis"), "ResultView.analysis"),
        ("cross", Message("Cross-tabulation"), "ResultView.cross"),
        ("table", Message("Raw records"), "ResponseView.table"),
        ("rates", Message("Response rates by region"), "RespondentView.rates"),
    ]
    can_cross = bool(subjects(selection))
    return [
        (say(words), address(endpoint, kept))
        for name, words, endpoint in pages
        if name != here and (name != "cross" or can_cross)
    ]


def address(endpoint: str, kept: Sequence[tuple[str, str]], **more: str) -> str:
    """A page of results with conditions."""
    return f"{url_for(endpoint)}?{urlencode([*kept, *more.items()])}"


def _card(
    selection: Selection, result: Result, kept: Sequence[tuple[str, str]], found: dict[str, Subject]
) -> dict[str, Any]:
    question = result.question
    return {
        "code": question.code,
        "label": result.label,
        "text": selection.text(question),
        "kind": say(KINDS[question.kind]),
        "base": say(_base(result)),
        "bars": [] if question.kind in MATRICES else [_bar(selection, result, line) for line in result.lines],
        "ranked": question.kind is QuestionKind.RANKING,
        "spread": _spread(result.spread),
        "unit": question.unit.in_language(selection.language),
        "matrix": _matrix(selection, result) if question.kind in MATRICES else None,
        "links": _links(selection, result, kept, found),
    }


def _base(result: Result) -> Message:
    return Message(
        "Asked {asked}, answered {answered}, left blank {blank}",
        asked=f"{result.asked:,}", answered=f"{result.answered:,}", blank=f"{result.blank:,}",
    )  # fmt: skip


def _bar(selection: Selection, result: Result, line: Line) -> dict[str, Any]:
    return {
        "words": line.option.in_language(selection.language),
        "count": format_number(line.count),
        "percent": float(line.of_answered or 0),
        "of_answered": _percent(line.of_answered),
        "of_asked": _percent(line.of_asked),
        "mean": _number(line.spread.mean if line.spread else None),
        "first": "—" if line.first is None else format_number(line.first),
    }


def _spread(spread: Spread | None) -> list[tuple[str, str]]:
    if spread is None:
        return []
    return [(say(label), _number(getattr(spread, name))) for name, label in SPREAD_LABELS.items()]


def _matrix(selection: Selection, result: Result) -> dict[str, Any]:
    """Rows and columns with counts and shares; the depth of a cell's colour says the share again."""
    language = selection.language
    return {
        "columns": [column.text.in_language(language) for column in result.question.columns],
        "rows": [(row.in_language(language), [_cell(line) for line in lines]) for row, lines in result.rows],
    }


def _cell(line: Line) -> dict[str, Any]:
    share = line.of_answered or Decimal(0)
    return {
        "depth": int(share * DEPTHS / 100),
        "share": _percent(line.of_answered),
        "count": format_number(line.count),
        "mean": "" if line.spread is None else _number(line.spread.mean),
    }


def _links(
    selection: Selection, result: Result, kept: Sequence[tuple[str, str]], found: dict[str, Subject]
) -> list[Link]:
    question, links = result.question, []
    if question.kind in DRAWN:
        chart = address("ResultView.question", kept, question=question.code, show="chart:bars")
        links.append((say(Message("Chart")), chart))
    crossable = next((code for code in found if code.split(".")[0] == question.code), "")
    if crossable:
        crossed = address(
            "ResultView.cross", kept, question=crossable, by=_usual_group(selection, crossable, found)
        )
        links.append((say(Message("Cross-tabulation")), crossed))
        if len(selection.rounds.shown) > 1:
            every = [(name, value) for name, value in kept if name not in {"round", "asked"}]
            links.append((say(Message("Over the rounds")), _over_rounds(every, crossable)))
    if has_texts(question):
        links.append((say(Message("Texts")), address("ResultView.texts", kept, question=question.code)))
    return links


def _over_rounds(kept: Sequence[tuple[str, str]], code: str) -> str:
    """All rounds: a question that was asked, without a round."""
    return address(
        "ResultView.cross", [("asked", "1"), *kept], question=code, by="round", figures="row",
        show="chart:lines",
    )  # fmt: skip


def _usual_group(selection: Selection, code: str, found: dict[str, Subject]) -> str:
    """Regions where they are known, else another question."""
    if selection.is_named:
        return "region"
    return next((other for other, one in found.items() if other != code and not one.is_number), "round")


def _percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.1f}%"


def _number(value: Decimal | None) -> str:
    return "—" if value is None else format_number(value, 2)
