"""Rounds: opened when they fall due, with everybody who must answer written down at once.

A round is open from its first day to its last, unless its questionnaire is stopped (``closed_at``). Who
joins or moves later changes nothing about who was asked.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, String, cast, func, insert, literal, select

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.i18n import say_in
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM
from app.kernel.clock import local_date, start_of_day
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify_selected
from app.organisations.models import Account
from app.questionnaires.audience import addressed, owner_name
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.round_periods import Span, span_after, span_name, span_on
from app.questionnaires.stops import end_early
from app.questionnaires.workflow import ENABLED

ANSWER_PAGE = "/answers/"
"""Where an enterprise answers, followed by the number of its respondent."""


def settle_rounds(now: dt.datetime) -> int:
    """Open every round that is due; how many questionnaires were looked after.

    One statement on an index where nothing is due. However many processes settle at once, the lock on
    the questionnaire lets one of them open each round.
    """
    due = select(Questionnaire.id).where(Questionnaire.state == ENABLED, Questionnaire.next_round_at <= now)
    latest_first = due.order_by(Questionnaire.revision.desc(), Questionnaire.id)  # it stops those before it
    found = db.session.scalars(latest_first).all()
    return sum(_settle(key, now) for key in found)


def open_for(enterprise_id: int, today: dt.date) -> Select[tuple[Respondent]]:
    """What an enterprise is asked to answer on a day, answered or not, in the order of the last days."""
    return (
        select(Respondent)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .where(
            Respondent.enterprise_id == enterprise_id,
            QuestionnaireRound.closed_at.is_(None),
            QuestionnaireRound.begins_on <= today,
            QuestionnaireRound.ends_on >= today,
        )
        .order_by(QuestionnaireRound.ends_on, Respondent.id)
    )


def open_due(questionnaire: Questionnaire, now: dt.datetime) -> QuestionnaireRound | None:
    """Open the round that today belongs to, and note when the next one is due; the row is locked.

    The revision before it ends with the first day of this one. A round that passed while nobody looked
    is not opened afterwards: nobody could have answered it.
    """
    today = local_date(now)
    span, following = span_on(questionnaire, today), span_after(questionnaire, today)
    questionnaire.next_round_at = None if following is None else start_of_day(following.begins_on)
    if span is None:
        db.session.flush()
        return None
    _end_predecessors(questionnaire, now)
    opened = QuestionnaireRound(
        questionnaire_id=questionnaire.id, begins_on=span.begins_on, ends_on=span.ends_on, opened_at=now
    )
    db.session.add(opened)
    db.session.flush()
    _fix_respondents(questionnaire, opened, today)
    _tell(questionnaire, opened, now)
    return opened


def round_name(found: QuestionnaireRound) -> Message:
    """What readers call a round."""
    return span_name(found.questionnaire.frequency, found.begins_on, found.ends_on)


def number_asked(round_id: int) -> int:
    """How many respondents a round has."""
    query = select(func.count()).select_from(Respondent).where(Respondent.round_id == round_id)
    return db.session.scalar(query) or 0


def spans_to_come(questionnaire: Questionnaire, today: dt.date) -> Span | None:
    """The round that is open today, or else the next one."""
    return span_on(questionnaire, today) or span_after(questionnaire, today)


def _settle(questionnaire_id: int, now: dt.datetime) -> bool:
    with context.acting_as(SYSTEM), unit_of_work():
        query = select(Questionnaire).where(Questionnaire.id == questionnaire_id)
        locked = query.with_for_update().execution_options(populate_existing=True)
        questionnaire = db.session.scalars(locked).one()
        due = questionnaire.next_round_at
        if questionnaire.state != ENABLED or due is None or due > now:
            return False  # somebody else was faster
        open_due(questionnaire, now)
    return True


def _end_predecessors(questionnaire: Questionnaire, now: dt.datetime) -> None:
    """A revision takes the place of what the series asked before."""
    if questionnaire.series_id is None:
        return
    earlier = select(Questionnaire).where(
        (Questionnaire.id == questionnaire.series_id) | (Questionnaire.series_id == questionnaire.series_id),
        Questionnaire.revision < questionnaire.revision,
        Questionnaire.state == ENABLED,
    )
    reason = Message("Revision {number} takes its place.", number=questionnaire.revision)
    for one in db.session.scalars(earlier.order_by(Questionnaire.id).with_for_update()).all():
        end_early(SYSTEM, one, say_in(reason, "zh"), now)


def _fix_respondents(questionnaire: Questionnaire, opened: QuestionnaireRound, today: dt.date) -> None:
    """Write down who must answer: one statement however many, in which nobody can slip in between."""
    asked = addressed(questionnaire, today).with_only_columns(
        literal(opened.id), Enterprise.id, Enterprise.region_id, Enterprise.current_version_id
    )
    names = ["round_id", "enterprise_id", "region_id", "enterprise_version_id"]
    db.session.execute(insert(Respondent).from_select(names, asked.order_by(Enterprise.id)))


def _tell(questionnaire: Questionnaire, opened: QuestionnaireRound, now: dt.datetime) -> None:
    """Tell the accounts of the respondents."""
    page = literal(ANSWER_PAGE) + cast(Respondent.id, String)
    told: Any = (
        select(Enterprise.account_id, page)
        .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
        .join(Account, Account.id == Enterprise.account_id)
        .where(Respondent.round_id == opened.id, Account.state == "active")
    )
    title = Message("Questionnaire to answer: {title}", title=LocalText(questionnaire.title))
    body = Message(
        "{bureau} asks you to answer it until {day}.",
        bureau=owner_name(questionnaire),
        day=opened.ends_on.isoformat(),
    )
    notify_selected(told, "questionnaire", title, body, now, key=f"questionnaire.round.{opened.id}")
