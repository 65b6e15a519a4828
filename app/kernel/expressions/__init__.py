"""One small language for report rules, "show if" and checks between questions.

Numbers, "texts", true, false, [lists], names such as ``revenue.ytd`` or ``cell``; ``== != < <= > >=``
(chains too: ``0 <= cell <= 100``), ``in``, ``and or not``, ``+ - * /`` and the functions of
``SIGNATURES``. A missing value makes arithmetic and comparison missing; division by zero is missing;
``present``, ``blank`` and ``coalesce`` see it. Comparison is exact: ``near(a, b, tolerance)`` is not.

    rule = parse("near(revenue.ytd, revenue.m + last.revenue.ytd, 1)")
    if rule.evaluate(figures) is False: ...   # MISSING means: the rule is silent
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from app.kernel.expressions.evaluation import MISSING, Given, Missing, Run, Value, compiled, value_of
from app.kernel.expressions.functions import SIGNATURES
from app.kernel.expressions.kinds import kind_of
from app.kernel.expressions.page import json_of
from app.kernel.expressions.parser import tree_of
from app.kernel.expressions.printing import text_of
from app.kernel.expressions.tree import ExpressionError, Kind, Name, Node, Position, walk
from app.kernel.expressions.wording import Naming, Words, words_of
from app.kernel.texts import Message

__all__ = [
    "MISSING",
    "SIGNATURES",
    "Expression",
    "ExpressionError",
    "Given",
    "Kind",
    "Missing",
    "Value",
    "parse",
]


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed and checked expression; made by ``parse``."""

    root: Node
    kind: Kind
    names: frozenset[str]
    run: Run = field(init=False, compare=False, repr=False)
    """The tree compiled, so that asking it of thousands of reports is cheap."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "run", compiled(self.root))

    def evaluate(self, names: Mapping[str, Given]) -> Value:
        """The value for these names: ``bool``, ``Decimal``, ``str`` or ``MISSING``.

        A name that is absent, None, "" or an empty list is missing.

        :raises TypeError: a value is a float, or otherwise not exact.
        """
        return value_of(self.run, names)

    def to_text(self) -> str:
        """The expression in its one written form."""
        return text_of(self.root)

    def to_words(self, naming: Naming) -> Words:
        """The expression as a sentence; ``naming`` says what each name stands for."""
        return words_of(self.root, naming)

    def to_json(self) -> list[Any]:
        """The expression for ``Expressions.evaluate`` in the page."""
        return json_of(self.root)


def parse(text: str, known: Mapping[str, Kind] | None = None) -> Expression:
    """The expression that a text stands for.

    ``known`` lists the names that may be used with the kind of each; without it any name is taken
    and its kind is found out when it is evaluated.

    :raises ExpressionError: with line, column and what to do, when the text cannot be understood,
        an operator is given the wrong kind, or a name is not known.
    """
    expression = _parse(text)
    if known is None:
        return expression
    return Expression(expression.root, _checked_kind(expression.root, known), expression.names)


@lru_cache(maxsize=2048)
def _parse(text: str) -> Expression:
    root = tree_of(text)
    names = frozenset(node.name for node, _ in walk(root) if isinstance(node, Name))
    return Expression(root, _checked_kind(root, None), names)


def _checked_kind(root: Node, known: Mapping[str, Kind] | None) -> Kind:
    kind = kind_of(root, known)
    if kind is Kind.LIST:
        raise ExpressionError(Message("A list alone says nothing: compare with “in”."), Position())
    return kind
