"""A definition for the page: the same walk and the same judgement while one answers. The server decides."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from string import Formatter
from typing import Any

from app.infra.i18n import say_in
from app.kernel.texts import Message
from app.questionnaires.checks import FITTING
from app.questionnaires.cleaning import LONGEST_LINE, LONGEST_TEXT
from app.questionnaires.conditions import parsed
from app.questionnaires.definition import Check, Definition, Option, Question
from app.questionnaires.faults import FAULTS, check_words
from app.questionnaires.patterns import EARLIEST_YEAR, LATEST_YEAR
from app.questionnaires.values import MOST_DECIMALS


def compiled_for_page(definition: Definition, language: str) -> dict[str, Any]:
    """The logic of a questionnaire as JSON for ``Questionnaire.walk`` and ``Questionnaire.judge``.

    ``faults`` are the sentences of ``FAULTS`` in ``language``, with ``{count}`` and ``{limit}`` left in;
    a check carries its own. Expressions are compiled; texts of questions are not in it.
    """
    return {
        "questions": [_question(question, language) for question in definition],
        "faults": {key: _template(message, language) for key, message in FAULTS.items()},
        "limits": {
            "line": LONGEST_LINE,
            "text": LONGEST_TEXT,
            "decimals": MOST_DECIMALS,
            "years": [EARLIEST_YEAR, LATEST_YEAR],
        },
    }


def _template(message: Message, language: str) -> str:
    names = {name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(message.msgid) if name}
    return say_in(Message(message.msgid, **names), language)


def _question(question: Question, language: str) -> dict[str, Any]:
    return {
        "code": question.code,
        "kind": question.kind.value,
        "required": question.required and question.is_answered,
        "scale": question.scale,
        "options": [_option(option) for option in question.options],
        "rows": [row.code for row in question.rows],
        "columns": [{"code": column.code, "numeric": column.numeric} for column in question.columns],
        "show_if": _condition(question.show_if),
        "jumps": [
            {"match": jump.match.value, "options": list(jump.options), "target": jump.target}
            for jump in question.jumps
        ],
        "checks": [
            _check(check, language) for check in question.checks if question.kind in FITTING[check.kind]
        ],
    }


def _option(option: Option) -> Mapping[str, Any]:
    return {
        "code": option.code,
        "other": option.other,
        "exclusive": option.exclusive,
        "show_if": _condition(option.show_if),
    }


def _condition(show_if: str) -> list[Any] | None:
    """None where there is no condition; one that cannot be understood never holds, as on the server."""
    if not show_if.strip():
        return None
    expression = parsed(show_if)
    return ["truth", False] if expression is None else expression.to_json()


def _check(check: Check, language: str) -> dict[str, Any]:
    expression = parsed(check.expression)
    return {
        "kind": check.kind.value,
        "least": _plain(check.least),
        "most": _plain(check.most),
        "pattern": check.pattern,
        "expression": None if expression is None else expression.to_json(),
        "message": say_in(check_words(check), language),
    }


def _plain(bound: Decimal | None) -> str | None:
    return None if bound is None else format(bound, "f")
