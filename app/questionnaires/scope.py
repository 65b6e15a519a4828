"""Which questionnaires, rounds and answers an actor sees; whoever is not named here sees none."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true

from app.infra.scope import among, register
from app.kernel.actor import Actor, Kind
from app.organisations.scope import admin_subtree, region_subtree
from app.questionnaires.models import (
    Questionnaire,
    QuestionnaireEdit,
    QuestionnaireHandout,
    QuestionnaireStep,
)
from app.questionnaires.round_models import Answer, QuestionnaireRound, Respondent, RespondentStep, Response


def managed_questionnaires(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Those that the actor may change, enable and stop: its own and its subordinates'."""
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return Questionnaire.admin_id.in_(admin_subtree(actor.admin_id))
    return false()


def visible_questionnaires(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Those that an admin manages or was handed, and those that an enterprise was asked to answer."""
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        asked = select(QuestionnaireRound.questionnaire_id).join(
            Respondent, Respondent.round_id == QuestionnaireRound.id
        )
        return Questionnaire.id.in_(asked.where(Respondent.enterprise_id == actor.enterprise_id))
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        handed = select(QuestionnaireHandout.questionnaire_id).where(
            QuestionnaireHandout.admin_id == actor.admin_id
        )
        return or_(managed_questionnaires(actor, today), Questionnaire.id.in_(handed))
    return managed_questionnaires(actor, today)


def _seen(actor: Actor, today: dt.date) -> Select[Any]:
    return select(Questionnaire.id).where(visible_questionnaires(actor, today))


def visible_rounds(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Rounds of the questionnaires in scope; for an enterprise those that it was asked in."""
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return exists().where(
            Respondent.round_id == QuestionnaireRound.id, Respondent.enterprise_id == actor.enterprise_id
        )
    return QuestionnaireRound.questionnaire_id.in_(_seen(actor, today))


def visible_respondents(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Respondents of the rounds in scope that lie in the managed regions, or the enterprise itself."""
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return Respondent.enterprise_id == actor.enterprise_id
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        rounds = select(QuestionnaireRound.id).where(visible_rounds(actor, today))
        within = among(Respondent.region_id, region_subtree(actor.region_ids, today))
        return and_(Respondent.round_id.in_(rounds), within)
    return false()


def visible_responses(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Responses from the managed regions; those of nobody are for who manages the whole questionnaire."""
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return Response.enterprise_id == actor.enterprise_id
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        seen = select(QuestionnaireRound.id).where(visible_rounds(actor, today))
        managed = select(QuestionnaireRound.id).join(Questionnaire)
        managed = managed.where(managed_questionnaires(actor, today))
        within = among(Response.region_id, region_subtree(actor.region_ids, today))
        return or_(
            and_(Response.round_id.in_(seen), within),
            and_(Response.enterprise_id.is_(None), Response.round_id.in_(managed)),
        )
    return false()


def visible_answers(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Lines of the responses in scope."""
    return Answer.response_id.in_(select(Response.id).where(visible_responses(actor, today)))


def visible_edits(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Edits of the questionnaires that the actor manages."""
    managed = select(Questionnaire.id).where(managed_questionnaires(actor, today))
    return QuestionnaireEdit.questionnaire_id.in_(managed)


def visible_steps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Steps of the questionnaires in scope."""
    return QuestionnaireStep.questionnaire_id.in_(_seen(actor, today))


def visible_respondent_steps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Steps of the respondents in scope."""
    seen = select(Respondent.id).where(visible_respondents(actor, today))
    return RespondentStep.respondent_id.in_(seen)


register(Questionnaire, visible_questionnaires)
register(QuestionnaireEdit, visible_edits)
register(QuestionnaireStep, visible_steps)
register(QuestionnaireRound, visible_rounds)
register(Respondent, visible_respondents)
register(RespondentStep, visible_respondent_steps)
register(Response, visible_responses)
register(Answer, visible_answers)
