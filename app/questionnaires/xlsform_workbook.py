"""XLSForm as a workbook: written for people to read and change, and read as any uploaded table is."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from app.infra.sheets import check_file, read_table
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.questionnaires.definition import Definition
from app.questionnaires.xlsform_kept import is_kept_column
from app.questionnaires.xlsform_reading import ReadForm, definition_from
from app.questionnaires.xlsform_rows import CHOICES, FIELD, SETTINGS, SURVEY, Form, FormRow, read_form
from app.questionnaires.xlsform_writing import (
    CHOICE_COLUMNS,
    SETTING_COLUMNS,
    SURVEY_COLUMNS,
    WrittenForm,
    columns_of,
    form_of,
)

_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook would take for a character by its number."""
_WIDTHS = {"label": 48, "hint": 30, "relevant": 36, "constraint": 30, "constraint_message": 30, "type": 22}


def read_workbook(content: bytes) -> tuple[Form, ReadForm]:
    """The form in an uploaded workbook, and the questionnaire that it becomes.

    :raises Invalid: the file must not be read, is no workbook, or is no form.
    """
    if not check_file(content):
        words = Message("An XLSForm is a workbook (.xlsx) with the sheets “survey” and “choices”.")
        raise Invalid([Problem(words, FIELD)])
    form = read_form(read_table(content).rows)
    return form, definition_from(form)


def workbook_of(definition: Definition, settings: dict[str, str]) -> tuple[bytes, WrittenForm]:
    """A questionnaire as a workbook, and what other programs will not do as this one does."""
    written = form_of(definition, settings)
    return _workbook(written.form), written


def _workbook(form: Form) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - large, and only the download needs it

    book = Workbook()
    book.remove(book.active)
    for name, rows, columns in (
        (SURVEY, form.survey, SURVEY_COLUMNS),
        (CHOICES, form.choices, CHOICE_COLUMNS),
        (SETTINGS, form.settings, SETTING_COLUMNS),
    ):
        _fill(book.create_sheet(name), columns_of(rows, columns), rows)
    body = io.BytesIO()
    book.save(body)
    return body.getvalue()


def _fill(sheet: Any, columns: Sequence[str], rows: Sequence[FormRow]) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 - as above
    from openpyxl.utils import get_column_letter  # noqa: PLC0415 - as above

    bold, top, wrapped = Font(bold=True), Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    for place, column in enumerate(columns, 1):
        _write(sheet.cell(1, place), column)
        sheet.cell(1, place).font = bold
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column.partition("::")[0], 18)
        for row in rows:
            if row.text(column):
                cell = sheet.cell(row.number, place)
                _write(cell, row.text(column))
                if sheet.title == SURVEY:
                    cell.alignment = top if is_kept_column(column) else wrapped
    sheet.freeze_panes = "C2"


def _write(cell: Any, text: str) -> None:
    """Put a text into a cell as a text, whatever it begins with: nothing here is a formula of a sheet."""
    cell.value = _ESCAPE.sub("_x005F_", text)
    cell.data_type = "s"
