"""What questionnaires show an enterprise on its home page, and among what waits for it."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from markupsafe import Markup
from sqlalchemy import func, select

from app.infra import settings
from app.infra.database import db
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.shell import Todo
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.questionnaires.answer_list import answer_words, due_for, left_words
from app.questionnaires.answer_page import badge
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.rounds import round_name
from app.reports.settings import URGENT_DAYS

ON_PANEL = 5
"""Questionnaires on the home page: those that end first."""


def answer_todos(actor: Actor, now: dt.datetime) -> list[Todo]:
    """What an enterprise has still to answer; one statement."""
    if actor.kind is not Kind.ENTERPRISE or actor.enterprise_id is None:
        return []
    today = local_date(now)
    query = (
        select(func.count(), func.min(QuestionnaireRound.ends_on), func.min(Respondent.id))
        .select_from(Respondent)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .where(due_for(actor.enterprise_id, today))
    )
    count, ends_on, first = db.session.execute(query).one()
    if not count:
        return []
    url = (
        url_for("AnswerView.answer", respondent_id=first)
        if count == 1
        else url_for("AnswerView.list", due="1")
    )
    days = (ends_on - today).days
    return [
        Todo(
            name="questionnaires.answer",
            label=say(Message("Questionnaires to answer")),
            count=count,
            url=url,
            action=say(Message("Answer the questionnaire")),
            note=say(Message("The first ends on {day}", day=ends_on)),
            hot=days < settings.value(URGENT_DAYS, now),
        )
    ]


def answer_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """The questionnaires that wait for an enterprise, the first to end first; no panel where none does."""
    if actor.kind is not Kind.ENTERPRISE or actor.enterprise_id is None:
        return []
    today = local_date(now)
    query = (
        select(Respondent, QuestionnaireRound, Questionnaire.title)
        .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
        .where(due_for(actor.enterprise_id, today))
        .order_by(QuestionnaireRound.ends_on, Respondent.id)
        .limit(ON_PANEL)
    )
    rows = [_row(respondent, held, title, today) for respondent, held, title in db.session.execute(query)]
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


def _row(respondent: Respondent, held: QuestionnaireRound, title: str, today: dt.date) -> tuple[object, ...]:
    mark = badge(respondent)
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    words = say(answer_words(respondent.state))
    url = url_for("AnswerView.answer", respondent_id=respondent.id)
    action = Markup('<a href="{}" aria-label="{}: {}">{}</a>').format(url, words, title, words)
    return title, say(round_name(held)), state, say(left_words(held, respondent.state, today)), action
