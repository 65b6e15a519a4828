"""From tree to text, with no more brackets than are needed; parsing the text gives the tree again."""

from __future__ import annotations

import re

from app.kernel.expressions.tree import Binary, Call, Compare, Items, Name, Node, Number, Text, Truth, Unary

_COMPARISON, _SUM, _SIGN, _ATOM = 4, 5, 7, 8
_STRENGTH = {"or": 1, "and": 2, "not": 3, "in": _COMPARISON, "+": _SUM, "-": _SUM, "*": 6, "/": 6}


def text_of(node: Node) -> str:
    """The expression as it is shown and stored."""
    match node:
        case Number(value=value):
            return format(value, "f")
        case Text(value=value):
            return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
        case Truth(value=value):
            return "true" if value else "false"
        case Name(name=name):
            return name
        case Items(items=items):
            return f"[{_listed(items)}]"
        case Call(function=function, arguments=arguments):
            return f"{function}({_listed(arguments)})"
        case Unary():
            return _unary(node)
        case Binary():
            return _binary(node)
        case Compare(first=first, links=links):
            return _within(first, _SUM) + "".join(
                f" {operator} {_within(operand, _SUM)}" for operator, operand in links
            )


def _unary(node: Unary) -> str:
    match node:
        case Unary(operator="not", operand=Binary(operator="in", left=item, right=items)):
            return f"{_within(item, _SUM)} not in {_within(items, _SUM)}"
        case Unary(operator="not", operand=operand):
            return f"not {_within(operand, _STRENGTH['not'])}"
        case _:
            return f"-{_within(node.operand, _SIGN)}"


def _binary(node: Binary) -> str:
    strength = _STRENGTH[node.operator]
    # Comparisons do not chain with "in"; the others gather from the left.
    left = _within(node.left, _SUM if node.operator == "in" else strength)
    return f"{left} {node.operator} {_within(node.right, strength + 1)}"


def _within(node: Node, strength: int) -> str:
    text = text_of(node)
    return text if strength_of(node) >= strength else f"({text})"


def strength_of(node: Node) -> int:
    """How tightly a node binds its operands; atoms most."""
    match node:
        case Unary(operator="not", operand=Binary(operator="in")):
            return _COMPARISON
        case Unary(operator="not") | Binary():
            return _STRENGTH[node.operator]
        case Unary():
            return _SIGN
        case Compare():
            return _COMPARISON
        case _:
            return _ATOM


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(text_of(node) for node in nodes)
