"""Rules of a form, asked about reports: hard ones as shipped, and any other that is given as data."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from app.kernel.expressions import parse
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports.checking import Case, EarlierReport, Reason, check
from app.reports.definitions import ColumnDefinition
from app.reports.page_rules import compiled_for_page
from app.reports.prefill import changed_prefills, growth, prefill
from tests.reports.definitions_factory import cells, indicator, rule, version

JULY = Month(2018, 7)


def test_a_required_cell_that_is_empty_is_found_where_it_stands() -> None:
    form = version([indicator("revenue")], [rule("H01", "present(cell)", cells=("required",))])

    outcome = check(form, Case(JULY, industrial=True, cells=cells(revenue_ytd=1, revenue_m=1)))

    (finding,) = outcome.findings
    assert (finding.rule, finding.severity, finding.field) == ("H01", "hard", "revenue.ly_ytd")
    assert finding.message == LocalText("指标revenue有误", "Indicator revenue is wrong")


def test_zero_is_not_missing() -> None:
    form = version([indicator("revenue")], [rule("H01", "present(cell)", cells=("required",))])

    outcome = check(form, Case(JULY, industrial=True, cells=cells(revenue_ytd=0, revenue_ly_ytd=0)))

    assert outcome.findings == ()


@pytest.mark.parametrize(
    ("opened_on", "count"), [(None, 2), (dt.date(2017, 7, 31), 2), (dt.date(2017, 8, 1), 1)]
)
def test_an_enterprise_opened_after_the_month_of_last_year_need_not_fill_last_year(
    opened_on: dt.date | None, count: int
) -> None:
    form = version([indicator("revenue")], [rule("H01", "present(cell)", cells=("required",))])

    outcome = check(form, Case(JULY, industrial=True, cells={}, opened_on=opened_on))

    assert len(outcome.findings) == count


def test_a_new_enterprise_that_fills_last_year_all_the_same_is_checked_there() -> None:
    form = version([indicator("revenue")], [rule("H02", "cell >= 0")])
    case = Case(JULY, industrial=True, cells=cells(revenue_ly_m=-1), opened_on=dt.date(2018, 1, 1))

    outcome = check(form, case)

    assert [found.field for found in outcome.findings] == ["revenue.ly_m"]


@pytest.mark.parametrize(("month", "industrial"), [(7, False), (6, True)])
def test_an_indicator_that_does_not_apply_is_never_checked(month: int, *, industrial: bool) -> None:
    form = version([indicator("power", industrial_only=True, months=(7,))], [rule("H02", "cell >= 0")])

    outcome = check(form, Case(Month(2018, month), industrial=industrial, cells=cells(power_ytd=-1)))

    assert (outcome.findings, outcome.silenced) == ((), ())


def test_an_indicator_that_does_not_apply_is_missing_for_other_rules_too() -> None:
    power = indicator("power", industrial_only=True)
    form = version([indicator("revenue"), power], [rule("X1", "power.ytd < ytd", indicators=("revenue",))])

    outcome = check(form, Case(JULY, industrial=False, cells=cells(power_ytd=9, revenue_ytd=1)))

    assert outcome.findings == ()
    assert [found.operands for found in outcome.silenced] == [("power.ytd",)]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (None, Reason.NO_REPORT),
        (EarlierReport(cells(revenue_ytd=9), approved=False), Reason.NOT_APPROVED),
        (EarlierReport({}, approved=True), Reason.MISSING),
    ],
)
def test_a_missing_or_unapproved_operand_silences_a_rule_and_it_says_why(
    last: EarlierReport | None, reason: Reason
) -> None:
    form = version([indicator("revenue")], [rule("S05", "ytd >= last.ytd", severity="soft")])

    outcome = check(form, Case(JULY, industrial=True, cells=cells(revenue_ytd=1), last=last))

    assert outcome.findings == ()
    (silent,) = outcome.silenced
    assert (silent.rule, silent.indicator, silent.reason, silent.operands) == (
        "S05",
        "revenue",
        reason,
        ("last.ytd",),
    )


def test_an_empty_optional_cell_is_not_called_silenced() -> None:
    form = version([indicator("revenue")], [rule("H02", "cell >= 0")])

    outcome = check(form, Case(JULY, industrial=True, cells={}))

    assert outcome.silenced == ()


def test_a_rule_may_name_last_years_report() -> None:
    form = version([indicator("revenue")], [rule("P01", "ly_ytd == lastyear.ytd", severity="hint")])
    case = Case(
        JULY,
        industrial=True,
        cells=cells(revenue_ly_ytd=5),
        last_year=EarlierReport(cells(revenue_ytd=6), approved=True),
    )

    outcome = check(form, case)

    assert [(found.severity, found.indicator) for found in outcome.findings] == [("hint", "revenue")]


def test_a_rule_for_industrial_enterprises_leaves_others_alone() -> None:
    form = version([indicator("revenue")], [rule("H02", "cell >= 0", applies_to="industrial")])

    outcome = check(form, Case(JULY, industrial=False, cells=cells(revenue_ytd=-1)))

    assert outcome.findings == ()


def test_a_text_that_is_no_number_is_found_once_and_not_called_empty() -> None:
    rules = [rule("H01", "present(cell)", cells=("required",)), rule("H03", "cell.readable")]
    form = version([indicator("revenue", cells=("ytd",), required_cells=("ytd",))], rules)
    case = Case(JULY, industrial=True, cells={}, unreadable=frozenset({("revenue", "ytd")}))

    outcome = check(form, case)

    assert [found.rule for found in outcome.findings] == ["H03"]


def test_rows_are_checked_once_anything_stands_in_them() -> None:
    columns = [
        ColumnDefinition("product", "goods", LocalText("产品", "Product"), "text", 0, 100, True),
        ColumnDefinition("sales", "goods", LocalText("销售量", "Sales"), "number", 2, 100, True),
        ColumnDefinition("code", "goods", LocalText("代码", "Code"), "text", 0, 100, False),
    ]
    rules = [
        rule("G01", "present(cell)", section="goods", cells=("required",)),
        rule("G02", "cell >= 0", section="goods", indicators=("sales",)),
    ]
    rows = [
        {"product": "甲", "sales": Decimal(-1)},
        {"product": "", "sales": None, "code": None},
        {"code": "7"},
    ]

    outcome = check(version([], rules, columns), Case(JULY, industrial=True, cells={}, rows={"goods": rows}))

    assert [(found.rule, found.field) for found in outcome.findings] == [
        ("G01", "goods.3.product"),
        ("G01", "goods.3.sales"),
        ("G02", "goods.1.sales"),
    ]


def test_a_message_typed_by_an_administrator_cannot_reach_into_objects() -> None:
    message = LocalText("{name.__class__} {0} {unit}", "{name} {unknown}")
    form = version([indicator("revenue")], [rule("H02", "cell >= 0", message=message)])

    (finding,) = check(form, Case(JULY, industrial=True, cells=cells(revenue_ytd=-1))).findings

    assert finding.message == LocalText("{name.__class__} {0} 千元", "Indicator revenue {unknown}")


def test_the_page_gets_the_rules_of_the_month_with_the_cells_they_are_asked_at() -> None:
    rules = [
        rule("H02", "cell >= 0"),
        rule("S05", "ytd >= last.ytd", severity="soft", cells=("ytd",)),
        rule("H09", "ytd >= last.ytd", months=(8,)),
        rule("S09", "ytd > 0", severity="soft", indicators=("power",)),
    ]
    power = indicator("power", industrial_only=True)
    form = version([indicator("revenue", cells=("m", "ytd")), power], rules)
    last = EarlierReport(cells(revenue_ytd="12.5"), approved=True)

    page = compiled_for_page(form, Case(JULY, industrial=False, cells={}, last=last), "en")

    assert [(found["code"], found["severity"], found["cells"]) for found in page["rules"]] == [
        ("H02", "hard", [["revenue", "m"], ["revenue", "ytd"]]),
        ("S05", "soft", [["revenue", "ytd"]]),
        ("S09", "soft", []),
    ]
    assert page["rules"][0]["expression"] == parse("cell >= 0").to_json()
    assert page["rules"][0]["message"] == "{name} is wrong"
    assert page["context"] == {"month": "7", "tolerance": "1", "industrial": False}
    assert (page["last"], page["lastyear"]) == ({"revenue.ytd": "12.5"}, {})
    json.dumps(page)


@pytest.mark.parametrize(
    ("expression", "opened_on", "told"),
    [
        ("near(ly_m, lastyear.m, 1)", None, ()),  # a stock takes no month: nothing is lacking
        ("near(ly_ytd, lastyear.ytd, 1)", None, ("lastyear.ytd", "ly_ytd")),
        ("near(ly_ytd, lastyear.ytd, 1)", dt.date(2018, 1, 1), ()),  # nor has a new enterprise a last year
        ("near(ly_ytd, ytd, 1)", dt.date(2018, 1, 1), ("ytd",)),
        ("last.revenue.ytd > ly_ytd", dt.date(2018, 1, 1), ("last.revenue.ytd",)),
    ],
)
def test_a_rule_is_called_silenced_only_by_what_this_report_could_have(
    expression: str, opened_on: dt.date | None, told: tuple[str, ...]
) -> None:
    stock = indicator("stock", nature="stock", cells=("ytd", "ly_ytd"))
    form = version([stock, indicator("revenue")], [rule("S1", expression, indicators=("stock",))])

    outcome = check(form, Case(JULY, industrial=True, cells={}, opened_on=opened_on))

    assert outcome.findings == ()
    assert [found.operands for found in outcome.silenced] == ([told] if told else [])


def test_last_years_figures_are_proposed_from_last_years_approved_report() -> None:
    form = version([indicator("revenue"), indicator("stock", cells=("ytd", "ly_ytd"), nature="stock")], [])
    last_year = EarlierReport(cells(revenue_m=1, revenue_ytd=2, stock_ytd=3), approved=True)
    case = Case(JULY, industrial=True, cells=cells(revenue_ly_m=9), last_year=last_year)

    proposed = prefill(form, case)

    assert proposed == cells(revenue_ly_ytd=2, stock_ly_ytd=3)
    assert changed_prefills(form, case) == cells(revenue_ly_m=1, revenue_ly_ytd=2, stock_ly_ytd=3)


def test_nothing_is_proposed_from_reports_that_are_not_approved() -> None:
    form = version([indicator("revenue")], [])
    earlier = EarlierReport(cells(revenue_m=1, revenue_ytd=2), approved=False)

    case = Case(JULY, industrial=True, cells=cells(revenue_ytd=5), last=earlier, last_year=earlier)

    assert prefill(form, case) == {}


@pytest.mark.parametrize(("month", "expected"), [(7, "3"), (1, "5")])
def test_the_month_of_a_cumulative_indicator_is_what_was_added_since_last_month(
    month: int, expected: str
) -> None:
    form = version([indicator("revenue"), indicator("output", nature="flow_monthly")], [])
    last = EarlierReport(cells(revenue_ytd=2, output_ytd=2), approved=True)

    case = Case(Month(2018, month), industrial=True, cells=cells(revenue_ytd=5, output_ytd=5), last=last)

    assert prefill(form, case) == cells(revenue_m=expected)


@pytest.mark.parametrize(
    ("kind", "this", "base", "expected"),
    [
        ("pct", "110", "100", "10.00"),
        ("pct", "-50", "-100", "50.00"),
        ("pct", "1", "3", "-66.67"),
        ("pct", "5", "0", None),
        ("pct", "5", None, None),
        ("pp", "82.5", "80", "2.50"),
        ("pp", "5", "0", "5.00"),
        ("none", "5", "4", None),
    ],
)
def test_growth_is_told_over_the_absolute_base_or_in_points(
    kind: str, this: str, base: str | None, expected: str | None
) -> None:
    figures = cells(a_ytd=this) | (cells(a_ly_ytd=base) if base else {})

    assert growth(kind, figures, "a") == (None if expected is None else Decimal(expected))
