"""The XPath of XLSForm that can be carried: from text to tree and back.

Paths, axes and node sets are no part of it: a form names questions as ``${name}``, the own answer as ``.``,
and columns of the sheet of choices by their bare name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache
from typing import cast

from lark import Lark, Token, Transformer
from lark.exceptions import LarkError

from app.kernel.texts import Message

LONGEST = 20_000
"""Characters of a condition; more than other programs stand."""
DEEPEST = 40
"""Levels of a tree, chains of "and" and "or" being one."""


class NotCarried(ValueError):
    """What has no counterpart on the other side; ``message`` says what, for the list of such things."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class XNumber:
    """A number without sign."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class XText:
    """A text between quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class XReference:
    """The answer to a question: ``${name}``."""

    name: str


@dataclass(frozen=True, slots=True)
class XCurrent:
    """The answer that is being judged: ``.``."""


@dataclass(frozen=True, slots=True)
class XColumn:
    """A column of the sheet of choices, in ``choice_filter``."""

    name: str


@dataclass(frozen=True, slots=True)
class XNegative:
    """A minus sign before an operand."""

    operand: XNode


@dataclass(frozen=True, slots=True)
class XBinary:
    """``+ - * div mod``."""

    operator: str
    left: XNode
    right: XNode


@dataclass(frozen=True, slots=True)
class XCompare:
    """``= != < <= > >=``."""

    operator: str
    left: XNode
    right: XNode


@dataclass(frozen=True, slots=True)
class XJunction:
    """``and`` or ``or`` between two or more parts."""

    operator: str
    parts: tuple[XNode, ...]


@dataclass(frozen=True, slots=True)
class XCall:
    """A function with its arguments."""

    function: str
    arguments: tuple[XNode, ...]


XNode = XNumber | XText | XReference | XCurrent | XColumn | XNegative | XBinary | XCompare | XJunction | XCall

X_TRUE = XCall("true", ())
X_FALSE = XCall("false", ())
EMPTY = XText("")
FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""A comparison as it reads with its sides exchanged."""
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""The comparison that holds where this one does not, both sides being there."""


class _Builder(Transformer[Token, XNode]):
    """A node for each rule of the grammar."""

    def number(self, parts: list[Token]) -> XNode:
        return XNumber(Decimal(parts[0]))

    def text(self, parts: list[Token]) -> XNode:
        return XText(str(parts[0])[1:-1])

    def reference(self, parts: list[Token]) -> XNode:
        return XReference(str(parts[0])[2:-1].strip())

    def current(self, parts: list[Token]) -> XNode:
        return XCurrent()

    def column(self, parts: list[Token]) -> XNode:
        return XColumn(str(parts[0]))

    def negative(self, parts: list[XNode]) -> XNode:
        return XNegative(parts[1])

    def binary(self, parts: list[XNode]) -> XNode:
        return XBinary(str(parts[1]), parts[0], parts[2])

    def compare(self, parts: list[XNode]) -> XNode:
        return XCompare(str(parts[1]), parts[0], parts[2])

    def junction(self, parts: list[XNode]) -> XNode:
        return joined(str(parts[1]), parts[::2])

    def call(self, parts: list[XNode | None]) -> XNode:
        return XCall(str(parts[0]), tuple(part for part in parts[1:] if part is not None))


def joined(operator: str, parts: list[XNode]) -> XNode:
    """Parts under one ``and`` or ``or``, those under the same one spread; constants are settled.

    No part is true under ``and``, false under ``or``.
    """
    neutral, settled = (X_TRUE, X_FALSE) if operator == "and" else (X_FALSE, X_TRUE)
    spread: list[XNode] = []
    for part in parts:
        inner = part.parts if isinstance(part, XJunction) and part.operator == operator else (part,)
        spread += [one for one in inner if one != neutral and one not in spread]
    if settled in spread:
        return settled
    if len(spread) < 2:
        return spread[0] if spread else neutral
    return XJunction(operator, tuple(spread))


def negated(node: XNode) -> XNode:
    """``not(…)`` around a condition, or what was inside of one."""
    match node:
        case XCall(function="not", arguments=(inner,)):
            return inner
        case XCall(function="true", arguments=()):
            return X_FALSE
        case XCall(function="false", arguments=()):
            return X_TRUE
        case _:
            return XCall("not", (node,))


