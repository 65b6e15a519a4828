"""What an enterprise does next with a report, in words: pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.texts import LocalText, Message
from app.reports.workflow import APPROVED, FROZEN, IN_REVIEW, NOT_FILLED, RETURNED


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands: what the next step depends on.

    ``hard`` and ``unexplained`` are findings to be mended and to be explained. ``holder`` is who has it for
    review, ``since`` when it came there. ``closed`` says why nothing can be filled in, if so.
    """

    state: str
    hard: int = 0
    unexplained: int = 0
    holder: str = ""
    since: str = ""
    reason: str = ""
    closed: Message | None = None


def next_step(standing: Standing) -> Message:
    """The next step, or what is waited for."""
    match standing.state:
        case state if state == IN_REVIEW:
            return Message(
                "It waits at {holder} since {since}.", holder=standing.holder, since=standing.since
            )
        case state if state == APPROVED:
            return Message("It was approved. There is nothing left to do.")
        case state if state == FROZEN:
            return Message(
                "It is frozen until the change of key information is decided; then go on filling in."
            )
        case state if state == RETURNED:
            return Message("It was returned: {reason}", reason=LocalText(standing.reason))
    if standing.closed is not None:
        return standing.closed
    if standing.state == NOT_FILLED:
        return Message("Nothing is filled in yet: begin with the information of the enterprise.")
    return _to_be_completed(standing)


def _to_be_completed(standing: Standing) -> Message:
    if standing.hard:
        return Message(
            "{count} mandatory findings are to be mended before it can be submitted.", count=standing.hard
        )
    if standing.unexplained:
        return Message(
            "{count} findings are to be explained before it can be submitted.", count=standing.unexplained
        )
    return Message("It is begun and not submitted: complete it and submit it.")
