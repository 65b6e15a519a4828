"""A report as a workbook in the form's own layout: enterprise, grid, repeating rows, findings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from app.infra.exports import EXACT_DIGITS, EXACT_NOTE, sheet_name
from app.infra.i18n import say
from app.kernel.texts import LocalText, Message
from app.reports import prefill
from app.reports.definitions import CELL_KINDS, SectionDefinition
from app.reports.enterprise_facts import fact_lines
from app.reports.findings import standing
from app.reports.opening import OpenReport
from app.reports.workflow import STATE_LABELS

BOLD = Font(bold=True)
TITLE = Font(bold=True, size=14)
HEAD = PatternFill("solid", fgColor="F4F6F8")
NOT_TAKEN = PatternFill("lightUp", fgColor="CDD4DC")
THIN = Border(*(Side(style="thin", color="8B96A3") for _side in range(4)))
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def report_workbook(opened: OpenReport) -> bytes:
    """The workbook's bytes. Texts are never formulas; figures beyond 15 digits are text, to stay exact."""
    book = Workbook()
    book.remove(book.active)
    _enterprise_sheet(book, opened)
    for section in opened.version.sections:
        sheet = _new_sheet(book, section.name)
        if section.is_grid:
            _grid_sheet(sheet, opened, section)
        else:
            _rows_sheet(sheet, opened, section)
    _findings_sheet(book, opened)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def file_name(opened: OpenReport) -> str:
    """What the file is called: form, enterprise, month."""
    return f"{say(opened.form.name)}-{opened.filing.version.name}-{opened.ref.month}.xlsx"


def _new_sheet(book: Workbook, name: LocalText | Message) -> Worksheet:
    return book.create_sheet(sheet_name(say(name)))


def _enterprise_sheet(book: Workbook, opened: OpenReport) -> None:
    sheet = _new_sheet(book, Message("Enterprise information"))
    _head(sheet, opened, 2)
    for label, value in fact_lines(opened.filing):
        _line(sheet, [label, value], fills=(HEAD, None))
    _widths(sheet, (28, 60))


def _head(sheet: Worksheet, opened: OpenReport, columns: int) -> None:
    version = opened.filing.version
    _line(sheet, [say(opened.form.name)], border=False)
    sheet.cell(1, 1).font = TITLE
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=columns)
    facts = (
        Message("Enterprise: {name}", name=version.name),
        Message("Unified social credit code: {code}", code=version.uscc),
        Message("Month: {month}", month=opened.ref.month),
        Message("State: {state}", state=STATE_LABELS[opened.state]),
        Message("Filled in by: {name}", name=opened.report.filler_name if opened.report else ""),
    )
    for fact in facts:
        _line(sheet, [say(fact)], border=False)


def _grid_sheet(sheet: Worksheet, opened: OpenReport, section: SectionDefinition) -> None:
    _head(sheet, opened, 7)
    heads = [
        Message("Indicator"),
        Message("Unit"),
        *(kind.name for kind in CELL_KINDS.values()),
        Message("Cumulative growth"),
    ]
    _line(sheet, [say(head) for head in heads], fills=(HEAD,) * len(heads), font=BOLD)
    industrial = opened.filing.industry.is_industrial
    for indicator in section.applicable(opened.ref.month.month, industrial=industrial):
        values = [opened.cells.get((indicator.code, cell)) for cell in CELL_KINDS]
        growth = prefill.growth(indicator.growth_kind, opened.cells, indicator.code)
        unit = (
            ""
            if growth is None
            else say(Message("percentage points"))
            if indicator.growth_kind == "pp"
            else "%"
        )
        shown: list[Any] = [
            say(indicator.name),
            say(indicator.unit),
            *values,
            f"{growth:+f}{unit}" if growth is not None else None,
        ]
        fills = (None, None, *(None if cell in indicator.cells else NOT_TAKEN for cell in CELL_KINDS), None)
        _line(sheet, shown, fills=fills, decimals=indicator.scale)
    _widths(sheet, (28, 10, 18, 18, 18, 18, 20))


def _rows_sheet(sheet: Worksheet, opened: OpenReport, section: SectionDefinition) -> None:
    _head(sheet, opened, max(2, len(section.columns)))
    _line(
        sheet,
        [say(column.name) for column in section.columns],
        fills=(HEAD,) * len(section.columns),
        font=BOLD,
    )
    for row in opened.rows.get(section.code, []):
        _line(sheet, [row.get(column.code) for column in section.columns], decimals=4)
    _widths(sheet, (20,) * len(section.columns))


def _findings_sheet(book: Workbook, opened: OpenReport) -> None:
    findings = standing(opened)
    if not findings:
        return
    sheet = _new_sheet(book, Message("Findings"))
    heads = (Message("Rule"), Message("Finding"), Message("Explanation"))
    _line(sheet, [say(head) for head in heads], fills=(HEAD,) * 3, font=BOLD)
    for one in findings:
        _line(sheet, [one.finding.rule, say(one.finding.message), one.explanation])
    _widths(sheet, (10, 60, 60))


def _line(
    sheet: Worksheet,
    values: Sequence[Any],
    *,
    fills: Sequence[PatternFill | None] = (),
    font: Font | None = None,
    border: bool = True,
    decimals: int = 0,
) -> None:
    row = (sheet.max_row or 0) + 1 if sheet.max_row > 1 or sheet.cell(1, 1).value is not None else 1
    for at, value in enumerate(values, start=1):
        cell = sheet.cell(row, at)
        _write(cell, value, decimals)
        if border:
            cell.border = THIN
        if font is not None:
            cell.font, cell.alignment = font, CENTRE
        if at <= len(fills) and fills[at - 1] is not None:
            cell.fill = fills[at - 1]


def _write(cell: Any, value: Any, decimals: int) -> None:
    if isinstance(value, Decimal) and len(value.as_tuple().digits) <= EXACT_DIGITS:
        cell.value = value
        cell.number_format = "#,##0" + ("." + "#" * decimals if decimals and value != int(value) else "")
    elif value is not None:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))  # a workbook cannot hold control characters
        cell.data_type = "s"  # a text that begins with = is a text
        if isinstance(value, Decimal):
            cell.comment = Comment(say(EXACT_NOTE), "")


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
