"""What the editor of a rule reads below its expression: the rule in words, or the place that is wrong."""

from __future__ import annotations

import pytest

from app.reports.form_rules import RuleInput, rule_problems
from app.reports.rule_reading import read_expression
from app.reports.shipped import data_of, shipped_version, typed

FORM = shipped_version()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("cell >= 0", "the figure is at least 0"),
        (
            "revenue.ytd >= last.revenue.ytd",
            "营业收入 (This year, cumulative) is at least last month's 营业收入 (This year, cumulative)",
        ),
        ("ly_m == lastyear.m", "Last year, month equals last year's This year, month"),
        (
            "month in [1, 2] or industrial",
            "the month of the year is one of 1, 2 or the enterprise is industrial",
        ),
    ],
)
def test_names_are_told_by_what_they_stand_for(expression: str, words: str) -> None:
    found = read_expression(expression, "", FORM)

    assert (str(found.words), found.problem) == (words, None)


@pytest.mark.parametrize(
    ("expression", "section", "line", "column", "marked"),
    [
        ("revenue.ytd >= total_profits.ytd", "", 1, 16, "total_profits.ytd"),
        ("revenue.ytd\n  >= sales", "", 2, 6, "sales"),
        ("revenue.ytd >=", "", 1, 15, ""),
        ("revenue.ytd = 1", "", 1, 13, "="),
        ('revenue.ytd > "1"', "", 1, 15, '"'),
        ("revenue.ytd + 1", "", 1, 1, "revenue.ytd + 1"),
        ("production >= revenue.ytd", "products", 1, 15, "revenue.ytd"),
    ],
)
def test_the_place_of_a_mistake_is_marked(
    expression: str, section: str, line: int, column: int, marked: str
) -> None:
    found = read_expression(expression, section, FORM)

    assert found.problem is not None
    assert (found.line, found.column, found.marked) == (line, column, marked)
    assert found.before + found.marked + found.after == expression


def test_the_line_is_told_where_there_are_several() -> None:
    assert str(read_expression("1 +\n2 3", "", FORM).problem).startswith("Line 2, column 3: ")
    assert str(read_expression("2 3", "", FORM).problem).startswith("Column 3: ")


@pytest.mark.parametrize(("expression", "section"), [("", ""), ("  \n ", ""), ("cell > 0", "nowhere")])
def test_nothing_to_read_is_read_as_nothing(expression: str, section: str) -> None:
    found = read_expression(expression, section, FORM)

    assert (found.words, found.problem) == ("", None)


@pytest.mark.parametrize("rule", FORM.rules, ids=lambda rule: rule.code)
def test_every_shipped_rule_reads_well(rule: object) -> None:
    expression, section = rule.expression, rule.section  # type: ignore[attr-defined]

    assert read_expression(expression, section, FORM).words


@pytest.mark.parametrize("given", data_of("sme_monthly")["rules"], ids=lambda given: given["code"])
def test_every_shipped_rule_could_be_typed_in_the_panel(given: dict[str, object]) -> None:
    assert rule_problems(RuleInput(**typed(given)), FORM) == []
