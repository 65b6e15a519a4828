"""The workbook of 上报导入: the form of a month as it stands, with figures in place, to be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from app.infra.exports import EXACT_DIGITS, sheet_name
from app.infra.i18n import say
from app.infra.imports import ImportRow
from app.infra.imports.headings import MARK
from app.infra.imports.spec import ImportColumn
from app.infra.sheets import Fault
from app.kernel.texts import Message
from app.reports.checking import required_cells
from app.reports.definitions import CELL_KINDS, Cell, IndicatorDefinition, SectionDefinition
from app.reports.filling import MOST_ROWS
from app.reports.import_columns import INDICATOR, UNIT, form_columns, row_columns
from app.reports.import_marks import SAVED, marks_of
from app.reports.import_own import NAME, indicators_of
from app.reports.import_workbook import (
    BOLD,
    HEAD,
    NOT_TAKEN,
    OPEN,
    REQUIRED,
    TITLE,
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
from app.reports.opening import OpenReport

HEADING_ROW = 4
NOTES = (
    Message("Fill in the white and blue cells; blue ones are required. Hatched cells take no figure."),
    Message("Growth is not filled in: it is computed."),
    Message(
        "An empty cell takes what the platform proposes on the page; "
        "where it proposes nothing, it is emptied."
    ),
    Message("Rows of products in the file replace those saved; a file without any leaves them as they are."),
    Message("The figures are saved as a draft. Look at the report afterwards and submit it there."),
)


def write_own_template(
    target: BinaryIO | Path, opened: OpenReport, failed: Iterable[ImportRow] | None = None
) -> None:
    """Write the form in the user's language; with ``failed`` those rows only, and why each failed."""
    book = Workbook()
    book.remove(book.active)
    marks = marks_of(NAME, opened.version, opened.ref.month, opened.enterprise.uscc)
    write_marks(book, marks | {SAVED: str(opened.lock)})
    rows = None if failed is None else list(failed)
    indicators = indicators_of(opened)
    for section in opened.version.sections:
        sheet = book.create_sheet(sheet_name(say(section.name)))
        _head(sheet, opened, section)
        if section.is_grid:
            own = [found for found in indicators if found.section == section.code]
            _grid(sheet, opened, own, rows)
        else:
            _rows(sheet, opened, section, rows)
        lock(sheet)
    write_notes(book, NOTES, indicators)
    book.active = 1
    book.save(target)


def _head(sheet: Any, opened: OpenReport, section: SectionDefinition) -> None:
    facts = Message("Enterprise: {name}", name=opened.filing.version.name)
    month = Message("Month: {month}", month=opened.ref.month)
    title = f"{say(opened.form.name)} · {say(section.name)}"
    for row, words in enumerate((title, say(facts), say(month)), 1):
        plain(sheet.cell(row, 1, text(words)))
    sheet.cell(1, 1).font = TITLE


def _headings(sheet: Any, columns: Sequence[ImportColumn], starred: Sequence[bool], *, failed: bool) -> None:
    for at, column in enumerate(columns, 1):
        cell = plain(sheet.cell(HEADING_ROW, at, say(column.label) + (MARK if starred[at - 1] else "")))
        cell.font, cell.fill, cell.alignment = BOLD, HEAD, WRAPPED
        sheet.column_dimensions[get_column_letter(at)].width = column.width
    if failed:
        cell = sheet.cell(HEADING_ROW, len(columns) + 1, reason_heading())
        cell.font, cell.fill = BOLD, WRONG
        sheet.column_dimensions[get_column_letter(len(columns) + 1)].width = 60


