"""What one method of one address does: said at the function, read by the document and by tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.infra.api.shapes import JsonSchema, Record, Shape
from app.kernel.texts import Message

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """What it is for, the body it takes, what it answers with 200, and how else it may refuse.

    Without ``answer`` the interface itself says what it gives. 400, 401, 403 and 429 may always come,
    404 wherever the address names a record.
    """

    summary: Message
    answer: Shape | None = None
    body: Record | None = None
    refusals: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Described:
    """An operation at its place, for whoever asks; ``arguments`` stand in its path."""

    path: str
    method: str
    name: str
    group: str
    operation: Operation
    answer: JsonSchema
    summary: str
    parameters: Sequence[JsonSchema] = ()
    arguments: Mapping[str, JsonSchema] = field(default_factory=dict)


def describes(
    summary: Message, answer: Shape | None = None, body: Record | None = None, refusals: Sequence[int] = ()
) -> Callable[[View], View]:
    """Say what the function of an interface does."""

    def wrap(function: View) -> View:
        function._operation = Operation(summary, answer, body, frozenset(refusals))  # type: ignore[attr-defined]
        return function

    return wrap
