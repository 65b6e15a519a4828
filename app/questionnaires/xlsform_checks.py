"""Checks of answers as constraints of XLSForm, and constraints as checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.kernel.texts import Message
from app.questionnaires.checks import FITTING
from app.questionnaires.definition import Check, CheckKind, Pattern, QuestionKind, Wording
from app.questionnaires.xlsform_from_xpath import check_of
from app.questionnaires.xlsform_known import Names
from app.questionnaires.xlsform_naming import FormNames
from app.questionnaires.xlsform_to_xpath import not_false_where
from app.questionnaires.xlsform_xpath import (
    FLIPPED,
    NotCarried,
    XCall,
    XCompare,
    XCurrent,
    XJunction,
    XNegative,
    XNode,
    XNumber,
    XText,
    joined,
    negated,
)

SHAPES: Mapping[str, str] = {
    Pattern.MOBILE: r"^1[3-9][0-9]{9}$",
    Pattern.EMAIL: r"^[^@ ]+@[^@ ]+\.[^@ .]+$",
    Pattern.CREDIT_CODE: r"^[0-9A-HJ-NP-RTUW-Y]{18}$",
    Pattern.DATE: r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
"""The known shapes as other programs can check them; they look at the shape only, not at check characters."""

CURRENT = XCurrent()
_ONE = Decimal(1)
_MEASURES = {"string-length": CheckKind.LENGTH, "count-selected": CheckKind.CHOICES}
_FUNCTIONS = {kind: function for function, kind in _MEASURES.items()}


@dataclass(slots=True)
class ReadChecks:
    """What a constraint comes to; ``refused`` is why parts of it could not be carried."""

    checks: list[Check] = field(default_factory=list)
    exclusive: list[str] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)


def checks_from(
    condition: XNode, kind: QuestionKind, names: Names, message: Wording, *, whole: bool = False
) -> ReadChecks:
    """The checks that a constraint stands for; each of them has its message.

    :param whole: only whole numbers are answers, so that ``> 0`` is ``>= 1``.
    """
    found = ReadChecks()
    is_and = isinstance(condition, XJunction) and condition.operator == "and"
    for part in condition.parts if is_and else (condition,):  # type: ignore[union-attr]
        exclusive = _exclusive(part) if kind is QuestionKind.MULTIPLE else None
        if exclusive is not None:
            found.exclusive.append(exclusive)
            continue
        try:
            check = _bound(part, whole=whole) or _shape(part)
            if check is None or kind not in FITTING[check.kind]:
                check = Check(CheckKind.EXPRESSION, expression=check_of(part, names))
        except NotCarried as refusal:
            found.refused.append(refusal.message)
        else:
            _add(found.checks, replace(check, message=message))
    return found


def _add(checks: list[Check], check: Check) -> None:
    """Put a check beside the others; the two bounds of one thing are one check."""
    for place, other in enumerate(checks):
        if other.kind is check.kind and check.kind in (CheckKind.RANGE, *_FUNCTIONS):
            is_new = (check.least is None or other.least is None) and (
                check.most is None or other.most is None
            )
            if is_new:
                least = check.least if other.least is None else other.least
                most = check.most if other.most is None else other.most
                checks[place] = replace(other, least=least, most=most)
                return
    checks.append(check)


def _bound(node: XNode, *, whole: bool) -> Check | None:
    if not isinstance(node, XCompare) or node.operator == "!=":
        return None
    operator, left, right = node.operator, node.left, node.right
    limit = constant(right)
    if limit is None:
        operator, left, limit = FLIPPED[operator], right, constant(left)
    kind = _measured(left)
    if kind is None or limit is None or (operator == "=" and kind is CheckKind.RANGE):
        return None
    if operator in ("<", ">"):
        if kind is CheckKind.RANGE and not whole:
            return None
        if limit != limit.to_integral_value():
            return None
        limit += _ONE if operator == ">" else -_ONE
    least = limit if operator in (">", ">=", "=") else None
    return Check(kind, least, limit if operator in ("<", "<=", "=") else None)


def _measured(node: XNode) -> CheckKind | None:
    match node:
        case XCurrent():
            return CheckKind.RANGE
        case XCall(function=function, arguments=(XCurrent(),)):
            return _MEASURES.get(function)
        case _:
            return None


def constant(node: XNode) -> Decimal | None:
    """The number that a node is; None where it is none."""
    match node:
        case XNumber(value=value):
            return value
        case XNegative(operand=XNumber(value=value)):
            return -value
        case _:
            return None


def _shape(node: XNode) -> Check | None:
    match node:
        case XCall(function="regex", arguments=(XCurrent(), XText(value=shape))):
            pattern = next((name for name, known in SHAPES.items() if known == shape), None)
            return None if pattern is None else Check(CheckKind.PATTERN, pattern=str(pattern))
        case _:
            return None


def _exclusive(node: XNode) -> str | None:
    """The choice that must stand alone: ``not(selected(., 'x') and count-selected(.) > 1)``."""
    match node:
        case XCall(function="not", arguments=(XJunction(operator="and", parts=(first, second)),)):
            for chosen, several in ((first, second), (second, first)):
                if several in _SEVERAL and isinstance(chosen, XCall) and chosen.function == "selected":
                    match chosen.arguments:
                        case (XCurrent(), XText(value=code)):
                            return code
    return None


_COUNT = XCall("count-selected", (CURRENT,))
_SEVERAL = (XCompare(">", _COUNT, XNumber(_ONE)), XCompare(">=", _COUNT, XNumber(Decimal(2))))


def alone(choice: str) -> XNode:
    """That a choice is not chosen beside others."""
    return negated(joined("and", [XCall("selected", (CURRENT, XText(choice))), _SEVERAL[0]]))


def constraint_of(check: Check, names: FormNames, exclusive: Sequence[str] = ()) -> XNode | None:
    """The condition that an answer meets a check; None for whole numbers, which are a type of their own.

    :param exclusive: choices that are an answer however many are asked for.
    :raises NotCarried: it has no counterpart.
    """
    match check.kind:
        case CheckKind.INTEGER:
            return None
        case CheckKind.RANGE:
            return _between(CURRENT, check)
        case CheckKind.LENGTH | CheckKind.CHOICES:
            counted = _between(XCall(_FUNCTIONS[check.kind], (CURRENT,)), check)
            chosen: list[XNode] = [XCall("selected", (CURRENT, XText(choice))) for choice in exclusive]
            return joined("or", [counted, *chosen])
        case CheckKind.PATTERN if check.pattern in SHAPES:
            return XCall("regex", (CURRENT, XText(SHAPES[check.pattern])))
        case CheckKind.EXPRESSION:
            return not_false_where(check.expression, names)
        case _:
            raise NotCarried(Message("This check has no counterpart in XLSForm."))


def _between(measured: XNode, check: Check) -> XNode:
    least: list[XNode] = [] if check.least is None else [XCompare(">=", measured, _literal(check.least))]
    most: list[XNode] = [] if check.most is None else [XCompare("<=", measured, _literal(check.most))]
    return joined("and", [*least, *most])


def _literal(value: Decimal) -> XNode:
    return XNegative(XNumber(-value)) if value < 0 else XNumber(value)
