"""How a notice comes to its readers and is taken back: the table of states and steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.kernel.actor import Actor, Kind
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.kernel.workflow import Transition, Workflow

DRAFT = "draft"
PUBLISHED = "published"
WITHDRAWN = "withdrawn"

STATE_LABELS = {
    DRAFT: Message("Draft"),
    PUBLISHED: Message("Published"),
    WITHDRAWN: Message("Withdrawn"),
}
STATE_MARKS = {DRAFT: "edit", PUBLISHED: "pass", WITHDRAWN: "none"}


class NoticeFacts(Protocol):
    """What the steps need to know of a notice."""

    @property
    def kind(self) -> str:
        """Bureau or platform."""

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds of accounts that it is for."""

    @property
    def everywhere(self) -> bool:
        """Whether it is for the whole territory."""

    @property
    def regions(self) -> Sequence[object]:
        """Where it is for, unless it is for everywhere."""


def publishes(actor: Actor, notice: NoticeFacts) -> bool:
    """A bureau speaks for itself, the platform administrator for the platform; scope says whose notices."""
    if notice.kind == "platform":
        return actor.kind is Kind.PLATFORM
    return actor.kind is Kind.BUREAU and actor.admin_id is not None


def somebody_is_addressed(notice: NoticeFacts) -> Words | None:
    """A notice without an audience would be read by nobody."""
    if not notice.kinds:
        return Message("Choose for whom the notice is before you publish it.")
    if not notice.everywhere and not notice.regions:
        return Message("Choose the regions that the notice is for before you publish it.")
    return None


WORKFLOW: Workflow[NoticeFacts] = Workflow(
    name="notice",
    states=STATE_LABELS,
    initial=DRAFT,
    transitions=(
        Transition(
            "publish",
            frozenset({DRAFT, WITHDRAWN}),
            PUBLISHED,
            publishes,
            Message("Publish"),
            guards=(somebody_is_addressed,),
            emits="notice_published",
        ),
        Transition(
            "withdraw",
            frozenset({PUBLISHED}),
            WITHDRAWN,
            publishes,
            Message("Withdraw the notice"),
            comment_required=True,
            emits="notice_withdrawn",
        ),
    ),
)
