"""The sheets of an XLSForm as rows of texts, and what of them is not carried over.

Glossary
    survey 题目表       the sheet of questions, notes and groups, in order
    choices 选项表      the sheet of the lists of options
    settings 设置表     title, languages and the like, in one row below its headings
    loss 未能转换的内容   something in the file that the questionnaire will not have, or has otherwise
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app.infra.sheets import Cell, Fault, SheetRow
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message

SURVEY, CHOICES, SETTINGS = "survey", "choices", "settings"
SHEETS = (SURVEY, CHOICES, SETTINGS)
FIELD = "file"
LONGEST_VALUE = 200
"""Characters of a value as the list of losses shows it."""

MOST_SURVEY_ROWS = 3000
"""Rows of the sheet survey: of 300 questions hardly any needs more than ten."""
MOST_CHOICE_ROWS = 10_000

_TRANSLATED = re.compile(r"\s*::?\s*")
_ALIASES = {
    "list name": "list_name",
    "list": "list_name",
    "constraint message": "constraint_message",
    "constraining message": "constraint_message",
    "required message": "required_message",
    "relevance": "relevant",
    "skippable": "required",
    "caption": "label",
    "value": "name",
    "choice filter": "choice_filter",
    "readonly": "read_only",
    "read only": "read_only",
    "calculate": "calculation",
    "repeat count": "repeat_count",
    "form title": "form_title",
    "form id": "form_id",
    "default language": "default_language",
    "title": "form_title",
    "set form title": "form_title",
    "set form id": "form_id",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """Something that is not carried over, or otherwise than it stood: where, what, and what becomes of it.

    Without a ``row`` it concerns a whole sheet.
    """

    message: Message
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class FormRow:
    """A row below the headings: its number as spreadsheet programs show it, and its texts by column.

    A column is called by its plain name, ``label``, or with a language, ``label::English (en)``.
    """

    sheet: str
    number: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        """The text in a column; empty where it has none."""
        return self.values.get(column, "")

    def lost(self, message: Message, column: str = "", value: str | None = None) -> Loss:
        """That something of this row is not carried over."""
        shown = self.text(column) if value is None else value
        return Loss(message, self.sheet, self.number, column, _shown(shown))


@dataclass(slots=True)
class Form:
    """The rows of a form by sheet; ``losses`` is what could not even be read."""

    survey: tuple[FormRow, ...] = ()
    choices: tuple[FormRow, ...] = ()
    settings: tuple[FormRow, ...] = ()
    losses: list[Loss] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that any row has, each once, those of the sheet survey first."""
        return tuple(dict.fromkeys(column for row in (*self.survey, *self.choices) for column in row.values))

    def setting(self, name: str) -> str:
        """A setting; empty where it is not there."""
        return next((row.text(name) for row in self.settings), "")


def read_form(rows: Iterable[SheetRow]) -> Form:
    """The form that a workbook holds.

    :raises Invalid: it has no sheet "survey", or more rows than are taken.
    """
    sheets, others = _by_sheet(rows)
    form = Form()
    if SURVEY not in sheets:
        raise Invalid(
            [Problem(Message("This workbook has no sheet “survey”, so that it is no XLSForm."), FIELD)]
        )
    found = {name: tuple(_rows(name, sheets.get(name, []), form.losses)) for name in SHEETS}
    form.survey, form.choices, form.settings = (found[name] for name in SHEETS)
    form.losses += [
        Loss(Message("This sheet is no part of a questionnaire and is not read."), name) for name in others
    ]
    return form


def _by_sheet(rows: Iterable[SheetRow]) -> tuple[dict[str, list[SheetRow]], list[str]]:
    sheets: dict[str, list[SheetRow]] = {}
    others: dict[str, None] = {}
    limits = {SURVEY: MOST_SURVEY_ROWS, CHOICES: MOST_CHOICE_ROWS, SETTINGS: 100}
    for row in rows:
        name = row.sheet.strip().lower()
        if name not in SHEETS:
            others.setdefault(row.sheet)
            continue
        kept = sheets.setdefault(name, [])
        kept.append(row)
        if len(kept) > limits[name]:
            message = Message(
                "The sheet “{sheet}” has more than {count} rows. A questionnaire has at most 300 questions "
                "with 200 options each: divide it.",
                sheet=name,
                count=limits[name],
            )
            raise Invalid([Problem(message, FIELD)])
    return sheets, list(others)


def _rows(sheet: str, rows: Sequence[SheetRow], losses: list[Loss]) -> Iterator[FormRow]:
    if not rows:
        return
    headings = _headings(sheet, rows[0], losses)
    for row in rows[1:]:
        values: dict[str, str] = {}
        for place, cell in enumerate(row.cells):
            column = headings.get(place, "")
            text = cell_text(cell)
            if isinstance(cell, Fault):
                words = Message("This cell holds an error, or a formula that was never calculated.")
                losses.append(Loss(words, sheet, row.number, column))
            elif text and not column:
                words = Message("This cell stands below no heading.")
                losses.append(Loss(words, sheet, row.number, "", _shown(text)))
            elif text:
                values[column] = text
        if values:
            yield FormRow(sheet, row.number, values)


def _headings(sheet: str, row: SheetRow, losses: list[Loss]) -> dict[int, str]:
    found: dict[int, str] = {}
    for place, cell in enumerate(row.cells):
        text = cell_text(cell)
        column = column_name(text)
        if column and column in found.values():
            words = Message("This heading stands twice; the first column is read.")
            losses.append(Loss(words, sheet, row.number, text))
        elif column:
            found[place] = column
    return found


def column_name(heading: str) -> str:
    """The name of a column from its heading: ``Label : English`` is ``label::English``."""
    base, *languages = _TRANSLATED.split(heading.strip(), maxsplit=1)
    base = " ".join(base.replace("-", "_").lower().split())
    base = _ALIASES.get(base, base.replace(" ", "_"))
    if base in _PREFIXES and languages:
        inner, *languages = _TRANSLATED.split(languages[0], maxsplit=1)
        base = f"{base}::{inner.lower()}"
    return f"{base}::{languages[0]}" if languages and languages[0] else base


_PREFIXES = frozenset({"media", "bind", "body", "instance", "control"})


def cell_text(cell: Cell) -> str:
    """What a cell says, as a text without blanks around it."""
    match cell:
        case None | Fault():
            return ""
        case bool():
            return "yes" if cell else "no"
        case Decimal():
            text = format(cell, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case dt.datetime() | dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
