"""The workbook of a report holds whatever a form may ask and an enterprise may type."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from openpyxl import load_workbook

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports import filling
from app.reports.opening import open_report
from app.reports.sheets import report_workbook
from tests.factories.reports import ref_for

ActorOf = Callable[[str], Actor]


def test_characters_that_a_workbook_cannot_hold_are_left_out(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    with context.acting_as(owner), unit_of_work():
        row = {"product_name": "bolts\x01", "unit": "t"}
        opened = filling.save_rows(owner, ref_for(owner), "products", [row], 0, now).opened

    book = load_workbook(io.BytesIO(report_workbook(opened)))

    cells = [cell for line in book.worksheets[2].values for cell in line]
    assert "bolts" in cells


def test_a_figure_that_a_spreadsheet_would_round_is_a_text_and_says_so(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    opened = open_report(owner, ref_for(owner), now)
    code = opened.version.section("main").indicators[0].code
    opened.cells[(code, "ytd")] = Decimal("90071992547409931.05")

    sheet = load_workbook(io.BytesIO(report_workbook(opened))).worksheets[1]

    (cell,) = [cell for line in sheet.iter_rows() for cell in line if cell.value == "90071992547409931.05"]
    assert cell.data_type == "s"
    assert "15" in cell.comment.text


def test_a_section_may_have_more_columns_than_the_alphabet_has_letters(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    opened = open_report(owner, ref_for(owner), now)
    section = opened.version.row_sections[0]
    column = section.columns[0]
    wide = replace(section, columns=tuple(replace(column, code=f"c{number}") for number in range(30)))
    opened.version = replace(opened.version, sections=(wide,))

    book = load_workbook(io.BytesIO(report_workbook(opened)))

    assert book.worksheets[1].column_dimensions["AD"].width == 20
