"""All rules of the shipped form: every worked example, and cases of our own around each boundary."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.kernel.expressions import parse
from app.reports.checking import Reason
from app.reports.rules import Checked, check_report
from app.reports.shipped import shipped_version

CASES = json.loads((Path(__file__).parent / "rule_cases.json").read_text(encoding="utf-8"))
QUARTER_MONTHS = (2, 5, 8, 11, 12)
FLOWS = ("industrial_output", "export_delivery", "electricity")

Report = dict[str, dict[str, Any]]


def whole(month: int, *, industrial: bool = True) -> Report:
    """A report in which every rule holds: 100 in each month of this year, 90 in each of last year."""
    report: Report = {}
    for section in shipped_version().grids:
        for found in section.applicable(month, industrial=industrial):
            flow = {"m": 100, "ytd": 100 * month, "ly_m": 90, "ly_ytd": 90 * month}
            stock = {"m": 80, "ytd": 80, "ly_m": 70, "ly_ytd": 70}
            values = flow if found.nature.startswith("flow") else stock
            report[found.code] = {cell: values[cell] for cell in found.cells}
    if "total_assets" in report:
        report["total_assets"] = {"ytd": 9000, "ly_ytd": 8000}
    return report


def changed(report: Report, **cells: Any) -> Report:
    """``revenue__ytd=5`` puts 5 there; None empties the cell."""
    found = copy.deepcopy(report)
    for name, value in cells.items():
        indicator, cell = name.split("__")
        found[indicator][cell] = value
    return found


def ask(
    month: int,
    cells: Report,
    last: Report | None = None,
    *,
    industrial: bool = True,
    last_status: str = "approved",
) -> Checked:
    return check_report(industrial=industrial, month=month, cells=cells, last=last, last_status=last_status)


def found(checked: Checked) -> set[str]:
    return {f"{one.rule}:{one.indicator}" for one in checked.findings}


@pytest.mark.parametrize("given", CASES, ids=lambda given: given["case"])
def test_every_worked_example_finds_what_it_should(given: dict[str, Any]) -> None:
    checked = ask(
        given["month"],
        given["report"],
        given["last"],
        industrial=given["industrial"],
        last_status=given["last_month"],
    )

    assert sorted(f"{one.rule}:{one.indicator}" for one in checked.findings) == sorted(given["findings"])
    assert checked.hard_pass == (not any(name.startswith("H") for name in given["findings"]))


def test_the_form_has_the_seventeen_rules_and_those_of_products() -> None:
    codes = {rule.code: rule.severity for rule in shipped_version().rules}

    assert {code for code in codes if codes[code] == "hard"} == {"H01", "H02", "H03", "H11", "H12", "H13"}
    assert {code for code in codes if codes[code] == "soft"} == {f"S{number:02}" for number in range(1, 11)}
    assert {code for code in codes if codes[code] == "hint"} == {"P01", "P02", "P03", "P04"}


@pytest.mark.parametrize("industrial", [True, False])
@pytest.mark.parametrize("month", range(1, 13))
def test_a_report_without_a_fault_passes_in_every_month(month: int, *, industrial: bool) -> None:
    last = whole(month - 1, industrial=industrial) if month > 1 else None

    checked = ask(month, whole(month, industrial=industrial), last, industrial=industrial)

    assert (found(checked), checked.hard_pass, checked.screening_pass) == (set(), True, True)
    assert {one.rule for one in checked.silenced} == {"P01"}  # there is no report of last year here


REQUIRED = {
    **dict.fromkeys(("industrial_output", "electricity"), ("m", "ytd", "ly_m", "ly_ytd")),
    **dict.fromkeys(
        (
            "revenue",
            "cost",
            "total_profit",
            "employees",
            "receivables",
            "overdue_receivables",
            "payroll_payable",
            "total_assets",
            "total_liabilities",
        ),
        ("ytd", "ly_ytd"),
    ),
}


@pytest.mark.parametrize("month", [7, 8])
def test_each_required_cell_is_demanded_where_its_indicator_applies(month: int) -> None:
    checked = ask(month, {}, whole(month - 1))

    demanded = {one.indicator: one.cells for one in checked.findings}
    applicable = whole(month).keys()
    assert demanded == {code: cells for code, cells in REQUIRED.items() if code in applicable}
    assert {one.rule for one in checked.findings} == {"H01"}


MAY_BE_NEGATIVE = {"finance_expense", "finished_goods", "total_profit", "taxes_payable", "payroll_payable"}


@pytest.mark.parametrize("indicator", list(whole(8)))
def test_a_negative_figure_is_refused_in_every_cell_of_all_but_five_indicators(
    indicator: str,
) -> None:
    report = whole(8)
    report[indicator] = dict.fromkeys(report[indicator], -1)

    checked = ask(8, report)

    refused = {one.indicator: one.cells for one in checked.findings if one.rule == "H02"}
    wanted = {} if indicator in MAY_BE_NEGATIVE else {indicator: tuple(report[indicator])}
    assert refused == wanted


def test_zero_is_neither_missing_nor_negative() -> None:
    checked = ask(7, changed(whole(7), revenue__ytd=0, revenue__m=0, electricity__m=0), None)

    assert checked.hard_pass


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("700", True),
        ("+700.50", True),
        (" 700 ", True),
        ("-700.5", True),
        ("7e2", False),
        ("1,700", False),
        ("７００", False),
        ("700.", False),
        (".5", False),
        ("--7", False),
        ("abc", False),
        (True, False),
    ],
)
def test_only_digits_a_point_and_a_sign_are_a_figure(text: Any, *, good: bool) -> None:
    checked = ask(7, changed(whole(7), total_profit__ytd=text))

    assert found(checked) == (set() if good else {"H03:total_profit"})


def test_a_text_that_is_no_number_is_neither_called_empty_nor_negative() -> None:
    checked = ask(7, changed(whole(7), revenue__ytd="-x"), whole(6))

    assert found(checked) == {"H03:revenue"}


@pytest.mark.parametrize("value", [700.1, "700.1", Decimal("700.1")])
def test_a_figure_is_exact_however_it_is_given(value: Any) -> None:
    last = changed(whole(6), revenue__ytd=value)

    assert found(ask(7, changed(whole(7), revenue__ytd="700.1"), last)) == set()
    assert found(ask(7, changed(whole(7), revenue__ytd="700.09"), last)) == {"S05:revenue"}


# --- the balance rules


@pytest.mark.parametrize("indicator", FLOWS)
@pytest.mark.parametrize(("rule", "cell"), [("S01", "m"), ("S01", "ytd"), ("S02", "ly_m"), ("S02", "ly_ytd")])
def test_in_january_month_and_cumulative_are_the_same(indicator: str, rule: str, cell: str) -> None:
    report = whole(1)
    right = report[indicator][cell]

    def ask_with(value: Any) -> set[str]:
        return found(ask(1, changed(report, **{f"{indicator}__{cell}": value}))) - {f"P04:{indicator}"}

    assert ask_with(right + 1) == ask_with(right - 1) == set()
    assert ask_with(str(Decimal(right) + Decimal("1.0001"))) == {f"{rule}:{indicator}"}
    assert ask_with(str(Decimal(right) - Decimal("1.0001"))) == {f"{rule}:{indicator}"}


@pytest.mark.parametrize("month", range(2, 13))
@pytest.mark.parametrize(
    ("rule", "cell", "of_last"),
    [
        ("S03", "m", False),
        ("S03", "ytd", False),
        ("S03", "ytd", True),
        ("S04", "ly_m", False),
        ("S04", "ly_ytd", False),
        ("S04", "ly_ytd", True),
    ],
)
def test_later_months_add_up_within_the_tolerance(month: int, rule: str, cell: str, *, of_last: bool) -> None:
    report, last = whole(month), whole(month - 1)
    right = (last if of_last else report)["electricity"][cell]

    def ask_with(value: Any) -> set[str]:
        change = {f"electricity__{cell}": value}
        this, before = (report, changed(last, **change)) if of_last else (changed(report, **change), last)
        return found(ask(month, this, before))

    assert ask_with(right + 1) == ask_with(right - 1) == set()
    assert ask_with(right + 2) == ask_with(right - 2) == {f"{rule}:electricity"}


@pytest.mark.parametrize("indicator", ["revenue", "cost"])
@pytest.mark.parametrize(("rule", "cell"), [("S05", "ytd"), ("S06", "ly_ytd")])
def test_cumulative_figures_do_not_fall(indicator: str, rule: str, cell: str) -> None:
    last = whole(6)
    before = last[indicator][cell]
    month = {f"{indicator}__m": None, f"{indicator}__ly_m": None}

    def ask_with(value: Any) -> set[str]:
        return found(ask(7, changed(whole(7), **month, **{f"{indicator}__{cell}": value}), last))

    assert ask_with(before) == set()
    assert ask_with(f"{before - 1}.9999") == {f"{rule}:{indicator}"}


def test_profit_taxes_and_finance_expense_may_fall_and_be_negative() -> None:
    report = whole(7)
    for code in ("total_profit", "taxes_payable", "finance_expense"):
        report[code] = dict.fromkeys(report[code], -5)

    assert found(ask(7, report, whole(6))) == set()


@pytest.mark.parametrize("month", QUARTER_MONTHS)
@pytest.mark.parametrize(
    ("rule", "indicator", "cell"),
    [
        ("S07", "receivables", "ytd"),
        ("S08", "receivables", "ly_ytd"),
        ("S09", "finished_goods", "ytd"),
        ("S10", "finished_goods", "ly_ytd"),
    ],
)
def test_total_assets_are_strictly_more_than_their_parts(
    month: int, rule: str, indicator: str, cell: str
) -> None:
    report = whole(month)
    assets = report["total_assets"][cell]

    def ask_with(value: Any) -> set[str]:
        return found(ask(month, changed(report, **{f"{indicator}__{cell}": value}), whole(month - 1)))

    assert ask_with(f"{assets - 1}.9999") == set()
    assert ask_with(assets) == {f"{rule}:{indicator}"}  # no tolerance: more means more


@pytest.mark.parametrize("month", sorted(set(range(1, 13)) - set(QUARTER_MONTHS)))
def test_assets_are_compared_in_their_months_only(month: int) -> None:
    report = whole(month) | {"total_assets": {"ytd": 1, "ly_ytd": 1}, "payroll_payable": {"ytd": -1}}

    checked = ask(month, report, whole(month - 1) if month > 1 else None)

    assert found(checked) == set()


def test_other_than_industrial_enterprises_are_not_asked_about_production() -> None:
    report = whole(8, industrial=False) | {
        "electricity": {"m": -1, "ytd": 3},
        "finished_goods": {"ytd": 10**6},
        "capacity_utilization": {"m": 400},
        "industrial_output": {"m": 5, "ytd": 1},
    }

    checked = ask(8, report, whole(7), industrial=False)

    assert found(checked) == set()
    assert "total_assets" not in {one.indicator for one in checked.silenced if one.rule != "P01"}


def test_the_rules_about_assets_hold_for_other_than_industrial_enterprises_too() -> None:
    report = changed(whole(8, industrial=False), receivables__ytd=9000)

    assert found(ask(8, report, whole(7, industrial=False), industrial=False)) == {"S07:receivables"}


# --- silence


@pytest.mark.parametrize("status", ["in_review", "returned", "editing", "", "Approved"])
def test_a_report_that_is_not_approved_silences_what_compares_with_it(status: str) -> None:
    wrong = changed(whole(3), revenue__ytd=1, revenue__m=1, electricity__ytd=9999)

    checked = ask(3, wrong, whole(2), last_status=status)

    assert found(checked) == set()
    told = {one.rule: one.reason for one in checked.silenced}
    assert {rule for rule, reason in told.items() if reason is Reason.NOT_APPROVED} == {
        "S03",
        "S04",
        "S05",
        "S06",
    }


def test_a_report_that_was_never_filed_silences_too_and_is_told_apart() -> None:
    checked = ask(3, whole(3), None)

    told = {one.rule: one.reason for one in checked.silenced}
    assert told == {**dict.fromkeys(("S03", "S04", "S05", "S06", "P01"), Reason.NO_REPORT)}


def test_january_has_no_last_month_even_if_one_is_given() -> None:
    december = changed(whole(12), revenue__ytd=10**9)

    checked = ask(1, whole(1), december)

    assert found(checked) == set()
    assert {one.rule for one in checked.silenced} == {"P01"}


def test_a_missing_operand_silences_one_indicator_and_not_the_others() -> None:
    last = changed(whole(6), electricity__ytd=None)
    report = changed(whole(7), electricity__ytd=1, industrial_output__ytd=10**6)

    checked = ask(7, report, last)

    assert found(checked) == {"S03:industrial_output"}
    (silent,) = [one for one in checked.silenced if one.rule == "S03"]
    assert (silent.indicator, silent.operands, silent.reason) == (
        "electricity",
        ("last.ytd",),
        Reason.MISSING,
    )


def test_missing_assets_are_demanded_and_not_compared() -> None:
    checked = ask(2, changed(whole(2), total_assets__ytd=None, receivables__ytd=10**6), whole(1))

    assert found(checked) == {"H01:total_assets"}
    assert {one.rule for one in checked.silenced if one.rule != "P01"} == {"S07", "S09"}


# --- hints


@pytest.mark.parametrize(
    ("cells", "hints"),
    [
        ({"capacity_utilization__m": 100}, set()),
        ({"capacity_utilization__m": "100.0001"}, {"P02:capacity_utilization"}),
        ({"capacity_utilization__m": None}, set()),
        ({"finished_goods__ytd": 0}, set()),
        ({"finished_goods__ytd": "-0.01"}, {"P03:finished_goods"}),
        ({"payroll_payable__ytd": -1, "payroll_payable__m": -1}, {"P03:payroll_payable"}),
        ({"revenue__m": 800}, set()),
        ({"revenue__m": "800.0001"}, {"P04:revenue"}),
        ({"cost__m": 801}, {"P04:cost"}),
        ({"cost__m": None}, set()),
    ],
)
def test_hints_are_told_and_count_for_nothing(cells: dict[str, Any], hints: set[str]) -> None:
    checked = ask(8, changed(whole(8), **cells), whole(7))

    assert found(checked) == hints
    assert (checked.hard_pass, checked.screening_pass) == (True, True)


def test_a_soft_finding_fails_screening_and_not_the_report() -> None:
    checked = ask(2, changed(whole(2), receivables__ytd=9000), whole(1))

    (finding,) = checked.findings
    assert (finding.severity, finding.message.zh) == ("soft", "资产总计应大于应收账款")
    assert (checked.hard_pass, checked.screening_pass) == (True, False)


def test_a_message_names_its_indicator_in_both_languages() -> None:
    (finding,) = ask(7, changed(whole(7), cost__ytd=None), whole(6)).findings

    assert finding.message.zh == "营业成本不能为空"
    assert finding.message.en == "Operating costs must not be empty"


def test_a_month_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 12"):
        ask(13, {})


# --- the data


def test_every_expression_stands_in_its_one_written_form() -> None:
    for rule in shipped_version().rules:
        assert parse(rule.expression).to_text() == rule.expression


def test_rule_examples_are_well_formed() -> None:
    columns = {"case", "industrial", "month", "last_month", "report", "last", "findings"}

    assert all(set(given) == columns for given in CASES)
    assert len({given["case"] for given in CASES}) == len(CASES) == 14
