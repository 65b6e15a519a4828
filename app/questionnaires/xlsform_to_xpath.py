"""Conditions of the expression language in the XPath of XLSForm.

An expression may be true, false or missing; XPath knows two values, and takes a blank answer for an empty
text or for no number. So there are two questions, each with its own condition: where is it true, and where
is it false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.expressions import ExpressionError, Kind, parse
from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary
from app.kernel.texts import Message
from app.questionnaires.xlsform_naming import FormNames, Referred
from app.questionnaires.xlsform_xpath import (
    EMPTY,
    OPPOSITE,
    X_FALSE,
    X_TRUE,
    NotCarried,
    XBinary,
    XCall,
    XCompare,
    XCurrent,
    XNegative,
    XNode,
    XNumber,
    XReference,
    XText,
    joined,
    negated,
)

_OPERATORS = {"==": "=", "/": "div"}
_COMPUTED = frozenset({"abs", "min", "max", "coalesce"})
_NEEDING = frozenset({"abs", "min", "max", "sum", "count", "length", "day"})
"""Functions that are missing where anything that they are given is."""
_COUNTING = {"count": "count-selected", "length": "string-length"}
ZERO = XNumber(Decimal(0))


def true_where(text: str, names: FormNames) -> XNode:
    """The condition that holds exactly where an expression is true.

    :raises NotCarried: it is no expression, or something in it has no counterpart.
    """
    return _Turning(names).true(_tree(text))


def not_false_where(text: str, names: FormNames) -> XNode:
    """The condition that holds exactly where an expression is true or missing.

    :raises NotCarried: as ``true_where``.
    """
    match _tree(text):
        case Unary(operator="not", operand=inner):
            return negated(_Turning(names).true(inner))
        case tree:
            return _opposite(_Turning(names).false(tree))


def _tree(text: str) -> Node:
    try:
        return parse(text).root
    except ExpressionError as fault:
        raise NotCarried(fault.message) from None


def _opposite(node: XNode) -> XNode:
    """The opposite of a condition, written without ``not`` where its parts are simple comparisons."""
    match node:
        case XCompare(operator=operator, left=left, right=right) if operator in ("=", "!="):
            return XCompare(OPPOSITE[operator], left, right)
        case XCompare(operator=operator, left=XCurrent() as left, right=XNumber() as right):
            return XCompare(OPPOSITE[operator], left, right)
        case _:
            return negated(node)


@dataclass(frozen=True, slots=True)
class _Turning:
    names: FormNames

    def true(self, node: Node) -> XNode:
        """Holds exactly where the expression is true."""
        match node:
            case Truth(value=value):
                return X_TRUE if value else X_FALSE
            case Unary(operator="not", operand=operand):
                return self.false(operand)
            case Binary(operator="and" | "or" as operator, left=left, right=right):
                return joined(operator, [self.true(left), self.true(right)])
            case Binary(operator="in", left=left, right=right):
                return self._member(left, right)
            case Compare():
                return joined("and", [self._compared(*pair) for pair in node.pairs])
            case Call(function="present" | "blank" as function, arguments=(asked,)):
                there = self.there(asked)
                return there if function == "present" else _opposite(there)
            case Call(function="near", arguments=(one, other, tolerance)):
                return self._near(one, other, tolerance)
            case _:
                raise _not_here()

    def false(self, node: Node) -> XNode:
        """Holds exactly where the expression is false."""
        match node:
            case Truth(value=value):
                return X_FALSE if value else X_TRUE
            case Unary(operator="not", operand=operand):
                return self.true(operand)
            case Binary(operator="and" | "or" as operator, left=left, right=right):
                other = "or" if operator == "and" else "and"
                return joined(other, [self.false(left), self.false(right)])
            case Binary(operator="in", left=left, right=right):
                return self._no_member(left, right)
            case Compare():
                pairs = [(_NEGATED[operator], one, other) for operator, one, other in node.pairs]
                return joined("or", [self._compared(*pair) for pair in pairs])
            case Call(function="present" | "blank", arguments=(asked,)):
                return self.true(Call("blank" if node.function == "present" else "present", (asked,)))
            case Call(function="near", arguments=(one, other, tolerance)):
                return self._near(one, other, tolerance, operator=">")
            case _:
                raise _not_here()

    def there(self, node: Node) -> XNode:
        """Holds exactly where a value is not missing."""
        match node:
            case Number() | Text():
                return X_TRUE if node != Text("") else X_FALSE
            case Name(name=name):
                is_judged = bool(self.names.current) and name == self.names.current
                return X_TRUE if is_judged else XCompare("!=", self._field(name), EMPTY)
            case Unary(operator="-", operand=operand):
                return self.there(operand)
            case Binary(operator="/", left=left, right=right):
                divides = XCompare("!=", self._value(right), ZERO)
                return joined("and", [self.there(left), self.there(right), divides])
            case Binary(operator="+" | "-" | "*", left=left, right=right):
                return joined("and", [self.there(left), self.there(right)])
            case Call(function="coalesce", arguments=arguments):
                return joined("or", [self.there(one) for one in arguments])
            case Call(function=function, arguments=arguments) if function in _NEEDING:
                return joined("and", [self.there(one) for one in arguments])
            case _:
                raise _not_here()

    def _member(self, left: Node, right: Node) -> XNode:
        if isinstance(right, Items):
            return joined("or", [self._compared("==", left, item) for item in right.items])
        return self._selected(left, right)

    def _no_member(self, left: Node, right: Node) -> XNode:
        if isinstance(right, Items):
            return joined("and", [self._compared("!=", left, item) for item in right.items])
        listed, chosen = self.there(right), self.there(left)
        return joined("and", [listed, chosen, negated(self._selected(left, right))])

    def _selected(self, option: Node, chosen: Node) -> XNode:
        if not isinstance(chosen, Name) or not isinstance(option, Text):
            raise _not_here()
        referred = self._referred(chosen.name)
        wanted = XText(referred.options.get(option.value, option.value))
        return XCall("selected", (self._field(chosen.name), wanted))

    def _compared(self, operator: str, left: Node, right: Node) -> XNode:
        """Holds where a comparison is true: never between a text and a number, nor of texts in order."""
        kinds = {self._kind(left), self._kind(right)}
        if Kind.LIST in kinds:
            raise _not_here()
        is_equality = operator in ("==", "!=")
        if Kind.TEXT in kinds and (len(kinds) > 1 or not is_equality):
            return X_FALSE
        first, second = self._value(self._coded(left, right)), self._value(self._coded(right, left))
        fields = isinstance(first, XReference | XCurrent) and isinstance(second, XReference | XCurrent)
        is_number = Kind.NUMBER in kinds
        if is_number and fields and is_equality:
            first, second = XCall("number", (first,)), XCall("number", (second,))
        guards = self._guards(operator, (left, right), is_number=is_number)
        return joined("and", [*guards, XCompare(_OPERATORS.get(operator, operator), first, second)])

    def _guards(self, operator: str, sides: Sequence[Node], *, is_number: bool) -> list[XNode]:
        """What must be there, where XPath would not see by itself that it is missing."""
        simple = all(isinstance(side, Name | Number | Text) for side in sides)
        if simple and operator != "!=":
            both_names = all(isinstance(side, Name) for side in sides)
            return [self.there(sides[0])] if both_names and not is_number else []
        if operator != "!=" and all(_is_plain(side) for side in sides):
            return []
        return [self.there(side) for side in sides]

    def _near(self, one: Node, other: Node, tolerance: Node, *, operator: str = "<=") -> XNode:
        guards = [self.there(value) for value in (one, other, tolerance) if not _is_plain(value)]
        apart = XCall("abs", (XBinary("-", self._value(one), self._value(other)),))
        return joined("and", [*guards, XCompare(operator, apart, self._value(tolerance))])

    def _coded(self, node: Node, beside: Node) -> Node:
        """An option's code as the form calls the option."""
        if isinstance(node, Text) and isinstance(beside, Name):
            return Text(self._referred(beside.name).options.get(node.value, node.value))
        return node

    def _value(self, node: Node) -> XNode:
        match node:
            case Number(value=value):
                return XNumber(value)
            case Text(value=value):
                return XText(value)
            case Name(name=name):
                return self._field(name)
            case Unary(operator="-", operand=operand):
                return XNegative(self._value(operand))
            case Binary(operator="+" | "-" | "*" | "/" as operator, left=left, right=right):
                return XBinary(_OPERATORS.get(operator, operator), self._value(left), self._value(right))
            case Call():
                return self._computed(node)
            case _:
                raise _not_here()

    def _computed(self, node: Call) -> XNode:
        match node:
            case Call(function="sum", arguments=(first, *others)):
                return self._sum(first, others)
            case Call(function="count" | "length" as function, arguments=(Name(name=name),)):
                return XCall(_COUNTING[function], (self._field(name),))
            case Call(function="day", arguments=(Name() | Text() as day,)):
                return XCall("number", (XCall("date", (self._value(day),)),))
            case Call(function=function, arguments=arguments) if function in _COMPUTED:
                if function == "coalesce" and len(arguments) != 2:
                    raise _not_here()
                return XCall(function, tuple(self._value(one) for one in arguments))
            case _:
                raise _not_here()

    def _sum(self, first: Node, others: Sequence[Node]) -> XNode:
        total = self._value(first)
        for other in others:
            total = XBinary("+", total, self._value(other))
        return total

    def _field(self, name: str) -> XReference | XCurrent:
        if name == self.names.current:
            return XCurrent()
        return XReference(self._referred(name).field)

    def _referred(self, name: str) -> Referred:
        found = self.names.known.get(name)
        if found is None:
            raise NotCarried(Message("“{name}” is the name of no question.", name=name))
        return found

    def _kind(self, node: Node) -> Kind:
        match node:
            case Name(name=name):
                return self._referred(name).kind
            case Text():
                return Kind.TEXT
            case Call(function="coalesce", arguments=(first, *_)):
                return self._kind(first)
            case _:
                return Kind.NUMBER


_NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def _is_plain(node: Node) -> bool:
    """Whether XPath gives no number for it where something in it is missing, as + - * do."""
    match node:
        case Name() | Number():
            return True
        case Unary(operator="-", operand=operand):
            return _is_plain(operand)
        case Binary(operator="+" | "-" | "*", left=left, right=right):
            return _is_plain(left) and _is_plain(right)
        case _:
            return False


def _not_here() -> NotCarried:
    return NotCarried(Message("This condition has no counterpart in XLSForm."))
