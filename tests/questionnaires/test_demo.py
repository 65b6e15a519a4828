"""The questionnaires of the demonstration."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.questionnaires import demo_definitions
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.demo import build_questionnaires
from app.questionnaires.documents import parse, text_of
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import Respondent, Response

ActorOf = Callable[[str], Actor]


@pytest.fixture
def built(app: Flask, actor: ActorOf, clock: MovableClock) -> None:
    """The demonstration's questionnaires."""
    now = clock.now()
    with unit_of_work():
        build_questionnaires(actor("province"), actor("prefecture"), actor("county"), clock, now)


@pytest.mark.usefixtures("built")
def test_there_is_one_in_each_state_and_an_anonymous_one() -> None:
    states = db.session.scalars(select(Questionnaire.state).order_by(Questionnaire.state)).all()
    assert states == ["draft", "enabled", "enabled", "stopped"]
    assert db.session.scalar(select(func.count()).where(Questionnaire.anonymous.is_(True))) == 1


@pytest.mark.usefixtures("built")
def test_some_answered_each_round_and_some_did_not() -> None:
    query = select(func.count()).select_from(Respondent).group_by(Respondent.round_id, Respondent.state)
    assert len(db.session.scalars(query).all()) >= 6
    answered = db.session.scalar(select(func.count()).where(Respondent.state == ANSWERED))
    assert answered == db.session.scalar(select(func.count()).select_from(Response))


@pytest.mark.parametrize("name", ["MONTHLY", "ANONYMOUS", "DRAFT", "STOPPED"])
def test_the_definitions_are_documents(name: str) -> None:
    definition = getattr(demo_definitions, name)
    assert parse(text_of(definition)) == definition
