"""Workbooks in the shape of those that people bring along, written short."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

from app.questionnaires.xlsform_reading import ReadForm
from app.questionnaires.xlsform_workbook import read_workbook

Rows = Sequence[Sequence[Any]]
YES_NO: Rows = (("list_name", "name", "label"), ("yn", "yes", "是"), ("yn", "no", "否"))


def workbook(**sheets: Rows) -> bytes:
    """A workbook of these sheets; the first row of each is its headings."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def surveyed(*rows: Sequence[Any], headings: str = "type name label", choices: Rows = YES_NO) -> ReadForm:
    """What a form of these survey rows becomes."""
    return read_workbook(workbook(survey=[headings.split(), *rows], choices=choices))[1]


def told(read: ReadForm) -> list[tuple[str, int, str]]:
    """Where something is not carried over."""
    return [(loss.sheet, loss.row, loss.column) for loss in read.losses]
