"""What becomes of a respondent: begins, answers, and answers again where an admin reopens (spec 30)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

OPEN = "open"
BEGUN = "begun"
ANSWERED = "answered"
REOPENED = "reopened"

RESPONDENT_STATES = {
    OPEN: Message("Not answered"),
    BEGUN: Message("Begun"),
    ANSWERED: Message("Answered"),
    REOPENED: Message("Reopened"),
}
"""How far a respondent is."""
RESPONDENT_MARKS = {OPEN: "none", BEGUN: "edit", ANSWERED: "pass", REOPENED: "back"}
UNANSWERED = frozenset({OPEN, BEGUN})


@dataclass(frozen=True, slots=True)
class RespondentFacts:
    """What the steps need to know of a respondent on a day."""

    enterprise_id: int
    is_anonymous: bool
    is_round_open: bool
    has_begun: bool
    ended_on: dt.date


def answers_itself(actor: Actor, respondent: RespondentFacts) -> bool:
    """Only the enterprise that was asked answers."""
    return actor.kind is Kind.ENTERPRISE and actor.enterprise_id == respondent.enterprise_id


def administers(actor: Actor, respondent: RespondentFacts) -> bool:
    """A bureau admin who sees the respondent; of an anonymous one nobody knows which response to reopen."""
    return actor.kind is Kind.BUREAU and not respondent.is_anonymous


def is_asked_now(respondent: RespondentFacts) -> Words | None:
    """A round is answered while it is open."""
    if respondent.is_round_open:
        return None
    if not respondent.has_begun:
        return Message("This questionnaire is not open yet.")
    return Message(
        "This questionnaire was closed on {day}; it takes no more answers.", day=respondent.ended_on
    )


ANSWER_WORKFLOW: Workflow[RespondentFacts] = Workflow(
    name="respondent",
    states=RESPONDENT_STATES,
    initial=OPEN,
    transitions=(
        Transition(
            "begin",
            frozenset({OPEN}),
            BEGUN,
            answers_itself,
            Message("Begin to answer"),
            guards=(is_asked_now,),
        ),
        Transition(
            "answer",
            UNANSWERED,
            ANSWERED,
            answers_itself,
            Message("Submit the answers"),
            guards=(is_asked_now,),
        ),
        Transition(
            "reopen",
            frozenset({ANSWERED}),
            REOPENED,
            administers,
            Message("Reopen the questionnaire"),
            comment_required=True,
            emits="respondent_reopened",
        ),
        # What was reopened can be answered after the round, too: that is what it was reopened for.
        Transition(
            "answer_again",
            frozenset({REOPENED}),
            ANSWERED,
            answers_itself,
            Message("Submit the changed answers"),
        ),
    ),
)
