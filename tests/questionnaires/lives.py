"""Questionnaires in any state, made through the services."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires import drafts, lifecycle
from app.questionnaires.definition import Definition
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.themes import Theme
from tests.questionnaires.drafted import ORDERS

NOVEMBER = Theme(
    "外贸企业订单问卷",
    frequency="monthly",
    starts_on=dt.date(2026, 11, 1),
    ends_on=dt.date(2027, 1, 20),
)
"""Asked monthly; on 6 November its first round is due."""


def drawn_up(
    actor: Actor,
    now: dt.datetime,
    theme: Theme = NOVEMBER,
    definition: Definition = ORDERS,
    **changes: object,
) -> Questionnaire:
    """A draft with questions."""
    with context.acting_as(actor), unit_of_work():
        made = lifecycle.create_questionnaire(actor, replace(theme, **changes), now)  # type: ignore[arg-type]
        return drafts.save(actor, made.id, made.version, definition, Message("Questions"), now)


def enabled(actor: Actor, now: dt.datetime, theme: Theme = NOVEMBER, **changes: object) -> Questionnaire:
    """An enabled questionnaire."""
    made = drawn_up(actor, now, theme, **changes)
    with context.acting_as(actor), unit_of_work():
        return lifecycle.enable_questionnaire(actor, made.id, made.version, now)


def rounds_of(questionnaire: Questionnaire) -> list[QuestionnaireRound]:
    """The rounds that were opened, in order."""
    query = select(QuestionnaireRound).where(QuestionnaireRound.questionnaire_id == questionnaire.id)
    return list(db.session.scalars(query.order_by(QuestionnaireRound.begins_on)))


def asked_of(questionnaire: Questionnaire) -> set[int]:
    """The enterprises that were asked in any round."""
    query = select(Respondent.enterprise_id).join(QuestionnaireRound)
    return set(db.session.scalars(query.where(QuestionnaireRound.questionnaire_id == questionnaire.id)))
