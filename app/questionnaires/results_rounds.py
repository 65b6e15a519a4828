"""Rounds whose responses may be looked at, and what they are called.

What an anonymous questionnaire was answered is shown of rounds that are over and were answered by
``LEAST`` enterprises at least: who answered is no secret, so that watching responses come in one by one,
or reading the only one, would tell whose each is (decision 0043).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from app.infra.database import db
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.texts import Message
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Response
from app.questionnaires.round_periods import span_name

LEAST = 5
"""Responses of a round of an anonymous questionnaire, below which none of them is shown."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round as results know it."""

    id: int
    begins_on: dt.date
    ends_on: dt.date
    words: Message


@dataclass(frozen=True, slots=True)
class Rounds:
    """The rounds of a questionnaire that can be read, the newest first, and how many are kept back."""

    shown: Sequence[Round]
    kept_back: int = 0

    @property
    def words(self) -> Mapping[int, Message]:
        """What each is called, by its number."""
        return {one.id: one.words for one in self.shown}


def rounds_of(actor: Actor, questionnaire: Questionnaire, today: dt.date) -> Rounds:
    """The rounds of a questionnaire that the actor sees; of an anonymous one those that can be told."""
    held = QuestionnaireRound
    query = (
        select(held.id, held.begins_on, held.ends_on, held.closed_at)
        .where(held.questionnaire_id == questionnaire.id, scope_of(held)(actor, today))
        .order_by(held.begins_on.desc())
    )
    rows = db.session.execute(query).all()
    enough = _counted([row.id for row in rows]) if questionnaire.anonymous else {}
    found = [
        Round(
            row.id,
            row.begins_on,
            row.ends_on,
            span_name(questionnaire.frequency, row.begins_on, row.ends_on),
        )
        for row in rows
        if not questionnaire.anonymous
        or (can_be_told(row.ends_on, row.closed_at, today) and enough.get(row.id, 0) >= LEAST)
    ]
    return Rounds(found, len(rows) - len(found))


def can_be_told(ends_on: dt.date, closed_at: dt.datetime | None, today: dt.date) -> bool:
    """Whether a round is over, so that nobody can watch a response come in."""
    return closed_at is not None or ends_on < today


def _counted(round_ids: Sequence[int]) -> dict[int, int]:
    query = select(Response.round_id, func.count()).where(Response.round_id.in_(round_ids))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Response.round_id))}
