"""Sparklines: gaps stay gaps, words say what is drawn, nothing that a policy refuses."""

from __future__ import annotations

import re
from decimal import Decimal

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.infra.lists.sparks import HEIGHT, WIDTH, Spark, spark_html, spark_text

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def spark(*values: int | None) -> Spark:
    return Spark(MONTHS[: len(values)], [None if value is None else Decimal(value) for value in values])


def test_a_gap_breaks_the_line_and_is_no_nought(app: Flask) -> None:
    drawn = spark_html(spark(1, None, 3, 2)) or ""

    assert drawn.count("M") == 2
    assert "4 values" not in drawn
    assert "3 values, from 2026-01 1 to 2026-04 2; the most 2026-03 3, the least 2026-01 1" in drawn


def test_nothing_is_drawn_of_nothing(app: Flask) -> None:
    assert spark_html(spark(None, None)) is None
    assert spark_html(None) is None
    assert spark_text(None) == ""


def test_a_file_says_every_value(app: Flask) -> None:
    assert spark_text(spark(1000, None)) == "2026-01 1,000; 2026-02 —"


def test_it_is_drawn_by_attributes_alone_and_read_as_words(app: Flask) -> None:
    drawn = spark_html(spark(1, 2)) or ""

    assert "style=" not in drawn
    assert 'aria-hidden="true"' in drawn
    assert '<span class="qj-sr">2 values' in drawn


@given(st.lists(st.none() | st.integers(-(10**12), 10**12), min_size=1, max_size=4))
def test_every_point_lies_within_the_drawing(values: list[int | None]) -> None:
    from app.infra.lists.sparks import _path, _points  # noqa: PLC0415

    if all(value is None for value in values):
        return
    points = list(_points([None if value is None else Decimal(value) for value in values]))

    assert [point is None for point in points] == [value is None for value in values]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in filter(None, points))
    assert re.fullmatch(r"(?:[ML][0-9.]+ [0-9.]+|h1\.5)+", _path(points))
