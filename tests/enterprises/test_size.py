"""The size of an enterprise: every worked example, the thresholds' edges and what is missing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.enterprises.rules import enterprise_size, is_industrial
from app.enterprises.size import STANDARD, explained, section_of, size_group_of, size_groups
from app.organisations.seed import read_csv

EXAMPLES = list(read_csv(Path(__file__).parent / "size_examples.csv"))
TRADE_OF_GROUP = {
    "G01": "0111",
    "G02": "1711",
    "G03": "4710",
    "G04": "5132",
    "G05": "5212",
    "G06": "5431",
    "G07": "5930",
    "G08": "6020",
    "G09": "6110",
    "G10": "6210",
    "G11": "6421",
    "G12": "6513",
    "G13": "7010",
    "G14": "7020",
    "G15": "7211",
    "G16": "7340",
}


def number(text: str) -> Decimal | None:
    """A figure of the table; blank is missing."""
    return Decimal(text) if text else None


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["case"] for example in EXAMPLES])
def test_every_worked_example_gets_its_size(example: dict[str, str]) -> None:
    employees = int(example["employees"]) if example["employees"] else None

    found = enterprise_size(
        example["industry"], number(example["revenue"]), employees, number(example["assets"])
    )

    assert found.size == example["size"]


@pytest.mark.parametrize("group", sorted(TRADE_OF_GROUP))
@pytest.mark.parametrize(("band", "lower"), [("large", "medium"), ("medium", "small"), ("small", "micro")])
def test_a_threshold_itself_reaches_the_band_and_anything_less_does_not(
    group: str, band: str, lower: str
) -> None:
    limits = {one.metric: getattr(one, band) for one in size_groups()[group].thresholds}
    figures = {"revenue": Decimal(10**9), "employees": Decimal(10**6), "assets": Decimal(10**9), **limits}

    at_the_edge = enterprise_size(TRADE_OF_GROUP[group], **figures)
    below = [
        enterprise_size(TRADE_OF_GROUP[group], **{**figures, metric: value - Decimal("0.01")})
        for metric, value in limits.items()
    ]

    assert at_the_edge.size == band
    assert [one.size for one in below] == [lower] * len(limits)


def test_the_weakest_figure_decides_and_is_named() -> None:
    found = enterprise_size("1711", revenue=500_000, employees=299, assets=None)

    assert found.size == "small"
    assert found.deciding == ("employees",)
    assert [(one.metric, one.band) for one in found.working] == [("employees", "small"), ("revenue", "large")]


def test_a_missing_figure_gives_unknown_and_never_micro() -> None:
    assert enterprise_size("1711", revenue=None, employees=5, assets=None).size == "unknown"
    assert enterprise_size("1711", revenue=None, employees=None, assets=None).size == "unknown"


def test_a_figure_that_the_trade_does_not_use_may_be_missing() -> None:
    assert enterprise_size("7340", revenue=None, employees=100, assets=None).size == "medium"


@pytest.mark.parametrize("code", ["5320", "6621", "7040", "8311", "8411", "9121", "9700"])
def test_trades_that_the_measures_leave_out_are_not_classified(code: str) -> None:
    assert enterprise_size(code, revenue=1, employees=1, assets=1).size == "not_classified"


@pytest.mark.parametrize("code", ["59", "70", "K", "G"])
def test_a_division_whose_parts_differ_is_unknown_until_it_is_named_more_closely(code: str) -> None:
    found = enterprise_size(code, revenue=1, employees=1, assets=1)

    assert found.size == "unknown"
    assert "more closely" in str(explained(found)[0])


def test_the_working_names_the_standard_with_its_date() -> None:
    lines = [str(line) for line in explained(enterprise_size("1711", 500_000, 299, None))]

    assert STANDARD.in_force_from.isoformat() in lines[0]
    assert "国统字〔2017〕213号" in lines[0]
    assert "Employees decides." in lines


def test_a_trade_that_does_not_exist_is_refused() -> None:
    for code in ("", "00", "98", "9999", "Z", "5X"):
        with pytest.raises(ValueError, match="no trade"):
            size_group_of(code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("06", True), ("1711", True), ("4620", True), ("C", True), ("4710", False), ("5132", False)],
)
def test_industry_is_mining_manufacturing_and_supply(*, code: str, expected: bool) -> None:
    assert is_industrial(code) is expected


def test_every_trade_has_a_section_and_a_size_group() -> None:
    path = Path("app/enterprises/data/industries.csv")
    for row in read_csv(path):
        assert section_of(row["code"]) == row["section"]
        assert is_industrial(row["code"]) == (row["is_industrial"] == "1")
        assert row["level"] == "1" or size_group_of(row["code"]) == row["size_group"]
