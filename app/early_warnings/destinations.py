"""Where a reviewed post goes, and which destinations exclude each other (spec 40): pure.

The same rule stands in the page and in a CHECK constraint (``SQL``), so that neither a forged request nor a
faulty import can break it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from app.kernel.errors import Problem
from app.kernel.texts import Message


class Destination(StrEnum):
    """Options of a review that passes a post."""

    MAGAZINE = "magazine"  # 推荐到杂志
    EXCHANGE = "exchange"  # 发布到预警工作交流
    INTERNAL = "internal"  # 重要信息内部交流


LABELS = {
    Destination.MAGAZINE: Message("Recommend to the magazine"),
    Destination.EXCHANGE: Message("Publish in the exchange of warning work"),
    Destination.INTERNAL: Message("Internal exchange of important information"),
}

EXCLUDED_BY_INTERNAL = frozenset({Destination.MAGAZINE, Destination.EXCHANGE})
"""What is for internal eyes is neither recommended nor published."""

PASS = "approve"  # noqa: S105 - a verb of the review
"""The only outcome that destinations go with."""

SQL = "NOT (internal AND (magazine OR exchange))"
"""The exclusion as a condition on three truth columns, the same on both databases."""


def excluded(chosen: Iterable[str]) -> frozenset[Destination]:
    """What can no longer be ticked beside ``chosen``."""
    ticked = {Destination(name) for name in chosen}
    out: set[Destination] = set()
    if Destination.INTERNAL in ticked:
        out |= EXCLUDED_BY_INTERNAL
    if ticked & EXCLUDED_BY_INTERNAL:
        out.add(Destination.INTERNAL)
    return frozenset(out)


def problems(outcome: str, chosen: Iterable[str]) -> Iterator[Problem]:
    """Why these destinations cannot go with this outcome; nothing where they can."""
    known = {one.value for one in Destination}
    names = set(chosen)
    if names - known:
        yield Problem(Message("Choose from the listed options only."), "destinations")
    ticked = {Destination(name) for name in names & known}
    if ticked and outcome != PASS:
        yield Problem(
            Message("Options go with “Pass” only: take them off, or pass the information."), "destinations"
        )
    if Destination.INTERNAL in ticked and ticked & EXCLUDED_BY_INTERNAL:
        yield Problem(
            Message(
                "“{internal}” excludes “{magazine}” and “{exchange}”: choose one or the other.",
                internal=LABELS[Destination.INTERNAL],
                magazine=LABELS[Destination.MAGAZINE],
                exchange=LABELS[Destination.EXCHANGE],
            ),
            "destinations",
        )
