"""How it is noted that a respondent answered, where nobody may learn which response is whose (decision 0041).

PostgreSQL writes beside each row which transaction and which of its statements wrote it, and puts a row that
was changed behind all others. A respondent and its response would carry the same number, in the same order.
So other respondents are written again along with it, one by one, in an order drawn by lot. SQLite changes
rows where they stand and writes nothing beside them.
"""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import func, select, update

from app.infra.database import db, is_postgresql
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.round_models import Respondent

OTHERS = 20
"""Respondents that are written again with each submission: so many cannot be told from who submitted."""


def note_answered(respondent: Respondent, today: dt.date) -> None:
    """Note that a respondent answered, among others of its round that did; nothing changes about those."""
    answered = {"state": ANSWERED, "answered_on": today, "version": Respondent.version + 1}
    keys = [respondent.id, *_others(respondent)]
    secrets.SystemRandom().shuffle(keys)
    for key in keys:
        values = answered if key == respondent.id else {"version": Respondent.version}
        change = update(Respondent).where(Respondent.id == key).values(values)
        db.session.execute(change.execution_options(synchronize_session=False))
    db.session.refresh(respondent)


def _others(respondent: Respondent) -> list[int]:
    """Others that answered, by lot; who is being written by somebody else is passed over: nobody waits."""
    if not is_postgresql():
        return []
    query = (
        select(Respondent.id)
        .where(Respondent.round_id == respondent.round_id, Respondent.state == ANSWERED)
        .order_by(func.random())
        .limit(OTHERS)
        .with_for_update(skip_locked=True)
    )
    return list(db.session.scalars(query))
