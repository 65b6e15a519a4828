"""The size of an enterprise: every worked example, the thresholds' edges and what is missing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from app.enterprises.rules import enterprise_size, is_industrial
from app.enterprises.size import explained
from app.enterprises.size_tables import (
    SizeGroup,
    Standard,
    Thresholds,
    normalise_industry,
    section_of,
    shipped_standards,
    size_group_of,
    standard_on,
)
from app.kernel.texts import LocalText
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


def size_groups() -> Mapping[str, SizeGroup]:
    """The groups of the standard in force."""
    return shipped_standards()[-1].groups


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

    assert "2017-12-28" in lines[0]
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


def test_there_are_sixteen_groups_of_thirty_thresholds_in_both_standards() -> None:
    for standard in shipped_standards():
        assert len(standard.groups) == 16
        assert sum(len(group.thresholds) for group in standard.groups.values()) == 30


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (dt.date(2011, 6, 17), None),
        (dt.date(2011, 6, 18), "2011"),
        (dt.date(2017, 12, 27), "2011"),
        (dt.date(2017, 12, 28), "2017"),
        (dt.date(2026, 11, 6), "2017"),
        (None, "2017"),
    ],
)
def test_a_day_has_the_standard_that_held_then(day: dt.date | None, version: str | None) -> None:
    standard = standard_on(shipped_standards(), day)

    assert (standard.version if standard else None) == version


def test_a_day_before_any_standard_gives_unknown_and_says_why() -> None:
    found = enterprise_size("1711", 500_000, 1000, None, on=dt.date(2010, 1, 1))

    assert found.size == "unknown"
    assert [str(line) for line in explained(found)] == ["No standard was in force on 2010-01-01."]


def test_another_standard_measures_from_its_day_on() -> None:
    limits = (Thresholds("employees", Decimal(3000), Decimal(2000), Decimal(1000)),)
    group = SizeGroup("G02", LocalText("工业", "Industry"), limits)
    later = Standard("2027", LocalText("新标准"), dt.date(2027, 1, 1), {"G02": group})
    standards = (*shipped_standards(), later)

    before = enterprise_size("1711", 500_000, 1000, None, on=dt.date(2026, 12, 31), standards=standards)
    after = enterprise_size("1711", 500_000, 1000, None, on=dt.date(2027, 1, 1), standards=standards)

    assert (before.size, after.size) == ("large", "small")
    assert after.standard is later


@pytest.mark.parametrize(
    "code", ["C", "17", "171", "1711", "c", " 1711 ", "C1711", "Ｃ１７", "c 171"], ids=repr
)
def test_a_trade_is_measured_at_every_level_and_however_its_code_is_written(code: str) -> None:
    assert enterprise_size(code, 500_000, 1000, None).size == "large"


def test_a_section_letter_that_is_not_the_digits_own_is_refused() -> None:
    with pytest.raises(ValueError, match="no trade"):
        enterprise_size("G1711", 500_000, 1000, None)
    assert normalise_industry("G1711") == "G1711"


@pytest.mark.parametrize("code", [None, "", "  "])
def test_an_unknown_trade_has_an_unknown_size(code: str | None) -> None:
    assert enterprise_size(code, 500_000, 1000, 1).size == "unknown"


@pytest.mark.parametrize("wrong", [-1, Decimal("-0.01"), "-5", float("nan"), float("inf"), "", None])
def test_a_figure_that_cannot_be_measured_is_never_a_sign_of_a_small_enterprise(wrong: object) -> None:
    found = enterprise_size("1711", wrong, 1000, None)  # type: ignore[arg-type]

    assert found.size == "unknown"
    assert found.deciding == ("revenue",)


@pytest.mark.parametrize("revenue", [400_000, 400_000.0, "400000", "４００,０００", Decimal("400000.00")])
def test_a_figure_may_be_any_kind_of_number(revenue: object) -> None:
    assert enterprise_size("1711", revenue, "1,000", None).size == "large"  # type: ignore[arg-type]


def test_words_for_a_figure_are_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        enterprise_size("1711", "很多", 1000, None)


def test_figures_that_decide_together_are_both_named() -> None:
    found = enterprise_size("1711", 400_000, 1000, None)

    assert found.deciding == ("employees", "revenue")
    assert [str(line) for line in explained(found)].count("Employees decides.") == 1
