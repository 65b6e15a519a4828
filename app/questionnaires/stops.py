"""The steps of a questionnaire as they are kept, and what ends with one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Words
from app.kernel.workflow import Step
from app.questionnaires.models import Questionnaire, QuestionnaireStep
from app.questionnaires.round_models import QuestionnaireRound
from app.questionnaires.workflow import WORKFLOW

LONGEST_COMMENT = 500


@dataclass(frozen=True, slots=True)
class Facts:
    """A questionnaire as the workflow asks about it."""

    admin_id: int
    obstacles: Sequence[Words] = ()


def note_step(actor: Actor, questionnaire: Questionnaire, step: Step, now: dt.datetime) -> None:
    """Keep a step that was decided, with the state that it leads to."""
    questionnaire.state = step.target
    questionnaire.updated_at = now
    questionnaire.steps.append(
        QuestionnaireStep(
            verb=step.verb,
            source=step.source,
            target=step.target,
            comment=step.comment[:LONGEST_COMMENT],
            at=now,
            account_id=actor.account_id,
            actor_name=actor.name[:100],
        )
    )


def end_early(actor: Actor, questionnaire: Questionnaire, reason: str, now: dt.datetime) -> None:
    """Stop a questionnaire: no round opens any more, and the open one closes now.

    :raises Overtaken, Forbidden, Invalid: as ``Workflow.decide``; without a reason, at ``comment``.
    """
    facts = Facts(questionnaire.admin_id)
    step = WORKFLOW.decide(facts, questionnaire.state, "stop", actor, reason)
    questionnaire.stopped_at = now
    questionnaire.next_round_at = None
    note_step(actor, questionnaire, step, now)
    for found in _open_rounds(questionnaire, local_date(now)):
        found.closed_at = now
    db.session.flush()


def _open_rounds(questionnaire: Questionnaire, today: dt.date) -> Sequence[QuestionnaireRound]:
    query = select(QuestionnaireRound).where(
        QuestionnaireRound.questionnaire_id == questionnaire.id,
        QuestionnaireRound.closed_at.is_(None),
        QuestionnaireRound.ends_on >= today,
    )
    return db.session.scalars(query.order_by(QuestionnaireRound.id).with_for_update()).all()
