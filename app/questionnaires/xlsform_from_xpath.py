"""Conditions of XLSForm in the expression language.

XPath knows no missing values: a comparison with a blank answer is false, and ``!=`` is true. A condition
"show if" is therefore turned so that it is true exactly where XPath's is, and a check so that it is false
exactly where XPath's is (a questionnaire shows what is true and refuses what is false).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import reduce
from itertools import islice

from app.kernel.expressions import ExpressionError, Kind, parse
from app.kernel.expressions.printing import text_of
from app.kernel.expressions.tree import Binary, Call, Compare, Name, Node, Number, Text, Truth, Unary
from app.kernel.texts import Message
from app.questionnaires.xlsform_known import Names
from app.questionnaires.xlsform_xpath import (
    FLIPPED,
    OPPOSITE,
    NotCarried,
    XBinary,
    XCall,
    XColumn,
    XCompare,
    XCurrent,
    XJunction,
    XNegative,
    XNode,
    XNumber,
    XReference,
    XText,
    walk_xpath,
)

MOST_PARTS = 300
"""Parts of a condition: an expression of 2,000 characters has fewer."""

_OPERATORS = {"=": "==", "div": "/"}
_TRUE_ON_BLANK = frozenset({"!="})
_FUNCTIONS = {"abs": "abs", "round": "round", "min": "min", "max": "max", "coalesce": "coalesce"}
_SAME = frozenset({"number", "string"})
"""Functions that only say as what an answer is taken."""
_CLOCK = frozenset({"today", "now"})


def show_if_of(condition: XNode, names: Names) -> str:
    """The expression that is true exactly where the condition is.

    :raises NotCarried: something in it has no counterpart.
    """
    return _written(_Turning(names).holds(_bounded(condition)))


def check_of(condition: XNode, names: Names) -> str:
    """The expression that is false exactly where the condition is, the judged answer being there.

    :raises NotCarried: as ``show_if_of``.
    """
    return _written(_Turning(names).refuses(_bounded(condition)))


def _bounded(condition: XNode) -> XNode:
    """The condition, unless it is longer than any expression may become."""
    if sum(1 for _node in islice(walk_xpath(condition), MOST_PARTS + 1)) > MOST_PARTS:
        raise NotCarried(Message("This condition is too long for one expression."))
    return condition


def _written(root: Node) -> str:
    text = text_of(root)
    try:
        parse(text)
    except ExpressionError as fault:
        raise NotCarried(fault.message) from None
    return text


@dataclass(frozen=True, slots=True)
class _Turning:
    names: Names

    def holds(self, node: XNode) -> Node:
        """True exactly where the condition is true."""
        match node:
            case XJunction(operator=operator, parts=parts):
                return _joined(operator, [self.holds(part) for part in parts])
            case XCall(function="not", arguments=(inner,)):
                return self.fails(inner)
            case XCall(function="true" | "false" as truth, arguments=()):
                return Truth(truth == "true")
            case XCall(function="selected", arguments=(chosen, option)):
                return self._selected(chosen, option)[0]
            case XCompare():
                return self._compared(node)[0]
            case _:
                raise _unknown(node)

    def fails(self, node: XNode) -> Node:
        """True exactly where the condition is false."""
        match node:
            case XJunction(operator=operator, parts=parts):
                return _joined("or" if operator == "and" else "and", [self.fails(part) for part in parts])
            case XCall(function="not", arguments=(inner,)):
                return self.holds(inner)
            case XCall(function="true" | "false" as truth, arguments=()):
                return Truth(truth == "false")
            case XCall(function="selected", arguments=(chosen, option)):
                return self._selected(chosen, option)[1]
            case XCompare():
                return self._compared(node)[1]
            case _:
                raise _unknown(node)

    def refuses(self, node: XNode) -> Node:
        """False exactly where the condition is false."""
        match node:
            case XJunction(operator=operator, parts=parts):
                return _joined(operator, [self.refuses(part) for part in parts])
            case XCall(function="not", arguments=(inner,)):
                return _not(self.holds(inner))
            case XCall(function="selected", arguments=(chosen, option)):
                return _guarded(self._selected(chosen, option)[0], self._asked(chosen))
            case XCompare(operator=operator):
                found = self._compared(node)[0]
                if operator in _TRUE_ON_BLANK or not isinstance(found, Compare):
                    return _not(self.fails(node))
                return _guarded(found, self._asked(node.left, node.right))
            case _:
                return self.holds(node)

    def _selected(self, chosen: XNode, option: XNode) -> tuple[Node, Node]:
        """``selected(…)`` and its opposite."""
        if not isinstance(chosen, XReference | XCurrent) or not isinstance(option, XText | XNumber):
            raise _unknown(XCall("selected", ()))
        named = self.names.of(chosen)
        written = option.value if isinstance(option, XText) else format(option.value, "f")
        wanted = Text(_printable(named.options.get(written, written)))
        name = Name(named.name)
        if named.kind is Kind.LIST:
            holds: Node = Binary("in", wanted, name)
            return holds, self._unless_blank(self._asked(chosen), _not(holds))
        return self._compared(XCompare("=", chosen, XText(written)))

    def _compared(self, node: XCompare) -> tuple[Node, Node]:
        """A comparison and its opposite, each true exactly where XPath says so."""
        operator, left, right = node.operator, node.left, node.right
        if _is_constant(left) and not _is_constant(right):
            operator, left, right = FLIPPED[operator], right, left
        left, right = self._coded(left, right), self._coded(right, left)
        constant = _settled(operator, left, right)
        if constant is not None:
            return Truth(constant), Truth(not constant)
        blank = self._blank(operator, left, right)
        if blank is not None:
            return blank
        first, second = self._sides(operator, left, right)
        holds = Compare(first, ((_OPERATORS.get(operator, operator), second),))
        opposite = OPPOSITE[operator]
        fails = Compare(first, ((_OPERATORS.get(opposite, opposite), second),))
        named = self._asked(left, right)
        if operator in _TRUE_ON_BLANK:
            return self._unless_blank(named, holds), fails
        return holds, self._unless_blank(named, fails)

    def _coded(self, node: XNode, beside: XNode) -> XNode:
        """What a form calls an option, as the option's code."""
        if not isinstance(node, XText | XNumber) or not isinstance(beside, XReference | XCurrent):
            return node
        written = node.value if isinstance(node, XText) else format(node.value, "f")
        code = self.names.of(beside).options.get(written)
        return node if code is None else XText(code)

    def _blank(self, operator: str, left: XNode, right: XNode) -> tuple[Node, Node] | None:
        """A comparison that only asks whether there is an answer, and its opposite."""
        asked = _asked_for(operator, left, right)
        if asked is None:
            return None
        subject, wants_answer = asked
        name = Name(self.names.of(subject).name)
        present, blank = Call("present", (name,)), Call("blank", (name,))
        return (present, blank) if wants_answer else (blank, present)

    def _sides(self, operator: str, left: XNode, right: XNode) -> tuple[Node, Node]:
        named = {self._kind(side) for side in (left, right) if not _is_constant(side)}
        if Kind.LIST in named:
            raise NotCarried(Message("Several choices are compared as one text; use selected(…) instead."))
        if len(named) > 1:
            raise NotCarried(Message("A text is compared with a number; the two are never equal here."))
        if operator not in ("=", "!=") and (self._is_day(left) or self._is_day(right)):
            return self._day(left), self._day(right)
        as_text = Kind.TEXT in named
        if as_text and operator not in ("=", "!="):
            raise NotCarried(Message("Texts, dates and codes cannot be ordered here; compare them with =."))
        return self._value(left, as_text=as_text), self._value(right, as_text=as_text)

    def _is_day(self, node: XNode) -> bool:
        match node:
            case XReference() | XCurrent():
                return self.names.of(node).is_day
            case XCall(function="date"):
                return True
            case _:
                return False

    def _day(self, node: XNode) -> Node:
        match node:
            case XCall(function="date", arguments=(inner,)):
                return self._day(inner)
            case XText(value=value):
                return Call("day", (Text(_printable(value)),))
            case XReference() | XCurrent():
                return Call("day", (Name(self.names.of(node).name),))
            case _:
                raise _unknown(node)

    def _counted(self, function: str, node: XReference | XCurrent) -> Node:
        """How many choices or characters an answer has; none where it is blank, as XPath counts."""
        named = self.names.of(node)
        wanted = Kind.LIST if function == "count" else Kind.TEXT
        if named.kind is not wanted:
            raise NotCarried(Message("What is counted here is not of a kind that can be counted."))
        counted = Call(function, (Name(named.name),))
        return counted if named == self.names.current else Call("coalesce", (counted, Number(Decimal(0))))

    def _kind(self, node: XNode) -> Kind:
        match node:
            case XReference() | XCurrent():
                return self.names.of(node).kind
            case XText():
                return Kind.TEXT
            case XCall(function="string" | "coalesce", arguments=(first, *_)):
                return self._kind(first)
            case XCall(function="number", arguments=(XReference() | XCurrent() as only,)):
                return self._kind(only)
            case XCall(function="date"):
                return Kind.TEXT
            case _:
                return Kind.NUMBER

    def _value(self, node: XNode, *, as_text: bool) -> Node:
        match node:
            case XText(value=value):
                return Text(_printable(value)) if as_text else _number(value)
            case XNumber(value=number):
                return Text(format(number, "f")) if as_text else Number(number)
            case XReference() | XCurrent():
                return Name(self.names.of(node).name)
            case XNegative(operand=operand):
                return Unary("-", self._value(operand, as_text=False))
            case XBinary(operator="+" | "-" | "*" | "div" as operator, left=left, right=right):
                first, second = self._value(left, as_text=False), self._value(right, as_text=False)
                return Binary(_OPERATORS.get(operator, operator), first, second)
            case XCall():
                return self._computed(node, as_text=as_text)
            case _:
                raise _unknown(node)

    def _computed(self, node: XCall, *, as_text: bool) -> Node:
        match node:
            case XCall(function="count-selected", arguments=(XReference() | XCurrent() as counted,)):
                return self._counted("count", counted)
            case XCall(function="string-length", arguments=(XReference() | XCurrent() as counted,)):
                return self._counted("length", counted)
            case XCall(function="number", arguments=(XCall(function="date") as only,)):
                return self._day(only)
            case XCall(function="date", arguments=(XText(value=value),)):
                return Text(_printable(value))
            case XCall(function=function, arguments=(only,)) if function in _SAME:
                return self._value(only, as_text=as_text)
            case XCall(function=function, arguments=arguments) if function in _FUNCTIONS and arguments:
                values = tuple(self._value(one, as_text=as_text) for one in arguments)
                return Call(_FUNCTIONS[function], values)
            case _:
                raise _unknown(node)

    def _asked(self, *nodes: XNode) -> list[Node]:
        """The answers that a comparison needs, the judged one apart: it is there."""
        found: list[Node] = []
        for node in nodes:
            for one in _needed(node):
                value = self._value(one, as_text=False)
                is_judged = self.names.current is not None and value == Name(self.names.current.name)
                if not is_judged and value not in found:
                    found.append(value)
        return found

    def _unless_blank(self, named: list[Node], node: Node) -> Node:
        return _joined("or", [*(Call("blank", (one,)) for one in named), node])


