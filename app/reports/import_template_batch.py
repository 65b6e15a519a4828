"""The workbook of 数据批量上报导入: a row for each enterprise, a column for each figure of the month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter, quote_sheetname

from app.infra.exports import sheet_name
from app.infra.i18n import say
from app.infra.imports import ImportRow
from app.infra.imports.headings import MARK
from app.infra.imports.spec import ImportColumn, ImportTable
from app.infra.sheets import Fault
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.definitions import VersionDefinition
from app.reports.import_batch import MOST_ENTERPRISES, NAME, TITLE
from app.reports.import_columns import NAME as NAME_COLUMN
from app.reports.import_columns import USCC, batch_columns, batch_row_tables
from app.reports.import_marks import marks_of
from app.reports.import_workbook import (
    BOLD,
    HEAD,
    OPEN,
    REQUIRED,
    WRAPPED,
    WRONG,
    lock,
    number_format,
    numbers,
    plain,
    prompt,
    reason_heading,
    reasons,
    text,
    value_of,
    write_marks,
    write_notes,
)

INDUSTRIAL = Message("Only industrial enterprises report this figure.")
CODES = Message("The credit code of an enterprise that has a row in the sheet of figures.")
NOTES = (
    Message("Write one enterprise to a row, from the second row on; the credit code says which it is."),
    Message(
        "Columns with blue headings are required, those of industrial figures of industrial enterprises."
    ),
    Message(
        "An empty cell leaves what is saved; where nothing is, it takes what the platform proposes, "
        "such as last year's approved figures."
    ),
    Message(
        "Rows of products stand in a sheet of their own, each with the credit code of its enterprise; "
        "they replace those saved."
    ),
    Message("Leave the headings as they are; their order does not matter, and columns may be left out."),
    Message(
        "A hundred enterprises at a time are easy to look through; at most {count} rows are read at once."
    ),
)


def write_batch_template(
    target: BinaryIO | Path,
    version: VersionDefinition,
    month: Month,
    enterprises: Iterable[tuple[str, str]] = (),
    failed: Iterable[ImportRow] | None = None,
) -> None:
    """Write the template in the user's language.

    :param enterprises: credit code and name of those whose rows are begun.
    :param failed: rows to be corrected, each with its reasons, in the place of enterprises.
    """
    book = Workbook(write_only=True)
    write_marks(book, marks_of(NAME, version, month))
    rows = None if failed is None else list(failed)
    tables = (ImportTable("", TITLE, batch_columns(version, month.month)), *batch_row_tables(version))
    for table in tables:
        sheet = book.create_sheet(sheet_name(say(table.title)))
        _lay_out(sheet, table, version, with_reasons=rows is not None)
        sheet.append(_headings(sheet, table, version, with_reasons=rows is not None))
        if rows is not None:
            for row in rows:
                if row.table == table.key:
                    sheet.append(_failed(sheet, table.columns, row))
        elif not table.key:
            for code, name in enterprises:
                sheet.append([_open(sheet, code), _open(sheet, name)])
        lock(sheet)
    indicators = [found for found in version.indicators if found.applies(month.month, industrial=True)]
    notes = (*NOTES[:-1], Message(NOTES[-1].msgid, count=f"{MOST_ENTERPRISES:,}"))
    write_notes(book, notes, indicators)
    book.active = 1
    book.save(target)


def _lay_out(sheet: Any, table: ImportTable, version: VersionDefinition, *, with_reasons: bool) -> None:
    industrial = {found.code for found in version.indicators if found.industrial_only}
    scales = _scales(table, version)
    last = MOST_ENTERPRISES + 1
    for at, column in enumerate(table.columns, 1):
        letter = get_column_letter(at)
        place = sheet.column_dimensions[letter]
        place.width, place.protection = column.width, OPEN
        is_number = column.kind == "number"
        place.number_format = number_format(scales[column.key]) if is_number else "@"
        if is_number:
            numbers(sheet, f"{letter}2:{letter}{last}")
        if column.key.partition(".")[0] in industrial:
            prompt(sheet, f"{letter}1", column.label, INDUSTRIAL)
        elif column.key == USCC and table.key:
            main = quote_sheetname(sheet_name(say(TITLE)))
            prompt(sheet, f"{letter}2:{letter}{last}", column.label, CODES, f"={main}!$A$2:$A${last}")
        elif column.help is not None:
            prompt(sheet, f"{letter}2:{letter}{last}", column.label, column.help)
    if with_reasons:
        sheet.column_dimensions[get_column_letter(len(table.columns) + 1)].width = 60
    sheet.freeze_panes = "C2"


def _scales(table: ImportTable, version: VersionDefinition) -> dict[str, int]:
    if table.key:
        return {column.code: column.scale for column in version.section(table.key).columns}
    return {f"{found.code}.{cell}": found.scale for found in version.indicators for cell in found.cells}


def _headings(
    sheet: Any, table: ImportTable, version: VersionDefinition, *, with_reasons: bool
) -> list[WriteOnlyCell]:
    required = _required(table, version)
    cells = []
    for column in table.columns:
        cell = plain(WriteOnlyCell(sheet, say(column.label) + (MARK if column.key in required else "")))
        fill = REQUIRED if column.key in required else HEAD
        cell.font, cell.fill, cell.alignment = BOLD, fill, WRAPPED
        cells.append(cell)
    if with_reasons:
        cell = WriteOnlyCell(sheet, reason_heading())
        cell.font, cell.fill = BOLD, WRONG
        cells.append(cell)
    return cells


def _required(table: ImportTable, version: VersionDefinition) -> set[str]:
    if table.key:
        return {USCC} | {column.code for column in version.section(table.key).columns if column.required}
    figures = {f"{found.code}.{cell}" for found in version.indicators for cell in found.required_cells}
    return {USCC} | figures


def _open(sheet: Any, value: str) -> WriteOnlyCell:
    cell = plain(WriteOnlyCell(sheet, text(value)))
    cell.protection, cell.number_format = OPEN, "@"
    return cell


def _failed(sheet: Any, columns: Sequence[ImportColumn], row: ImportRow) -> list[WriteOnlyCell]:
    wrong = {problem.field for problem in row.problems}
    cells = []
    for column in columns:
        raw = row.raw.get(column.key)
        value = None if isinstance(raw, Fault) else value_of(raw, is_number=column.kind == "number")
        if column.key == NAME_COLUMN and value is None:
            value = text(row.name)
        cell = plain(WriteOnlyCell(sheet, value))
        cell.protection = OPEN
        cell.number_format = "#,##0.####" if column.kind == "number" else "@"
        if column.key in wrong:
            cell.fill = WRONG
        cells.append(cell)
    reason = plain(WriteOnlyCell(sheet, text(reasons(row, columns))))
    reason.alignment = WRAPPED
    return [*cells, reason]
