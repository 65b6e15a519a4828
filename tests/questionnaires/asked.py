"""Questionnaires that enterprises were asked to answer, written past the services that enable them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.questionnaires.definition import Definition
from app.questionnaires.documents import text_of
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from tests.questionnaires.samples import single

BIRTH = dt.datetime(2026, 10, 1, 1, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 30)

ONE_QUESTION = Definition((single("q1"),))


def asked(
    owner: Actor, definition: Definition, *enterprise_ids: int | None, **facts: Any
) -> list[Respondent]:
    """The respondents of an enabled questionnaire's round of November 2026."""
    values = {
        "title": "经营情况问卷", "starts_on": FIRST, "ends_on": LAST, "frequency": "monthly",
        "placement": "required", "thanks": "感谢填写", **facts,
    }  # fmt: skip
    with unit_of_work():
        row = Questionnaire(admin_id=owner.admin_id, created_at=BIRTH, updated_at=BIRTH, **values)
        db.session.add(row)
        db.session.flush()
        db.session.add(
            QuestionnaireEdit(
                questionnaire_id=row.id, number=1, label=[], definition=text_of(definition), at=BIRTH
            )
        )
        db.session.flush()
        row.state, row.enabled_at = "enabled", BIRTH
        held = QuestionnaireRound(questionnaire=row, begins_on=FIRST, ends_on=LAST, opened_at=BIRTH)
        db.session.add(held)
        db.session.flush()
        respondents = [_respondent(held, enterprise_id) for enterprise_id in enterprise_ids]
        db.session.add_all(respondents)
        db.session.flush()
    return respondents


def _respondent(held: QuestionnaireRound, enterprise_id: int | None) -> Respondent:
    enterprise = db.session.scalars(select(Enterprise).where(Enterprise.id == enterprise_id)).one()
    return Respondent(
        round_id=held.id,
        enterprise_id=enterprise.id,
        region_id=enterprise.region_id,
        enterprise_version_id=enterprise.current_version_id,
    )


def chosen(*codes: str, **words: str) -> dict[str, Any]:
    """The answer to a choice."""
    return {"chosen": list(codes), "other": words}
