"""分发: letting subordinate admins see a questionnaire and what their regions answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, select

from app.infra import scope
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify
from app.organisations.models import Admin
from app.organisations.scope import admin_subtree
from app.questionnaires.lifecycle import find_managed
from app.questionnaires.models import Questionnaire, QuestionnaireHandout

FIELD = "admins"


def hand_out(actor: Actor, key: object, admin_ids: Collection[int], now: dt.datetime) -> int:
    """Let subordinate admins see a questionnaire; how many did not see it before. Each is told.

    :raises Invalid: nobody is chosen, or somebody who cannot be.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    wanted = set(admin_ids)
    if not wanted:
        raise Invalid([Problem(Message("Choose at least one admin."), FIELD)])
    query = select(Admin).where(receivers(actor, questionnaire, local_date(now)), Admin.id.in_(wanted))
    admins = db.session.scalars(query.order_by(Admin.id)).all()
    if len(admins) != len(wanted):
        words = Message("Choose active subordinates who do not see the questionnaire by themselves.")
        raise Invalid([Problem(words, FIELD)])
    known = {one.admin_id for one in questionnaire.handouts}
    new = [admin for admin in admins if admin.id not in known]
    for admin in new:
        questionnaire.handouts.append(QuestionnaireHandout(admin_id=admin.id, handed_at=now))
    db.session.flush()
    _tell(actor, questionnaire, new, now)
    return len(new)


def take_back(actor: Actor, key: object, admin_ids: Collection[int], now: dt.datetime) -> int:
    """End what was handed out; how many saw it. Copies that they made stay theirs.

    :raises Invalid: nobody is chosen.
    """
    questionnaire = find_managed(actor, key, now, lock=True)
    lost = [one for one in questionnaire.handouts if one.admin_id in set(admin_ids)]
    if not lost:
        raise Invalid([Problem(Message("Choose at least one admin."), "taken")])
    for one in lost:
        questionnaire.handouts.remove(one)
    db.session.flush()
    return len(lost)


def receivers(actor: Actor, questionnaire: Questionnaire, today: dt.date) -> ColumnElement[bool]:
    """The admins that a questionnaire can be handed out to: active subordinates of the actor's.

    Its owner and those above see it without that.
    """
    owner = db.session.get_one(Admin, questionnaire.admin_id)
    above = {owner.id}
    while owner.superior is not None:
        owner = owner.superior
        above.add(owner.id)
    below: ColumnElement[bool] = scope.scope_of(Admin)(actor, today)
    if actor.admin_id is not None:
        below = Admin.id.in_(admin_subtree(actor.admin_id))
    return and_(below, Admin.state == "active", Admin.id.not_in(above))


def _tell(actor: Actor, questionnaire: Questionnaire, admins: Collection[Admin], now: dt.datetime) -> None:
    notify(
        [admin.account_id for admin in admins],
        "questionnaire",
        Message("Questionnaire handed out: {title}", title=LocalText(questionnaire.title)),
        Message(
            "{bureau} lets you see it and the answers of your regions. You can copy it.",
            bureau=actor.bureau_name,
        ),
        now,
        url=f"/questionnaires/show/{questionnaire.id}",
    )