def _guarded(node: Node, named: list[Node]) -> Node:
    return _joined("and", [*(Call("present", (one,)) for one in named), node])


def _joined(operator: str, parts: list[Node]) -> Node:
    neutral = operator == "and"
    kept = [one for part in parts for one in _spread(operator, part) if one != Truth(neutral)]
    if Truth(not neutral) in kept:
        return Truth(not neutral)
    if not kept:
        return Truth(neutral)
    return reduce(lambda left, right: Binary(operator, left, right), kept)


def _spread(operator: str, node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.operator == operator:
        return [*_spread(operator, node.left), *_spread(operator, node.right)]
    return [node]


def _not(node: Node) -> Node:
    match node:
        case Truth(value=value):
            return Truth(not value)
        case Unary(operator="not", operand=inner):
            return inner
        case Call(function="blank", arguments=arguments):
            return Call("present", arguments)
        case Call(function="present", arguments=arguments):
            return Call("blank", arguments)
        case Compare(first=first, links=((operator, second),)):
            return Compare(first, ((_NEGATED[operator], second),))
        case _:
            return Unary("not", node)


_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _needed(node: XNode) -> list[XNode]:
    """What has to be there for a value: the answers named in it; of coalesce(…) any."""
    match node:
        case XReference() | XCurrent() | XCall(function="coalesce"):
            return [node]
        case XCall(function="count-selected" | "string-length"):
            return []
        case XNegative(operand=operand):
            return _needed(operand)
        case XBinary(left=left, right=right):
            return [*_needed(left), *_needed(right)]
        case XCall(arguments=arguments):
            return [found for one in arguments for found in _needed(one)]
        case _:
            return []


def _is_constant(node: XNode) -> bool:
    return isinstance(node, XText | XNumber) or (
        isinstance(node, XNegative) and isinstance(node.operand, XNumber)
    )


def _settled(operator: str, left: XNode, right: XNode) -> bool | None:
    """What a comparison of two constants gives; None where it is none of two texts or numbers."""
    if not isinstance(left, XText | XNumber) or not isinstance(right, XText | XNumber):
        return None
    if operator not in ("=", "!="):
        return None
    first, second = (
        format(one.value, "f") if isinstance(one, XNumber) else one.value for one in (left, right)
    )
    return (first == second) is (operator == "=")


def _asked_for(operator: str, left: XNode, right: XNode) -> tuple[XReference | XCurrent, bool] | None:
    """What is asked whether it is there, and whether it has to be; None for another comparison."""
    if isinstance(left, XReference | XCurrent) and right == XText("") and operator in ("=", "!="):
        return left, operator == "!="
    if (
        isinstance(left, XCall)
        and left.function in ("string-length", "count-selected")
        and len(left.arguments) == 1
        and isinstance(right, XNumber)
    ):
        (subject,) = left.arguments
        wanted = _COUNTS.get((operator, right.value))
        if isinstance(subject, XReference | XCurrent) and wanted is not None:
            return subject, wanted
    return None


_COUNTS = {
    (">", Decimal(0)): True,
    ("!=", Decimal(0)): True,
    (">=", Decimal(1)): True,
    ("=", Decimal(0)): False,
    ("<", Decimal(1)): False,
    ("<=", Decimal(0)): False,
}


def _number(text: str) -> Node:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise NotCarried(Message("A number is compared with the text “{text}”.", text=text))
    return Unary("-", Number(-value)) if value.is_signed() else Number(value)


def _printable(text: str) -> str:
    if "\n" in text or "\r" in text:
        raise NotCarried(Message("A text of several lines cannot stand in a condition."))
    return text


def _unknown(node: XNode) -> NotCarried:
    match node:
        case XCall(function=function) if function in _CLOCK:
            return NotCarried(Message("Conditions on today's date cannot be carried."))
        case XCall(function="regex"):
            return NotCarried(Message("Regular expressions cannot be carried; choose a known shape instead."))
        case XCall(function=function):
            return NotCarried(Message("The function “{name}” cannot be carried here.", name=function))
        case XColumn(name=name):
            return NotCarried(
                Message("“{name}” is neither a question nor a column of the choices.", name=name)
            )
        case XBinary(operator="mod"):
            return NotCarried(Message("Remainders (mod) cannot be carried."))
        case _:
            return NotCarried(Message("This part of the condition cannot be carried."))