def _grid(
    sheet: Any,
    opened: OpenReport,
    indicators: Sequence[IndicatorDefinition],
    failed: Sequence[ImportRow] | None,
) -> None:
    columns = form_columns(indicators)
    _headings(sheet, columns, [False] * len(columns), failed=failed is not None)
    sheet.freeze_panes = sheet.cell(HEADING_ROW + 1, 3)
    if failed is not None:
        known = {found.code for found in indicators}
        own = [row for row in failed if not row.table and row.values.get(INDICATOR) in {*known, None}]
        _failed(sheet, own, columns)
        return
    figures = {**opened.prefilled(), **opened.cells}
    for row, indicator in enumerate(indicators, HEADING_ROW + 1):
        _indicator(
            sheet,
            row,
            indicator,
            figures,
            required_cells(indicator, is_new=opened.case().opened_since_last_year),
        )
    if indicators:
        numbers(sheet, f"C{HEADING_ROW + 1}:F{HEADING_ROW + len(indicators)}")


def _indicator(
    sheet: Any,
    row: int,
    indicator: IndicatorDefinition,
    figures: Mapping[Cell, Decimal],
    required: Sequence[str],
) -> None:
    for at, words in enumerate((say(indicator.name), say(indicator.unit)), 1):
        plain(sheet.cell(row, at, text(words))).fill = HEAD
    for at, kind in enumerate(CELL_KINDS, 3):
        cell = sheet.cell(row, at)
        if kind not in indicator.cells:
            cell.fill = NOT_TAKEN
            continue
        _figure(cell, figures.get((indicator.code, kind)), indicator.scale)
        if kind in required:
            cell.fill = REQUIRED


def _figure(cell: Any, value: Decimal | None, scale: int) -> None:
    cell.protection, cell.number_format = OPEN, number_format(scale)
    if value is not None and len(value.as_tuple().digits) > EXACT_DIGITS:
        cell.value = format(value, "f")  # a spreadsheet would keep 15 digits of a number
    else:
        cell.value = value


def _rows(
    sheet: Any, opened: OpenReport, section: SectionDefinition, failed: Sequence[ImportRow] | None
) -> None:
    columns = row_columns(section)
    _headings(sheet, columns, [column.required for column in section.columns], failed=failed is not None)
    sheet.freeze_panes = sheet.cell(HEADING_ROW + 1, 1)
    if failed is not None:
        _failed(sheet, [row for row in failed if row.table == section.code], columns)
        return
    stored = opened.rows.get(section.code, [])
    for number in range(MOST_ROWS):
        values = stored[number] if number < len(stored) else {}
        for at, column in enumerate(section.columns, 1):
            cell, value = sheet.cell(HEADING_ROW + 1 + number, at), values.get(column.code)
            if isinstance(value, Decimal) or column.is_number:
                _figure(cell, value if isinstance(value, Decimal) else None, column.scale)
            else:
                cell.value, cell.number_format, cell.protection = text(value or ""), "@", OPEN
                plain(cell)
    last = HEADING_ROW + MOST_ROWS
    for at, column in enumerate(section.columns, 1):
        letter = get_column_letter(at)
        places = f"{letter}{HEADING_ROW + 1}:{letter}{last}"
        if column.is_number:
            numbers(sheet, places)
        elif column.required:
            prompt(sheet, places, column.name, Message("Required in every row that is begun."))


def _failed(sheet: Any, rows: Sequence[ImportRow], columns: Sequence[ImportColumn]) -> None:
    """Failed rows as they were read; what was wrong is marked, and a spreadsheet's error left out."""
    for at, row in enumerate(rows, HEADING_ROW + 1):
        wrong = {problem.field for problem in row.problems}
        for place, column in enumerate(columns, 1):
            raw = row.raw.get(column.key)
            value = None if isinstance(raw, Fault) else value_of(raw, is_number=column.kind == "number")
            cell = plain(sheet.cell(at, place, value))
            if column.key not in {INDICATOR, UNIT} or column.key in wrong:
                cell.protection = OPEN
            if column.key in wrong:
                cell.fill = WRONG
        cell = plain(sheet.cell(at, len(columns) + 1, text(reasons(row, columns))))
        cell.alignment = WRAPPED
