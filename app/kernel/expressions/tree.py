"""The typed tree of an expression: what the parser builds and everything else walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from app.kernel.texts import Message


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the text something stands; line and column count from 1."""

    line: int = 1
    column: int = 1


class ExpressionError(ValueError):
    """A text that is no expression; ``message`` says what to do, ``line`` and ``column`` where."""

    def __init__(self, message: Message, at: Position) -> None:
        super().__init__(f"line {at.line}, column {at.column}: {message}")
        self.message = message
        self.line = at.line
        self.column = at.column


class Kind(StrEnum):
    """What a part of an expression gives."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"
    LIST = "list"
    ANY = "any"  # a name or a function whose kind is known only when it is evaluated


@dataclass(frozen=True, slots=True)
class Number:
    """A number without sign, as written."""

    value: Decimal
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text between double quotes."""

    value: str
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name to be looked up, such as ``revenue.ytd`` or ``cell``."""

    name: str
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list between square brackets."""

    items: tuple[Node, ...]
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``not`` or a minus sign before an operand."""

    operator: str
    operand: Node
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """``and or in + - * /`` between two operands."""

    operator: str
    left: Node
    right: Node
    at: Position = field(default=Position(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain of comparisons, each of which must hold: ``0 <= cell <= 100``."""

    first: Node
    links: tuple[tuple[str, Node], ...]
    at: Position = field(default=Position(), compare=False, repr=False)

    @property
    def pairs(self) -> tuple[tuple[str, Node, Node], ...]:
        """Operator, left and right of each comparison in the chain."""
        lefts = (self.first, *(operand for _, operand in self.links))
        return tuple(
            (operator, left, right) for left, (operator, right) in zip(lefts, self.links, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]
    at: Position = field(default=Position(), compare=False, repr=False)


Node = Number | Text | Truth | Name | Items | Unary | Binary | Compare | Call


def children(node: Node) -> tuple[Node, ...]:
    """The operands directly under a node."""
    match node:
        case Items(items=parts) | Call(arguments=parts):
            return parts
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Compare(first=first, links=links):
            return (first, *(operand for _, operand in links))
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, the root being 1; not recursive, so that any depth can be measured."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in reversed(children(node)))
