"""Checks that operators and functions are given what they take, before anything is evaluated."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.expressions.functions import SIGNATURES, Signature
from app.kernel.expressions.tree import (
    Binary,
    Call,
    Compare,
    ExpressionError,
    Items,
    Kind,
    Name,
    Node,
    Number,
    Position,
    Text,
    Truth,
    Unary,
)
from app.kernel.texts import Message

Kinds = Mapping[str, Kind]

KIND_WORDS = {
    Kind.NUMBER: Message("a number"),
    Kind.TEXT: Message("a text"),
    Kind.TRUTH: Message("true or false"),
    Kind.LIST: Message("a list"),
    Kind.ANY: Message("a value"),
}

_LITERALS: dict[type[Node], Kind] = {Number: Kind.NUMBER, Text: Kind.TEXT, Truth: Kind.TRUTH}


def kind_of(node: Node, known: Kinds | None) -> Kind:
    """The kind that a tree gives; names take theirs from ``known``, or any where None was given.

    :raises ExpressionError: an operand or argument is of the wrong kind, or a name is not in ``known``.
    """
    match node:
        case Number() | Text() | Truth():
            return _LITERALS[type(node)]
        case Name():
            return _kind_of_name(node, known)
        case Items():
            return _kind_of_items(node, known)
        case Unary(operator="not"):
            return _need(node.operand, Kind.TRUTH, known, node.operator)
        case Unary():
            return _need(node.operand, Kind.NUMBER, known, node.operator)
        case Binary():
            return _kind_of_binary(node, known)
        case Compare():
            return _kind_of_comparison(node, known)
        case Call():
            return _kind_of_call(node, known)


def _kind_of_name(node: Name, known: Kinds | None) -> Kind:
    if known is None:
        return Kind.ANY
    if node.name not in known:
        raise ExpressionError(
            Message("“{name}” is not known here: choose one of the listed names.", name=node.name), node.at
        )
    return known[node.name]


def _kind_of_items(node: Items, known: Kinds | None) -> Kind:
    for item in node.items:
        if kind_of(item, known) is Kind.LIST:
            raise ExpressionError(Message("A list holds single values: take the inner list out."), item.at)
    return Kind.LIST


def _kind_of_binary(node: Binary, known: Kinds | None) -> Kind:
    if node.operator == "in":
        if kind_of(node.left, known) is Kind.LIST:
            raise _wrong(node.operator, Kind.ANY, Kind.LIST, node.left.at)
        _need(node.right, Kind.LIST, known, node.operator)
        return Kind.TRUTH
    needed = Kind.TRUTH if node.operator in ("and", "or") else Kind.NUMBER
    _need(node.left, needed, known, node.operator)
    return _need(node.right, needed, known, node.operator)


def _kind_of_comparison(node: Compare, known: Kinds | None) -> Kind:
    for operator, left, right in node.pairs:
        kinds = kind_of(left, known), kind_of(right, known)
        for side, kind in zip((left, right), kinds, strict=True):
            if kind is Kind.LIST:
                raise _wrong(operator, Kind.ANY, kind, side.at)
            if operator not in ("==", "!=") and kind not in (Kind.NUMBER, Kind.ANY):
                raise _wrong(operator, Kind.NUMBER, kind, side.at)
        if Kind.ANY not in kinds and kinds[0] is not kinds[1]:
            raise _wrong(operator, kinds[0], kinds[1], right.at)
    return Kind.TRUTH


def _kind_of_call(node: Call, known: Kinds | None) -> Kind:
    signature = SIGNATURES.get(node.function)
    if signature is None:
        listed = ", ".join(sorted(SIGNATURES))
        raise ExpressionError(
            Message("There is no function “{name}”: use one of {listed}.", name=node.function, listed=listed),
            node.at,
        )
    _check_count(node, signature)
    kinds = {_kind_of_argument(argument, signature, node.function, known) for argument in node.arguments}
    return kinds.pop() if signature.gives is Kind.ANY and len(kinds) == 1 else signature.gives


def _check_count(node: Call, signature: Signature) -> None:
    given, most = len(node.arguments), signature.most
    if given < signature.least:
        message = Message(
            "“{name}” takes at least {count} values: add what is missing.",
            name=node.function,
            count=signature.least,
        )
    elif most is not None and given > most:
        message = Message(
            "“{name}” takes at most {count} values: take the others out.", name=node.function, count=most
        )
    else:
        return
    raise ExpressionError(message, node.at)


def _kind_of_argument(argument: Node, signature: Signature, function: str, known: Kinds | None) -> Kind:
    kind = kind_of(argument, known)
    fits = signature.takes is Kind.ANY or kind in (signature.takes, Kind.ANY)
    if fits or (signature.spreads and kind is Kind.LIST):
        return kind
    raise _wrong(function, signature.takes, kind, argument.at)


def _need(node: Node, needed: Kind, known: Kinds | None, operator: str) -> Kind:
    kind = kind_of(node, known)
    if kind not in (needed, Kind.ANY):
        raise _wrong(operator, needed, kind, node.at)
    return needed


def _wrong(operator: str, needed: Kind, given: Kind, at: Position) -> ExpressionError:
    return ExpressionError(
        Message(
            "“{operator}” needs {needed} here, not {given}.",
            operator=operator,
            needed=KIND_WORDS[needed],
            given=KIND_WORDS[given],
        ),
        at,
    )
