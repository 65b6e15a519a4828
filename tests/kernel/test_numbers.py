"""Numbers: what people write is read exactly or refused with advice, and printed alike everywhere."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.numbers import NumberFormatError, format_number, parse_number

decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**18), max_value=10**18, places=4)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("1234.5", "1234.5"),
        ("+7", "7"),
        ("-7", "-7"),
        ("−7", "-7"),
        ("－７．５", "-7.5"),
        ("１２３", "123"),
        ("1,234,567.89", "1234567.89"),
        ("１，２３４", "1234"),
        ("1 234 567", "1234567"),
        ("1\u00a0234", "1234"),
        ("\u3000 12 \t", "12"),
        ("(1,234)", "-1234"),
        ("（５）", "-5"),
        ("¥5", "5"),
        ("￥1,000", "1000"),
        ("-¥5", "-5"),
        ("¥ -5", "-5"),
        ("(¥5)", "-5"),
        ("¥(5)", "-5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-0.00", "0.00"),
        ("(0)", "0"),
        ("9" * 40, "9" * 40),
    ],
)
def test_a_number_as_people_write_it_is_read_exactly(text: str, number: str) -> None:
    read = parse_number(text)

    assert read is not None
    assert read.as_tuple() == Decimal(number).as_tuple()


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "\u3000"])
def test_nothing_written_is_missing_and_not_zero(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "1e5", "1E5", "inf", "Infinity", "nan", "NaN", "\0", "1\0", "abc", "-", "()", "¥", ".", "1.2.3",
        "--1", "(-1)", "-(1)", "1-", "1,23", "12,34,567", "1,234 567", "1_000", "0x10", "5%", "5²", "①",
        "一百", "٣", "½", "(1", "1)", "9" * 41, "1" * 100_000, "=1+1", "1;2",
    ],
)  # fmt: skip
def test_a_text_that_is_no_number_is_refused_with_advice(text: str) -> None:
    with pytest.raises(NumberFormatError) as refused:
        parse_number(text)

    assert "write" in str(refused.value.message)


@given(decimals)
def test_a_printed_number_reads_back_as_itself(value: Decimal) -> None:
    assert parse_number(format_number(value)) == value


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = parse_number(text)
    except NumberFormatError:
        return
    assert value is None or value.is_finite()


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("1234567.891", 2, "1,234,567.89"),
        ("-1234.5", 0, "−1,235"),
        ("2.5", 0, "3"),
        ("-0.001", 2, "0.00"),
        ("5", 2, "5.00"),
        ("1E+3", None, "1,000"),
        ("0.50", None, "0.50"),
        ("9" * 60, 2, ",".join(["999"] * 20) + ".00"),
    ],
)
def test_a_number_is_printed_with_separators_and_a_true_minus(
    value: str, places: int | None, text: str
) -> None:
    assert format_number(Decimal(value), places) == text


def test_a_missing_number_is_printed_as_nothing() -> None:
    assert format_number(None, 2) == ""
    assert format_number(12345) == "12,345"
