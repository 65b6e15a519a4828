"""Guarded reading: what is there is read exactly, what would hurt is refused in words."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace
from decimal import Decimal

import pytest
from openpyxl import Workbook

from app.infra.sheets import Fault, Limits, SheetRow, read_table
from app.infra.sheets.limits import USUAL
from app.kernel.errors import Invalid
from tools.torture.crafted_workbooks import CRAFTED, _cell, many_rows, parts, sheet_of, workbook, zipped

HALF_PAST_EIGHT = dt.datetime.fromisoformat("2020-01-31T08:30")
"""A time of a spreadsheet: it knows no zones."""

HEAVY = frozenset(
    {"ten million rows", "two million rows that the guard lets through", "a part that hides its size"}
)
"""Made in seconds each: `make torture` has them."""


def rows_of(content: bytes, limits: Limits = USUAL) -> list[SheetRow]:
    return list(read_table(content, limits).rows)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def refusal(content: bytes, limits: Limits = USUAL) -> str:
    with pytest.raises(Invalid) as refused:
        rows_of(content, limits)
    assert [problem.field for problem in refused.value.problems] == ["file"]
    return str(refused.value.message)


def test_cells_keep_what_they_hold() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "数据"
    sheet.append(["甲", 1, 0.1, 0.1 + 0.2, -1234567.89, True, None, "91330109MA2CFLDE87", 1e20])
    sheet.append([dt.date(2020, 1, 31), HALF_PAST_EIGHT, dt.time(8, 30), "=文字"])
    sheet["D2"].data_type = "s"

    first, second = rows_of(saved(book))

    numbers = (Decimal(1), Decimal("0.1"), Decimal("0.3"), Decimal("-1234567.89"))
    assert first == SheetRow("数据", 1, ("甲", *numbers, True, None, "91330109MA2CFLDE87", Decimal("1e20")))
    assert second.cells == (dt.date(2020, 1, 31), HALF_PAST_EIGHT, dt.time(8, 30), "=文字")


def test_rows_and_columns_count_as_people_see_them() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["C3"], sheet["E3"], sheet["C7"] = "a", "  ", "b"

    assert rows_of(saved(book)) == [
        SheetRow("Sheet", 3, (None, None, "a")),
        SheetRow("Sheet", 7, (None, None, "b")),
    ]


def test_merged_cells_have_the_value_of_the_first_and_make_no_rows() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["C1"], sheet["C2"] = "杭州", "甲", "乙"
    sheet.merge_cells("A1:B5")

    assert [row.cells for row in rows_of(saved(book))] == [("杭州", "杭州", "甲"), ("杭州", "杭州", "乙")]


def test_hidden_sheets_are_not_read() -> None:
    book = Workbook()
    book["Sheet"].append(["a"])
    hidden = book.create_sheet("选项")
    hidden.sheet_state = "hidden"
    hidden.append(["b"])

    assert [row.sheet for row in rows_of(saved(book))] == ["Sheet"]


def test_a_formula_gives_its_value_and_one_without_is_told() -> None:
    cells = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1"><f>1+1</f><v></v></c>'
        '<c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="E1"><f t="shared" si="0"/></c></row>'
    )

    (row,) = rows_of(workbook(sheet=sheet_of(cells)))

    none = Fault.UNCALCULATED
    assert row.cells == (Decimal(2), none, none, Fault.ERROR, none)


def test_faults_are_found_across_the_pieces_that_are_read() -> None:
    filler = "".join(f'<row r="{row}">{_cell(f"A{row}", str(row))}</row>' for row in range(1, 60_000))
    content = sheet_of(filler + '<row r="60000"><c r="B60000" t="e"><v>#N/A</v></c></row>')

    last = rows_of(workbook(sheet=content), replace(USUAL, rows=70_000))[-1]

    assert last == SheetRow("Data", 60_000, (None, Fault.ERROR))


def test_more_rows_columns_or_text_than_allowed_are_refused() -> None:
    small = replace(USUAL, rows=100, columns=3, text=1_000)

    assert "more than 100 rows" in refusal(many_rows(10_000), small)
    assert "more than 3 columns" in refusal(
        workbook(sheet=sheet_of(f'<row r="1">{_cell("D1")}</row>')), small
    )
    assert "too much text" in refusal(("a" * 600 + ",b\n").encode() * 2, replace(small, cell=500))
    assert "more than 100 rows" in refusal(b"a,b\n" * 101, small)
    assert "more than 3 columns" in refusal(b"a,b,c,d\n", small)


@pytest.mark.parametrize("name", [name for name in CRAFTED if name not in HEAVY])
def test_crafted_files_are_refused(name: str) -> None:
    assert refusal(CRAFTED[name]())


def test_a_reader_that_hangs_or_dies_refuses_the_file() -> None:
    content = many_rows(100_000)

    assert "limits of memory and time" in refusal(content, replace(USUAL, patience=0.01))
    assert "limits of memory and time" in refusal(CRAFTED["a sheet of 16,384 × 1,048,576 in 1.4 KB"]())


def test_parts_under_other_names_are_read() -> None:
    """Some programs write absolute targets, and other names of sheets' parts."""
    changed = parts(sheet=None)
    changed["xl/sheets/one.xml"] = sheet_of('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')
    changed["xl/_rels/workbook.xml.rels"] = str(changed["xl/_rels/workbook.xml.rels"]).replace(
        "worksheets/sheet1.xml", "/xl/sheets/one.xml"
    )

    assert rows_of(zipped(changed)) == [SheetRow("Data", 1, (Fault.ERROR,))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("codec", "name"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")]
)
def test_csv_is_read_in_both_encodings(delimiter: str, codec: str, name: str) -> None:
    lines = [["名称", "备注"], ["云泽（示范）", f'一{delimiter}"二"\n三'], [], ["", "0500-1"]]
    quoted = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in line) for line in lines]

    table = read_table("\r\n".join(quoted).encode(codec))

    assert (table.encoding, [row.cells for row in table.rows]) == (
        name,
        [("名称", "备注"), ("云泽（示范）", f'一{delimiter}"二"\n三'), (None, "0500-1")],
    )


def test_a_legitimate_large_workbook_is_read() -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    for number in range(2_000):
        sheet.append([f"文字{number}", number, 0.1] * 10)

    rows = rows_of(saved(book))

    assert len(rows) == 2_000 and rows[-1].cells[:3] == ("文字1999", Decimal(1999), Decimal("0.1"))
