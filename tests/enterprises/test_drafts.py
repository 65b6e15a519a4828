"""The entries of an enterprise: each rule of the table, all problems together."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.enterprises.drafts import EnterpriseDraft, draft_problems

TODAY = dt.date(2026, 11, 6)
GOOD = EnterpriseDraft(
    name="杭州示范纺织有限公司",
    uscc="91330100799655058B",
    legal_representative="陈言知",
    region_id=1,
    industry_id=1,
    registration_type_id=1,
    control_type_id=1,
    address="示范路1号",
    opened_on=dt.date(2001, 5, 1),
    main_products="棉纱",
    contact_name="陈言知",
    phone="0500-12345678",
    figures_year=2025,
    revenue=Decimal("12.50"),
    employees=3,
    assets=Decimal(7),
)


def fields(*, may_except: bool = False, **changes: Any) -> list[str]:
    """The fields that have problems after a change."""
    draft = replace(GOOD, **changes).normalised()
    return [problem.field for problem in draft_problems(draft, TODAY, may_except=may_except)]


def test_a_good_draft_has_no_problem() -> None:
    assert fields() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \u200b "}, "name"),
        ({"name": "甲" * 121}, "name"),
        ({"legal_representative": ""}, "legal_representative"),
        ({"address": ""}, "address"),
        ({"main_products": "  "}, "main_products"),
        ({"contact_name": ""}, "contact_name"),
        ({"uscc": "91330100799655058C"}, "uscc"),
        ({"uscc_exception": "旧码", "uscc": "1" * 18}, "uscc"),
        ({"revenue": Decimal("-0.01")}, "revenue"),
        ({"revenue": Decimal("0.001")}, "revenue"),
        ({"revenue": Decimal(10) ** 14}, "revenue"),
        ({"employees": -1}, "employees"),
        ({"employees": 20_000_000}, "employees"),
        ({"assets": Decimal(-5)}, "assets"),
        ({"figures_year": 2026}, "figures_year"),
        ({"opened_on": None}, "opened_on"),
        ({"opened_on": dt.date(2026, 11, 7)}, "opened_on"),
        ({"opened_on": dt.date(1700, 1, 1)}, "opened_on"),
        ({"phone": "", "mobile": ""}, "phone"),
        ({"phone": "12345678"}, "phone"),
        ({"phone": "057112345678"}, "phone"),
        ({"mobile": "23800000000"}, "mobile"),
        ({"mobile": "1380000000"}, "mobile"),
        ({"fax": "1"}, "fax"),
        ({"email": "a@b"}, "email"),
        ({"postcode": "31000"}, "postcode"),
        ({"website": "www.example.com"}, "website"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "ftp://example.com"}, "website"),
        ({"is_listed": True}, "stock_code"),
        ({"stock_code": "600000"}, "is_listed"),
    ],
)
def test_each_wrong_entry_is_named_at_its_field(changes: dict[str, Any], field: str) -> None:
    assert field in fields(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"phone": "0571-87654321-8001"},
        {"phone": "０５７１－８７６５４３２１"},
        {"phone": "", "mobile": "13800000000"},
        {"website": "https://example.com/about"},
        {"website": "HTTP://example.com"},
        {"revenue": None, "employees": None, "assets": None},
        {"revenue": Decimal(0), "employees": 0, "assets": Decimal(0)},
        {"is_listed": True, "stock_code": "600000"},
        {"opened_on": TODAY},
    ],
)
def test_good_entries_of_other_shapes_pass(changes: dict[str, Any]) -> None:
    assert fields(**changes) == []


def test_all_problems_come_together() -> None:
    found = fields(name="", uscc="1", phone="1", website="x", revenue=Decimal(-1))

    assert {"name", "uscc", "phone", "website", "revenue"} <= set(found)


def test_only_an_administrator_lets_in_an_invalid_code_and_only_with_a_reason() -> None:
    assert fields(may_except=True, uscc="111111111111111111") == ["uscc"]
    assert fields(may_except=True, uscc="111111111111111111", uscc_exception="旧码") == []
    assert "uscc_exception" in fields(uscc="111111111111111111", uscc_exception="旧码")


def test_a_reason_is_dropped_where_the_code_is_valid() -> None:
    assert replace(GOOD, uscc_exception="多余").normalised().uscc_exception == ""
