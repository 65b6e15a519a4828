"""Drafts of answers: kept as they were typed, right or not, but in no other shape than answers have. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires.definition import MATRICES, OPTIONED, Definition, Question, QuestionKind

LARGEST = 1_000_000
"""Characters that a draft may take: far more than anybody types, and little enough to be kept."""


def shaped(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What of some answers a draft can hold, each in the shape of its question's kind, without blanks."""
    found = {
        question.code: _shaped(question, answers.get(question.code))
        for question in definition
        if question.is_answered
    }
    return {code: answer for code, answer in found.items() if answer}


def merged(definition: Definition, stored: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """A draft with the answers of some questions replaced; None empties a question."""
    return shaped(definition, {**stored, **changed})


def dumped(draft: Mapping[str, Any]) -> str:
    """The text that a draft is kept as: equal drafts give equal texts.

    :raises Invalid: it is too large.
    """
    text = json.dumps(draft, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text) > LARGEST:
        raise Invalid(
            [Problem(Message("Your answers are too long to be kept. Shorten the longest of them."))]
        )
    return text


def loaded(definition: Definition, text: str | None) -> dict[str, Any]:
    """The draft that a text holds."""
    return shaped(definition, json.loads(text)) if text else {}


def _shaped(question: Question, answer: object) -> Any:
    if question.kind in OPTIONED:
        return _choice(answer)
    if question.kind in MATRICES:
        return _matrix(question, answer)
    return _text(answer)


def _text(value: object) -> str:
    """A text that a database can hold: without NUL and without halves of characters."""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode() if isinstance(value, str) else ""


def _choice(answer: object) -> dict[str, Any]:
    if not isinstance(answer, Mapping):
        return {}
    chosen = _texts(answer.get("chosen"))
    words = dict(_named(answer.get("other")))
    found = {"chosen": chosen, "other": words} if words else {"chosen": chosen}
    return found if chosen or words else {}


def _matrix(question: Question, answer: object) -> dict[str, Any]:
    given = answer if isinstance(answer, Mapping) else {}
    rows: dict[str, Any] = {}
    for row in question.rows:
        value = given.get(row.code)
        match question.kind:
            case QuestionKind.MATRIX_SINGLE:
                rows[row.code] = _text(value)
            case QuestionKind.MATRIX_MULTIPLE:
                rows[row.code] = _texts(value)
            case _:
                rows[row.code] = dict(_named(value))
    return {code: value for code, value in rows.items() if value}


def _texts(values: object) -> list[str]:
    listed = values if isinstance(values, list | tuple) else []
    return list(dict.fromkeys(text for value in listed if (text := _text(value))))


def _named(values: object) -> Iterator[tuple[str, str]]:
    for name, value in (values if isinstance(values, Mapping) else {}).items():
        if (key := _text(name)) and (text := _text(value)):
            yield key, text
