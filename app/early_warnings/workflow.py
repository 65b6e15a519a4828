"""The process of an original warning as a table (spec 40, review): pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

DRAFT = "draft"
PENDING = "pending"
RETURNED = "returned"
APPROVED = "approved"
REJECTED = "rejected"

STATE_LABELS = {
    DRAFT: Message("Draft"),
    PENDING: Message("Waiting for review"),
    RETURNED: Message("Returned for correction"),
    APPROVED: Message("Passed"),
    REJECTED: Message("Rejected"),
}
STATE_MARKS = {DRAFT: "edit", PENDING: "wait", RETURNED: "back", APPROVED: "pass", REJECTED: "late"}

EDITABLE = frozenset({DRAFT, RETURNED})
"""States in which the point may change the text."""


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What the table needs to know of a post: whose it is, who reviews it, and who stands at the top."""

    account_ids: frozenset[int]
    reviewer_ids: frozenset[int] = frozenset()
    province_ids: frozenset[int] = frozenset()
    magazine: bool = False
    internal: bool = False


def writes(actor: Actor, post: PostFacts) -> bool:
    """The accounts of the point."""
    return actor.kind is Kind.POINT and actor.account_id in post.account_ids


def reviews(actor: Actor, post: PostFacts) -> bool:
    """The bureau of the point's prefecture."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id in post.reviewer_ids


def records_for_magazine(actor: Actor, post: PostFacts) -> bool:
    """The province, for what was recommended to the magazine."""
    return post.magazine and _is_province(actor, post)


def records_instruction(actor: Actor, post: PostFacts) -> bool:
    """The province, for what is exchanged internally."""
    return post.internal and _is_province(actor, post)


def _is_province(actor: Actor, post: PostFacts) -> bool:
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id in post.province_ids


WORKFLOW: Workflow[PostFacts] = Workflow(
    name="warning_post",
    states=STATE_LABELS,
    initial=DRAFT,
    final=frozenset({REJECTED}),
    transitions=(
        Transition("submit", EDITABLE, PENDING, writes, Message("Submit for review"), emits="post_submitted"),
        Transition(
            "approve", frozenset({PENDING}), APPROVED, reviews, Message("Pass"), emits="post_approved"
        ),
        Transition(
            "return",
            frozenset({PENDING}),
            RETURNED,
            reviews,
            Message("Return for correction"),
            comment_required=True,
            emits="post_returned",
        ),
        Transition(
            "reject",
            frozenset({PENDING}),
            REJECTED,
            reviews,
            Message("Reject"),
            comment_required=True,
            emits="post_rejected",
        ),
        Transition(
            "adopt",
            frozenset({APPROVED}),
            APPROVED,
            records_for_magazine,
            Message("Adopted by the magazine"),
            emits="post_adopted",
        ),
        Transition(
            "endorse",
            frozenset({APPROVED}),
            APPROVED,
            records_instruction,
            Message("Instruction by a leader"),
            emits="post_endorsed",
        ),
    ),
)
