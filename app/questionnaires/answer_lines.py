"""Kept answers as the lines of a response, and back: the one place that knows how ``Answer`` keeps them.

A question that was asked has one head, by which it is counted; what its answer consists of stands in lines
beside it (see ``app.questionnaires.round_models.Answer``). Places are those of the frozen definition.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.questionnaires.definition import Definition, Question, QuestionKind
from app.questionnaires.round_models import BLANK_HEAD, PLAIN_HEAD

NUMBERS = frozenset({QuestionKind.NUMBER, QuestionKind.RATING})
"""Kinds whose head holds a number."""
LINE_ROW = 1
"""``row_no`` of the lines of a multiple choice and a ranking."""


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A line as ``Answer`` keeps it; places from 1."""

    question_no: int
    row_no: int
    option_no: int
    number: Decimal | None = None
    text: str | None = None


def lines_of(definition: Definition, asked: Collection[str], kept: Mapping[str, Any]) -> Iterator[AnswerLine]:
    """The lines of a response.

    :param asked: codes of the questions on the path; of those that take answers each gets its head.
    :param kept: answers as ``app.questionnaires.answers.judge`` keeps them, without blanks.
    """
    for number, question in enumerate(definition, 1):
        if question.code in asked and question.is_answered:
            yield from _lines(number, question, kept.get(question.code))


def answers_of(definition: Definition, lines: Iterable[Any]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What the lines of one response say: the codes that were asked and take answers, and what is kept."""
    found: dict[int, list[Any]] = {}
    for line in sorted(lines, key=lambda line: (line.question_no, line.row_no, line.option_no)):
        found.setdefault(line.question_no, []).append(line)
    asked, kept = [], {}
    for number, own in found.items():
        question = definition.questions[number - 1]
        asked.append(question.code)
        if own[0].option_no != BLANK_HEAD:
            kept[question.code] = _answer(question, own[0], own[1:])
    return tuple(asked), kept


def _lines(number: int, question: Question, answer: Any) -> Iterator[AnswerLine]:
    if answer is None:
        yield AnswerLine(number, 0, BLANK_HEAD)
        return
    if question.kind is QuestionKind.SINGLE:
        (code,) = answer["chosen"]
        yield AnswerLine(number, 0, _place(question.options, code), text=answer["other"].get(code))
        return
    if question.kind in NUMBERS:
        yield AnswerLine(number, 0, PLAIN_HEAD, number=Decimal(answer))
        return
    is_text = isinstance(answer, str)
    yield AnswerLine(number, 0, PLAIN_HEAD, text=answer if is_text else None)
    if not is_text:
        yield from _parts(number, question, answer)


def _parts(number: int, question: Question, answer: Mapping[str, Any]) -> Iterator[AnswerLine]:
    if not question.kind.value.startswith("matrix"):
        is_ranking = question.kind is QuestionKind.RANKING
        for rank, code in enumerate(answer["chosen"], 1):
            place, words = _place(question.options, code), answer["other"].get(code)
            yield AnswerLine(number, LINE_ROW, place, Decimal(rank) if is_ranking else None, words)
        return
    for row, given in answer.items():
        at = _place(question.rows, row)
        for code in (given,) if isinstance(given, str) else given:
            column = _place(question.columns, code)
            if question.kind is not QuestionKind.MATRIX_FILL:
                yield AnswerLine(number, at, column)
            elif question.columns[column - 1].numeric:
                yield AnswerLine(number, at, column, number=Decimal(given[code]))
            else:
                yield AnswerLine(number, at, column, text=given[code])


def _answer(question: Question, head: Any, parts: Sequence[Any]) -> Any:
    match question.kind:
        case QuestionKind.SINGLE:
            option = question.options[head.option_no - 1].code
            return {"chosen": [option], "other": {} if head.text is None else {option: head.text}}
        case QuestionKind.NUMBER | QuestionKind.RATING:
            return written(head.number)
        case QuestionKind.MULTIPLE | QuestionKind.RANKING:
            return _choice(question, parts)
        case QuestionKind.MATRIX_SINGLE | QuestionKind.MATRIX_MULTIPLE | QuestionKind.MATRIX_FILL:
            return _matrix(question, parts)
        case _:
            return head.text


def _choice(question: Question, parts: Sequence[Any]) -> dict[str, Any]:
    by_rank = sorted(parts, key=lambda line: (line.number or 0, line.option_no))
    codes = [(question.options[line.option_no - 1].code, line.text) for line in by_rank]
    return {
        "chosen": [code for code, _words in codes],
        "other": {code: words for code, words in codes if words is not None},
    }


def _matrix(question: Question, parts: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in parts:
        row, column = question.rows[line.row_no - 1].code, question.columns[line.option_no - 1].code
        if question.kind is QuestionKind.MATRIX_SINGLE:
            found[row] = column
        elif question.kind is QuestionKind.MATRIX_MULTIPLE:
            found.setdefault(row, []).append(column)
        else:
            found.setdefault(row, {})[column] = line.text if line.number is None else written(line.number)
    return found


def written(number: Decimal) -> str:
    """A number as answers keep it: no exponent, no zeros behind."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _place(parts: Sequence[Any], code: str) -> int:
    return next(number for number, part in enumerate(parts, 1) if part.code == code)
