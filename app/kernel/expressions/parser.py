"""From text to tree, by the grammar beside this file; every refusal says where and what to do."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from app.kernel.expressions.tree import (
    Binary,
    Call,
    Compare,
    ExpressionError,
    Items,
    Name,
    Node,
    Number,
    Position,
    Text,
    Truth,
    Unary,
    walk,
)
from app.kernel.texts import Message

LONGEST = 2000
"""Characters of an expression."""

LONGEST_NUMBER = 40

DEEPEST = 60
"""Levels of a tree: far more than a rule needs, far fewer than would exhaust the stack of server or page."""

_ADVICE = {
    "=": Message("Write == to compare."),
    "'": Message("Write a text between double quotes."),
    '"': Message("This text has no closing quote: add one on the same line."),
}


class _Builder(Transformer[Token, Node]):
    """A node for each rule of the grammar."""

    def number(self, parts: list[Token]) -> Node:
        (token,) = parts
        if len(token) > LONGEST_NUMBER:
            raise ExpressionError(
                Message("This number is too long: write at most {limit} characters.", limit=LONGEST_NUMBER),
                _at(token),
            )
        return Number(Decimal(token), _at(token))

    def text(self, parts: list[Token]) -> Node:
        (token,) = parts
        return Text(re.sub(r"\\(.)", r"\1", token[1:-1]), _at(token))

    def truth(self, parts: list[Token]) -> Node:
        (token,) = parts
        return Truth(token == "true", _at(token))

    def name(self, parts: list[Token]) -> Node:
        (token,) = parts
        return Name(str(token), _at(token))

    def unary(self, parts: list[Token | Node]) -> Node:
        operator, operand = cast(tuple[Token, Node], tuple(parts))
        return Unary(str(operator), operand, _at(operator))

    def binary(self, parts: list[Token | Node]) -> Node:
        left, operator, right = cast(tuple[Node, Token, Node], tuple(parts))
        return Binary(str(operator), left, right, _at(operator))

    def not_in(self, parts: list[Token | Node]) -> Node:
        item, negation, member, items = cast(tuple[Node, Token, Token, Node], tuple(parts))
        return Unary("not", Binary("in", item, items, _at(member)), _at(negation))

    def compare(self, parts: list[Token | Node]) -> Node:
        operators = cast(list[Token], parts[1::2])
        first, *operands = cast(list[Node], parts[::2])
        links = tuple((str(operator), right) for operator, right in zip(operators, operands, strict=True))
        return Compare(first, links, _at(operators[0]))

    def call(self, parts: list[Token | Node]) -> Node:
        function, *arguments = parts
        return Call(str(function), tuple(cast(list[Node], arguments)), _at(cast(Token, function)))

    def items(self, parts: list[Token | Node]) -> Node:
        bracket, *items = parts
        return Items(tuple(cast(list[Node], items)), _at(cast(Token, bracket)))


def tree_of(text: str) -> Node:
    """The tree that a text stands for; kinds are not checked yet.

    :raises ExpressionError: the text is empty, too long, too deep, or does not follow the grammar.
    """
    if not text.strip():
        raise ExpressionError(Message("Write an expression."), Position())
    if len(text) > LONGEST:
        raise ExpressionError(
            Message(
                "This expression is too long: split it into several of at most {limit} characters.",
                limit=LONGEST,
            ),
            Position(),
        )
    try:
        root = cast(Node, _lark().parse(text))
    except UnexpectedCharacters as error:
        raise _unexpected_character(error) from error
    except UnexpectedToken as error:
        raise _unexpected_word(text, error) from error
    _check_depth(root)
    return root


@cache
def _lark() -> Lark:
    # The basic lexer keeps and, or, not, in, true and false reserved everywhere.
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="basic",
        transformer=_Builder(visit_tokens=False),
    )


def _check_depth(root: Node) -> None:
    for node, depth in walk(root):
        if depth > DEEPEST:
            raise ExpressionError(
                Message("This expression is nested too deeply: use sum(…), or split it into several."),
                node.at,
            )


def _at(token: Token) -> Position:
    return Position(token.line or 1, token.column or 1)


def _unexpected_character(error: UnexpectedCharacters) -> ExpressionError:
    character = error.char
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    unknown = Message("“{character}” has no meaning here: take it out.", character=shown)
    return ExpressionError(_ADVICE.get(character, unknown), Position(error.line, error.column))


def _unexpected_word(text: str, error: UnexpectedToken) -> ExpressionError:
    if error.token.type == "$END":
        lines = text.split("\n")
        at = Position(len(lines), len(lines[-1]) + 1)
        return ExpressionError(
            Message("The expression ends too early: finish it and close every bracket."), at
        )
    message = Message(
        "“{word}” cannot stand here: check the operator or bracket before it.", word=str(error.token)
    )
    return ExpressionError(message, _at(error.token))
