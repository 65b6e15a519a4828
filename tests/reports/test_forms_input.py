"""What a form that is sent without scripts stands for."""

from __future__ import annotations

import pytest

from app.kernel.texts import LocalText
from app.reports.definitions import ColumnDefinition, SectionDefinition
from app.reports.forms_input import lock_of, typed_cells, typed_explanations, typed_rows

PRODUCTS = SectionDefinition(
    "products",
    "rows",
    LocalText("产品", "Products"),
    columns=tuple(
        ColumnDefinition(
            code=code,
            section="products",
            name=LocalText(code, code),
            kind="number",
            scale=0,
            max_length=0,
            required=True,
        )
        for code in ("sales", "stock")
    ),
)


def test_rows_keep_their_places_so_that_a_problem_is_shown_where_it_is() -> None:
    form = {"r-2-sales": "x", "r-1-sales": " ", "r-3-sales": "", "r-2-other": "1", "r-9999999-sales": "1"}

    assert typed_rows(form, PRODUCTS) == [{"sales": " "}, {"sales": "x"}]


def test_cells_and_explanations_are_told_by_their_names() -> None:
    form = {"c-revenue-ly_ytd": "1", "c-revenue": "2", "x-S1:revenue.m": "because", "version": "3"}

    assert typed_cells(form) == {"revenue.ly_ytd": "1"}
    assert typed_explanations(form) == {"S1:revenue.m": "because"}


@pytest.mark.parametrize(
    ("sent", "lock"), [(None, 0), ("", 0), ("7", 7), (7, 7), ("-1", -1), ("七", -1), ("1" * 10, -1), ({}, -1)]
)
def test_a_version_that_no_page_could_send_matches_none(sent: object, lock: int) -> None:
    assert lock_of(sent) == lock
