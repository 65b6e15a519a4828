"""What was written: the texts that answer a question or were stated at an option, to page and search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, func

from app.enterprises.models import EnterpriseVersion
from app.infra.lists import Column, Filter, ListSpec, Lookup
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.organisations.models import Region
from app.questionnaires.definition import Line, Option, Question, QuestionKind
from app.questionnaires.results_selection import (
    Selection,
    asked_question,
    conditions,
    read_selection,
    responses,
)
from app.questionnaires.round_models import Answer, Response

TEXTS = "questionnaire_texts"
RESPONSE = "/questionnaire-results/responses/{}"
WRITTEN = frozenset({QuestionKind.LINE, QuestionKind.TEXT, QuestionKind.DATE, QuestionKind.MATRIX_FILL})
"""Kinds that are answered by texts."""


def has_texts(question: Question) -> bool:
    """Whether anything can be written in answer to a question."""
    return question.kind in WRITTEN or any(option.other for option in question.options)


def texts_list(actor: Actor, args: Args) -> ListSpec:
    """The texts of one question.

    :raises NotFound: no questionnaire in sight, no such question, or nothing can be written there.
    """
    selection = read_selection(actor, args)
    question = asked_question(selection, args)
    if not has_texts(question):
        raise NotFound
    no = selection.place(question)
    return ListSpec(
        name=TEXTS,
        title=Message("Texts written in answer"),
        base=lambda actor, today: _base(selection, no, actor, today),
        key=(Answer.response_id, Answer.row_no, Answer.option_no),
        columns=(
            Column(
                "text", Message("Text"), Answer.text, sortable=True, always=True, link=RESPONSE,
                link_from=Response.id,
            ),
            *_where(selection, question),
            *_whose(selection),
        ),
        filters=_filters(selection, question),
        export_name=Message(
            "{title}, {question}", title=selection.questionnaire.title,
            question=selection.definition.labels[question.code],
        ),
        unit=Message("{count} texts"),
        empty=Message("Nobody has written anything here in these rounds."),
    )  # fmt: skip


def _base(selection: Selection, no: int, actor: Actor, today: dt.date) -> Select[Any]:
    rows = responses(selection, actor, today).join(Answer, Answer.response_id == Response.id)
    return rows.where(Answer.question_no == no, Answer.text.is_not(None), func.length(Answer.text) > 0)


def _where(selection: Selection, question: Question) -> Iterator[Column]:
    """At which option, row and column a text was written."""
    language = selection.language
    columns: Sequence[Line | Option] = question.columns or question.options
    if question.rows:
        rows = {at: row.text.in_language(language) for at, row in enumerate(question.rows, 1)}
        yield Column("row", Message("Matrix row"), Answer.row_no, "choice", words=rows, sortable=True)
    if columns:
        words = {at: one.text.in_language(language) for at, one in enumerate(columns, 1)}
        yield Column("option", Message("Option"), Answer.option_no, "choice", words=words, sortable=True)


def _whose(selection: Selection) -> Iterator[Column]:
    yield Column(
        "round", Message("Round"), Response.round_id, "choice", words=selection.rounds.words, css="keep"
    )
    if selection.is_named:
        yield Column(
            "enterprise", Message("Enterprise name"),
            lookup=Lookup(Response.enterprise_version_id, EnterpriseVersion),
        )  # fmt: skip
        yield Column(
            "region", Message("Region"), lookup=Lookup(Response.region_id, Region, "full_name"), css="place",
        )  # fmt: skip


def _filters(selection: Selection, question: Question) -> tuple[Filter, ...]:
    names = {
        one.code: f"{selection.definition.labels[one.code]} {selection.text(one)}"
        for one in selection.definition
        if has_texts(one)
    }
    which, *more = conditions(selection)
    return (
        which,
        Filter(
            "question", Message("Question"), "choice", clause=every_row, words=names, required=True,
            default=question.code, combinable=False, stays=True,
        ),
        Filter("text", Message("Contains"), "text", Answer.text, combinable=False),
        *more,
    )  # fmt: skip
