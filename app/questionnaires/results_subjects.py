"""What of a questionnaire can be crossed: choices, ratings, rows of a matrix, numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, type_coerce
from sqlalchemy.orm import aliased

from app.questionnaires.definition import Question, QuestionKind
from app.questionnaires.results_selection import Selection
from app.questionnaires.round_models import NUMBER_SCALE, Answer

UNIT = 10**NUMBER_SCALE
_SEVERAL = frozenset({QuestionKind.MULTIPLE, QuestionKind.MATRIX_MULTIPLE})
_MATRICES = frozenset({QuestionKind.MATRIX_SINGLE, QuestionKind.MATRIX_MULTIPLE})


@dataclass(frozen=True, slots=True)
class Subject:
    """A question, or a row of one, whose answers are one of few; a number has no ``options``.

    ``code`` names it in addresses: the question's code, with the row's after a dot. ``row`` is where its
    lines stand.
    """

    code: str
    words: str
    no: int
    row: int
    options: Mapping[int, str]
    is_several: bool = False
    is_rating: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is measured instead of counted by options."""
        return not self.options

    def lines(self) -> Any:
        """The table of its lines, under a name of its own."""
        return aliased(Answer)

    def own(self, lines: Any) -> tuple[Any, ...]:
        """The conditions that a line is one of its answers."""
        answered = lines.number.is_not(None) if self.is_rating or self.is_number else lines.option_no > 0
        return lines.question_no == self.no, lines.row_no == self.row, answered

    def option(self, lines: Any) -> Any:
        """Which option a line stands for."""
        if not self.is_rating:
            return lines.option_no
        return type_coerce(lines.number, BigInteger).op("/", return_type=BigInteger())(UNIT)


def subjects(selection: Selection) -> dict[str, Subject]:
    """All of them by code, in the order of the questionnaire."""
    found = (one for question in selection.definition for one in _subjects(selection, question))
    return {one.code: one for one in found}


def _subjects(selection: Selection, question: Question) -> Iterator[Subject]:
    kind = question.kind
    if not question.is_answered:
        return
    no, text = selection.place(question), selection.language
    name = f"{selection.definition.labels[question.code]} {selection.text(question)}"
    several = kind in _SEVERAL
    if kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}:
        options = {at: option.text.in_language(text) for at, option in enumerate(question.options, 1)}
        yield Subject(question.code, name, no, int(several), options, several)
    elif kind is QuestionKind.RATING:
        steps = {step: str(step) for step in range(1, question.scale + 1)}
        yield Subject(question.code, name, no, 0, steps, is_rating=True)
    elif kind is QuestionKind.NUMBER:
        yield Subject(question.code, name, no, 0, {})
    elif kind in _MATRICES:
        columns = {at: column.text.in_language(text) for at, column in enumerate(question.columns, 1)}
        for at, row in enumerate(question.rows, 1):
            words = f"{name} · {row.text.in_language(text)}"
            yield Subject(f"{question.code}.{row.code}", words, no, at, columns, several)
