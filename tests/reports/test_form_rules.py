"""What a draft of a form must satisfy, told all together."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from app.kernel.texts import LocalText
from app.reports.definitions import ColumnDefinition
from app.reports.form_rules import (
    ColumnInput,
    FormInput,
    IndicatorInput,
    RuleInput,
    SectionInput,
    column_problems,
    form_problems,
    indicator_problems,
    rule_problems,
    section_problems,
    tolerance_problems,
    version_problems,
)
from tests.reports.definitions_factory import indicator, rule, version

NAME = LocalText("营业收入", "Revenue")
FORM = FormInput("small", NAME)
SECTION = SectionInput("main", "grid", NAME)
INDICATOR = IndicatorInput("main", "revenue", NAME, NAME, "flow_ytd")
COLUMN = ColumnInput("goods", "sales", NAME, "number")
RULE = RuleInput("H02", "hard", "cell >= 0", NAME)
GOODS = [ColumnDefinition("sales", "goods", NAME, "number", 2, 100, True)]
VERSION = version([indicator("revenue"), indicator("power", cells=("m",), required_cells=())], [], GOODS)


def test_what_is_right_has_no_problem() -> None:
    found = [
        *form_problems(FORM),
        *section_problems(SECTION),
        *indicator_problems(INDICATOR),
        *column_problems(COLUMN),
        *rule_problems(RULE, VERSION),
        *tolerance_problems(Decimal("0.5")),
    ]

    assert found == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "Small"}, "code"),
        ({"code": "a" * 21}, "code"),
        ({"name": LocalText("只有中文")}, "name"),
        ({"make_up_months": -1}, "make_up_months"),
        ({"opens_day": 0}, "opens_day"),
        ({"due_day": 29}, "due_day"),
    ],
)
def test_each_wrong_field_of_a_form_is_told(changes: dict[str, object], field: str) -> None:
    problems = form_problems(replace(FORM, **changes))  # type: ignore[arg-type]

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "main_part"}, "code"),
        ({"kind": "list"}, "kind"),
        ({"name": LocalText("", "Main")}, "name"),
    ],
)
def test_each_wrong_field_of_a_section_is_told(changes: dict[str, object], field: str) -> None:
    problems = section_problems(replace(SECTION, **changes))  # type: ignore[arg-type]

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "1st"}, "code"),
        ({"code": "ytd"}, "code"),
        ({"code": "last"}, "code"),
        ({"code": "tolerance"}, "code"),
        ({"code": "sales_ly"}, "code"),
        ({"nature": "guess"}, "nature"),
        ({"growth_kind": "log"}, "growth_kind"),
        ({"scale": 7}, "scale"),
        ({"months": (0,)}, "months"),
        ({"months": ()}, "months"),
        ({"cells": ()}, "cells"),
        ({"cells": ("ytd", "total")}, "cells"),
        ({"cells": ("ytd",), "required_cells": ("m",)}, "required_cells"),
    ],
)
def test_each_wrong_field_of_an_indicator_is_told(changes: dict[str, object], field: str) -> None:
    problems = indicator_problems(replace(INDICATOR, **changes))  # type: ignore[arg-type]

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "period"}, "code"),
        ({"code": "state"}, "code"),
        ({"kind": "date"}, "kind"),
        ({"max_length": 501}, "max_length"),
    ],
)
def test_each_wrong_field_of_a_column_is_told(changes: dict[str, object], field: str) -> None:
    problems = column_problems(replace(COLUMN, **changes))  # type: ignore[arg-type]

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "H-02"}, "code"),
        ({"severity": "fatal"}, "severity"),
        ({"applies_to": "nobody"}, "applies_to"),
        ({"section": "elsewhere"}, "section"),
        ({"indicators": ("profit",)}, "indicators"),
        ({"indicators": ()}, "indicators"),
        ({"cells": ("total",)}, "cells"),
        ({"expression": "cell >="}, "expression"),
        ({"expression": "cell + 1"}, "expression"),
        ({"expression": "profit.ytd > 0"}, "expression"),
        ({"expression": "power.ytd > 0"}, "expression"),
        ({"expression": "last.profit.ytd > 0"}, "expression"),
        ({"expression": "revenue > 0"}, "expression"),
        ({"expression": "sales > 0"}, "expression"),
        ({"expression": "revenue.ytd > 0", "section": "goods", "indicators": ("*",)}, "expression"),
        ({"expression": "__import__.os > 0"}, "expression"),
    ],
)
def test_each_wrong_field_of_a_rule_is_told(changes: dict[str, object], field: str) -> None:
    problems = rule_problems(replace(RULE, **changes), VERSION)  # type: ignore[arg-type]

    assert [problem.field for problem in problems] == [field]


@pytest.mark.parametrize(
    "expression",
    [
        "present(cell)",
        "cell.readable",
        "m <= ytd",
        "power.m <= revenue.ytd",
        "near(ytd, m + last.ytd, tolerance)",
        "lastyear.revenue.ytd >= 0 or month == 1 or not industrial",
    ],
)
def test_an_expression_may_name_cells_indicators_and_earlier_reports(expression: str) -> None:
    assert rule_problems(replace(RULE, expression=expression), VERSION) == []


def test_a_rule_about_rows_names_their_columns() -> None:
    assert rule_problems(replace(RULE, section="goods", expression="sales >= 0"), VERSION) == []


def test_a_version_is_told_about_every_rule_that_no_longer_fits() -> None:
    draft = version(
        [indicator("revenue")], [rule("A1", "power.m > 0"), rule("A2", "cell >"), rule("A3", "cell > 0")]
    )

    problems = version_problems(draft)

    assert [problem.field for problem in problems] == ["rule.A1", "rule.A2"]


def test_a_version_without_any_indicator_is_refused() -> None:
    assert len(version_problems(version([], []))) == 1


def test_a_section_with_more_figures_than_a_row_can_hold_is_refused() -> None:
    many = [indicator(f"i{number}") for number in range(226)]

    assert len(version_problems(version(many, []))) == 1


@pytest.mark.parametrize("tolerance", ["-1", "1000000", "NaN"])
def test_a_tolerance_out_of_reach_is_refused(tolerance: str) -> None:
    assert [problem.field for problem in tolerance_problems(Decimal(tolerance))] == ["tolerance"]
