"""Answers as the inputs of a sheet carry them, and the names of those inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.questionnaires.definition import Definition, Question, QuestionKind

Answers = Mapping[str, Any]
"""Code of a question -> its answer, in the shape that ``app.questionnaires.answers`` says for its kind."""


Form = MultiDict[str, str]
"""What was posted: several values under one name."""


def other_name(question: str, option: str) -> str:
    """The input of the words that an option "other" asks for."""
    return f"{question}.other.{option}"


def rank_name(question: str, option: str) -> str:
    """The input of an option's rank."""
    return f"{question}.rank.{option}"


def cell_name(question: str, row: str, column: str = "") -> str:
    """The input of a matrix: of a row, or of one of its cells where cells are filled in."""
    return f"{question}.{row}.{column}" if column else f"{question}.{row}"


def read(definition: Definition, form: Form) -> dict[str, Any]:
    """All answers that a form carries, asked or not, good or not; what was left blank is left out.

    Nothing is judged: options that a question does not have stay as they came, for the judge to refuse.
    """
    found = {question.code: _READERS[question.kind](question, form) for question in _answered(definition)}
    return {code: answer for code, answer in found.items() if answer}


def faults(definition: Definition, form: Form) -> tuple[Problem, ...]:
    """What a form says that no answer can say: ranks that are no numbers, or given twice."""
    found: list[Problem] = []
    for question in _answered(definition):
        if question.kind is QuestionKind.RANKING:
            found += _rank_faults(question, form)
    return tuple(found)


def _answered(definition: Definition) -> list[Question]:
    return [question for question in definition if question.is_answered]


def _text(question: Question, form: Form) -> str:
    return form.get(question.code, "")


def _single(question: Question, form: Form) -> dict[str, Any]:
    chosen = [code for code in form.getlist(question.code) if code]
    return _choice(question, chosen[:1], form)


def _multiple(question: Question, form: Form) -> dict[str, Any]:
    chosen = [code for code in form.getlist(question.code) if code]
    return _choice(question, list(dict.fromkeys(chosen)), form)


def _ranking(question: Question, form: Form) -> dict[str, Any]:
    ranks = _ranks(question, form)
    places = [option.code for option in question.options]
    chosen = sorted(ranks, key=lambda code: (ranks[code], places.index(code)))
    return _choice(question, chosen, form)


def _choice(question: Question, chosen: list[str], form: Form) -> dict[str, Any]:
    """Words are kept for options that were not chosen, too: a draft forgets nothing that was typed."""
    others = [option.code for option in question.options if option.other]
    words = {code: form.get(other_name(question.code, code), "") for code in others}
    words = {code: text for code, text in words.items() if text}
    if not chosen and not words:
        return {}
    return {"chosen": chosen, "other": words} if words else {"chosen": chosen}


def _ranks(question: Question, form: Form) -> dict[str, int]:
    typed = {
        option.code: form.get(rank_name(question.code, option.code), "").strip()
        for option in question.options
    }
    return {code: int(text) for code, text in typed.items() if _is_rank(text)}


def _is_rank(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0


def _rank_faults(question: Question, form: Form) -> list[Problem]:
    found: list[Problem] = []
    given: set[int] = set()
    for option in question.options:
        name = rank_name(question.code, option.code)
        text = form.get(name, "").strip()
        if text and not _is_rank(text):
            found.append(Problem(Message("Choose a rank from the list."), name))
        elif text and int(text) in given:
            found.append(Problem(Message("Rank {rank} is given twice.", rank=int(text)), name))
        elif text:
            given.add(int(text))
    return found


def _matrix_single(question: Question, form: Form) -> dict[str, str]:
    rows = {row.code: form.get(cell_name(question.code, row.code), "") for row in question.rows}
    return {code: column for code, column in rows.items() if column}


def _matrix_multiple(question: Question, form: Form) -> dict[str, list[str]]:
    rows = {
        row.code: [code for code in form.getlist(cell_name(question.code, row.code)) if code]
        for row in question.rows
    }
    return {code: list(dict.fromkeys(columns)) for code, columns in rows.items() if columns}


def _matrix_fill(question: Question, form: Form) -> dict[str, dict[str, str]]:
    rows = {
        row.code: {
            column.code: text
            for column in question.columns
            if (text := form.get(cell_name(question.code, row.code, column.code), ""))
        }
        for row in question.rows
    }
    return {code: cells for code, cells in rows.items() if cells}


_READERS: Mapping[QuestionKind, Any] = {
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.RANKING: _ranking,
    QuestionKind.MATRIX_SINGLE: _matrix_single,
    QuestionKind.MATRIX_MULTIPLE: _matrix_multiple,
    QuestionKind.MATRIX_FILL: _matrix_fill,
    **dict.fromkeys(
        (QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.NUMBER, QuestionKind.DATE, QuestionKind.RATING),
        _text,
    ),
}
