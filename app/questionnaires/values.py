"""What was typed or chosen at one question, as the value that is kept: pure, and never raises.

What has not the shape of its kind (see ``AnswerValue``) counts as blank, and what names no option, row or
column that is there is left out: a page cannot send such things, and a forged one gains nothing by them.
The rules are repeated in ``static/js/questionnaire_values.js``; a test holds random answers against both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.kernel.errors import Problem
from app.kernel.expressions import Given
from app.kernel.numbers import NumberFormatError, parse_number
from app.questionnaires.cleaning import LONGEST_LINE, LONGEST_TEXT, clean_line, clean_text
from app.questionnaires.definition import CheckKind, Line, Question, QuestionKind
from app.questionnaires.faults import fault
from app.questionnaires.patterns import read_date, read_pattern

AnswerValue = str | Mapping[str, Any]
"""By kind. Choices and rankings: ``{"chosen": [codes], "other": {code: words}}``. Texts, numbers, dates and
ratings: text. Matrices: ``{row: column}``, ``{row: [columns]}``, ``{row: {column: text}}``."""
Answers = Mapping[str, Any]
"""Answers by the code of the question: ``AnswerValue`` where a page sent them, and anything where not."""

MOST_DECIMALS = 6
LARGEST = Decimal(10) ** 12
"""Numbers stay below it: with six decimals they fit into 64 bits."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The value of an answer, None where it is blank or cannot be read, and what is wrong with it."""

    value: AnswerValue | None = None
    problems: tuple[Problem, ...] = ()


def read(question: Question, given: object, offered: Sequence[str]) -> Reading:
    """The answer to a question of which the options ``offered`` are shown."""
    if question.kind in _PLAIN:
        return _PLAIN[question.kind](question, given if isinstance(given, str) else "")
    values = given if isinstance(given, Mapping) else {}
    if question.kind in _CHOSEN:
        return _CHOSEN[question.kind](question, values, offered)
    return _matrix(question, values)


def given_names(question: Question, value: AnswerValue | None) -> dict[str, Given]:
    """The names by which expressions know a kept answer, with their values."""
    code = question.code
    if value is None:
        return {}
    if isinstance(value, str):
        is_number = question.kind in (QuestionKind.NUMBER, QuestionKind.RATING)
        return {code: Decimal(value) if is_number else value}
    match question.kind:
        case QuestionKind.SINGLE:
            return {code: value["chosen"][0]}
        case QuestionKind.MULTIPLE | QuestionKind.RANKING:
            return {code: value["chosen"]}
        case QuestionKind.MATRIX_FILL:
            numeric = {column.code for column in question.columns if column.numeric}
            return {
                f"{code}.{row}.{column}": Decimal(text) if column in numeric else text
                for row, cells in value.items()
                for column, text in cells.items()
            }
        case _:
            return {f"{code}.{row}": chosen for row, chosen in value.items()}


def chosen_of(value: object) -> Sequence[str]:
    """The options of a kept choice; none for anything else."""
    return value["chosen"] if isinstance(value, Mapping) and "chosen" in value else ()


def _line(question: Question, text: str) -> Reading:
    line, problems = _limited(clean_line(text), LONGEST_LINE, question.code)
    if line is None:
        return Reading(problems=problems)
    for check in question.checks:
        if check.kind is CheckKind.PATTERN:
            line = read_pattern(check.pattern, line) or line
    return Reading(line)


def _text(question: Question, text: str) -> Reading:
    return Reading(*_limited(clean_text(text), LONGEST_TEXT, question.code))


def _limited(text: str, limit: int, field: str) -> tuple[str | None, tuple[Problem, ...]]:
    if len(text) > limit:
        return None, (fault("too_long", field, count=len(text), limit=limit),)
    return text or None, ()


def _number(question: Question, text: str) -> Reading:
    return Reading(*_decimal(text, question.code))


