"""The parts of a definition for themselves: codes, texts in every language, options, rows and columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from app.kernel.texts import LocalText, Message
from app.questionnaires.definition import (
    MATRICES,
    OPTIONED,
    Definition,
    Line,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.findings import Finding, Severity, error, label_of, warning

MOST_RATING_STEPS = 10

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_OPTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
_RESERVED = frozenset({"and", "or", "not", "in", "true", "false"})
_LANGUAGE_WORDS = {"zh": Message("Chinese"), "en": Message("English")}


def part_findings(definition: Definition) -> Iterator[Finding]:
    """What is wrong with questions, options, rows and columns, whatever leads to them."""
    if not any(question.is_answered for question in definition):
        yield Finding(
            Severity.ERROR, "", Message("There is no question yet."), Message("Add at least one question.")
        )
    counts = Counter(question.code for question in definition)
    for question in definition:
        label = label_of(definition, question)
        yield from _code_findings(question, label, counts[question.code])
        yield from _text_findings(definition, question, label)
        yield from _option_findings(question, label)
        yield from _matrix_findings(question, label)
        if question.kind is QuestionKind.RATING and not 2 <= question.scale <= MOST_RATING_STEPS:
            yield error(
                question,
                Message(
                    "{question}: a rating has 2 to {most} steps.", question=label, most=MOST_RATING_STEPS
                ),
                Message("Change the number of steps."),
            )


def _code_findings(question: Question, label: str, count: int) -> Iterator[Finding]:
    if count > 1:
        yield error(
            question,
            Message(
                "{question}: the code “{code}” stands for several questions.",
                question=label,
                code=question.code,
            ),
            Message("Give each question a code of its own."),
        )
    if not _NAME.fullmatch(question.code) or question.code in _RESERVED:
        yield error(
            question,
            Message("{question}: “{code}” cannot be a code.", question=label, code=question.code),
            Message("Begin with a letter; then letters, digits and underlines, 40 at most."),
        )


def _text_findings(definition: Definition, question: Question, label: str) -> Iterator[Finding]:
    """Texts that are not there at all, and those that lack one of the questionnaire's languages."""
    if not question.text:
        yield error(
            question, Message("{question} has no text.", question=label), Message("Write what it asks.")
        )
    parts: Sequence[tuple[Option | Line, Message]] = [
        *((option, Message("option {number}", number=n)) for n, option in enumerate(question.options, 1)),
        *((row, Message("row {number}", number=n)) for n, row in enumerate(question.rows, 1)),
        *((column, Message("column {number}", number=n)) for n, column in enumerate(question.columns, 1)),
    ]
    for part, name in parts:
        if not part.text:
            yield error(
                question,
                Message("{question}: {part} has no text.", question=label, part=name),
                Message("Write its text, or delete it."),
            )
    for language in definition.languages:
        if any(_lacks(text, language) for text in _texts(question)):
            yield warning(
                question,
                Message(
                    "{question}: a text is missing in {language}.",
                    question=label,
                    language=_LANGUAGE_WORDS.get(language, LocalText(language)),
                ),
                Message("Readers of that language will see another one: translate it."),
            )


def _texts(question: Question) -> Iterator[Wording]:
    yield from (question.text, question.hint, question.unit)
    yield from (option.text for option in question.options)
    yield from (line.text for line in (*question.rows, *question.columns))
    yield from (check.message for check in question.checks)


def _lacks(wording: Wording, language: str) -> bool:
    return bool(wording) and not wording.texts.get(language, "").strip()


def _option_findings(question: Question, label: str) -> Iterator[Finding]:
    if question.kind not in OPTIONED:
        if question.options:
            yield _foreign(
                question, Message("{question}: a question of this kind has no options.", question=label)
            )
        return
    if not question.options:
        yield error(
            question, Message("{question} has no options.", question=label), Message("Add its options.")
        )
    if question.kind is not QuestionKind.SINGLE and len(question.options) == 1:
        yield warning(
            question,
            Message("{question} has one option only.", question=label),
            Message("Add other options."),
        )
    codes = [option.code for option in question.options]
    yield from _repeated(question, label, codes)
    yield from _bad_codes(question, label, codes, _OPTION_NAME)


def _matrix_findings(question: Question, label: str) -> Iterator[Finding]:
    if question.kind not in MATRICES:
        if question.rows or question.columns:
            yield _foreign(
                question,
                Message("{question}: a question of this kind has no rows and columns.", question=label),
            )
        return
    if not question.rows or not question.columns:
        yield error(
            question,
            Message("{question} lacks rows or columns.", question=label),
            Message("A matrix has at least one row and one column."),
        )
    for lines in (question.rows, question.columns):
        codes = [line.code for line in lines]
        yield from _repeated(question, label, codes)
        yield from _bad_codes(question, label, codes, _NAME)


def _foreign(question: Question, message: Message) -> Finding:
    return error(question, message, Message("Delete them, or change the kind of the question."))


def _repeated(question: Question, label: str, codes: Iterable[str]) -> Iterator[Finding]:
    for code, count in Counter(codes).items():
        if count > 1:
            yield error(
                question,
                Message("{question}: the code “{code}” occurs more than once.", question=label, code=code),
                Message("Give each part of the question a code of its own."),
            )


def _bad_codes(
    question: Question, label: str, codes: Iterable[str], shape: re.Pattern[str]
) -> Iterator[Finding]:
    for code in codes:
        if not shape.fullmatch(code) or code in _RESERVED:
            yield error(
                question,
                Message("{question}: “{code}” cannot be a code.", question=label, code=code),
                Message("Begin with a letter; then letters, digits and underlines, 40 at most."),
            )
