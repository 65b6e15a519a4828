"""Workbooks that go out: the empty template, and failed rows in the same form with a column of reasons.

Imported where a workbook is made, not when the program starts: openpyxl is large.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation

from app.infra.exports import EXACT_DIGITS, sheet_name
from app.infra.i18n import say
from app.infra.imports.headings import MARK, REASONS
from app.infra.imports.spec import ImportColumn, ImportRow, ImportSpec
from app.infra.imports.values import shown
from app.infra.sheets import Cell
from app.kernel.actor import Actor
from app.kernel.texts import Message

BOLD = Font(bold=True)
REQUIRED_FILL = PatternFill("solid", fgColor="D9E6F7")
OPTIONAL_FILL = PatternFill("solid", fgColor="F4F6F8")
WRONG_FILL = PatternFill("solid", fgColor="FBE9E8")
WRAPPED = Alignment(wrap_text=True, vertical="top")
FORMATS = {
    "text": "@",
    "choice": "@",
    "choices": "@",
    "flag": "@",
    "date": "yyyy-mm-dd",
    "whole": "0",
    "number": "0.##",
}
LONGEST_PROMPT = 240
YES_NO = (Message("Yes"), Message("No"))


def write_template(
    target: BinaryIO | Path,
    spec: ImportSpec,
    actor: Actor,
    today: dt.date,
    failed: Iterable[ImportRow] | None = None,
) -> None:
    """Write the template in the user's language; with ``failed`` rows and why each of them failed.

    The lists of choices are those that the actor may name.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_name(say(spec.title)))
    lists = _choices(spec, actor, today)
    _lay_out(sheet, spec, with_reasons=failed is not None)
    _offer(sheet, spec, lists)
    sheet.append(
        [_head(sheet, column) for column in spec.columns]
        + ([_reason_head(sheet)] if failed is not None else [])
    )
    for row in failed or ():
        sheet.append(_failed_row(sheet, spec, row))
    _guidance(book, spec)
    _lists(book, lists)
    book.save(target)


def _choices(spec: ImportSpec, actor: Actor, today: dt.date) -> dict[str, list[str]]:
    found = {
        column.key: [say(choice.label) for choice in column.choices(actor, today) if choice.offered]
        for column in spec.columns
        if column.choices is not None
    }
    found |= {column.key: [say(word) for word in YES_NO] for column in spec.columns if column.kind == "flag"}
    return found


def _lay_out(sheet: Any, spec: ImportSpec, *, with_reasons: bool) -> None:
    for at, column in enumerate(spec.columns, 1):
        place = sheet.column_dimensions[get_column_letter(at)]
        place.width, place.number_format = column.width, FORMATS[column.kind]
    if with_reasons:
        sheet.column_dimensions[get_column_letter(len(spec.columns) + 1)].width = 60
    sheet.freeze_panes = "A2"


def _offer(sheet: Any, spec: ImportSpec, lists: dict[str, list[str]]) -> None:
    """Drop-downs from the sheet of lists, and what to write as a note at each cell."""
    for at, column in enumerate(spec.columns, 1):
        letter = get_column_letter(at)
        offered = lists.get(column.key) if column.kind != "choices" else None
        place = list(lists).index(column.key) + 1 if offered else 0
        source = (
            f"={quote_sheetname(_lists_name())}!${get_column_letter(place)}$1:${get_column_letter(place)}${len(offered)}"
            if offered
            else None
        )
        validation = DataValidation(
            type="list" if source else None, formula1=source, allow_blank=True, showErrorMessage=False
        )
        if column.help is not None:
            validation.showInputMessage = True
            validation.promptTitle = say(column.label)[:32]
            validation.prompt = say(column.help)[:LONGEST_PROMPT]
        if source or column.help is not None:
            validation.add(f"{letter}2:{letter}{spec.most_rows + 1}")
            sheet.data_validations.append(validation)


def _head(sheet: Any, column: ImportColumn) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, say(column.label) + (MARK if column.required else ""))
    cell.font, cell.fill, cell.alignment = BOLD, REQUIRED_FILL if column.required else OPTIONAL_FILL, WRAPPED
    return cell


def _reason_head(sheet: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, say(REASONS))
    cell.font, cell.fill = BOLD, WRONG_FILL
    return cell


def _failed_row(sheet: Any, spec: ImportSpec, row: ImportRow) -> list[Any]:
    wrong = {problem.field for problem in row.problems}
    cells = [
        _value(sheet, column, row.raw.get(column.key), is_wrong=column.key in wrong)
        for column in spec.columns
    ]
    reasons = "\n".join(_reason(spec, problem.field, say(problem.message)) for problem in row.problems)
    return [*cells, _text(sheet, reasons)]


def _reason(spec: ImportSpec, field: str, words: str) -> str:
    column = spec.column(field)
    return f"{say(column.label)}: {words}" if column else words


def _value(sheet: Any, column: ImportColumn, cell: Cell, *, is_wrong: bool) -> Any:
    is_number = column.kind in ("number", "whole") and not isinstance(cell, str | bool | None)
    is_exact = is_number and len(shown(cell).strip("-0.").replace(".", "")) <= EXACT_DIGITS
    if is_exact or isinstance(cell, dt.date | dt.time):
        written = WriteOnlyCell(sheet, cell)
    else:
        written = _text(sheet, shown(cell))
    written.number_format = FORMATS[column.kind]
    if is_wrong:
        written.fill = WRONG_FILL
    return written


def _text(sheet: Any, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text)[:32_767] or None)
    if cell.value is not None:
        cell.data_type = "s"  # a text that begins with = is a text
    return cell


def _guidance(book: Workbook, spec: ImportSpec) -> None:
    """What each column wants, with an example; apart from the data, so that no example is imported."""
    sheet = book.create_sheet(sheet_name(say(Message("How to fill in"))))
    for at, width in enumerate((30, 10, 70, 30), 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    for note in guidance_notes(spec):
        sheet.append([_text(sheet, say(note))])
    heads = (Message("Column"), Message("Required"), Message("What to write"), Message("Example"))
    cells = [WriteOnlyCell(sheet, say(head)) for head in heads]
    for cell in cells:
        cell.font, cell.fill = BOLD, OPTIONAL_FILL
    sheet.append(cells)
    for column in spec.columns:
        texts = (
            say(column.label),
            say(Message("Yes")) if column.required else "",
            say(column.help) if column.help else "",
            column.example,
        )
        line = [_text(sheet, text) for text in texts]
        line[2].alignment = WRAPPED
        sheet.append(line)


def guidance_notes(spec: ImportSpec) -> Sequence[Message]:
    """What holds for the whole template."""
    notes = (
        Message("Write one record to a row, from the second row on. Columns marked * are required."),
        Message("Leave the headings as they are; their order does not matter."),
        Message("At most {count} rows are read at once.", count=f"{spec.most_rows:,}"),
    )
    return (*notes, spec.note) if spec.note else notes


def _lists_name() -> str:
    return sheet_name(say(Message("Lists")))


def _lists(book: Workbook, lists: dict[str, list[str]]) -> None:
    sheet = book.create_sheet(_lists_name())
    sheet.sheet_state = "hidden"
    columns = list(lists.values())
    for line in range(max((len(column) for column in columns), default=0)):
        sheet.append([_text(sheet, column[line]) if line < len(column) else None for column in columns])