def _decimal(text: str, field: str) -> tuple[str | None, tuple[Problem, ...]]:
    try:
        number = parse_number(clean_line(text))
    except NumberFormatError:
        return None, (fault("number", field),)
    if number is None:
        return None, ()
    if abs(number) >= LARGEST:
        return None, (fault("number_size", field),)
    written = format(number, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    if len(written.partition(".")[2]) > MOST_DECIMALS:
        return None, (fault("number_decimals", field, limit=MOST_DECIMALS),)
    return written, ()


def _date(question: Question, text: str) -> Reading:
    line = clean_line(text)
    day = read_date(line)
    return Reading(day) if day or not line else Reading(problems=(fault("date", question.code),))


def _rating(question: Question, text: str) -> Reading:
    written, problems = _decimal(text, question.code)
    if written is None and not problems:
        return Reading()
    if written is None or "." in written or not 1 <= int(written) <= question.scale:
        return Reading(problems=(fault("rating", question.code, limit=question.scale),))
    return Reading(written)


def _single(question: Question, given: Mapping[str, Any], offered: Sequence[str]) -> Reading:
    chosen = _among(given.get("chosen"), offered)
    if len(chosen) > 1:
        return Reading(problems=(fault("one_option", question.code),))
    return _with_words(question, chosen, given)


def _multiple(question: Question, given: Mapping[str, Any], offered: Sequence[str]) -> Reading:
    listed = set(_among(given.get("chosen"), offered))
    chosen = [option.code for option in question.options if option.code in listed]
    reading = _with_words(question, chosen, given)
    if len(chosen) > 1 and any(option.exclusive for option in question.options if option.code in listed):
        return Reading(reading.value, (fault("exclusive", question.code), *reading.problems))
    return reading


def _ranking(question: Question, given: Mapping[str, Any], offered: Sequence[str]) -> Reading:
    chosen = _among(given.get("chosen"), offered)
    reading = _with_words(question, chosen, given)
    is_partial = any(check.kind is CheckKind.CHOICES for check in question.checks)
    if chosen and len(chosen) < len(offered) and not is_partial:
        return Reading(reading.value, (fault("rank_all", question.code), *reading.problems))
    return reading


def _among(listed: object, codes: Sequence[str]) -> list[str]:
    """The codes of a list that are among ``codes``, each once, in the order of the list."""
    if not isinstance(listed, list | tuple):
        return []
    return list(dict.fromkeys(code for code in listed if isinstance(code, str) and code in codes))


def _with_words(question: Question, chosen: Sequence[str], given: Mapping[str, Any]) -> Reading:
    """A choice with the words of its "other" options, which have to be there."""
    if not chosen:
        return Reading()
    typed = given.get("other")
    typed = typed if isinstance(typed, Mapping) else {}
    words: dict[str, str] = {}
    problems: list[Problem] = []
    for code in chosen:
        option = question.option(code)
        if option is None or not option.other:
            continue
        text, field = typed.get(code), f"{question.code}.other.{code}"
        line, faults = _limited(clean_line(text if isinstance(text, str) else ""), LONGEST_LINE, field)
        problems += faults or (() if line else (fault("other_words", field),))
        if line:
            words[code] = line
    return Reading({"chosen": list(chosen), "other": words}, tuple(problems))


def _matrix(question: Question, given: Mapping[str, Any]) -> Reading:
    value: dict[str, Any] = {}
    problems: list[Problem] = []
    for row in question.rows:
        answer, faults = _row(question, row, given.get(row.code))
        problems += faults
        if answer:
            value[row.code] = answer
    return Reading(value or None, tuple(problems))


def _row(question: Question, row: Line, given: object) -> tuple[Any, Sequence[Problem]]:
    codes = [column.code for column in question.columns]
    match question.kind:
        case QuestionKind.MATRIX_SINGLE:
            return given if isinstance(given, str) and given in codes else None, ()
        case QuestionKind.MATRIX_MULTIPLE:
            listed = set(_among(given, codes))
            return [code for code in dict.fromkeys(codes) if code in listed], ()
        case _:
            return _cells(question, row, given if isinstance(given, Mapping) else {})


def _cells(question: Question, row: Line, given: Mapping[str, Any]) -> tuple[Any, Sequence[Problem]]:
    cells: dict[str, str] = {}
    problems: list[Problem] = []
    for column in question.columns:
        typed = given.get(column.code)
        text, field = typed if isinstance(typed, str) else "", f"{question.code}.{row.code}.{column.code}"
        written, faults = (
            _decimal(text, field) if column.numeric else _limited(clean_line(text), LONGEST_LINE, field)
        )
        problems += faults
        if written is not None:
            cells[column.code] = written
    return cells, problems


_PLAIN: Mapping[QuestionKind, Callable[[Question, str], Reading]] = {
    QuestionKind.LINE: _line,
    QuestionKind.TEXT: _text,
    QuestionKind.NUMBER: _number,
    QuestionKind.DATE: _date,
    QuestionKind.RATING: _rating,
    QuestionKind.SECTION: lambda question, text: Reading(),
}
_CHOSEN: Mapping[QuestionKind, Callable[[Question, Mapping[str, Any], Sequence[str]], Reading]] = {
    QuestionKind.SINGLE: _single,
    QuestionKind.MULTIPLE: _multiple,
    QuestionKind.RANKING: _ranking,
}
