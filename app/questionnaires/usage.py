"""How conditions use the answers to a question: which of them the logic can tell apart.

A multiple choice of twelve options of which conditions name two decides by these two alone. Only
conditions count here, not checks: checks refuse answers, they do not lead anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.kernel.expressions.tree import (
    Binary,
    Call,
    Compare,
    Items,
    Name,
    Node,
    Number,
    Text,
    Unary,
    children,
)
from app.questionnaires.conditions import owner_of, parsed
from app.questionnaires.definition import Definition, Question


@dataclass(slots=True)
class Usage:
    """The uses of one question's answer, up to the place ``last`` of the last question with one.

    ``texts`` and ``numbers`` are what it is compared with, each text with the place where it is last;
    ``wholly`` says that it is used in a way that could tell any two answers apart.
    """

    last: int = -1
    texts: dict[str, int] = field(default_factory=dict)
    numbers: set[Decimal] = field(default_factory=set)
    wholly: bool = False


def usage_of(definition: Definition) -> Mapping[str, Usage]:
    """The uses of the questions that conditions name, by code."""
    found: dict[str, Usage] = {}
    for place, question in enumerate(definition.questions):
        for text in conditions_of(question):
            _note_all(found, definition, text, place)
    return found


def usage_in(definition: Definition, show_if: str) -> Mapping[str, Usage]:
    """The uses of questions in one condition, as if it stood first."""
    found: dict[str, Usage] = {}
    _note_all(found, definition, show_if, 0)
    return found


def _note_all(found: dict[str, Usage], definition: Definition, text: str, place: int) -> None:
    expression = parsed(text)
    for name, other in _uses(expression.root) if expression else ():
        code = owner_of(name.name, definition)
        if code:
            _note(found.setdefault(code, Usage()), other, place)


def conditions_of(question: Question) -> Iterator[str]:
    """The "show if" of a question and of its options."""
    if question.show_if.strip():
        yield question.show_if
    yield from (option.show_if for option in question.options if option.show_if.strip())


def _note(usage: Usage, other: Node | None, place: int) -> None:
    usage.last = max(usage.last, place)
    match other:
        case Text(value=text):
            usage.texts[text] = place  # places come in their order
        case Number(value=number):
            usage.numbers.add(number)
        case Unary(operator="-", operand=Number(value=number)):
            usage.numbers.add(-number)
        case Items(items=items):
            for item in items:
                _note(usage, item, place)
        case Call(function="present" | "blank"):
            pass  # whether there is an answer is told apart in any case
        case _:
            usage.wholly = True


def _uses(node: Node) -> Iterator[tuple[Name, Node | None]]:
    """Every name with what it is held against: a literal, the call that asks whether it is there, or None."""
    match node:
        case Name():
            yield node, None
        case Call(function="present" | "blank", arguments=(Name() as name,)):
            yield name, node
        case Compare(first=Name() as name, links=((_, other),)):
            yield from _compared(name, other)
        case Compare(first=other, links=((_, Name() as name),)):
            yield from _compared(name, other)
        case Binary(operator="in", left=Name() as name, right=Items() as other):
            yield from _compared(name, other)
        case Binary(operator="in", left=Text() as other, right=Name() as name):
            yield from _compared(name, other)
        case _:
            for child in children(node):
                yield from _uses(child)


def _compared(name: Name, other: Node) -> Iterator[tuple[Name, Node | None]]:
    if _is_literal(other):
        yield name, other
        return
    yield name, None
    yield from _uses(other)


def _is_literal(node: Node) -> bool:
    match node:
        case Text() | Number() | Unary(operator="-", operand=Number()):
            return True
        case Items(items=items):
            return all(_is_literal(item) for item in items)
        case _:
            return False
