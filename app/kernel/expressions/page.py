"""From tree to the JSON that ``static/js/expressions.js`` evaluates in the page.

A node is a list: its operator, then its operands. Numbers travel as decimal strings.
"""

from __future__ import annotations

from typing import Any

from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary


def json_of(node: Node) -> list[Any]:
    """The tree as plain lists, texts and truth values."""
    match node:
        case Number(value=value):
            return ["number", format(value, "f")]
        case Text(value=value):
            return ["text", value]
        case Truth(value=value):
            return ["truth", value]
        case Name(name=name):
            return ["name", name]
        case Items(items=items):
            return ["list", *map(json_of, items)]
        case Unary(operator=operator, operand=operand):
            return ["negate" if operator == "-" else operator, json_of(operand)]
        case Binary(operator=operator, left=left, right=right):
            return [operator, json_of(left), json_of(right)]
        case Compare():
            return _chain(node)
        case Call(function=function, arguments=arguments):
            return ["call", function, *map(json_of, arguments)]


def _chain(node: Compare) -> list[Any]:
    first, *others = ([operator, json_of(left), json_of(right)] for operator, left, right in node.pairs)
    for other in others:
        first = ["and", first, other]
    return first
