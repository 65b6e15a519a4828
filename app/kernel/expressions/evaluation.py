"""The value of a tree for given names: exact numbers, and missing values that silence what needs them.

Nothing is rounded before the end: ``1 / 3 * 3 == 1`` holds, and server and page cannot differ in a
last digit. Numbers are decimals as long as those are exact, and fractions from the first division
on: a decimal costs a tenth of a fraction, and a rule is asked at seventy cells of each of thousands
of reports. A value of a kind that an operator does not take counts as missing. The rules are
repeated in ``static/js/expressions.js``; one table of cases holds the two together.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from enum import Enum
from fractions import Fraction
from functools import reduce
from typing import Any, Final, Literal

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

_Single = bool | Decimal | Fraction | str | Literal[Missing.MISSING]
_Inner = _Single | tuple[_Single, ...]
_Truth = bool | Literal[Missing.MISSING]
_Ratio = Decimal | Fraction | Literal[Missing.MISSING]
Run = Callable[[Mapping[str, Given]], _Inner]
"""A tree as a function of the values of its names."""

_EXACT = Context(prec=100, traps=[Inexact])
"""Arithmetic on decimals that refuses to round: what it refuses is done on fractions."""

PLACES = 20
"""Decimals of a result that no decimal number can hold, such as 1 / 3."""

MOST_PLACES = 20
"""Decimals that ``round`` can be asked for, on either side of the point."""


def value_of(run: Run, names: Mapping[str, Given]) -> Value:
    """The value of a compiled tree. A name that is absent, None, an empty text or an empty list is missing.

    :raises TypeError: a given value is a float or another thing that is not exact.
    """
    value = run(names)
    if isinstance(value, Decimal | Fraction):
        return decimal_of(Fraction(value))
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


def compiled(node: Node) -> Run:
    """The tree as a function: which node it is, is asked once and not at each evaluation."""
    match node:
        case Number(value=value):
            return lambda names: value
        case Text(value=text) | Truth(value=text):
            return lambda names: text
        case Name(name=name):
            return lambda names: _given(names.get(name))
        case Items(items=items):
            members = [compiled(item) for item in items]
            return lambda names: tuple(_single(member(names)) for member in members)
        case Unary(operator=operator, operand=operand):
            change, of = _UNARY[operator], compiled(operand)
            return lambda names: change(of(names))
        case Binary(operator=operator, left=left, right=right):
            return _joined(_BINARY[operator], compiled(left), compiled(right))
        case Compare():
            return _chain(node)
        case Call(function=function, arguments=arguments):
            compute, given = _FUNCTIONS[function], [compiled(argument) for argument in arguments]
            return lambda names: compute([argument(names) for argument in given])


def _joined(join: Callable[[_Inner, _Inner], _Inner], left: Run, right: Run) -> Run:
    return lambda names: join(left(names), right(names))


def _chain(node: Compare) -> Run:
    links = [
        _joined(_COMPARISONS[operator], compiled(left), compiled(right))
        for operator, left, right in node.pairs
    ]
    if len(links) == 1:
        return links[0]
    return lambda names: _all([_truth(link(names)) for link in links])


def _given(value: Given) -> _Inner:
    if type(value) is Decimal and value.is_finite():
        return value  # nearly all that a rule is asked of
    if type(value) is tuple and value and all(type(item) is str and item for item in value):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(_given_single(item) for item in value) or MISSING
    return _given_single(value)


def _given_single(value: object) -> _Single:
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal | int):
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError(f"{value} is no value for an expression")
        return number
    raise TypeError(f"a {type(value).__name__} is no value for an expression")


def _single(value: _Inner) -> _Single:
    return MISSING if isinstance(value, tuple) else value


def _truth(value: _Inner) -> _Truth:
    return value if isinstance(value, bool) else MISSING


def _fraction(value: _Inner) -> Fraction | Literal[Missing.MISSING]:
    return Fraction(value) if isinstance(value, Decimal | Fraction) else MISSING


def _not(operand: _Inner) -> _Truth:
    truth = _truth(operand)
    return MISSING if truth is MISSING else not truth


def _negate(operand: _Inner) -> _Inner:
    return _minus(_ZERO, operand)


def _all(truths: Iterable[_Truth]) -> _Truth:
    """False as soon as one is false, even where another is missing: no value could mend that."""
    found = set(truths)
    return False if False in found else MISSING if MISSING in found else True


def _any(truths: Iterable[_Truth]) -> _Truth:
    found = set(truths)
    return True if True in found else MISSING if MISSING in found else False


def _arithmetic(
    quick: Callable[[Decimal, Decimal], Decimal], compute: Callable[[Fraction, Fraction], Fraction]
) -> Callable[[_Inner, _Inner], _Inner]:
    def operator(left: _Inner, right: _Inner) -> _Inner:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            try:
                return quick(left, right)
            except Inexact:
                pass  # too long for the context: a fraction has room for any
        first, second = _fraction(left), _fraction(right)
        return MISSING if first is MISSING or second is MISSING else compute(first, second)

    return operator


def _divided(left: _Inner, right: _Inner) -> _Ratio:
    first, second = _fraction(left), _fraction(right)
    return MISSING if first is MISSING or second is MISSING or second == 0 else first / second


def _order(compare: Callable[[Any, Any], bool]) -> Callable[[_Inner, _Inner], _Truth]:
    def operator(left: _Inner, right: _Inner) -> _Truth:
        if isinstance(left, Decimal) and isinstance(right, Decimal):
            return compare(left, right)
        first, second = _fraction(left), _fraction(right)
        return MISSING if first is MISSING or second is MISSING else compare(first, second)

    return operator


def _equal(left: _Inner, right: _Inner) -> _Truth:
    first, second = _fraction(left), _fraction(right)
    if first is not MISSING and second is not MISSING:
        return first == second
    if isinstance(left, tuple) or left is MISSING or type(left) is not type(right):
        return MISSING
    return left == right


def _in(item: _Inner, items: _Inner) -> _Truth:
    if _single(item) is MISSING or not isinstance(items, tuple):
        return MISSING
    if type(item) is str and all(type(member) is str for member in items):
        return item in items  # options chosen: what the checker of questionnaires asks most
    return _any(_equal(item, member) for member in items)


def _numbers(arguments: Iterable[_Inner]) -> list[Decimal | Fraction] | None:
    """The numbers of arguments and of lists among them; None where one is missing."""
    spread: list[_Inner] = []
    for argument in arguments:
        spread.extend(argument) if isinstance(argument, tuple) else spread.append(argument)
    numbers = [value for value in spread if isinstance(value, Decimal | Fraction)]
    return numbers if len(numbers) == len(spread) else None


def _over_numbers(compute: Callable[[list[Any]], _Inner]) -> Callable[[list[_Inner]], _Inner]:
    """A function of numbers that are all of one class; decimals as long as they are exact."""

    def function(arguments: list[_Inner]) -> _Inner:
        numbers = _numbers(arguments)
        if numbers is None:
            return MISSING
        if all(isinstance(number, Decimal) for number in numbers):
            try:
                return compute(numbers)
            except Inexact:
                pass
        return compute([Fraction(number) for number in numbers])

    return function


def _of_singles(compute: Callable[[list[Any]], _Inner]) -> Callable[[list[_Inner]], _Inner]:
    over = _over_numbers(compute)
    return lambda arguments: (
        MISSING if any(isinstance(item, tuple) for item in arguments) else over(arguments)
    )


def _round(numbers: list[Any]) -> _Inner:
    value, places = (Fraction(number) for number in (*numbers, 0)[:2])
    if places.denominator != 1 or abs(places) > MOST_PLACES:
        return MISSING
    return Fraction(_whole(value, int(places))) / Fraction(10) ** int(places)


def _near(numbers: list[Any]) -> bool:
    one, other, tolerance = numbers
    difference = _EXACT.subtract(one, other) if isinstance(one, Decimal) else one - other
    return bool(_absolute(difference) <= tolerance)


def _absolute(number: Any) -> Any:
    return number.copy_abs() if isinstance(number, Decimal) else abs(number)


def _total(numbers: list[Any]) -> _Inner:
    if isinstance(numbers[0], Decimal):
        return reduce(_EXACT.add, numbers)
    return sum(numbers, Fraction(0))


def _coalesce(arguments: list[_Inner]) -> _Inner:
    return next((value for value in arguments if value is not MISSING), MISSING)


def _day(arguments: list[_Inner]) -> _Inner:
    """Days since 1970-01-01, as other survey tools count them; missing for what is no day of the calendar."""
    text = arguments[0]
    if not isinstance(text, str) or not _ISO_DAY.fullmatch(text):
        return MISSING
    try:
        return Decimal((dt.date.fromisoformat(text) - _FIRST_DAY).days)
    except ValueError:
        return MISSING


def _count(arguments: list[_Inner]) -> _Inner:
    items = arguments[0]
    return Decimal(sum(item is not MISSING for item in items)) if isinstance(items, tuple) else MISSING


def _length(arguments: list[_Inner]) -> _Inner:
    text = arguments[0]
    return Decimal(len(text)) if isinstance(text, str) else MISSING


_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST_DAY = dt.date(1970, 1, 1)
_ZERO = Decimal(0)
_minus = _arithmetic(_EXACT.subtract, lambda left, right: left - right)
_UNARY: dict[str, Callable[[_Inner], _Inner]] = {"not": _not, "-": _negate}
_BINARY: dict[str, Callable[[_Inner, _Inner], _Inner]] = {
    "and": lambda left, right: _all((_truth(left), _truth(right))),
    "or": lambda left, right: _any((_truth(left), _truth(right))),
    "in": _in,
    "+": _arithmetic(_EXACT.add, lambda left, right: left + right),
    "-": _minus,
    "*": _arithmetic(_EXACT.multiply, lambda left, right: left * right),
    "/": _divided,
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
    "abs": _of_singles(lambda numbers: _absolute(numbers[0])),
    "round": _of_singles(_round),
    "near": _of_singles(_near),
    "min": _over_numbers(lambda numbers: min(numbers, default=MISSING)),
    "max": _over_numbers(lambda numbers: max(numbers, default=MISSING)),
    "sum": _over_numbers(lambda numbers: _total(numbers) if numbers else _ZERO),
    "coalesce": _coalesce,
    "present": lambda arguments: arguments[0] is not MISSING,
    "blank": lambda arguments: arguments[0] is MISSING,
    "day": _day,
    "count": _count,
    "length": _length,
}
