"""A draft of a few questions, for tests of the builder."""

from __future__ import annotations

import datetime as dt

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.questionnaires import drafts
from app.questionnaires.definition import (
    END,
    Definition,
    Jump,
    Match,
    Option,
    Question,
    QuestionKind,
    Wording,
)
from app.questionnaires.models import Questionnaire


def single(code: str, *options: str, **values: object) -> Question:
    """A single choice of these options, whose codes are o1, o2 and so on."""
    numbered = tuple(Option(f"o{at}", Wording.of(text)) for at, text in enumerate(options, 1))
    return Question(code, QuestionKind.SINGLE, Wording.of(f"题目{code}"), options=numbered, **values)  # type: ignore[arg-type]


ORDERS = Definition(
    (
        single(
            "q1",
            *("增长", "持平", "下降", "停产"),
            jumps=(Jump(Match.ANY, ("o2",), "q3"), Jump(Match.ANY, ("o4",), END)),
        ),
        Question("q2", QuestionKind.TEXT, Wording.of("原因"), show_if='q1 == "o1" or q1 == "o3"'),
        Question("q3", QuestionKind.NUMBER, Wording.of("预计订单"), unit=Wording.of("万美元")),
    )
)
"""Three questions; the first jumps over the second, which names the first."""


def draft(actor: Actor, now: dt.datetime, definition: Definition = ORDERS, title: str = "订单问卷") -> int:
    """The key of a new draft that belongs to an admin."""
    with unit_of_work():
        questionnaire = Questionnaire(title=title, admin_id=actor.admin_id, created_at=now, updated_at=now)
        db.session.add(questionnaire)
        db.session.flush()
        drafts.start(questionnaire, definition, actor, now)
        return questionnaire.id


def stored(key: int) -> Questionnaire:
    """The questionnaire as it is in the database."""
    db.session.rollback()
    db.session.expire_all()
    found = db.session.get(Questionnaire, key)
    assert found is not None
    return found
