"""A file of several tables, the marks of a template, and what is told without keeping a row out."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook

from app.infra.imports import ImportColumn, ImportRow, ImportSpec
from app.infra.imports.preview import preview_of, problems_of, tables_of
from app.infra.imports.reading import load, read_raw
from app.infra.imports.spec import MARKS_SHEET, ImportTable, Remark
from app.infra.sheets import read_table
from app.infra.sheets.reader import MARKS
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import LocalText, Message

CODE = ImportColumn("code", LocalText("代码", "Code"), required=True)
TITLE = ImportColumn("title", LocalText("名称", "Title"))
COUNT = ImportColumn("count", LocalText("数量", "Count"), "number")


def spec_of(**changes: Any) -> ImportSpec:
    usual: dict[str, Any] = {
        "name": "two",
        "title": Message("Bureaus"),
        "columns": (CODE, TITLE),
        "check": lambda *_given: (),
        "apply": lambda *_given: None,
        "allowed": lambda _actor: True,
        "name_column": "code",
        "list_url": "/",
        "more": (ImportTable("parts", LocalText("部件", "Parts"), (CODE, TITLE, COUNT), optional=True),),
    }
    return ImportSpec(**{**usual, **changes})


def file_of(sheets: dict[str, list[list[Any]]], hidden: str = "") -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


MAIN = [["代码", "名称"], ["a", "甲"]]
PARTS = [["Count", "Code", "Title"], [1, "a", "x"], [2, "a", "y"]]


def read(content: bytes, **changes: Any) -> Any:
    spec = spec_of(**changes)
    return read_raw(spec, load(spec, content))


def test_each_sheet_is_the_table_with_most_of_its_headings(app: Flask) -> None:
    found = read(file_of({"部件": PARTS, "一": MAIN}))

    assert [(row.table, row.number, row.raw["code"]) for row in found.rows] == [
        ("parts", 2, "a"),
        ("parts", 3, "a"),
        ("", 2, "a"),
    ]
    assert found.tables == {"", "parts"}


def test_of_equal_tables_a_sheet_is_the_one_that_it_is_named_for(app: Flask) -> None:
    twin = ImportTable("twin", LocalText("部件", "Parts"), (CODE, TITLE), optional=True)

    found = read(file_of({"一": MAIN, "部 件": MAIN}), more=(twin,))

    assert [row.table for row in found.rows] == ["", "twin"]


def test_a_table_that_must_be_there_is_asked_for(app: Flask) -> None:
    with pytest.raises(Invalid, match="No sheet has the headings"):
        read(file_of({"部件": PARTS}))


def test_the_marks_are_heard_first_and_other_hidden_sheets_are_not_read(app: Flask) -> None:
    marked = file_of({"一": [["代码?"], ["a"]], MARKS_SHEET: [["month", "2026-09"]]}, hidden=MARKS_SHEET)
    secret = file_of({"一": MAIN, "密": [["代码", "名称"], ["b", "乙"]]}, hidden="密")
    seen: list[dict[str, str]] = []

    def fits(marks: Any) -> Message | None:
        seen.append(dict(marks))
        return Message("Wrong month") if marks.get("month") == "2026-09" else None

    with pytest.raises(Invalid, match="Wrong month"):
        read(marked, fits=fits)
    found = read(secret, fits=fits)

    assert seen == [{"month": "2026-09"}, {}] and [row.raw["code"] for row in found.rows] == ["a"]
    assert MARKS == MARKS_SHEET
    assert {row.sheet for row in read_table(secret).rows} == {"一"}


def test_a_remark_is_told_and_a_cell_that_cannot_be_read_needs_none() -> None:
    row = ImportRow("一", 2, {"code": "a", "title": "x"})
    row.refuse(Problem(Message("Name"), "title"))
    row.tell(Remark(Message("Kind"), "title"))
    row.tell(Remark(Message("Kind"), "code"))
    part = ImportRow("二", 5, {"count": 3}, table="parts")

    kept = preview_of(spec_of(), [row, part], [])

    assert [remark.field for remark in row.remarks] == ["code"] and kept["remark_count"] == 1
    assert [(one.row, str(one.column)) for one in problems_of(spec_of(), kept, "remarks")] == [(2, "代码")]
    assert [(str(table.title), len(table.rows)) for table in tables_of(spec_of(), kept)] == [
        ("Bureaus", 1),
        ("部件", 1),
    ]


def test_a_shaped_import_says_where_one_chooses() -> None:
    with pytest.raises(ValueError, match="shape and page"):
        spec_of(shape=lambda *_given: spec_of())
