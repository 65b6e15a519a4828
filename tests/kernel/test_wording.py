"""Expressions as sentences: no bracket too many, none too few."""

from __future__ import annotations

import pytest
from hypothesis import given

from app.kernel.expressions import SIGNATURES, parse, wording
from app.kernel.expressions.tree import Name, Node, walk
from app.kernel.expressions.wording import words_of
from tests.kernel.expression_trees import trees


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("revenue.ytd >= 0", "<revenue.ytd> is at least 0"),
        ("0 <= m <= 100", "0 is at most <m> and <m> is at most 100"),
        (
            "near(ytd, m + last.ytd, tolerance)",
            "<ytd> equals <m> + <last.ytd> within <tolerance>",
        ),
        ("(a + b) * c > 1", "(<a> + <b>) × <c> is above 1"),
        ("a - (b - c) < -d", "<a> − (<b> − <c>) is below −<d>"),
        ("a / b / c == 1", "<a> ÷ <b> ÷ <c> equals 1"),
        ("blank(m) or ytd >= m", "<m> is empty or <ytd> is at least <m>"),
        ("(a or b) and not c", "(<a> or <b>) and it is not so that <c>"),
        ("not (a or b)", "it is not so that (<a> or <b>)"),
        ('q5 in ["a", "b"]', "<q5> is one of “a”, “b”"),
        ("a in []", "<a> is one of nothing"),
        ("sum(a, b, 1) != 2", "the sum of <a>, <b>, 1 differs from 2"),
        ("round(a, 2) == round(b)", "<a> rounded to 2 decimals equals <b> rounded"),
        ("coalesce(a, 0) == abs(b)", "the first of <a>, 0 that is there equals the absolute value of <b>"),
        ("present(a) == true", "<a> is filled in equals true"),
        ("day(a) - day(b) > 30", "the day <a> − the day <b> is above 30"),
        (
            "count(a) == length(b)",
            "the number of items in <a> equals the number of characters in <b>",
        ),
        ("min(a, b) <= max(a, b)", "the smallest of <a>, <b> is at most the largest of <a>, <b>"),
    ],
)
def test_an_expression_reads_as_a_sentence(expression: str, words: str) -> None:
    assert str(parse(expression).to_words(lambda name: f"<{name}>")) == words


def test_every_function_and_operator_has_words() -> None:
    assert set(wording._CALLS) == set(SIGNATURES)
    assert set(wording._COMPARISONS) == {"==", "!=", "<", "<=", ">", ">="}
    assert set(wording._BINARY) == {"and", "or", "in", "+", "-", "*", "/"}


@given(trees)
def test_every_tree_has_words_that_name_each_of_its_names(root: Node) -> None:
    words = str(words_of(root, lambda name: f"<{name}>"))

    assert words
    assert all(f"<{node.name}>" in words for node, _ in walk(root) if isinstance(node, Name))
