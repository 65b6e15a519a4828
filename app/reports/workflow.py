"""The process of a monthly report as a table (spec 20, 'States'): pure, no database."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

NOT_FILLED = "not_filled"
EDITING = "editing"
IN_REVIEW = "in_review"
RETURNED = "returned"
APPROVED = "approved"

STATE_LABELS = {
    NOT_FILLED: Message("Not filled"),
    EDITING: Message("Editing"),
    IN_REVIEW: Message("In review"),
    RETURNED: Message("Returned"),
    APPROVED: Message("Approved"),
}
STORED_STATES = {state: words for state, words in STATE_LABELS.items() if state != NOT_FILLED}
"""Those of a report that has a row: without one nothing was saved."""
STATE_MARKS = {NOT_FILLED: "none", EDITING: "edit", IN_REVIEW: "wait", RETURNED: "back", APPROVED: "pass"}
"""Modifiers of the state badge, from the design language."""

FILLABLE = frozenset({NOT_FILLED, EDITING, RETURNED})
"""States in which the enterprise may type."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the table needs to know of a report; the service gathers it from the locked row.

    ``reviewer_id`` is the admin whose turn it is.
    """

    enterprise_id: int
    reviewer_id: int | None = None
    reviewer_is_top: bool = False
    reviewer_name: str = ""
    accepted_levels: int = 0


def is_owner(actor: Actor, report: ReportFacts) -> bool:
    """The enterprise itself."""
    return actor.kind is Kind.ENTERPRISE and actor.enterprise_id == report.enterprise_id


def is_reviewer(actor: Actor, report: ReportFacts) -> bool:
    """The admin at whom the report waits."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id == report.reviewer_id


def passes_on(actor: Actor, report: ReportFacts) -> bool:
    """The reviewer has a superior to pass the report to."""
    return is_reviewer(actor, report) and not report.reviewer_is_top


def ends_review(actor: Actor, report: ReportFacts) -> bool:
    """The reviewer is the top of the chain that this installation has."""
    return is_reviewer(actor, report) and report.reviewer_is_top


def nobody_reviewed(report: ReportFacts) -> Words | None:
    """A report can be taken back only while nobody has accepted it."""
    if report.accepted_levels:
        return Message(
            "This report has been reviewed already. Ask {name}, at whom it waits now, to return it.",
            name=report.reviewer_name,
        )
    return None


WORKFLOW: Workflow[ReportFacts] = Workflow(
    name="report",
    states=STATE_LABELS,
    initial=NOT_FILLED,
    transitions=(
        Transition("save", frozenset({NOT_FILLED}), EDITING, is_owner, Message("Save")),
        Transition(
            "submit",
            frozenset({EDITING, RETURNED}),
            IN_REVIEW,
            is_owner,
            Message("Submit"),
            emits="report_submitted",
        ),
        Transition(
            "withdraw",
            frozenset({IN_REVIEW}),
            EDITING,
            is_owner,
            Message("Withdraw"),
            guards=(nobody_reviewed,),
            emits="report_withdrawn",
        ),
        Transition(
            "accept", frozenset({IN_REVIEW}), IN_REVIEW, passes_on, Message("Accept"), emits="report_accepted"
        ),
        Transition(
            "approve",
            frozenset({IN_REVIEW}),
            APPROVED,
            ends_review,
            Message("Accept"),
            emits="report_approved",
        ),
        Transition(
            "return",
            frozenset({IN_REVIEW}),
            RETURNED,
            is_reviewer,
            Message("Return"),
            comment_required=True,
            emits="report_returned",
        ),
        Transition(
            "reopen",
            frozenset({APPROVED}),
            RETURNED,
            ends_review,
            Message("Return"),
            comment_required=True,
            emits="report_returned",
        ),
    ),
)
