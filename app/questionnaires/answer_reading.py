"""What was submitted, as people read it: each question that was asked with its answer in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.infra.i18n import language, say
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.numbers import format_number
from app.kernel.texts import Message
from app.questionnaires.answer_page import badge
from app.questionnaires.answer_workflow import ANSWER_WORKFLOW
from app.questionnaires.answering import Opened, facts_of, read_response, response_of
from app.questionnaires.definition import CHOICES, MATRICES, Definition, Line, Question, QuestionKind
from app.questionnaires.round_models import RespondentStep
from app.questionnaires.rounds import round_name

VERBS = {
    "answer": Message("Answers submitted"),
    "reopen": Message("Reopened"),
    "answer_again": Message("Answers submitted again"),
}


def reading_page(opened: Opened, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """What ``questionnaires/response.html`` shows of a respondent; ``lines`` is None where nothing can be."""
    respondent = opened.respondent
    response = None if opened.is_anonymous else response_of(respondent)
    lines = None
    if response is not None:
        asked, kept = read_response(response, opened.definition)
        lines = told(opened.definition, asked, kept, language())
    offered = ANSWER_WORKFLOW.offered(facts_of(respondent, local_date(now)), respondent.state, actor)
    return {
        "title": opened.questionnaire.title,
        "respondent": respondent,
        "enterprise": str(respondent.enterprise),
        "period": say(round_name(respondent.round)),
        "state": badge(respondent),
        "submitted": say(response.submitted_at) if response and response.submitted_at else "",
        "anonymous": opened.is_anonymous,
        "lines": lines,
        "steps": [_step(step) for step in respondent.steps],
        "is_own": actor.enterprise_id == respondent.enterprise_id,
        "is_answerable": opened.refusal(actor, now) is None,
        "may_reopen": any(edge.verb == "reopen" for edge in offered),
    }


def told(
    definition: Definition, asked: Collection[str], kept: Mapping[str, Any], language: str
) -> list[dict[str, Any]]:
    """The questions of a response in order, each with ``answers`` as lines of words, or ``table``.

    One that was asked and left blank has neither.
    """
    labels = definition.labels
    return [
        {
            "label": labels[question.code] if definition.numbered else "",
            "text": question.text.in_language(language),
            **_told(question, kept.get(question.code), language),
        }
        for question in definition
        if question.code in asked and question.is_answered
    ]


def _told(question: Question, answer: Any, language: str) -> dict[str, Any]:
    if answer is None:
        return {"answers": []}
    if question.kind in MATRICES:
        return {"answers": [], "table": _table(question, answer, language)}
    return {"answers": answer_words(question, answer, language)}


def answer_words(question: Question, answer: Any, language: str) -> list[str]:
    """The lines of words that an answer consists of; of a matrix a line for each row."""
    if question.kind in CHOICES:
        return [_option_words(question, code, answer, language) for code in answer["chosen"]]
    if question.kind is QuestionKind.RANKING:
        chosen = enumerate(answer["chosen"], 1)
        return [f"{rank}. {_option_words(question, code, answer, language)}" for rank, code in chosen]
    if question.kind in MATRICES:
        table = _table(question, answer, language)
        separator = say(Message(": "))
        return [f"{row['text']}{separator}{row['words']}" for row in table["rows"] if row["words"]]
    if question.kind is QuestionKind.NUMBER:
        return [" ".join(filter(None, (format_number(Decimal(answer)), question.unit.in_language(language))))]
    if question.kind is QuestionKind.RATING:
        return [say(Message("{step} of {scale}", step=answer, scale=question.scale))]
    return [answer]


def _option_words(question: Question, code: str, answer: Mapping[str, Any], language: str) -> str:
    option = question.option(code)
    text = option.text.in_language(language) if option else code
    words = answer["other"].get(code)
    return f"{text}{say(Message(': '))}{words}" if words else text


def _table(question: Question, answer: Mapping[str, Any], language: str) -> dict[str, Any]:
    rows = []
    for row in question.rows:
        cells = [_cell(question, column, answer.get(row.code)) for column in question.columns]
        chosen = [
            column.text.in_language(language)
            + (f" {cell}" if question.kind is QuestionKind.MATRIX_FILL else "")
            for column, cell in zip(question.columns, cells, strict=True)
            if cell
        ]
        rows.append({"text": row.text.in_language(language), "cells": cells, "words": say(_joined(chosen))})
    return {
        "columns": [column.text.in_language(language) for column in question.columns],
        "rows": rows,
        "filled": question.kind is QuestionKind.MATRIX_FILL,
    }


def _joined(words: Sequence[str]) -> str:
    return "; ".join(words)


def _cell(question: Question, column: Line, given: Any) -> str:
    """What a cell holds: a mark where its column was chosen, else what was filled in."""
    if question.kind is QuestionKind.MATRIX_FILL:
        text = (given or {}).get(column.code, "")
        return format_number(Decimal(text)) if text and column.numeric else text
    chosen = [given] if isinstance(given, str) else given or []
    return "✓" if column.code in chosen else ""


def _step(step: RespondentStep) -> dict[str, str]:
    return {
        "when": say(step.at),
        "who": step.actor_name,
        "words": say(VERBS.get(step.verb, step.verb)),
        "comment": step.comment,
    }
