"""The page asks the same rules with the same answers as the server: all of the shipped form, any figures."""

from __future__ import annotations

import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.periods import Month
from app.reports.checking import Case, EarlierReport, check
from app.reports.definitions import CELL_KINDS, Cell, plain_number
from app.reports.grid_page import given_names
from app.reports.page_rules import compiled_for_page
from app.reports.rules import check_report
from app.reports.shipped import shipped_version
from tests.kernel.page_evaluator import SCRIPT, node
from tests.reports.test_rules import CASES

FORM = shipped_version()
RUNNER = Path(__file__).with_name("run_findings.js")
CELLS = [(found.code, cell) for found in FORM.indicators for cell in found.cells]

figures = st.none() | st.sampled_from([Decimal(text) for text in ("-1", "0", "1", "2", "2.5", "100", "101")])
grids = st.fixed_dictionaries(dict.fromkeys(CELLS, figures))
earlier = st.none() | st.builds(EarlierReport, grids, st.booleans())
months = st.integers(1, 12).map(lambda month: Month(2018, month))


@st.composite
def cases(draw: Any) -> Case:
    """A report of any month, with any figures; January has no last month, as ``OpenReport`` has it."""
    month = draw(months)
    return Case(
        month=month,
        industrial=draw(st.booleans()),
        cells=draw(grids),
        last=None if month.month == 1 else draw(earlier),
        last_year=draw(earlier),
    )


def on_page(asked: list[Case]) -> list[list[str]]:
    """What the page finds, as "severity key"."""
    prepared = [_prepared(case) for case in asked]
    ran = subprocess.run(
        [node(), str(RUNNER), str(SCRIPT.parent)],
        input=json.dumps(prepared),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[list[str]] = json.loads(ran.stdout)
    return [sorted(keys) for keys in found]


def _prepared(case: Case) -> dict[str, Any]:
    compiled = compiled_for_page(FORM, case, "zh")
    shown = {
        found.code for found in FORM.indicators if found.applies(case.month.month, industrial=case.industrial)
    }
    return {
        "rules": [
            {**rule, "fields": {f"{code}.{cell}": rule["message"] for code, cell in rule["cells"]}}
            for rule in compiled["rules"]
        ],
        "values": {
            f"{code}.{cell}": None if value is None else plain_number(value)
            for (code, cell), value in case.cells.items()
            if code in shown
        },
        "names": given_names(compiled),
    }


def on_server(case: Case) -> list[str]:
    return sorted(f"{found.severity} {found.key}" for found in check(FORM, case).findings)


@settings(max_examples=25)
@given(st.lists(cases(), min_size=1, max_size=8))
def test_page_and_server_find_the_same_in_any_report(asked: list[Case]) -> None:
    assert on_page(asked) == [on_server(case) for case in asked]


def test_page_and_server_find_the_same_in_every_worked_example() -> None:
    asked = [
        Case(
            month=Month(2018, one["month"]),
            industrial=one["industrial"],
            cells=cells_of(one["report"]),
            last=EarlierReport(cells_of(one["last"]), approved=one["last_month"] == "approved"),
        )
        for one in CASES
    ]

    assert on_page(asked) == [on_server(case) for case in asked]


@given(cases())
def test_plain_figures_are_checked_as_the_page_and_the_import_check_them(case: Case) -> None:
    plain: dict[str, dict[str, Any]] = {}
    for (code, cell), value in case.cells.items():
        plain.setdefault(code, {})[cell] = value
    last: dict[str, dict[str, Any]] = {}
    for (code, cell), value in (case.last.cells if case.last else {}).items():
        last.setdefault(code, {})[cell] = value

    checked = check_report(
        industrial=case.industrial,
        month=case.month.month,
        cells=plain,
        last=last if case.last else None,
        last_status="approved" if case.last and case.last.approved else "in_review",
    )

    alone = Case(case.month, case.industrial, case.cells, last=case.last)
    outcome = check(FORM, alone)
    assert {(one.rule, one.indicator) for one in checked.findings} == {
        (one.rule, one.indicator) for one in outcome.findings
    }
    assert (checked.hard_pass, checked.screening_pass) == (not outcome.hard, not outcome.soft)


def cells_of(report: dict[str, dict[str, Any]] | None) -> dict[Cell, Decimal | None]:
    return {
        (code, cell): Decimal(str(value))
        for code, found in (report or {}).items()
        for cell, value in found.items()
        if cell in CELL_KINDS
    }
