"""What a questionnaire from a file must be so that the builder can open it; the checker judges the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from app.kernel.texts import LANGUAGES, Message
from app.questionnaires.builder_forms import (
    LEAST_SCALE,
    LONGEST_EXPRESSION,
    LONGEST_WORDING,
    MOST_PER_ROW,
    MOST_SCALE,
)
from app.questionnaires.definition import Definition, Question, QuestionKind, Wording
from app.questionnaires.edits import MOST_PARTS, MOST_QUESTIONS

MOST_TOLD = 20
"""Problems that are told at once."""
LONGEST_CODE = 40

CODE = re.compile(r"(?!(?:and|or|not|in|true|false)$)[A-Za-z][A-Za-z0-9_]*")
"""What expressions can name: codes of questions and of rows, and of columns that are filled in."""
OPTION_CODE = re.compile(r"(?!(?:and|or|not|in|true|false)$)[A-Za-z0-9_-]+")


def problems_of(definition: Definition) -> list[Message]:
    """Everything wrong with the shape of a definition, up to ``MOST_TOLD``."""
    return [words for words, _number in zip(_problems(definition), range(MOST_TOLD), strict=False)]


def _problems(definition: Definition) -> Iterator[Message]:
    if len(definition.questions) > MOST_QUESTIONS:
        yield Message("A questionnaire has at most {most} questions.", most=MOST_QUESTIONS)
        return
    if set(definition.languages) - set(LANGUAGES) or len(set(definition.languages)) < len(
        definition.languages
    ):
        yield Message("Languages are zh and en, each once.")
    yield from _codes("questions", [question.code for question in definition], CODE)
    for number, question in enumerate(definition, 1):
        yield from _of_question(f"questions.{number}", question)


def _of_question(place: str, question: Question) -> Iterator[Message]:
    yield from _codes(f"{place}.options", [option.code for option in question.options], OPTION_CODE)
    yield from _codes(f"{place}.rows", [line.code for line in question.rows], CODE)
    in_names = question.kind is QuestionKind.MATRIX_FILL
    columns = [line.code for line in question.columns]
    yield from _codes(f"{place}.columns", columns, CODE if in_names else OPTION_CODE)
    if not LEAST_SCALE <= question.scale <= MOST_SCALE:
        yield _at(f"{place}.scale", _between(LEAST_SCALE, MOST_SCALE))
    if not 1 <= question.per_row <= MOST_PER_ROW:
        yield _at(f"{place}.per_row", _between(1, MOST_PER_ROW))
    if any(len(text) > LONGEST_WORDING for wording in _wordings(question) for text in wording.texts.values()):
        yield _at(place, Message("texts have at most {most} characters", most=LONGEST_WORDING))
    if any(len(text) > LONGEST_EXPRESSION for text in _expressions(question)):
        yield _at(place, Message("expressions have at most {most} characters", most=LONGEST_EXPRESSION))


def _codes(place: str, codes: Sequence[str], shape: re.Pattern[str]) -> Iterator[Message]:
    if len(codes) > max(MOST_PARTS, MOST_QUESTIONS if place == "questions" else 0):
        yield _at(place, Message("at most {most}", most=MOST_PARTS))
        return
    seen: set[str] = set()
    for number, code in enumerate(codes, 1):
        if len(code) > LONGEST_CODE or shape.fullmatch(code) is None:
            shown = code[:LONGEST_CODE]
            yield _at(f"{place}.{number}.code", Message("“{code}” cannot be a code", code=shown))
        elif code in seen:
            yield _at(f"{place}.{number}.code", Message("the code “{code}” stands twice", code=code))
        seen.add(code)


def _wordings(question: Question) -> Iterator[Wording]:
    yield from (question.text, question.hint, question.unit)
    yield from (option.text for option in question.options)
    yield from (line.text for line in (*question.rows, *question.columns))
    yield from (check.message for check in question.checks)


def _expressions(question: Question) -> Iterator[str]:
    yield question.show_if
    yield from (option.show_if for option in question.options)
    yield from (check.expression for check in question.checks)


def _between(least: int, most: int) -> Message:
    return Message("must be from {least} to {most}", least=least, most=most)


def _at(place: str, words: Message) -> Message:
    return Message("{place}: {fault}", place=place, fault=words)
