"""The process of a monthly report as a table (spec 20, 'States'): pure, no database."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

NOT_FILLED = "not_filled"
EDITING = "editing"
FROZEN = "frozen"
UNFROZEN = "unfrozen"
IN_REVIEW = "in_review"
RETURNED = "returned"
APPROVED = "approved"

STATE_LABELS = {
    NOT_FILLED: Message("Not filled"),
    EDITING: Message("Editing"),
    FROZEN: Message("Frozen"),
    UNFROZEN: Message("Unfrozen"),
    IN_REVIEW: Message("In review"),
    RETURNED: Message("Returned"),
    APPROVED: Message("Approved"),
}
STORED_STATES = {state: words for state, words in STATE_LABELS.items() if state != NOT_FILLED}
"""Those of a report that has a row: without one nothing was saved."""
STATE_MARKS = {
    NOT_FILLED: "none",
    EDITING: "edit",
    FROZEN: "ice",
    UNFROZEN: "thaw",
    IN_REVIEW: "wait",
    RETURNED: "back",
    APPROVED: "pass",
}
"""Modifiers of the state badge, from the design language."""

FILLABLE = frozenset({NOT_FILLED, EDITING, UNFROZEN, RETURNED})
"""States in which the enterprise may type."""
SUBMITTABLE = FILLABLE - {NOT_FILLED}
"""States that a report is sent from: something was saved, and it is with the enterprise."""


BATCH_IMPORT = "batch_import"
"""The right of an admin to file for the enterprises of the territory."""

BY_FILLING = frozenset({"save", "submit", "freeze", "batch_save", "batch_submit"})
"""Verbs that the wizard and imports take, and no button of a report's page."""


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """What the table needs to know of a report; the service gathers it from the locked row.

    ``reviewer_id`` is the admin whose turn it is, ``top_id`` the one where the chain above ends.
    ``decider_ids`` are the admins who may decide about the change of key fields that froze it.
    """

    enterprise_id: int
    reviewer_id: int | None = None
    reviewer_is_top: bool = False
    top_id: int | None = None
    reviewer_name: str = ""
    accepted_levels: int = 0
    decider_ids: frozenset[int] = frozenset()


def is_owner(actor: Actor, report: ReportFacts) -> bool:
    """The enterprise itself."""
    return actor.kind is Kind.ENTERPRISE and actor.enterprise_id == report.enterprise_id


def files_for(actor: Actor, _report: ReportFacts) -> bool:
    """数据批量上报导入: an admin with the right; scope has decided before whose reports these are."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and BATCH_IMPORT in actor.rights


def is_reviewer(actor: Actor, report: ReportFacts) -> bool:
    """The admin at whom the report waits."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id == report.reviewer_id


def settles_change(actor: Actor, report: ReportFacts) -> bool:
    """The program itself, when the automatic review is due; an admin who decides about a manual case."""
    if actor.kind is Kind.SYSTEM:
        return True
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and actor.admin_id in report.decider_ids


def passes_on(actor: Actor, report: ReportFacts) -> bool:
    """The reviewer has a superior to pass the report to."""
    return is_reviewer(actor, report) and not report.reviewer_is_top


def ends_review(actor: Actor, report: ReportFacts) -> bool:
    """The reviewer is the top of the chain that this installation has."""
    return is_reviewer(actor, report) and report.reviewer_is_top


def leaps(actor: Actor, report: ReportFacts) -> bool:
    """越级接收: a province's admin with the right takes a report from a desk below to the top one."""
    return _may_leap(actor, report) and actor.admin_id != report.top_id


def leaps_to_the_end(actor: Actor, report: ReportFacts) -> bool:
    """The same where the province itself is the top of the chain: the report is approved."""
    return _may_leap(actor, report) and actor.admin_id == report.top_id


def _may_leap(actor: Actor, report: ReportFacts) -> bool:
    """Which reports are in the admin's territory is decided by scope, before the table is asked."""
    return (
        actor.kind is Kind.BUREAU
        and "leapfrog_accept" in actor.rights
        and report.reviewer_id not in (None, report.top_id, actor.admin_id)
    )


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
            "freeze", FILLABLE, FROZEN, is_owner, Message("Freeze: key fields changed"), emits="report_frozen"
        ),
        Transition(
            "unfreeze",
            frozenset({FROZEN}),
            UNFROZEN,
            settles_change,
            Message("Unfreeze: the change passed"),
            emits="report_unfrozen",
        ),
        Transition(
            "refuse_change",
            frozenset({FROZEN}),
            EDITING,
            settles_change,
            Message("Unfreeze: the change was returned"),
            emits="report_change_refused",
        ),
        Transition(
            "submit",
            SUBMITTABLE,
            IN_REVIEW,
            is_owner,
            Message("Submit"),
            emits="report_submitted",
        ),
        Transition(
            "batch_save", frozenset({NOT_FILLED}), EDITING, files_for, Message("Save by batch import")
        ),
        Transition(
            "batch_submit",
            SUBMITTABLE,
            IN_REVIEW,
            files_for,
            Message("Submit by batch import"),
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
            "leapfrog",
            frozenset({IN_REVIEW}),
            IN_REVIEW,
            leaps,
            Message("Accept by leapfrog"),
            emits="report_accepted",
        ),
        Transition(
            "leapfrog_approve",
            frozenset({IN_REVIEW}),
            APPROVED,
            leaps_to_the_end,
            Message("Accept by leapfrog"),
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
