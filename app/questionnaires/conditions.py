"""Expressions among questions: which names they may use, and whether they hold.

A draft may hold an expression that is not one yet; it is missing, so that nothing is shown or refused by
it, and the checker tells where it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from app.kernel.expressions import MISSING, Expression, ExpressionError, Given, Kind, Value, parse
from app.questionnaires.definition import CheckKind, Definition, Question, QuestionKind

_KINDS: Mapping[QuestionKind, Kind] = {
    QuestionKind.SINGLE: Kind.TEXT,
    QuestionKind.MULTIPLE: Kind.LIST,
    QuestionKind.RANKING: Kind.LIST,
    QuestionKind.LINE: Kind.TEXT,
    QuestionKind.TEXT: Kind.TEXT,
    QuestionKind.DATE: Kind.TEXT,
    QuestionKind.NUMBER: Kind.NUMBER,
    QuestionKind.RATING: Kind.NUMBER,
}


@lru_cache(maxsize=4096)
def parsed(text: str) -> Expression | None:
    """The expression of a text; None where there is none, or none that can be understood."""
    try:
        return parse(text) if text.strip() else None
    except ExpressionError:
        return None


def value_of(text: str, names: Mapping[str, Given]) -> Value:
    """The value of an expression for the answers given so far."""
    expression = parsed(text)
    return MISSING if expression is None else expression.evaluate(names)


def is_shown(show_if: str, names: Mapping[str, Given]) -> bool:
    """Whether a condition lets something be shown: where there is none, and where it is true."""
    return not show_if.strip() or value_of(show_if, names) is True


def names_of(question: Question) -> dict[str, Kind]:
    """The names by which expressions know a question, with the kind of each."""
    code = question.code
    match question.kind:
        case QuestionKind.SECTION:
            return {}
        case QuestionKind.MATRIX_SINGLE:
            return {f"{code}.{row.code}": Kind.TEXT for row in question.rows}
        case QuestionKind.MATRIX_MULTIPLE:
            return {f"{code}.{row.code}": Kind.LIST for row in question.rows}
        case QuestionKind.MATRIX_FILL:
            return {
                f"{code}.{row.code}.{column.code}": Kind.NUMBER if column.numeric else Kind.TEXT
                for row in question.rows
                for column in question.columns
            }
        case _:
            return {code: _KINDS[question.kind]}


def names_before(questions: Iterable[Question]) -> dict[str, Kind]:
    """The names of several questions: those before a question for its "show if", with it for its checks."""
    return {name: kind for question in questions for name, kind in names_of(question).items()}


def owner_of(name: str, definition: Definition) -> str:
    """The code of the question that a name belongs to; empty where there is no such question.

    Codes have no full stop, and the names of a question are its code with something behind it at most.
    """
    code = name.partition(".")[0]
    return code if definition.find(code) is not None else ""


def expressions_of(question: Question) -> Iterator[str]:
    """Every expression of a question: of its showing, of its options' showing, of its checks."""
    if question.show_if.strip():
        yield question.show_if
    yield from (option.show_if for option in question.options if option.show_if.strip())
    yield from (check.expression for check in question.checks if check.kind is CheckKind.EXPRESSION)
