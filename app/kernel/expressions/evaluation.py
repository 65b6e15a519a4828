"""The value of a tree for given names: exact numbers, and missing values that silence what needs them.

Numbers are fractions inside, so nothing is rounded before the end: ``1 / 3 * 3 == 1`` holds, and
server and page cannot differ in a last digit. A value of a kind that an operator does not take
counts as missing. The rules are repeated in ``static/js/expressions.js``; one table of cases holds
the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final, Literal

from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary


class Missing(Enum):
    """The one value that stands for "cannot be told": neither true nor false."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        raise TypeError("a missing value is neither true nor false: ask `is MISSING`")

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING

Scalar = Decimal | int | str | bool | None
Given = Scalar | Sequence[Scalar]
Value = bool | Decimal | str | Literal[Missing.MISSING]

_Single = bool | Fraction | str | Literal[Missing.MISSING]
_Inner = _Single | tuple[_Single, ...]
_Truth = bool | Literal[Missing.MISSING]
_Ratio = Fraction | Literal[Missing.MISSING]

PLACES = 20
"""Decimals of a result that no decimal number can hold, such as 1 / 3."""

MOST_PLACES = 20
"""Decimals that ``round`` can be asked for, on either side of the point."""


def value_of(root: Node, names: Mapping[str, Given]) -> Value:
    """The value of a tree. A name that is absent, None, an empty text or an empty list is missing.

    :raises TypeError: a given value is a float or another thing that is not exact.
    """
    value = _eval(root, names)
    if isinstance(value, Fraction):
        return decimal_of(value)
    return MISSING if isinstance(value, tuple) else value


