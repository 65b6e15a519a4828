"""The process of a change of key fields as a table (spec 20, 'Freeze and unfreeze'): pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

PENDING = "pending"
APPROVED = "approved"
RETURNED = "returned"

STATE_LABELS = {
    PENDING: Message("Change waits for review"),
    APPROVED: Message("Change passed"),
    RETURNED: Message("Change returned"),
}
STATE_MARKS = {PENDING: "wait", APPROVED: "pass", RETURNED: "back"}
"""Modifiers of the state badge, from the design language."""

AUTOMATIC = "automatic"
MANUAL = "manual"
DIRECT = "direct"
ROUTE_LABELS = {
    AUTOMATIC: Message("Automatic review"),
    MANUAL: Message("Review by an administrator"),
    DIRECT: Message("Entered by an administrator"),
}
"""How a change was decided; one that an administrator entered in the enterprise's record needs no review."""

LONGEST_REASON = 150
"""Characters of the reason that an administrator gives, as for registrations."""


@dataclass(frozen=True, slots=True)
class KeyChangeFacts:
    """What the table needs to know of a change; the service gathers it from the locked row.

    ``reviewer_ids`` are the admin at whom a manual case waits and all above; empty for an automatic one.
    """

    reviewer_ids: frozenset[int] = frozenset()
    is_manual: bool = False


def is_program(actor: Actor, change: KeyChangeFacts) -> bool:
    """The automatic review."""
    return actor.kind is Kind.SYSTEM


def may_review(actor: Actor, change: KeyChangeFacts) -> bool:
    """The admin at whom a manual case waits, and who stands above."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id in change.reviewer_ids


def still_automatic(change: KeyChangeFacts) -> Words | None:
    """The automatic review decides once: what it gave to an administrator is no longer its own."""
    return Message("An administrator decides about this change now.") if change.is_manual else None


WORKFLOW: Workflow[KeyChangeFacts] = Workflow(
    name="key_change",
    states=STATE_LABELS,
    initial=PENDING,
    final=frozenset({APPROVED, RETURNED}),
    transitions=(
        Transition(
            "pass",
            frozenset({PENDING}),
            APPROVED,
            is_program,
            Message("Pass automatically"),
            guards=(still_automatic,),
            emits="key_change_approved",
        ),
        Transition(
            "refuse",
            frozenset({PENDING}),
            RETURNED,
            is_program,
            Message("Return automatically"),
            guards=(still_automatic,),
            comment_required=True,
            emits="key_change_returned",
        ),
        Transition(
            "refer",
            frozenset({PENDING}),
            PENDING,
            is_program,
            Message("Refer to an administrator"),
            guards=(still_automatic,),
            emits="key_change_referred",
        ),
        Transition(
            "approve",
            frozenset({PENDING}),
            APPROVED,
            may_review,
            Message("Pass"),
            emits="key_change_approved",
        ),
        Transition(
            "return",
            frozenset({PENDING}),
            RETURNED,
            may_review,
            Message("Return"),
            comment_required=True,
            emits="key_change_returned",
        ),
    ),
)
