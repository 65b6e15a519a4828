"""What questionnaires show an enterprise on its home page, and among what waits for it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g, url_for
from markupsafe import Markup
from sqlalchemy import Date, Select, bindparam, func, select

from app.enterprises.models import Enterprise
from app.infra import context, settings
from app.infra.database import db
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.security import counted
from app.infra.shell import Todo
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.organisations.accounts import OWN_COUNTS
from app.organisations.models import Account
from app.questionnaires.answer_list import action_words, due_for, left_words, still_asked
from app.questionnaires.answer_page import badge
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.rounds import round_name
from app.reports.settings import URGENT_DAYS

COUNT = "due_questionnaires"
ON_PANEL = 5
"""Questionnaires on the home page: those that end first."""

Due = tuple[Respondent, QuestionnaireRound, str]


def due_count() -> Select[Any]:
    """How many questionnaires wait for an account's enterprise: a part of the statement of every request."""
    today = bindparam("questionnaires_today", callable_=context.today, type_=Date())
    return (
        select(func.count())
        .select_from(Respondent)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
        .where(Enterprise.account_id == Account.id, still_asked(today))
    )


OWN_COUNTS[COUNT] = due_count


def answer_todos(actor: Actor, now: dt.datetime) -> list[Todo]:
    """What an enterprise has still to answer; nothing is asked where nothing waits."""
    due = _due(actor, local_date(now))
    if not due:
        return []
    first, held, _title = due[0]
    count = counted(COUNT)
    url = url_for("AnswerView.answer", respondent_id=first.id)
    days = (held.ends_on - local_date(now)).days
    return [
        Todo(
            name="questionnaires.answer",
            label=say(Message("Questionnaires to answer")),
            count=count,
            url=url if count == 1 else url_for("AnswerView.list", due="1"),
            action=say(Message("Answer the questionnaire")),
            note=say(Message("The first ends on {day}", day=held.ends_on)),
            hot=days < settings.value(URGENT_DAYS, now),
        )
    ]


def answer_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """The questionnaires that wait for an enterprise, the first to end first; no panel where none does."""
    today = local_date(now)
    rows = [_row(respondent, held, title, today) for respondent, held, title in _due(actor, today)]
    if not rows:
        return []
    heads = (
        Message("Questionnaire"),
        Message("Round"),
        Message("State"),
        Message("Time left"),
        Message("Action"),
    )
    return [
        Panel(
            name="questionnaires",
            title=say(Message("My questionnaires")),
            template="home/table.html",
            values={"headings": [(say(head), False) for head in heads], "rows": rows},
            links=[(say(Message("More")), url_for("AnswerView.list"))],
        )
    ]


def _due(actor: Actor, today: dt.date) -> list[Due]:
    """The first questionnaires that wait; one statement for the page and its frame, none where none waits."""
    if not counted(COUNT) or actor.enterprise_id is None:
        return []
    known: dict[int, list[Due]] = g.setdefault(COUNT, {})
    if actor.enterprise_id not in known:
        query = (
            select(Respondent, QuestionnaireRound, Questionnaire.title)
            .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
            .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
            .where(due_for(actor.enterprise_id, today))
            .order_by(QuestionnaireRound.ends_on, Respondent.id)
            .limit(ON_PANEL)
        )
        known[actor.enterprise_id] = [(row[0], row[1], row[2]) for row in db.session.execute(query)]
    return known[actor.enterprise_id]


def _row(respondent: Respondent, held: QuestionnaireRound, title: str, today: dt.date) -> tuple[object, ...]:
    mark = badge(respondent)
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    words = say(action_words(held, respondent.state, today))
    url = url_for("AnswerView.answer", respondent_id=respondent.id)
    action = Markup('<a href="{}" aria-label="{}: {}">{}</a>').format(url, words, title, words)
    return title, say(round_name(held)), state, say(left_words(held, respondent.state, today)), action