def decimal_of(value: Fraction) -> Decimal:
    """The fraction as a decimal number: exact where there is one, else rounded half up to 20 decimals."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives) if rest == 1 else PLACES
    return Decimal(f"{_whole(value, places)}E-{places}")


def _whole(value: Fraction, places: int) -> int:
    """``value * 10**places`` rounded half up, away from zero."""
    scaled = abs(value) * Fraction(10) ** places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -whole if value < 0 else whole


def _eval(node: Node, names: Mapping[str, Given]) -> _Inner:
    match node:
        case Number(value=value):
            return Fraction(value)
        case Text(value=value) | Truth(value=value):
            return value
        case Name(name=name):
            return _given(names.get(name))
        case Items(items=items):
            return tuple(_single(_eval(item, names)) for item in items)
        case Unary(operator=operator, operand=operand):
            return _UNARY[operator](_eval(operand, names))
        case Binary(operator=operator, left=left, right=right):
            return _BINARY[operator](_eval(left, names), _eval(right, names))
        case Compare():
            return _all(
                _COMPARISONS[operator](_eval(left, names), _eval(right, names))
                for operator, left, right in node.pairs
            )
        case Call(function=function, arguments=arguments):
            return _FUNCTIONS[function]([_eval(argument, names) for argument in arguments])


def _given(value: Given) -> _Inner:
    if isinstance(value, (list, tuple)):
        return tuple(_given_single(item) for item in value) or MISSING
    return _given_single(value)


def _given_single(value: object) -> _Single:
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal | int):
        return Fraction(value)
    raise TypeError(f"a {type(value).__name__} is no value for an expression")


def _single(value: _Inner) -> _Single:
    return MISSING if isinstance(value, tuple) else value


def _truth(value: _Inner) -> _Truth:
    return value if isinstance(value, bool) else MISSING


def _number(value: _Inner) -> _Ratio:
    return value if isinstance(value, Fraction) else MISSING


def _not(operand: _Inner) -> _Truth:
    truth = _truth(operand)
    return MISSING if truth is MISSING else not truth


def _negate(operand: _Inner) -> _Ratio:
    number = _number(operand)
    return MISSING if number is MISSING else -number


def _all(truths: Iterable[_Truth]) -> _Truth:
    """False as soon as one is false, even where another is missing: no value could mend that."""
    found = set(truths)
    return False if False in found else MISSING if MISSING in found else True


def _any(truths: Iterable[_Truth]) -> _Truth:
    found = set(truths)
    return True if True in found else MISSING if MISSING in found else False


def _arithmetic(compute: Callable[[Fraction, Fraction], _Ratio]) -> Callable[[_Inner, _Inner], _Inner]:
    def operator(left: _Inner, right: _Inner) -> _Inner:
        first, second = _number(left), _number(right)
        return MISSING if first is MISSING or second is MISSING else compute(first, second)

    return operator


def _order(compare: Callable[[Fraction, Fraction], bool]) -> Callable[[_Inner, _Inner], _Truth]:
    def operator(left: _Inner, right: _Inner) -> _Truth:
        first, second = _number(left), _number(right)
        return MISSING if first is MISSING or second is MISSING else compare(first, second)

    return operator


def _equal(left: _Inner, right: _Inner) -> _Truth:
    if isinstance(left, tuple) or left is MISSING or type(left) is not type(right):
        return MISSING
    return left == right


def _in(item: _Inner, items: _Inner) -> _Truth:
    if _single(item) is MISSING or not isinstance(items, tuple):
        return MISSING
    return _any(_equal(item, member) for member in items)


def _numbers(arguments: Iterable[_Inner]) -> list[Fraction] | None:
    """The numbers of arguments and of lists among them; None where one is missing."""
    spread: list[_Inner] = []
    for argument in arguments:
        spread.extend(argument) if isinstance(argument, tuple) else spread.append(argument)
    numbers = [value for value in spread if isinstance(value, Fraction)]
    return numbers if len(numbers) == len(spread) else None


def _over_numbers(compute: Callable[[list[Fraction]], _Inner]) -> Callable[[list[_Inner]], _Inner]:
    def function(arguments: list[_Inner]) -> _Inner:
        numbers = _numbers(arguments)
        return MISSING if numbers is None else compute(numbers)

    return function


def _of_singles(compute: Callable[[list[Fraction]], _Inner]) -> Callable[[list[_Inner]], _Inner]:
    over = _over_numbers(compute)
    return lambda arguments: (
        MISSING if any(isinstance(item, tuple) for item in arguments) else over(arguments)
    )


def _round(numbers: list[Fraction]) -> _Inner:
    value, places = (*numbers, Fraction(0))[:2]
    if places.denominator != 1 or abs(places) > MOST_PLACES:
        return MISSING
    return Fraction(_whole(value, int(places))) / Fraction(10) ** int(places)


def _coalesce(arguments: list[_Inner]) -> _Inner:
    return next((value for value in arguments if value is not MISSING), MISSING)


_UNARY: dict[str, Callable[[_Inner], _Inner]] = {"not": _not, "-": _negate}
_BINARY: dict[str, Callable[[_Inner, _Inner], _Inner]] = {
    "and": lambda left, right: _all((_truth(left), _truth(right))),
    "or": lambda left, right: _any((_truth(left), _truth(right))),
    "in": _in,
    "+": _arithmetic(lambda left, right: left + right),
    "-": _arithmetic(lambda left, right: left - right),
    "*": _arithmetic(lambda left, right: left * right),
    "/": _arithmetic(lambda left, right: left / right if right else MISSING),
}
_COMPARISONS: dict[str, Callable[[_Inner, _Inner], _Truth]] = {
    "==": _equal,
    "!=": lambda left, right: _truth(_not(_equal(left, right))),
    "<": _order(lambda left, right: left < right),
    "<=": _order(lambda left, right: left <= right),
    ">": _order(lambda left, right: left > right),
    ">=": _order(lambda left, right: left >= right),
}
_FUNCTIONS: dict[str, Callable[[list[_Inner]], _Inner]] = {
    "abs": _of_singles(lambda numbers: abs(numbers[0])),
    "round": _of_singles(_round),
    "near": _of_singles(lambda numbers: abs(numbers[0] - numbers[1]) <= numbers[2]),
    "min": _over_numbers(lambda numbers: min(numbers, default=MISSING)),
    "max": _over_numbers(lambda numbers: max(numbers, default=MISSING)),
    "sum": _over_numbers(lambda numbers: sum(numbers, Fraction(0))),
    "coalesce": _coalesce,
    "present": lambda arguments: arguments[0] is not MISSING,
    "blank": lambda arguments: arguments[0] is MISSING,
}
