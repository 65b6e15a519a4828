"""The expression language: one table of cases on server and page, printing, checking and refusing."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.kernel.expressions import MISSING, SIGNATURES, Expression, ExpressionError, Kind, parse
from app.kernel.expressions.kinds import kind_of
from app.kernel.expressions.page import json_of
from app.kernel.expressions.parser import DEEPEST, LONGEST
from app.kernel.expressions.printing import text_of
from app.kernel.expressions.tree import Node, walk
from tests.kernel.expression_trees import given_names, trees
from tests.kernel.page_evaluator import SCRIPT, evaluate_in_page

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("expression_cases.json").read_text("utf-8"))


def from_page(value: Any) -> Any:
    """A value as the page writes it, for the server."""
    if isinstance(value, list):
        return [from_page(item) for item in value]
    if isinstance(value, dict):
        return value["text"]
    return Decimal(value) if isinstance(value, str) else value


def to_page(value: Any) -> Any:
    """A value of the server, as the page writes it."""
    if isinstance(value, list):
        return [to_page(item) for item in value]
    if isinstance(value, Decimal):
        text = format(value, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if value == 0 else text
    if isinstance(value, str):
        return {"text": value}
    return None if value is MISSING else value


def case_id(case: dict[str, Any]) -> str:
    return f"{case['text']}: {case.get('why', '')}"


@pytest.mark.parametrize("case", CASES, ids=case_id)
def test_the_server_evaluates_each_case_of_the_table(case: dict[str, Any]) -> None:
    names = {name: from_page(value) for name, value in case["names"].items()}

    assert to_page(parse(case["text"]).evaluate(names)) == case["result"]


def test_the_page_evaluates_each_case_of_the_table() -> None:
    compiled = [(parse(case["text"]).to_json(), case["names"]) for case in CASES]

    values = evaluate_in_page(compiled)

    wrong = [
        (case["text"], case["names"], case["result"], value)
        for case, value in zip(CASES, values, strict=True)
        if case["result"] != value
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["a * a * a * a * a * a == b", "near(a * a * a, b / a / a / a, 0)"])
def test_numbers_of_any_length_stay_exact(text: str) -> None:
    long = 10**25 + 1

    assert parse(text).evaluate({"a": Decimal(long), "b": Decimal(long**6)}) is True
    assert parse(text).evaluate({"a": Decimal(long), "b": Decimal(long**6 + 1)}) is False


def test_the_table_uses_every_function_and_operator() -> None:
    heads = {
        node[1] if node[0] == "call" else node[0]
        for case in CASES
        for node in nodes_of(parse(case["text"]).to_json())
    }

    assert heads >= set(SIGNATURES) | set("+-*/<>") | {
        "==",
        "!=",
        "<=",
        ">=",
        "and",
        "or",
        "not",
        "in",
        "negate",
    }


def nodes_of(compiled: list[Any]) -> list[list[Any]]:
    return [compiled, *(node for part in compiled[1:] if isinstance(part, list) for node in nodes_of(part))]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(trees, given_names), min_size=1, max_size=10))
def test_server_and_page_agree_on_any_expression(drawn: list[tuple[Node, dict[str, Any]]]) -> None:
    in_page = evaluate_in_page(
        [(json_of(root), {name: to_page(value) for name, value in names.items()}) for root, names in drawn]
    )

    on_server = [to_page(Expression(root, Kind.ANY, frozenset()).evaluate(names)) for root, names in drawn]
    assert in_page == on_server


@given(trees)
def test_a_printed_expression_parses_to_the_same_tree(root: Node) -> None:
    text = text_of(root)
    assume(len(text) <= LONGEST and max(depth for _, depth in walk(root)) <= DEEPEST)

    again = parse(text)

    assert again.root == root
    assert again.to_text() == text


@given(trees)
def test_trees_drawn_for_these_tests_pass_the_checker(root: Node) -> None:
    assert kind_of(root, None) is not Kind.LIST


@given(st.text(max_size=60) | st.text("()[]<>=!+-*/,. \n\"'ab1 andornotin", max_size=60))
def test_any_text_is_parsed_or_refused_with_a_place(text: str) -> None:
    lines = text.split("\n")

    try:
        parse(text)
    except ExpressionError as error:
        refused = error
    else:
        return

    assert 1 <= refused.line <= len(lines)
    assert 1 <= refused.column <= len(lines[refused.line - 1]) + 1
    assert str(refused.message)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("(a+b)*c", "(a + b) * c"),
        ("a+(b*c)", "a + b * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("(a-b)-c", "a - b - c"),
        ("not(a in[1,2])", "a not in [1, 2]"),
        ("not (a == b)", "not a == b"),
        ("(not a) == true", "(not a) == true"),
        ("(a or b) and c", "(a or b) and c"),
        ("0<=cell<=100", "0 <= cell <= 100"),
        ("(a<b)==true", "(a < b) == true"),
        ("-(a+b)", "-(a + b)"),
        ("sum( a ,b )", "sum(a, b)"),
        ("a\n  and b", "a and b"),
        ('q5 == "a \\"b\\" \\\\"', 'q5 == "a \\"b\\" \\\\"'),
        ("007.50", "7.50"),
    ],
)
def test_an_expression_has_one_written_form(written: str, printed: str) -> None:
    assert parse(written).to_text() == printed


def test_an_expression_lists_the_names_it_uses() -> None:
    expression = parse("revenue.ytd >= last.revenue.ytd and present(cell) and sum(cell, 1) > 2")

    assert expression.names == {"revenue.ytd", "last.revenue.ytd", "cell"}
    assert expression.kind is Kind.TRUTH


@pytest.mark.parametrize(
    ("text", "line", "column", "advice"),
    [
        ("", 1, 1, "Write an expression"),
        (" \n", 1, 1, "Write an expression"),
        ("a = b", 1, 3, "Write =="),
        ("a ==\n\n  b +", 3, 6, "ends too early"),
        ("(1 + 2", 1, 7, "close every bracket"),
        ("1 + 2)", 1, 6, "“)” cannot stand here"),
        ("1 2", 1, 3, "“2” cannot stand here"),
        ("and > 1", 1, 1, "“and” cannot stand here"),
        ("in", 1, 1, "“in” cannot stand here"),
        ("1e5", 1, 2, "“e5” cannot stand here"),
        ("a ＞ 1", 1, 3, "“＞” has no meaning"),
        ("a\0", 1, 2, "U+0000"),
        ("'a'", 1, 1, "double quotes"),
        ('a == "b', 1, 6, "closing quote"),
        ('a == "b\nc"', 1, 6, "closing quote"),
        ('1 +\n "a"', 2, 2, "“+” needs a number here, not a text"),
        ("not 1", 1, 5, "“not” needs true or false here, not a number"),
        ("-true", 1, 2, "not true or false"),
        ("1 and true", 1, 1, "“and” needs true or false"),
        ('1 == "1"', 1, 6, "“==” needs a number here, not a text"),
        ('"a" < "b"', 1, 1, "“<” needs a number"),
        ("[1] == a", 1, 1, "not a list"),
        ("1 in 2", 1, 6, "“in” needs a list"),
        ("[1] in a", 1, 1, "not a list"),
        ("a in [[1]]", 1, 7, "take the inner list out"),
        ("[1, 2]", 1, 1, "A list alone"),
        ("total(1)", 1, 1, "use one of abs, blank, coalesce, count, day"),
        ("min()", 1, 1, "at least 1"),
        ("near(1, 2)", 1, 1, "at least 3"),
        ("abs(1, 2)", 1, 1, "at most 1"),
        ("abs([1])", 1, 5, "not a list"),
        ('sum(1, "a")', 1, 8, "not a text"),
        ("9" * 41, 1, 1, "number is too long"),
        ("1 + " * 500 + "1", 1, 1, "expression is too long"),
        ("-" * 100 + "1", 1, 61, "nested too deeply"),
        ("(" * 900 + "1" + ")" * 900 + " + 1 +" , 1, 1808, "ends too early"),
    ],
)  # fmt: skip
def test_a_faulty_expression_is_refused_with_its_place_and_advice(
    text: str, line: int, column: int, advice: str
) -> None:
    with pytest.raises(ExpressionError) as refused:
        parse(text)

    assert advice in str(refused.value.message)
    assert (refused.value.line, refused.value.column) == (line, column)


def test_brackets_alone_do_not_deepen_an_expression() -> None:
    assert parse("(" * 900 + "1" + ")" * 900).evaluate({}) == 1


def test_known_names_are_checked_with_their_kinds() -> None:
    known = {"revenue.ytd": Kind.NUMBER, "q5": Kind.TEXT}

    assert parse('revenue.ytd > 0 and q5 == "a"', known).kind is Kind.TRUTH
    with pytest.raises(ExpressionError, match="“q6” is not known") as unknown:
        parse("present(q6)", known)
    assert (unknown.value.line, unknown.value.column) == (1, 9)
    with pytest.raises(ExpressionError, match="needs a number here, not a text"):
        parse("revenue.ytd + q5", known)


@pytest.mark.parametrize("value", [1.5, object(), {"text": "a"}, [1.5], [[1]]])
def test_a_value_that_is_not_exact_is_an_error_of_the_program(value: Any) -> None:
    with pytest.raises(TypeError):
        parse("a == 1").evaluate({"a": value})


def test_missing_refuses_to_be_taken_for_false() -> None:
    with pytest.raises(TypeError):
        bool(parse("a == 1").evaluate({}))


def test_a_whole_number_may_be_given_as_an_integer() -> None:
    assert parse("month in [2, 5, 8]").evaluate({"month": 5}) is True
    assert cast(Decimal, parse("month * 2").evaluate({"month": 5})) == Decimal(10)


def test_the_page_evaluator_runs_under_a_strict_content_policy() -> None:
    source = SCRIPT.read_text("utf-8")

    assert "eval(" not in source
    assert "Function(" not in source
    assert "innerHTML" not in source
