"""From tree to a sentence for people who do not read expressions; the words are the catalogue's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.kernel.expressions.printing import strength_of, text_of
from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary
from app.kernel.texts import LocalText, Message

Words = Message | LocalText | str
Naming = Callable[[str], Words]
"""What a name stands for."""

_BINARY = {
    "and": Message("{left} and {right}"),
    "or": Message("{left} or {right}"),
    "in": Message("{left} is one of {right}"),
    "+": Message("{left} + {right}"),
    "-": Message("{left} − {right}"),
    "*": Message("{left} × {right}"),
    "/": Message("{left} ÷ {right}"),
}
_COMPARISONS = {
    "==": Message("{left} equals {right}"),
    "!=": Message("{left} differs from {right}"),
    "<": Message("{left} is below {right}"),
    "<=": Message("{left} is at most {right}"),
    ">": Message("{left} is above {right}"),
    ">=": Message("{left} is at least {right}"),
}
_CALLS = {
    "abs": Message("the absolute value of {first}"),
    "round": Message("{first} rounded"),
    "min": Message("the smallest of {listed}"),
    "max": Message("the largest of {listed}"),
    "sum": Message("the sum of {listed}"),
    "near": Message("{first} equals {second} within {third}"),
    "coalesce": Message("the first of {listed} that is there"),
    "present": Message("{first} is filled in"),
    "blank": Message("{first} is empty"),
    "day": Message("the day {first}"),
    "count": Message("the number of items in {first}"),
    "length": Message("the number of characters in {first}"),
}


def words_of(node: Node, naming: Naming) -> Words:
    """The tree as a sentence, with what each name stands for."""
    match node:
        case Number():
            return text_of(node)
        case Text(value=value):
            return Message("“{text}”", text=value)
        case Truth(value=value):
            return Message("true") if value else Message("false")
        case Name(name=name):
            return naming(name)
        case Items(items=items):
            return _listed([words_of(item, naming) for item in items])
        case Unary(operand=operand):
            what = _within(operand, node, naming)
            return (
                Message("it is not so that {what}", what=what)
                if node.operator == "not"
                else Message("−{number}", number=what)
            )
        case Binary(operator=operator, left=left, right=right):
            sides = {"left": _within(left, node, naming), "right": _within(right, node, naming, last=True)}
            return _told(_BINARY[operator], **sides)
        case Compare():
            return _chain(node, naming)
        case Call(function=function, arguments=arguments):
            return _call(function, [words_of(argument, naming) for argument in arguments])


def _chain(node: Compare, naming: Naming) -> Words:
    first, *others = (
        _told(
            _COMPARISONS[operator],
            left=_within(left, node, naming, last=True),
            right=_within(right, node, naming, last=True),
        )
        for operator, left, right in node.pairs
    )
    for other in others:
        first = _told(_BINARY["and"], left=first, right=other)
    return first


def _call(function: str, arguments: Sequence[Words]) -> Words:
    if function == "round" and len(arguments) == 2:
        return Message("{first} rounded to {second} decimals", first=arguments[0], second=arguments[1])
    names = ("first", "second", "third")
    return _told(
        _CALLS[function],
        listed=_listed(arguments),
        **dict(zip(names, arguments, strict=False)),
    )


def _listed(parts: Sequence[Words]) -> Words:
    if not parts:
        return Message("nothing")
    found = parts[0]
    for part in parts[1:]:
        found = Message("{before}, {item}", before=found, item=part)
    return found


def _within(node: Node, around: Node, naming: Naming, *, last: bool = False) -> Words:
    """An operand, in brackets where it binds less than what stands around it."""
    words = words_of(node, naming)
    fits = strength_of(node) > strength_of(around) if last else strength_of(node) >= strength_of(around)
    return words if fits else Message("({what})", what=words)


def _told(words: Message, **values: Words) -> Message:
    return Message(words.msgid, **values)
