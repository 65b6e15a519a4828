"""What the workbooks of both imports of reports share: looks, locks, the notes and the hidden marks.

Imported where a workbook is made, not when the program starts: openpyxl is large.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation

from app.infra.exports import sheet_name
from app.infra.i18n import listed, say
from app.infra.imports.headings import REASONS
from app.infra.imports.spec import MARKS_SHEET, ImportColumn, ImportRow
from app.infra.imports.values import shown
from app.infra.sheets import Cell
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.reports.definitions import CELL_KINDS, IndicatorDefinition

BOLD = Font(bold=True)
TITLE = Font(bold=True, size=14)
HEAD = PatternFill("solid", fgColor="F4F6F8")
REQUIRED = PatternFill("solid", fgColor="D9E6F7")
NOT_TAKEN = PatternFill("lightUp", fgColor="CDD4DC")
WRONG = PatternFill("solid", fgColor="FBE9E8")
WRAPPED = Alignment(wrap_text=True, vertical="top")
OPEN = Protection(locked=False)
MOST = 10**13
ABOUT = (
    Message("What is reported"),
    Message("Counted in"),
    Message("Figures to fill in"),
    Message("Figures required"),
    Message("For whom"),
)
"""Headings of the notes; none of a template's, or the notes would be read as its rows."""


def text(value: object) -> str | None:
    """A text that a workbook can hold; None for an empty one."""
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_767] or None


def plain(cell: Any) -> Any:
    """Make sure that a text which begins with = is a text."""
    if isinstance(cell.value, str):
        cell.data_type = "s"
    return cell


def number_format(scale: int) -> str:
    """How a figure with so many decimals is shown."""
    return "#,##0" + ("." + "#" * scale if scale else "")


def lock(sheet: Any) -> None:
    """Protect a sheet from slips: no password, and rows and columns may still be sized."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.protection.formatCells = sheet.protection.sort = sheet.protection.autoFilter = False


def numbers(sheet: Any, places: str) -> None:
    """Let cells take numbers only; a spreadsheet program says so at once."""
    validation = DataValidation(
        type="decimal", operator="between", formula1=str(-MOST), formula2=str(MOST), allow_blank=True
    )
    validation.showErrorMessage = True
    validation.errorTitle = say(Message("Not a number"))[:32]
    validation.error = say(Message("Write a number, without unit and without separators."))
    validation.add(places)
    sheet.data_validations.append(validation)


def prompt(sheet: Any, places: str, title: Words, words: Words, source: str | None = None) -> None:
    """Say at cells what belongs there; with ``source`` offer a list."""
    validation = DataValidation(
        type="list" if source else None, formula1=source, allow_blank=True, showErrorMessage=False
    )
    validation.showInputMessage = True
    validation.promptTitle, validation.prompt = say(title)[:32], say(words)[:240]
    validation.add(places)
    sheet.data_validations.append(validation)


def write_marks(book: Workbook, marks: Mapping[str, str]) -> None:
    """The hidden sheet; it stands first, so that a wrong file is refused for what it is."""
    sheet = book.create_sheet(MARKS_SHEET)
    for pair in marks.items():
        sheet.append(pair)
    sheet.sheet_state = "hidden"


def write_notes(book: Workbook, notes: Iterable[Message], indicators: Sequence[IndicatorDefinition]) -> None:
    """How to fill in, and what each indicator is."""
    sheet = book.create_sheet(sheet_name(say(Message("How to fill in"))))
    for letter, width in zip("ABCDE", (34, 12, 44, 44, 22), strict=True):
        sheet.column_dimensions[letter].width = width
    for note in notes:
        sheet.append([text(say(note))])
    sheet.append([])
    sheet.append([say(head) for head in ABOUT])
    for found in indicators:
        whom = Message("Industrial enterprises") if found.industrial_only else Message("All enterprises")
        sheet.append(
            [say(found.name), say(found.unit), _cells(found.cells), _cells(found.required_cells), say(whom)]
        )


def _cells(codes: Sequence[str]) -> str:
    return listed(say(kind.name) for code, kind in CELL_KINDS.items() if code in codes)


def reasons(row: ImportRow, columns: Sequence[ImportColumn]) -> str:
    """Why a row failed, a line for each problem."""
    labels = {column.key: say(column.label) for column in columns}
    return "\n".join(
        f"{labels[problem.field]}: {say(problem.message)}"
        if problem.field in labels
        else say(problem.message)
        for problem in row.problems
    )


def reason_heading() -> str:
    """The heading of the column of reasons."""
    return say(REASONS)


def value_of(cell: Cell, *, is_number: bool) -> Any:
    """What was read from a cell, to be written again: a number stays one where it can."""
    return cell if is_number and not isinstance(cell, str | bool | None) else text(shown(cell))
