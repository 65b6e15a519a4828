"""Numbers and texts of a workbook as its reader sends and counts them."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.infra.sheets.reader import EXACT, Budget, RefusedError, plain


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**17), 10**17).map(float))
def test_a_number_keeps_fifteen_digits_and_a_whole_one_has_no_decimals(value: float) -> None:
    shown = float(f"{value:.15g}")

    found = plain(value)

    assert found == shown
    assert isinstance(found, int) == (shown.is_integer() and abs(shown) < EXACT)


@given(st.lists(st.none() | st.floats(0, 9) | st.text(max_size=6), max_size=6), st.integers(0, 30))
@example(["12345"], 30)
def test_a_row_is_refused_for_its_text_alone(cells: list[object], most: int) -> None:
    lengths = [len(cell) for cell in cells if isinstance(cell, str)]
    budget = Budget({"rows": 1, "columns": 6, "text": most, "cell": 4})
    fits = sum(lengths) <= most and all(length <= 4 for length in lengths)

    with contextlib.nullcontext() if fits else pytest.raises(RefusedError, match="text"):
        assert budget.take(cells) == sum(lengths)
