"""What differs between two states of a report: cells, rows found again, facts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.kernel.texts import LocalText
from app.reports.changes import Pair, changed_cells, changed_facts, paired
from app.reports.definitions import ColumnDefinition, Row, SectionDefinition

D = Decimal
TEXTS = ("code", "product_name", "unit")


def column(code: str) -> ColumnDefinition:
    kind = "text" if code in TEXTS else "number"
    return ColumnDefinition(code, "products", LocalText(code), kind, 4, 100, required=False)


PRODUCTS = SectionDefinition(
    "products", "rows", LocalText("产销存"), columns=tuple(column(code) for code in (*TEXTS, "sales"))
)


def row(name: str, sales: str, code: str | None = None, unit: str = "件") -> Row:
    return {"code": code, "product_name": name, "unit": unit, "sales": D(sales)}


def test_a_cell_changed_when_its_value_did_not_when_its_writing_did() -> None:
    before = {("revenue", "m"): D("12.50"), ("cost", "m"): D(1), ("profit", "m"): D(3)}
    now = {("revenue", "m"): D("12.5"), ("cost", "m"): D("1.0001"), ("tax", "m"): D(0)}

    assert changed_cells(before, now) == {
        ("cost", "m"): (D(1), D("1.0001")),
        ("profit", "m"): (D(3), None),
        ("tax", "m"): (None, D(0)),
    }


def test_zero_is_not_the_same_as_missing() -> None:
    assert changed_cells({("tax", "m"): None}, {("tax", "m"): D(0)}) == {("tax", "m"): (None, D(0))}
    assert changed_cells({("tax", "m"): None}, {}) == {}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ([row("甲", "1"), row("乙", "2")], [row("乙", "2"), row("甲", "1")]),  # moved
        ([row("甲", "1", "A1")], [row("甲（新）", "1", "A1")]),  # renamed, found by its code
        ([row("甲", "1", "A1")], [row("甲", "1", "A2")]),  # another code, found by its name
        ([row("甲", "1", unit="吨")], [row("甲", "1")]),  # another unit, found by its name
    ],
)
def test_rows_are_found_again_by_code_or_name(before: list[Row], now: list[Row]) -> None:
    pairs = paired(PRODUCTS, before, now)

    assert [pair.now for pair in pairs] == now
    assert all(pair.before is not None for pair in pairs)


def test_rows_of_one_name_are_told_apart_by_their_order() -> None:
    before = [row("甲", "1"), row("甲", "2")]

    pairs = paired(PRODUCTS, before, [row("甲", "1"), row("甲", "5")])

    assert [pair.columns for pair in pairs] == [(), ("sales",)]


def test_a_row_that_is_gone_stands_last_and_one_that_is_new_has_no_before() -> None:
    old, new = row("旧", "1"), row("新", "2")

    pairs = paired(PRODUCTS, [old], [new])

    assert pairs == [Pair(None, new), Pair(old, None)]
    assert all(pair.is_changed for pair in pairs)


def test_rows_without_any_name_are_not_taken_for_one_another() -> None:
    nameless: Row = {"code": None, "product_name": "", "unit": None, "sales": D(1)}

    assert paired(PRODUCTS, [nameless], [nameless]) == [Pair(None, nameless), Pair(nameless, None)]


def test_a_unit_alone_names_no_row() -> None:
    pairs = paired(PRODUCTS, [row("甲", "1")], [row("乙", "1")])

    assert [pair.before for pair in pairs] == [None, row("甲", "1")]


def test_an_empty_text_is_a_missing_one() -> None:
    before, now = {**row("甲", "1"), "code": ""}, row("甲", "1")

    assert not Pair(before, now).is_changed


def test_facts_that_differ_tell_what_they_were() -> None:
    before = [("name", "甲"), ("phone", "1"), ("gone", "x")]

    assert changed_facts(before, [("name", "乙"), ("phone", "1"), ("fax", "2")]) == {"name": "甲", "fax": ""}
