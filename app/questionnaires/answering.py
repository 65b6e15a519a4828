"""Answering: drafts, submission, reopening; of an anonymous questionnaire nobody can tell whose it was."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, insert, select

from app.infra import scope
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem, Words
from app.kernel.texts import LocalText, Message
from app.kernel.workflow import Step
from app.notifications.service import notify
from app.questionnaires import answer_drafts, frozen
from app.questionnaires.answer_lines import answers_of, lines_of
from app.questionnaires.answer_workflow import ANSWER_WORKFLOW, ANSWERED, OPEN, REOPENED, RespondentFacts
from app.questionnaires.answers import Judged, judge
from app.questionnaires.definition import Definition
from app.questionnaires.mixing import note_answered
from app.questionnaires.models import Questionnaire
from app.questionnaires.round_models import Answer, QuestionnaireRound, Respondent, RespondentStep, Response

LONGEST_REASON = 500
SMALLEST_ID, LARGEST_ID = 10**14, 10**15
"""Numbers of responses are drawn from here: 15 digits, which every program reads exactly."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What an enterprise was asked, and what it typed so far."""

    respondent: Respondent
    definition: Definition
    draft: Mapping[str, Any]

    @property
    def questionnaire(self) -> Questionnaire:
        """The questionnaire of the round."""
        return self.respondent.round.questionnaire

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody may know whose answers these are."""
        return self.questionnaire.anonymous

    def refusal(self, actor: Actor, now: dt.datetime) -> Words | None:
        """Why nothing can be answered now, or None."""
        return _refusal(actor, self.respondent, now)


class DraftConflict(Conflict):
    """The draft was saved elsewhere meanwhile; the page gets what is stored, to compare."""

    def __init__(self, words: Message, opened: Opened) -> None:
        super().__init__(words)
        self.opened = opened


def open_respondent(actor: Actor, respondent_key: object, now: dt.datetime, *, lock: bool = False) -> Opened:
    """A respondent with what is asked of it and its draft.

    :raises NotFound: the actor does not see it.
    """
    respondent: Respondent = scope.find(Respondent, respondent_key, actor, local_date(now), lock=lock)
    if lock:  # a round that is being stopped is waited for
        found = select(QuestionnaireRound).where(QuestionnaireRound.id == respondent.round_id)
        db.session.scalars(found.with_for_update(read=True).execution_options(populate_existing=True)).one()
    definition = frozen.definition(respondent.round.questionnaire)
    return Opened(respondent, definition, answer_drafts.loaded(definition, respondent.draft))


def save_draft(
    actor: Actor, respondent_key: object, changed: Mapping[str, Any], lock: int | None, now: dt.datetime
) -> Opened:
    """Keep what was typed so far, right or not.

    :param changed: answers by the code of their question; None empties one, those not named stay.
    :param lock: the version that the page showed.
    :raises Conflict: an anonymous questionnaire, whose drafts stay in the browser; or not to be answered now.
    :raises DraftConflict: it was saved elsewhere since the page was opened.
    """
    opened = open_respondent(actor, respondent_key, now, lock=True)
    respondent = opened.respondent
    if opened.is_anonymous:
        raise Conflict(Message("Drafts of an anonymous questionnaire stay in the browser."))
    if (refusal := _refusal(actor, respondent, now)) is not None:
        raise Conflict(refusal)
    _check_lock(opened, lock)
    draft = answer_drafts.merged(opened.definition, opened.draft, changed)
    text = answer_drafts.dumped(draft)
    if text != answer_drafts.dumped(opened.draft):
        if respondent.state == OPEN:
            respondent.state = _decided(actor, respondent, "begin", now).target
        respondent.draft, respondent.draft_at = text, now
        db.session.flush()
    return Opened(respondent, opened.definition, draft)


def submit(
    actor: Actor,
    respondent_key: object,
    answers: Mapping[str, Any],
    now: dt.datetime,
    lock: int | None = None,
) -> Respondent:
    """Submit answers: the path is walked again, and only what lies on it is kept.

    Of an anonymous questionnaire the respondent keeps the day alone, and the response nothing of the
    respondent. What was submitted before a reopening is replaced.

    :param lock: the version that the page showed; None does not look.
    :raises Invalid: answers that are missing or wrong, each at its input; or the round is closed.
    :raises Conflict: it was submitted before.
    :raises DraftConflict: a draft was saved elsewhere since the page was opened.
    """
    opened = open_respondent(actor, respondent_key, now, lock=True)
    respondent = opened.respondent
    if respondent.state == ANSWERED:
        raise Conflict(submitted_words(respondent))
    if lock is not None:
        _check_lock(opened, lock)
    verb = "answer_again" if respondent.state == REOPENED else "answer"
    step = _decided(actor, respondent, verb, now)
    judged = judge(opened.definition, answers)
    if judged.problems:
        raise Invalid(judged.problems, Message("The answers cannot be submitted yet."))
    _store(opened, judged, now)
    if opened.is_anonymous:
        note_answered(respondent, local_date(now))
        return respondent
    respondent.state, respondent.answered_on = step.target, local_date(now)
    respondent.draft = respondent.draft_at = None
    _note(actor, respondent, step, now)
    db.session.flush()
    return respondent


def reopen(actor: Actor, respondent_key: object, reason: str, now: dt.datetime) -> Respondent:
    """Let a respondent change what it submitted; the response stands until another one takes its place.

    :raises Invalid: no reason, or a longer one than can be kept.
    :raises Forbidden: not an admin's to do, or the questionnaire is anonymous.
    """
    opened = open_respondent(actor, respondent_key, now, lock=True)
    respondent = opened.respondent
    if opened.is_anonymous:
        raise Forbidden(Message("The response of an anonymous questionnaire cannot be found, nor reopened."))
    if len(reason.strip()) > LONGEST_REASON:
        words = Message("At most {count} characters.", count=LONGEST_REASON)
        raise Invalid([Problem(words, "comment")])
    step = _decided(actor, respondent, "reopen", now, reason)
    respondent.draft = answer_drafts.dumped(kept_answers(respondent))
    respondent.draft_at, respondent.state = now, step.target
    _note(actor, respondent, step, now)
    _tell(opened, step.comment, now)
    db.session.flush()
    return respondent


def kept_answers(respondent: Respondent) -> dict[str, Any]:
    """What a named respondent submitted; empty where it has not, or where nobody knows."""
    response = response_of(respondent)
    if response is None:
        return {}
    return read_response(response, frozen.definition(respondent.round.questionnaire))[1]


def response_of(respondent: Respondent) -> Response | None:
    """The response of a named respondent."""
    query = select(Response).where(
        Response.round_id == respondent.round_id, Response.enterprise_id == respondent.enterprise_id
    )
    return db.session.scalars(query).one_or_none()


def read_response(response: Response, definition: Definition) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The questions that a response was asked, and its answers."""
    lines = db.session.scalars(select(Answer).where(Answer.response_id == response.id))
    return answers_of(definition, lines)


