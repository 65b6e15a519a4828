"""Whether an answer meets the checks of its question: each check at the inputs that it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from app.kernel.errors import Problem
from app.kernel.expressions import Given
from app.questionnaires.conditions import value_of
from app.questionnaires.definition import MATRICES, Check, CheckKind, Question, QuestionKind
from app.questionnaires.faults import check_words
from app.questionnaires.patterns import read_pattern
from app.questionnaires.values import AnswerValue

FITTING: Mapping[CheckKind, frozenset[QuestionKind]] = {
    CheckKind.RANGE: frozenset({QuestionKind.NUMBER, QuestionKind.RATING, QuestionKind.MATRIX_FILL}),
    CheckKind.INTEGER: frozenset({QuestionKind.NUMBER, QuestionKind.MATRIX_FILL}),
    CheckKind.LENGTH: frozenset({QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.MATRIX_FILL}),
    CheckKind.PATTERN: frozenset({QuestionKind.LINE}),
    CheckKind.CHOICES: frozenset({QuestionKind.MULTIPLE, QuestionKind.RANKING, QuestionKind.MATRIX_MULTIPLE}),
    CheckKind.ROWS: MATRICES,
    CheckKind.DISTINCT: frozenset({QuestionKind.MATRIX_SINGLE, QuestionKind.MATRIX_MULTIPLE}),
    CheckKind.EXPRESSION: frozenset(QuestionKind) - {QuestionKind.SECTION},
}
"""Which kinds of questions a check can be asked of: of cells of 矩阵填空题 as of single numbers and lines, of
the rows of 矩阵多选题 as of multiple choices. One that does not fit is not asked."""


def check_problems(question: Question, value: AnswerValue, names: Mapping[str, Given]) -> Iterator[Problem]:
    """What an answer that is not blank does not meet.

    A check refuses only what it is sure of: an expression that is missing refuses nothing.
    """
    for check in question.checks:
        if question.kind in FITTING[check.kind]:
            for field in _REFUSED[check.kind](question, check, value, names):
                yield Problem(check_words(check), field)


def _within(check: Check, amount: Decimal | int) -> bool:
    return (check.least is None or amount >= check.least) and (check.most is None or amount <= check.most)


def _cells(question: Question, value: AnswerValue, *, numeric: bool) -> Iterator[tuple[str, str]]:
    """Each input with the text that it holds: the question's own, or its cells of one sort."""
    if isinstance(value, str):
        yield question.code, value
        return
    columns = {column.code for column in question.columns if column.numeric == numeric}
    for row, cells in value.items():
        for column, text in cells.items():
            if column in columns:
                yield f"{question.code}.{row}.{column}", text


Names = Mapping[str, Given]


def _range(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    cells = _cells(question, value, numeric=True)
    yield from (field for field, text in cells if not _within(check, Decimal(text)))


def _integer(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    yield from (field for field, text in _cells(question, value, numeric=True) if "." in text)


def _length(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    cells = _cells(question, value, numeric=False)
    yield from (field for field, text in cells if not _within(check, len(text)))


def _pattern(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    if isinstance(value, str) and read_pattern(check.pattern, value) is None:
        yield question.code


def _choices(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    """An exclusive option alone is an answer whatever number of others is asked for."""
    if isinstance(value, str):
        return
    if question.kind is QuestionKind.MATRIX_MULTIPLE:
        yield from (
            f"{question.code}.{row}" for row, found in value.items() if not _within(check, len(found))
        )
        return
    chosen: Sequence[str] = value["chosen"]
    is_alone = question.kind is QuestionKind.MULTIPLE and len(chosen) == 1
    option = question.option(chosen[0]) if is_alone else None
    if not (option and option.exclusive) and not _within(check, len(chosen)):
        yield question.code


def _rows(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    yield from (f"{question.code}.{row.code}" for row in question.rows if row.code not in value)


def _distinct(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    if isinstance(value, str):
        return
    taken: set[str] = set()
    for row, found in value.items():
        columns = {found} if isinstance(found, str) else set(found)
        if columns & taken:
            yield f"{question.code}.{row}"
        taken |= columns


def _expression(question: Question, check: Check, value: AnswerValue, names: Names) -> Iterator[str]:
    if value_of(check.expression, names) is False:
        yield question.code


_REFUSED: Mapping[CheckKind, Callable[[Question, Check, AnswerValue, Names], Iterator[str]]] = {
    CheckKind.RANGE: _range,
    CheckKind.INTEGER: _integer,
    CheckKind.LENGTH: _length,
    CheckKind.PATTERN: _pattern,
    CheckKind.CHOICES: _choices,
    CheckKind.ROWS: _rows,
    CheckKind.DISTINCT: _distinct,
    CheckKind.EXPRESSION: _expression,
}
