"""What a condition may come to where some answers are not known: true, not true, or either."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from itertools import product
from typing import Final, Literal

from app.kernel.expressions import Expression, Given, Kind
from app.kernel.expressions.tree import Binary, Name, Node, Unary, walk
from app.questionnaires.conditions import parsed


class Open(Enum):
    """The one value that stands for "any answer, or none"."""

    OPEN = "open"


OPEN: Final = Open.OPEN
Known = Given | Literal[Open.OPEN]
Truth = bool | None
"""True, false, or None for missing."""

_ANY: frozenset[Truth] = frozenset({True, False, None})


def outcomes_of(show_if: str, names: Callable[[str], Known]) -> frozenset[bool]:
    """Whether a condition may hold, may fail, or both, for what ``names`` tells of each name.

    Never too little: where two parts hang together by an answer that is not known, both are taken to
    be free. What is false for certain stays so.
    """
    if not show_if.strip():
        return frozenset({True})
    expression = parsed(show_if)
    if expression is None:
        return frozenset({False})
    given = {name: names(name) for name in expression.names}
    known = {name: value for name, value in given.items() if value is not OPEN}
    if len(known) == len(given):
        return frozenset({expression.evaluate(known) is True})
    return frozenset(truth is True for truth in _truths(expression.root, given))


def _truths(node: Node, names: Mapping[str, Known]) -> frozenset[Truth]:
    used = frozenset(part.name for part, _ in walk(node) if isinstance(part, Name))
    if not any(names[name] is OPEN for name in used):
        known = {name: value for name in used if (value := names[name]) is not OPEN}
        truth = Expression(node, Kind.ANY, used).evaluate(known)
        return frozenset({truth if isinstance(truth, bool) else None})
    match node:
        case Unary(operator="not"):
            return frozenset(None if truth is None else not truth for truth in _truths(node.operand, names))
        case Binary(operator="and" | "or" as operator):
            deciding = operator == "or"
            pairs = product(_truths(node.left, names), _truths(node.right, names))
            return frozenset(_joined(deciding, *pair) for pair in pairs)
        case _:
            return _ANY


def _joined(deciding: bool, one: Truth, other: Truth) -> Truth:  # noqa: FBT001 - which of the two operators
    """``or`` is decided by one true part, ``and`` by one false part, whatever is missing beside it."""
    if deciding in (one, other):
        return deciding
    return None if None in (one, other) else not deciding
