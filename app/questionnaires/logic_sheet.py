"""逻辑说明单: a questionnaire in words, question by question, for those who check it on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.infra.i18n import say
from app.kernel.texts import Message
from app.questionnaires.builder_page import kind_note
from app.questionnaires.definition import MATRICES, Definition, Jump, Match, Question
from app.questionnaires.faults import check_words
from app.questionnaires.flow import condition_words
from app.questionnaires.kind_words import CHECKS, MATCHES


def sheet_rows(definition: Definition, language: str) -> list[dict[str, Any]]:
    """Each question with its options, what shows it, where it leads and what is checked."""
    labels = definition.labels
    return [
        {
            "code": question.code,
            "label": labels.get(question.code, ""),
            "text": question.text.in_language(language),
            "hint": question.hint.in_language(language),
            "note": kind_note(question),
            "options": [_option_line(definition, option, language) for option in question.options],
            "lines": _matrix_lines(question, language),
            "show_if": in_words(definition, question.show_if, language),
            "jumps": [*_jump_lines(definition, question, language)],
            "checks": [_check_line(definition, check, language) for check in question.checks],
        }
        for question in definition
    ]


def in_words(definition: Definition, text: str, language: str) -> str:
    """An expression as a sentence about questions; as it is written where it cannot be understood."""
    return say(condition_words(definition, text, language))


def jump_words(definition: Definition, question: Question, jump: Jump, language: str) -> str:
    """When a jump is taken."""
    options = [question.option(code) for code in jump.options]
    listed = say(Message(", ")).join(
        option.text.in_language(language) or option.code for option in options if option is not None
    )
    if not listed:
        return say(Message("in any case") if jump.match is Match.NONE else Message("never: no option"))
    return say(Message("{match} {options}", match=MATCHES[jump.match], options=listed))


def _option_line(definition: Definition, option: Any, language: str) -> dict[str, str]:
    marks = [
        say(words)
        for words, set_ in (
            (Message("asks for words"), option.other),
            (Message("excludes all others"), option.exclusive),
        )
        if set_
    ]
    return {
        "code": option.code,
        "text": option.text.in_language(language),
        "marks": say(Message(", ")).join(marks),
        "show_if": in_words(definition, option.show_if, language),
    }


def _matrix_lines(question: Question, language: str) -> list[str]:
    if question.kind not in MATRICES:
        return []
    join = say(Message(", "))
    rows, columns = (
        join.join(line.text.in_language(language) or line.code for line in lines)
        for lines in (question.rows, question.columns)
    )
    return [
        say(Message("Rows: {lines}", lines=rows)),
        say(Message("Columns: {lines}", lines=columns)),
    ]


def _jump_lines(definition: Definition, question: Question, language: str) -> Iterator[dict[str, str]]:
    labels = definition.labels
    for jump in question.jumps:
        target = definition.find(jump.target)
        words = say(Message("End of the questionnaire"))
        if jump.target:
            name = labels.get(jump.target, jump.target)
            words = " ".join((name, target.text.in_language(language))) if target else name
        yield {"when": jump_words(definition, question, jump, language), "to": words}


def _check_line(definition: Definition, check: Any, language: str) -> dict[str, str]:
    return {
        "kind": say(CHECKS[check.kind]),
        "rule": in_words(definition, check.expression, language),
        "message": say(check_words(check)),
    }
