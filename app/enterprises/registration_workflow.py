"""The process of an enterprise's registration as a table (spec 10, 'Enterprise registration'): pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

DRAFT = "draft"
PENDING = "pending"
RETURNED = "returned"
APPROVED = "approved"

STATE_LABELS = {
    DRAFT: Message("Draft"),
    PENDING: Message("Waiting for review"),
    RETURNED: Message("Returned for correction"),
    APPROVED: Message("Let in"),
}
STATE_MARKS = {DRAFT: "edit", PENDING: "wait", RETURNED: "back", APPROVED: "pass"}
"""Modifiers of the state badge, from the design language."""

SENT = frozenset({PENDING, RETURNED, APPROVED})
"""States that a bureau sees; a draft is the enterprise's own."""
EDITABLE = frozenset({DRAFT, RETURNED})

LONGEST_REASON = 150
"""Characters of the reason of a return (spec 10)."""


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """What the table needs to know of a registration; the service gathers it from the locked row.

    ``reviewer_ids`` are the responsible admin, who is the lowest that covers the place, and all above.
    """

    account_id: int
    reviewer_ids: frozenset[int] = frozenset()


def is_applicant(actor: Actor, registration: RegistrationFacts) -> bool:
    """The account that registers."""
    return actor.kind is Kind.ENTERPRISE and actor.account_id == registration.account_id


def may_review(actor: Actor, registration: RegistrationFacts) -> bool:
    """The responsible admin, and who stands above."""
    return (
        actor.kind is Kind.BUREAU
        and actor.admin_id is not None
        and actor.admin_id in registration.reviewer_ids
    )


WORKFLOW: Workflow[RegistrationFacts] = Workflow(
    name="registration",
    states=STATE_LABELS,
    initial=DRAFT,
    final=frozenset({APPROVED}),
    transitions=(
        Transition("save", frozenset({DRAFT}), DRAFT, is_applicant, Message("Save draft")),
        Transition("save", frozenset({RETURNED}), RETURNED, is_applicant, Message("Save draft")),
        Transition(
            "submit",
            EDITABLE,
            PENDING,
            is_applicant,
            Message("Submit for review"),
            emits="registration_submitted",
        ),
        Transition("withdraw", frozenset({PENDING}), DRAFT, is_applicant, Message("Withdraw")),
        Transition(
            "approve",
            frozenset({PENDING}),
            APPROVED,
            may_review,
            Message("Pass"),
            emits="registration_approved",
        ),
        Transition(
            "return",
            frozenset({PENDING}),
            RETURNED,
            may_review,
            Message("Return"),
            comment_required=True,
            emits="registration_returned",
        ),
    ),
)