@lru_cache(maxsize=1024)
def parse_xpath(text: str) -> XNode:
    """The tree of a condition.

    :raises NotCarried: too long, too deep, or not of the part of XPath that is understood here.
    """
    if len(text) > LONGEST:
        raise NotCarried(Message("This condition is longer than {count} characters.", count=LONGEST))
    try:
        root = cast(XNode, _lark().parse(text))
    except LarkError:
        raise NotCarried(
            Message("This condition is not understood: paths and other parts of XPath cannot be carried.")
        ) from None
    if any(depth > DEEPEST for _node, depth in walk_xpath(root)):
        raise NotCarried(Message("This condition is nested too deeply."))
    return root


@cache
def _lark() -> Lark:
    return Lark.open(
        "xlsform_xpath.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="basic",
        transformer=_Builder(visit_tokens=False),
    )


def operands(node: XNode) -> tuple[XNode, ...]:
    """What stands directly under a node."""
    match node:
        case XNegative(operand=operand):
            return (operand,)
        case XBinary(left=left, right=right) | XCompare(left=left, right=right):
            return (left, right)
        case XJunction(parts=parts) | XCall(arguments=parts):
            return parts
        case _:
            return ()


def walk_xpath(root: XNode) -> Iterator[tuple[XNode, int]]:
    """Every node with its depth, the root being 1; not recursive, so that any depth can be measured."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((one, depth + 1) for one in reversed(operands(node)))


def replaced(node: XNode, change: Callable[[XNode], XNode | None]) -> XNode:
    """The tree with those nodes exchanged for which ``change`` gives another one."""
    found = change(node)
    if found is not None:
        return found
    match node:
        case XNegative(operand=operand):
            return XNegative(replaced(operand, change))
        case XBinary(operator=operator, left=left, right=right):
            return XBinary(operator, replaced(left, change), replaced(right, change))
        case XCompare(operator=operator, left=left, right=right):
            return XCompare(operator, replaced(left, change), replaced(right, change))
        case XJunction(operator=operator, parts=parts):
            return joined(operator, [replaced(part, change) for part in parts])
        case XCall(function=function, arguments=arguments):
            return XCall(function, tuple(replaced(one, change) for one in arguments))
        case _:
            return node


_STRENGTH = {"or": 1, "and": 2, "=": 3, "!=": 3, "+": 5, "-": 5, "*": 6, "div": 6, "mod": 6}
_ATOM, _SIGN, _RELATION = 8, 7, 4


def xpath_text(node: XNode) -> str:
    """The condition as it is written into a sheet.

    :raises NotCarried: a text has both kinds of quotes, for which XPath has no way of writing.
    """
    match node:
        case XNumber(value=value):
            return format(value, "f")
        case XText(value=value):
            return _quoted(value)
        case XReference(name=name):
            return f"${{{name}}}"
        case XCurrent():
            return "."
        case XColumn(name=name):
            return name
        case XNegative(operand=operand):
            return f"-{_within(operand, _SIGN)}"
        case XCall(function=function, arguments=arguments):
            return f"{function}({', '.join(xpath_text(one) for one in arguments)})"
        case XJunction(operator=operator, parts=parts):
            return f" {operator} ".join(_within(part, _STRENGTH[operator] + 1) for part in parts)
        case (
            XBinary(operator=operator, left=left, right=right)
            | XCompare(operator=operator, left=left, right=right)
        ):
            own = _strength(node)
            first = own if isinstance(node, XBinary) else own + 1
            return f"{_within(left, first)} {operator} {_within(right, own + 1)}"


def _within(node: XNode, strength: int) -> str:
    text = xpath_text(node)
    return text if _strength(node) >= strength else f"({text})"


def _strength(node: XNode) -> int:
    match node:
        case XJunction(operator=operator) | XBinary(operator=operator):
            return _STRENGTH[operator]
        case XCompare(operator=operator):
            return _STRENGTH.get(operator, _RELATION)
        case XNegative():
            return _SIGN
        case _:
            return _ATOM


def _quoted(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    if '"' not in text:
        return f'"{text}"'
    raise NotCarried(Message("A text with both kinds of quotation marks cannot be written in XPath."))


def one_line(text: str) -> str:
    """A condition without the line breaks that spreadsheets put into cells."""
    return re.sub(r"\s+", " ", text).strip()
