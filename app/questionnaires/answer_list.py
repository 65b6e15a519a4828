"""我的问卷: what an enterprise was asked to answer, now and before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.infra import context
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Column, Filter, ListSpec
from app.infra.lists.spec import Key
from app.infra.scope import visible
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.answer_workflow import (
    ANSWERED,
    REOPENED,
    RESPONDENT_MARKS,
    RESPONDENT_STATES,
)
from app.questionnaires.models import PLACEMENTS, Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.rounds import round_name


def answers_list(_actor: Actor) -> ListSpec:
    """The rounds that an enterprise was asked in, the latest first."""
    return ListSpec(
        name="answers",
        title=Message("My questionnaires"),
        base=_asked,
        key=(Respondent.id,),
        columns=(
            Column("title", Message("Questionnaire"), Questionnaire.title, always=True, sortable=True),
            Column("period", Message("Round"), each=_periods),
            Column("state", Message("State"), Respondent.state, "state",
                   words=RESPONDENT_STATES, marks=RESPONDENT_MARKS),
            Column("left", Message("Time left"), each=_left),
            Column("ends_on", Message("Last day"), QuestionnaireRound.ends_on, "date", sortable=True),
            Column("placement", Message("Where to answer"), Questionnaire.placement, "choice",
                   words=PLACEMENTS, default=False),
            Column("answered_on", Message("Answered on"), Respondent.answered_on, "date", sortable=True),
            Column("acts", Message("Action"), each=_acts, kind="links"),
        ),
        filters=(
            Filter("state", Message("State"), "choice", Respondent.state, words=RESPONDENT_STATES, tabs=True),
            Filter("title", Message("Title of the questionnaire"), expression=Questionnaire.title),
            Filter("due", Message("To be answered now"), "bool", clause=_is_due),
            Filter("day", Message("Last day"), "date_range", QuestionnaireRound.ends_on),
        ),
        default_sort="-ends_on",
        row_link="/answers/{}",
        unit=Message("{count} questionnaires"),
        empty=Message("You were not asked to answer a questionnaire yet."),
    )  # fmt: skip


def due_for(enterprise_id: int, today: dt.date) -> ColumnElement[bool]:
    """What an enterprise has still to answer on a day."""
    return and_(Respondent.enterprise_id == enterprise_id, still_asked(today))


def still_asked(today: Any) -> ColumnElement[bool]:
    """Respondents that are still to answer: of rounds open on a day, and whatever was reopened."""
    is_open = and_(
        QuestionnaireRound.closed_at.is_(None),
        QuestionnaireRound.begins_on <= today,
        QuestionnaireRound.ends_on >= today,
    )
    return or_(Respondent.state == REOPENED, and_(Respondent.state != ANSWERED, is_open))


def left_words(held: QuestionnaireRound, state: str, today: dt.date) -> Message | str:
    """How long a round can still be answered; empty where nothing is left to be answered."""
    if state == ANSWERED:
        return ""
    if state == REOPENED:
        return Message("Reopened: change your answers and submit them")
    if held.closed_at is not None or today > held.ends_on:
        return Message("Closed")
    if today == held.ends_on:
        return Message("Last day")
    return Message("{count} days left", count=(held.ends_on - today).days)


def action_words(held: QuestionnaireRound, state: str, today: dt.date) -> Message:
    """What can be done with a questionnaire on a day, in the words of the list."""
    if state == ANSWERED:
        return Message("Questionnaire answered")
    if state == REOPENED or held.is_open(today):
        return Message("Answer the questionnaire")
    return Message("View")


def _asked(actor: Actor, today: dt.date) -> Select[Any]:
    rounds = visible(Respondent, actor, today).join(
        QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id
    )
    own = rounds.join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
    return own.where(Respondent.enterprise_id == actor.enterprise_id)


def _is_due(wanted: bool, actor: Actor, today: dt.date) -> ColumnElement[bool]:  # noqa: FBT001 - as filters call it
    due = due_for(actor.enterprise_id or 0, today)
    return due if wanted else ~due


def _shown(keys: Sequence[Key]) -> list[tuple[Respondent, QuestionnaireRound]]:
    query = (
        select(Respondent, QuestionnaireRound)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .where(Respondent.id.in_([key[0] for key in keys]))
    )
    return [(respondent, held) for respondent, held in db.session.execute(query)]


def _periods(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    return {(one.id,): say(round_name(held)) for one, held in _shown(keys)}


def _left(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, str]:
    today = context.today()
    return {(one.id,): say(left_words(held, one.state, today)) for one, held in _shown(keys)}


def _acts(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, Any]:
    today = context.today()
    return {
        (one.id,): [
            (
                say(action_words(held, one.state, today)),
                url_for("AnswerView.answer", respondent_id=one.id),
            )
        ]
        for one, held in _shown(keys)
    }
