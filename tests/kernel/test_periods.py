"""Months, quarters and years: keys, texts, neighbours, days, and the month that Shanghai is in."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.periods import Month, Quarter, Year

months = st.builds(Month, st.integers(1950, 2900), st.integers(1, 12))
quarters = st.builds(Quarter, st.integers(1950, 2900), st.integers(1, 4))


@given(months)
def test_a_month_comes_back_from_its_key_and_its_text(month: Month) -> None:
    assert Month.from_key(month.key) == month
    assert Month.parse(str(month)) == month


@given(quarters)
def test_a_quarter_comes_back_from_its_key_and_its_text(quarter: Quarter) -> None:
    assert Quarter.from_key(quarter.key) == quarter
    assert Quarter.parse(str(quarter)) == quarter


def test_keys_and_texts_are_those_of_the_database_and_the_address() -> None:
    assert Month(2018, 7).key == 201807
    assert str(Month(2018, 7)) == "2018-07"
    assert Quarter(2018, 3).key == 20183
    assert str(Quarter(2018, 3)) == "2018-Q3"
    assert Year(2018).key == 2018
    assert str(Year.parse("2018")) == "2018"


@pytest.mark.parametrize(
    "text",
    [
        "2018-7",
        "2018-13",
        "2018-00",
        "201807",
        " 2018-07",
        "2018-07\n",
        "２０１８-07",
        "",
        "\0",
        "9999-01",
        "x",
    ],
)
def test_a_text_that_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|must lie"):
        Month.parse(text)


@pytest.mark.parametrize("key", [0, -201807, 201800, 201813, 2018, 10**30])
def test_a_key_that_is_no_month_is_refused(key: int) -> None:
    with pytest.raises(ValueError, match=r"written as|must lie"):
        Month.from_key(key)


@pytest.mark.parametrize("text", ["2018-Q5", "2018-Q0", "2018Q1", "2018"])
def test_a_text_that_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|must lie"):
        Quarter.parse(text)


@pytest.mark.parametrize("text", ["18", "20180", "２０１８", "0000"])
def test_a_text_that_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written as|must lie"):
        Year.parse(text)


@given(months, st.integers(-500, 500))
def test_months_until_undoes_plus(month: Month, distance: int) -> None:
    assert month.months_until(month.plus(distance)) == distance


@given(months)
def test_the_next_month_begins_the_day_after(month: Month) -> None:
    assert month.next().first_day - month.last_day == dt.timedelta(days=1)
    assert month.next().previous() == month
    assert month < month.next()


@given(quarters)
def test_a_quarter_holds_the_months_that_name_it(quarter: Quarter) -> None:
    assert [month.quarter for month in quarter.months] == [quarter] * 3
    assert quarter.next().first_day - quarter.last_day == dt.timedelta(days=1)
    assert quarter.plus(4).last_year() == quarter
    assert quarter.next().previous() == quarter


def test_a_year_holds_its_twelve_months_from_the_first_day_to_the_last() -> None:
    year = Year(2020)

    assert [month.key for month in year.months] == list(range(202001, 202013))
    assert (year.first_day, year.last_day) == (dt.date(2020, 1, 1), dt.date(2020, 12, 31))
    assert (year.next(), year.previous(), year.last_year()) == (Year(2021), Year(2019), Year(2019))


def test_february_knows_its_leap_day_and_its_last_year() -> None:
    assert Month(2020, 2).last_day == dt.date(2020, 2, 29)
    assert Month(2020, 2).last_year() == Month(2019, 2)
    assert Month(2020, 2).months == (Month(2020, 2),)


def test_the_month_turns_at_midnight_in_shanghai() -> None:
    before = dt.datetime(2018, 7, 31, 15, 59, 59, tzinfo=dt.UTC)
    after = dt.datetime(2018, 12, 31, 16, 0, tzinfo=dt.UTC)

    assert Month.containing(before) == Month(2018, 7)
    assert Month.containing(after) == Month(2019, 1)
    assert Quarter.containing(after) == Quarter(2019, 1)
    assert Year.containing(after) == Year(2019)
