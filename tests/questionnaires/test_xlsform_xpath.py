"""Conditions of XLSForm: their text and tree, and what they are in the expression language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.expressions import Kind, parse
from app.questionnaires.xlsform_from_xpath import check_of, show_if_of
from app.questionnaires.xlsform_known import Named, Names
from app.questionnaires.xlsform_naming import FormNames, Referred
from app.questionnaires.xlsform_to_xpath import not_false_where, true_where
from app.questionnaires.xlsform_xpath import (
    DEEPEST,
    LONGEST,
    NotCarried,
    XBinary,
    XCall,
    XCompare,
    XCurrent,
    XNegative,
    XNode,
    XNumber,
    XReference,
    XText,
    joined,
    parse_xpath,
    xpath_text,
)

NAMES = Names(
    {
        "a": Named("a", Kind.TEXT),
        "b": Named("b", Kind.NUMBER),
        "c": Named("c", Kind.LIST),
        "d": Named("d", Kind.NUMBER),
        "e": Named("e", Kind.TEXT, is_day=True),
    },
    Named("me", Kind.NUMBER),
)
FORM = FormNames(
    {
        "a": Referred("A", Kind.TEXT, {"o1": "one"}),
        "b": Referred("B", Kind.NUMBER, {}),
        "c": Referred("C", Kind.LIST, {}),
        "d": Referred("D", Kind.NUMBER, {}),
        "e": Referred("E", Kind.TEXT, {}),
    }
)

leaves: st.SearchStrategy[XNode] = st.one_of(
    st.integers(0, 99).map(lambda number: XNumber(Decimal(number))),
    st.sampled_from(["", "x", "it's", 'say "hi"']).map(XText),
    st.sampled_from(["a", "long_name-2"]).map(XReference),
    st.just(XCurrent()),
)


def grown(inner: st.SearchStrategy[XNode]) -> st.SearchStrategy[XNode]:
    return st.one_of(
        st.builds(XNegative, inner),
        st.builds(XBinary, st.sampled_from(["+", "-", "*", "div", "mod"]), inner, inner),
        st.builds(XCompare, st.sampled_from(["=", "!=", "<", ">="]), inner, inner),
        st.builds(joined, st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda argument: XCall("not", (argument,)), inner),
    )


@given(st.recursive(leaves, grown, max_leaves=12))
def test_a_written_condition_reads_as_the_same_tree(tree: XNode) -> None:
    assert parse_xpath(xpath_text(tree)) == tree


@pytest.mark.parametrize(
    ("condition", "shown"),
    [
        ("${a} = 'x'", 'a == "x"'),
        ("'x' = ${a}", 'a == "x"'),
        ("${a} = 1", 'a == "1"'),
        ("${b} = '5'", "b == 5"),
        ("${a} != 'x'", 'blank(a) or a != "x"'),
        ("${a} = ''", "blank(a)"),
        ("not(${a} = '')", "present(a)"),
        ("string-length(${a}) > 0", "present(a)"),
        ("selected(${a}, 'x')", 'a == "x"'),
        ("selected(${c}, 'x')", '"x" in c'),
        ("not(selected(${c}, 'x'))", 'blank(c) or "x" not in c'),
        ("count-selected(${c}) >= 2", "coalesce(count(c), 0) >= 2"),
        ("${b} > 3 and ${d} <= -1", "b > 3 and d <= -1"),
        ("not(${b} > 3)", "blank(b) or b <= 3"),
        ("${b} + ${d} * 2 > 10", "b + d * 2 > 10"),
        ("not(${b} + ${d} > 10)", "blank(b) or blank(d) or b + d <= 10"),
        ("not(${a} = 'x' or ${b} > 1)", '(blank(a) or a != "x") and (blank(b) or b <= 1)'),
        ("coalesce(${b}, 0) > 3", "coalesce(b, 0) > 3"),
        ("${e} > '2026-01-31'", 'day(e) > day("2026-01-31")'),
        ("date('2026-01-31') < ${e}", 'day("2026-01-31") < day(e)'),
        ("true()", "true"),
        ("${a} = 'x' and true()", 'a == "x"'),
    ],
)
def test_a_condition_becomes_what_is_true_where_it_is(condition: str, shown: str) -> None:
    assert show_if_of(parse_xpath(condition), NAMES) == shown


@pytest.mark.parametrize(
    ("condition", "check"),
    [
        (". >= 0 and . <= 100", "me >= 0 and me <= 100"),
        (". <= ${b}", "present(b) and me <= b"),
        (". != ${b}", "me != b"),
        ("not(. = 3)", "me != 3"),
        (". > 3 or ${a} = 'x'", 'me > 3 or present(a) and a == "x"'),
        ("${a} = '' or . > 1", "blank(a) or me > 1"),
    ],
)
def test_a_constraint_becomes_what_is_false_where_it_is(condition: str, check: str) -> None:
    assert check_of(parse_xpath(condition), NAMES) == check


@pytest.mark.parametrize(
    "condition",
    [
        "",
        "${a} =",
        "/data/a = 1",
        "../a = 1",
        "${gone} = 1",
        "${e} <= today()",
        "regex(${a}, '^x$')",
        "${c} = 'x y'",
        "${a} > 3",
        "${a} = ${b}",
        "${b} = 'many'",
        "pulldata('file', 'x', 'y', ${a}) = 1",
        "${b} mod 2 = 0",
        "${a}",
        "province = ${a}",
        "if(${a} = 'x', 1, 2) = 1",
        "position(..) = 1",
        "${a} = 'two\nlines'",
        "(" * (DEEPEST + 9) + "1 = " + "not(" * (DEEPEST + 1) + "1" + ")" * (2 * DEEPEST + 10),
        "not(" * (DEEPEST + 1) + "${b} > 1" + ")" * (DEEPEST + 1),
        "${b} > 1 or " * (LONGEST // 10) + "${b} > 1",
        " or ".join(f"${{b}} > {number}" for number in range(900)),
    ],
)
def test_what_has_no_counterpart_is_refused_and_never_guessed(condition: str) -> None:
    with pytest.raises(NotCarried):
        show_if_of(parse_xpath(condition), NAMES)


@pytest.mark.parametrize(
    ("expression", "condition"),
    [
        ('a == "o1"', "${A} = 'one'"),
        ('a != "o1"', "${A} != '' and ${A} != 'one'"),
        ('not (a == "o1")', "${A} != '' and ${A} != 'one'"),
        ('a in ["o1", "x"]', "${A} = 'one' or ${A} = 'x'"),
        ('"x" in c', "selected(${C}, 'x')"),
        ('"x" not in c', "${C} != '' and not(selected(${C}, 'x'))"),
        ("b == d", "number(${B}) = number(${D})"),
        ("b + d > 3", "${B} + ${D} > 3"),
        ("b / d > 3", "${B} != '' and ${D} != '' and ${D} != 0 and ${B} div ${D} > 3"),
        ("a < 3", "false()"),
        ("0 <= b <= 10", "0 <= ${B} and ${B} <= 10"),
        ("count(c) > 2", "${C} != '' and count-selected(${C}) > 2"),
        ("present(a) or blank(b)", "${A} != '' or ${B} = ''"),
        ("near(b, d, 1)", "abs(${B} - ${D}) <= 1"),
    ],
)
def test_an_expression_becomes_the_condition_that_holds_where_it_is_true(
    expression: str, condition: str
) -> None:
    assert xpath_text(true_where(expression, FORM)) == condition


def test_a_check_refuses_nothing_where_it_cannot_tell() -> None:
    condition = not_false_where("b <= d", FORM.judging("b"))

    assert xpath_text(condition) == "not(. > ${D})"


@pytest.mark.parametrize(
    "expression", ["round(b) == 1", "gone == 1", "c == 1", 'a == "it\'s \\"so\\""', "a =="]
)
def test_an_expression_without_counterpart_is_refused(expression: str) -> None:
    with pytest.raises(NotCarried):
        xpath_text(true_where(expression, FORM))


def asked(condition: str, values: Mapping[str, object]) -> object:
    return parse(show_if_of(parse_xpath(condition), NAMES)).evaluate(values)  # type: ignore[arg-type]


@pytest.mark.parametrize("blank", ["a", "b"])
def test_of_a_condition_and_its_opposite_one_is_true_whatever_is_blank(blank: str) -> None:
    values: dict[str, object] = {"a": "x", "b": Decimal(4)}
    del values[blank]
    condition = "${a} = 'x' and ${b} > 3 or ${a} != 'y' and not(${b} < 2)"

    assert (asked(condition, values) is True) != (asked(f"not({condition})", values) is True)
