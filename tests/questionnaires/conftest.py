"""A questionnaire of two months that enterprises of two prefectures answered at random."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.organisations.accounts import actor_for
from app.questionnaires.definition import Definition
from app.questionnaires.models import QuestionnaireHandout
from tests.conftest import NOON
from tests.database import Template
from tests.questionnaires import factories

SEPTEMBER, OCTOBER = dt.date(2026, 9, 1), dt.date(2026, 10, 1)


@dataclass
class Given:
    """A response as the test gave it."""

    round_id: int
    enterprise_id: int
    region_id: int
    size: str
    answers: dict[str, Any]


@dataclass
class Answered:
    """Numbers of the questionnaires of the world, and what was answered to the named one."""

    id: int
    anonymous_id: int
    few_id: int
    rounds: list[int]
    definition: Definition
    given: dict[int, Given] = field(default_factory=dict)


@pytest.fixture(scope="module")
def answered(base_app: Flask, stored: Template) -> Iterator[Answered]:
    """A named questionnaire handed to a prefecture, an anonymous one, and one that three answered."""
    base_app.extensions["clock"] = MovableClock(NOON)
    with base_app.app_context():
        with unit_of_work():
            found = _grow()
        with stored.stage():
            yield found
        stored.dirty = True
        stored.restore()


def _grow() -> Answered:
    user = db.session.scalars(select(User.id).where(User.username == "province")).one()
    province = actor_for(user)
    assert province is not None
    owner = factories.admin_of(province.admin_id)
    definition = factories.every_kind()
    named = factories.questionnaire(owner, definition)
    anonymous = factories.questionnaire(owner, definition, title="匿名问卷", anonymous=True)
    few = factories.questionnaire(owner, definition, title="少数人的匿名问卷", anonymous=True)
    enterprises = list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))
    found = Answered(named.id, anonymous.id, few.id, [], definition)
    dice = random.Random(7)
    for month in (SEPTEMBER, OCTOBER):
        held = factories.month_round(named, month)
        found.rounds.append(held.id)
        factories.asked_in(held, enterprises)
        for enterprise in dice.sample(enterprises, 45):
            answers, number = factories.random_answers(definition, dice), dice.getrandbits(40)
            factories.respond(held, definition, answers, enterprise, number=number)
            given = Given(held.id, enterprise.id, enterprise.region_id, enterprise.size, answers)
            found.given[number] = given
    _anonymous(anonymous, SEPTEMBER, enterprises[:6], dice)
    _anonymous(anonymous, dt.date(2026, 11, 1), enterprises[:9], dice)
    _anonymous(few, SEPTEMBER, enterprises[:3], dice)
    for name in ("prefecture",):
        below = actor_for(db.session.scalars(select(User.id).where(User.username == name)).one())
        assert below is not None
        assert below.admin_id is not None
        db.session.add(
            QuestionnaireHandout(questionnaire_id=named.id, admin_id=below.admin_id, handed_at=NOON)
        )
    return found


def _anonymous(row: Any, month: dt.date, enterprises: list[Enterprise], dice: random.Random) -> None:
    held = factories.month_round(row, month)
    factories.asked_in(held, enterprises)
    definition = factories.every_kind()
    for enterprise in enterprises:
        answers = factories.random_answers(definition, dice)
        factories.respond(
            held, definition, answers, enterprise, number=dice.getrandbits(40), anonymous=True
        )  # fmt: skip
