"""Columns that behave the same on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import Column, Integer, MetaData, Table, insert, select

from app.infra.database import db
from app.infra.types import LocalTextType, Scaled, UtcDateTime, scaled
from app.kernel.clock import SHANGHAI
from app.kernel.texts import LocalText

TRIED = Table(
    "types_tried",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("number", Scaled(4)),
    Column("instant", UtcDateTime),
    Column("words", LocalTextType),
)


@pytest.fixture
def tried(app: Flask) -> Iterator[None]:
    connection = db.session.connection()
    TRIED.create(connection)
    yield
    db.session.rollback()


def kept(**values: object) -> object:
    db.session.execute(insert(TRIED).values(id=1, **values))
    return db.session.execute(select(*(TRIED.c[name] for name in values))).scalar_one()


@pytest.mark.parametrize(
    "number", ["9999999999999.9999", "-0.0001", "0", "123456789012.34", "-9223372036854.7758"]
)
def test_a_number_comes_back_exactly(tried: None, number: str) -> None:
    assert kept(number=Decimal(number)) == Decimal(number)


@pytest.mark.parametrize("number", ["0.00001", "1e15", "NaN", "Infinity"])
def test_a_number_that_cannot_be_kept_exactly_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"decimals|large|finite"):
        scaled(Decimal(number), 4)


def test_an_instant_comes_back_aware_and_the_same(tried: None) -> None:
    instant = dt.datetime(2026, 11, 6, 12, 0, 0, 123456, tzinfo=SHANGHAI)

    found = kept(instant=instant)

    assert found == instant
    assert isinstance(found, dt.datetime)
    assert found.tzinfo is not None


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(dt.datetime(2026, 11, 6), dialect=None)  # type: ignore[arg-type]  # noqa: DTZ001


def test_a_text_comes_back_in_both_languages(tried: None) -> None:
    assert kept(words=LocalText("报表", "Report")) == LocalText("报表", "Report")
