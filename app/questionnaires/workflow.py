"""What becomes of a questionnaire: built, enabled for good, stopped early (spec 30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

DRAFT = "draft"
ENABLED = "enabled"
STOPPED = "stopped"

STATES = {
    DRAFT: Message("Not enabled"),
    ENABLED: Message("Enabled"),
    STOPPED: Message("Stopped"),
}
STATE_MARKS = {DRAFT: "edit", ENABLED: "pass", STOPPED: "none"}


class QuestionnaireFacts(Protocol):
    """What the steps need to know of a questionnaire."""

    @property
    def admin_id(self) -> int:
        """Whose it is."""

    @property
    def obstacles(self) -> Sequence[Words]:
        """What keeps it from being enabled, as the checker and the theme tell it."""


def owns(actor: Actor, questionnaire: QuestionnaireFacts) -> bool:
    """A bureau admin takes the steps of those questionnaires that scope lets it administer.

    The program itself stops what a revision takes the place of.
    """
    return actor.kind is Kind.SYSTEM or (actor.kind is Kind.BUREAU and actor.admin_id is not None)


def nothing_is_in_the_way(questionnaire: QuestionnaireFacts) -> Words | None:
    """Errors of the checker block: a questionnaire that cannot be answered must not be asked."""
    return questionnaire.obstacles[0] if questionnaire.obstacles else None


WORKFLOW: Workflow[QuestionnaireFacts] = Workflow(
    name="questionnaire",
    states=STATES,
    initial=DRAFT,
    transitions=(
        Transition(
            "enable",
            frozenset({DRAFT}),
            ENABLED,
            owns,
            Message("Enable the questionnaire"),
            guards=(nothing_is_in_the_way,),
            emits="questionnaire_enabled",
        ),
        Transition(
            "stop",
            frozenset({ENABLED}),
            STOPPED,
            owns,
            Message("Stop the questionnaire"),
            comment_required=True,
            emits="questionnaire_stopped",
        ),
    ),
    final=frozenset({STOPPED}),
)
