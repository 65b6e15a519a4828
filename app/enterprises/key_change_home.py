"""The to-do of an admin: changes of key fields that wait for a decision."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy import Select, func

from app.enterprises.key_change_list import waiting_for
from app.enterprises.key_change_models import KeyChange
from app.enterprises.registration_page import moment
from app.infra.i18n import say
from app.infra.shell import Queue, Todo
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message


def _waiting(actor: Actor, today: dt.date) -> Select[int, int, dt.datetime | None] | None:
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        return None
    since = func.min(KeyChange.asked_at)
    return waiting_for(actor, today).with_only_columns(func.count(), func.count(), since)


def _review(count: int, _special: int, earliest: dt.datetime) -> Todo:
    return Todo(
        name="enterprises.key_changes",
        label=say(Message("Changed enterprise information to review")),
        count=count,
        url=url_for("KeyChangeReviewView.desk"),
        action=say(Message("Review")),
        note=say(Message("The earliest came on {day}", day=moment(earliest)[5:])),
        hot=True,
    )


KEY_CHANGES_TO_REVIEW = Queue("enterprises.key_changes", _waiting, _review)
"""The desk of an admin; an enterprise cannot go on before, so it stands first and in red."""