def submitted_words(respondent: Respondent) -> Message:
    """That a questionnaire was answered, and when."""
    return Message("This questionnaire was submitted on {day}.", day=respondent.answered_on)


def facts_of(respondent: Respondent, today: dt.date) -> RespondentFacts:
    """What the workflow needs to know of a respondent."""
    held = respondent.round
    return RespondentFacts(
        enterprise_id=respondent.enterprise_id,
        is_anonymous=held.questionnaire.anonymous,
        is_round_open=held.is_open(today),
        has_begun=held.begins_on <= today,
        ended_on=held.ends_on if held.closed_at is None else min(local_date(held.closed_at), held.ends_on),
    )


def _decided(actor: Actor, respondent: Respondent, verb: str, now: dt.datetime, comment: str = "") -> Step:
    facts = facts_of(respondent, local_date(now))
    return ANSWER_WORKFLOW.decide(facts, respondent.state, verb, actor, comment)


def _refusal(actor: Actor, respondent: Respondent, now: dt.datetime) -> Words | None:
    if respondent.state == ANSWERED:
        return submitted_words(respondent)
    facts = facts_of(respondent, local_date(now))
    offered = ANSWER_WORKFLOW.offered(facts, respondent.state, actor)
    edge = next((edge for edge in offered if edge.target == ANSWERED), None)
    if edge is None:
        return Message("Only the enterprise itself answers.")
    reasons = [reason for guard in edge.guards if (reason := guard(facts)) is not None]
    return reasons[0] if reasons else None


def _check_lock(opened: Opened, lock: int | None) -> None:
    if opened.respondent.version != lock and not opened.is_anonymous:
        words = Message(
            "These answers were saved elsewhere at {when}, after you opened them here.",
            when=opened.respondent.draft_at,
        )
        raise DraftConflict(words, opened)


def _store(opened: Opened, judged: Judged, now: dt.datetime) -> None:
    """The response and its lines, written past the session so that nothing of them is left behind in it."""
    respondent = opened.respondent
    named = {
        "enterprise_id": respondent.enterprise_id,
        "region_id": respondent.region_id,
        "enterprise_version_id": respondent.enterprise_version_id,
        "submitted_at": now,
    }
    if not opened.is_anonymous:
        earlier = delete(Response).where(
            Response.round_id == respondent.round_id, Response.enterprise_id == respondent.enterprise_id
        )
        db.session.execute(earlier.execution_options(synchronize_session=False))
    response = {"id": _drawn(), "round_id": respondent.round_id, "submitted_on": local_date(now)}
    db.session.execute(insert(Response), [response if opened.is_anonymous else {**response, **named}])
    keys = {"response_id": response["id"], "round_id": respondent.round_id}
    lines = [{**keys, **asdict(line)} for line in lines_of(opened.definition, judged.asked, judged.kept)]
    if lines:
        db.session.execute(insert(Answer), lines)


def _drawn() -> int:
    """A number that no response has; by lot, so that numbers tell neither order nor time."""
    while True:
        number = SMALLEST_ID + secrets.randbelow(LARGEST_ID - SMALLEST_ID)
        if db.session.scalar(select(Response.id).where(Response.id == number)) is None:
            return number


def _note(actor: Actor, respondent: Respondent, step: Step, now: dt.datetime) -> None:
    db.session.add(
        RespondentStep(
            respondent_id=respondent.id,
            verb=step.verb,
            comment=step.comment,
            at=now,
            account_id=actor.account_id,
            actor_name=actor.name,
        )
    )


def _tell(opened: Opened, reason: str, now: dt.datetime) -> None:
    account_id = opened.respondent.enterprise.account_id
    if account_id is None:
        return
    title = Message("Questionnaire reopened: {title}", title=LocalText(opened.questionnaire.title))
    body = Message("You can change your answers. Reason: {reason}", reason=LocalText(reason))
    notify([account_id], "questionnaire", title, body, now, url=f"/answers/{opened.respondent.id}")
