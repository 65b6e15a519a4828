"""Questionnaires in the monthly report: its step 问卷, and what keeps the report from being submitted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from app.infra.database import db
from app.infra.i18n import say
from app.kernel.clock import local_date
from app.kernel.errors import Problem
from app.kernel.texts import LocalText, Message
from app.questionnaires.answer_list import action_words, left_words
from app.questionnaires.answer_page import badge
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.models import PLACEMENTS, Questionnaire
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.rounds import open_for, round_name
from app.reports.filing_views import DEFAULT_FORM
from app.reports.opening import OpenReport
from app.reports.wizard import Typed, WizardStep

STEP = "questionnaires"
APART = "apart"

Asked = tuple[Respondent, QuestionnaireRound, Questionnaire]


def questionnaire_steps(opened: OpenReport) -> Sequence[WizardStep]:
    """问卷: the questionnaires that are open while the report is filled; no step where there are none."""
    if not _asked_once(opened):
        return []
    return [WizardStep(STEP, Message("Questionnaires"), _page, lambda one: not unanswered(_asked_once(one)))]


def questionnaires_answered(opened: OpenReport) -> list[Problem]:
    """A report waits for the questionnaires that must be answered in it."""
    missing = unanswered(_asked(opened))
    if not missing:
        return []
    words = Message(
        "Answer these questionnaires first: {titles}",
        titles=LocalText("、".join(missing), ", ".join(missing)),
    )
    return [Problem(words, STEP)]


def unanswered(asked: Sequence[Asked]) -> list[str]:
    """Titles of the questionnaires that must be answered and are not."""
    return [
        questionnaire.title
        for respondent, _held, questionnaire in asked
        if questionnaire.placement == "required" and respondent.state != ANSWERED
    ]


def _asked(opened: OpenReport) -> list[Asked]:
    """What the enterprise is asked in its monthly report, when the report was read; one statement."""
    if opened.form.code != DEFAULT_FORM:
        return []
    query = (
        open_for(opened.enterprise.id, local_date(opened.read_at))
        .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
        .where(Questionnaire.placement != APART)
        .with_only_columns(Respondent, QuestionnaireRound, Questionnaire)
    )
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def _asked_once(opened: OpenReport) -> list[Asked]:
    """The same, asked once for a page: its frame asks for the steps several times."""
    known: dict[tuple[str, int, dt.datetime], list[Asked]] = g.setdefault("questionnaires_asked", {})
    key = (opened.form.code, opened.enterprise.id, opened.read_at)
    if key not in known:
        known[key] = _asked(opened)
    return known[key]


def _page(opened: OpenReport, now: dt.datetime, typed: Typed | None) -> tuple[str, dict[str, Any]]:
    today = local_date(now)
    asked = _asked_once(opened)
    return "questionnaires/wizard_step.html", {
        "asked": [_shown(one, today) for one in asked],
        "left": len(unanswered(asked)),
    }


def _shown(asked: Asked, today: dt.date) -> Mapping[str, Any]:
    respondent, held, questionnaire = asked
    return {
        "title": questionnaire.title,
        "period": say(round_name(held)),
        "required": questionnaire.placement == "required",
        "placement": say(PLACEMENTS[questionnaire.placement]),
        "state": badge(respondent),
        "left": say(left_words(held, respondent.state, today)),
        "url": url_for("AnswerView.answer", respondent_id=respondent.id),
        "action": say(action_words(held, respondent.state, today)),
        "answered": respondent.state == ANSWERED,
    }
