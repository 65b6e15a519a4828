"""One response in full: every question with what was answered to it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.infra.i18n import listed, say
from app.infra.scope import parse_key
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.questionnaires.answer_lines import answers_of
from app.questionnaires.definition import MATRICES, OPTIONED, Line, Option, Question, QuestionKind
from app.questionnaires.results_selection import Selection, responses, selection_of
from app.questionnaires.round_models import Answer, QuestionnaireRound, Response

SKIPPED = Message("Not asked on this path")
BLANK = Message("Left blank")


@dataclass(frozen=True, slots=True)
class Told:
    """A question and its answer; of a matrix a line for each row. ``note`` says why there is none."""

    label: str
    text: str
    answer: str = ""
    lines: Sequence[tuple[str, str]] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadResponse:
    """A response that the actor may read, and its questionnaire."""

    selection: Selection
    row: Response
    told: Sequence[Told]


def read_response(actor: Actor, key: object) -> ReadResponse:
    """A response by its number.

    :raises NotFound: there is none, it is not in sight, or its anonymous round cannot be read.
    """
    number = parse_key(key, int)
    owner = select(QuestionnaireRound.questionnaire_id).join(
        Response, Response.round_id == QuestionnaireRound.id
    )
    questionnaire_id = db.session.execute(owner.where(Response.id == number)).scalar_one_or_none()
    if questionnaire_id is None:
        raise NotFound
    selection = selection_of(actor, questionnaire_id)
    within = responses(selection, actor, selection.today).where(Response.id == number)
    row = db.session.scalars(select(Response).where(Response.id.in_(within))).one_or_none()
    if row is None:
        raise NotFound
    return ReadResponse(selection, row, _told(selection, row))


def _told(selection: Selection, row: Response) -> list[Told]:
    lines = db.session.scalars(select(Answer).where(Answer.response_id == row.id)).all()
    asked, kept = answers_of(selection.definition, lines)
    return [
        _one(selection, question, asked, kept) for question in selection.definition if question.is_answered
    ]


def _one(selection: Selection, question: Question, asked: Sequence[str], kept: Mapping[str, Any]) -> Told:
    label, text = selection.definition.labels[question.code], selection.text(question)
    if question.code not in asked:
        return Told(label, text, note=say(SKIPPED))
    if question.code not in kept:
        return Told(label, text, note=say(BLANK))
    answer = kept[question.code]
    if question.kind in MATRICES:
        return Told(label, text, lines=_rows(selection, question, answer))
    if question.kind in OPTIONED:
        return Told(label, text, _chosen(selection, question, answer))
    unit = question.unit.in_language(selection.language)
    return Told(label, text, f"{answer} {unit}".strip())


def _chosen(selection: Selection, question: Question, answer: Mapping[str, Any]) -> str:
    """Options in words, with what was stated; a ranking with the ranks before them."""
    stated = answer["other"]
    words = [
        f"{_word(selection, question.options, code)} ({stated[code]})"
        if code in stated
        else _word(selection, question.options, code)
        for code in answer["chosen"]
    ]
    if question.kind is QuestionKind.RANKING:
        return " ".join(f"{rank}. {word}" for rank, word in enumerate(words, 1))
    return listed(words)


def _rows(selection: Selection, question: Question, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (row.text.in_language(selection.language), _cells(selection, question, answer.get(row.code)))
        for row in question.rows
    ]


def _cells(selection: Selection, question: Question, given: Any) -> str:
    if given is None:
        return ""
    if isinstance(given, str):
        return _word(selection, question.columns, given)
    if isinstance(given, Mapping):
        filled = (f"{_word(selection, question.columns, code)}: {text}" for code, text in given.items())
        return listed(filled)
    return listed(_word(selection, question.columns, code) for code in given)


def _word(selection: Selection, parts: Sequence[Option | Line], code: str) -> str:
    found = next(part for part in parts if part.code == code)
    return found.text.in_language(selection.language)
