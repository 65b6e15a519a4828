"""The page on which a questionnaire is answered: its sheet, and what stands around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import url_for

from app.infra.i18n import language, say
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Problem, Words
from app.kernel.texts import Message
from app.questionnaires.answer_workflow import REOPENED, RESPONDENT_MARKS, RESPONDENT_STATES
from app.questionnaires.answering import Opened
from app.questionnaires.round_models import Respondent
from app.questionnaires.rounds import round_name
from app.questionnaires.sheet import sheet_of


def answer_page(
    opened: Opened,
    actor: Actor,
    now: dt.datetime,
    typed: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
    *,
    page: int = 1,
    notices: Sequence[Words] = (),
) -> dict[str, Any]:
    """What ``questionnaires/answer.html`` shows.

    :param typed: what was typed into a form that comes back; else the draft is shown.
    :param notices: what else is to be told, such as that the draft was saved elsewhere.
    """
    respondent, questionnaire = opened.respondent, opened.questionnaire
    refusal = opened.refusal(actor, now)
    answers = opened.draft if typed is None else typed
    return {
        "title": questionnaire.title,
        "introduction": questionnaire.introduction,
        "anonymous": opened.is_anonymous,
        "period": say(round_name(respondent.round)),
        "until": respondent.round.ends_on.isoformat(),
        "state": badge(respondent),
        "locked": None if refusal is None else say(refusal),
        "reason": reason_of(respondent),
        "notices": [say(words) for words in notices],
        "sheet": sheet_of(
            opened.definition, answers, language(), problems, locked=refusal is not None, page=page
        ),
        "version": respondent.version,
        "unsaved": typed is not None,
        "data": identity(opened, actor),
    }


def badge(respondent: Respondent) -> dict[str, str]:
    """How far a respondent is, as a badge."""
    return {"label": say(RESPONDENT_STATES[respondent.state]), "style": RESPONDENT_MARKS[respondent.state]}


def reason_of(respondent: Respondent) -> str:
    """Why what was submitted was reopened; empty where it was not."""
    if respondent.state != REOPENED:
        return ""
    return next((step.comment for step in reversed(respondent.steps) if step.verb == "reopen"), "")


def identity(opened: Opened, actor: Actor) -> dict[str, Any]:
    """What names a draft on this computer, and where the server keeps it, for the scripts of the page."""
    respondent = opened.respondent
    return {
        "account": str(actor.account_id),
        "report": f"answers-{respondent.id}",
        "section": "",
        "form_version": str(opened.questionnaire.edit_number),
        "version": respondent.version,
        "saved_at": saved_at(respondent),
        "save_url": url_for("AnswerView.save", respondent_id=respondent.id),
        "login_url": url_for("SignInView.login"),
        "anonymous": opened.is_anonymous,
    }


def saved_at(respondent: Respondent) -> str:
    """When the draft was saved, as the foot of the page says it."""
    return f"{respondent.draft_at.astimezone(SHANGHAI):%H:%M}" if respondent.draft_at else ""


def saved_text(opened: Opened) -> str:
    """What the foot of the page says before anything is typed."""
    if opened.is_anonymous:
        return say(Message("Answers stay in this browser until you submit them"))
    if opened.respondent.draft_at is None:
        return say(Message("Nothing saved yet"))
    return say(Message("{time} saved automatically", time=saved_at(opened.respondent)))
