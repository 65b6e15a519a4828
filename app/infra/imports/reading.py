"""From an uploaded file to rows with values, each with what could not be understood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from app.infra.i18n import say
from app.infra.imports.headings import WITHIN, find_table, in_every_language, known_headings
from app.infra.imports.spec import (
    MARKS_SHEET,
    ImportColumn,
    ImportRow,
    ImportSpec,
    ImportTable,
    Remark,
    Report,
)
from app.infra.imports.values import CellError, ChoiceIndex, short, shown, value_of
from app.infra.sheets import Cell, SheetRow, read_table
from app.infra.sheets.limits import USUAL
from app.infra.sheets.refusals import refused, too_many_rows
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Problem, Words
from app.kernel.texts import Message

REQUIRED = Message("This entry is required.")
HEADROOM = 50
"""Rows of titles, headings and guidance that a file may have beside its data."""


@dataclass(slots=True)
class RawTable:
    """The rows of the sheets that have the template's headings, before anything is understood.

    ``tables`` are the keys of those that the file has, be they without rows. ``marks`` is what the hidden
    sheet of a template says; ``absent`` are the refusals of sheets that lack required columns.
    """

    rows: list[ImportRow] = field(default_factory=list)
    encoding: str = ""
    notices: list[Words] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    absent: list[Message] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it is, before it is known what its headings should be."""

    rows: Sequence[SheetRow]
    encoding: str = ""


def load(spec: ImportSpec, content: bytes, report: Report = lambda _done: None) -> Loaded:
    """Read a file; asks the database nothing, so that no transaction is open meanwhile.

    :raises Invalid: a file that must not be read, or is too large.
    """
    limits = replace(USUAL, rows=spec.most_rows + HEADROOM, columns=spec.most_columns)
    table = read_table(content, limits)
    rows = []
    for row in table.rows:
        rows.append(row)
        report(len(rows))
    return Loaded(rows, table.encoding)


def read_raw(spec: ImportSpec, loaded: Loaded) -> RawTable:
    """Find the tables of an import in a file by their headings.

    :raises Invalid: a template for something else, no sheet with the headings, or one that lacks a
        required column.
    """
    found = RawTable(encoding=loaded.encoding)
    tables = [(table, known_headings(table)) for table in spec.tables]
    for sheet, rows in groupby(loaded.rows, key=lambda row: row.sheet):
        if sheet == MARKS_SHEET:
            found.marks |= _marks(rows)
        else:
            _read_sheet(sheet, list(rows), tables, found)
    _refuse_unfit(spec, found)
    return found


def _marks(rows: Iterable[SheetRow]) -> dict[str, str]:
    pairs = (row.cells[:2] for row in rows if len(row.cells) > 1)
    return {str(key): shown(value) for key, value in pairs if key is not None}


def _refuse_unfit(spec: ImportSpec, found: RawTable) -> None:
    """Refuse a file as a whole: first for what it is, then for what it lacks."""
    words = spec.fits(found.marks) if spec.fits is not None else None
    if words is None and found.absent:
        words = found.absent[0]
    missing = [table for table in spec.tables if table.key not in found.tables and not table.optional]
    if words is None and missing:
        words = Message("No sheet has the headings of the template: download the template and fill it in.")
    if words is None and not found.rows:
        words = Message("There are no rows below the headings.")
    if words is None and len(found.rows) > spec.most_rows:
        words = too_many_rows(replace(USUAL, rows=spec.most_rows))
    if words is not None:
        raise refused(words)


def _read_sheet(
    sheet: str,
    rows: Sequence[SheetRow],
    tables: Sequence[tuple[ImportTable, dict[str, str]]],
    found: RawTable,
) -> None:
    recognised = find_table(sheet, rows[:WITHIN], tables)
    if recognised is None:
        return
    table, columns, number = recognised
    missing = [
        column for column in table.columns if column.required and column.key not in columns.places.values()
    ]
    if missing:
        names = "、".join(say(column.label) for column in missing)
        words = Message("The sheet “{sheet}” lacks required columns: {columns}.", sheet=sheet, columns=names)
        found.absent.append(words)
        return
    found.tables.add(table.key)
    for name in columns.unknown:
        found.notices.append(
            Message(
                "The column “{column}” of the sheet “{sheet}” is not part of the template and is not read.",
                column=short(name),
                sheet=sheet,
            )
        )
    for row in rows:
        raw = {
            key: row.cells[place] if place < len(row.cells) else None for place, key in columns.places.items()
        }
        if row.number > number and any(cell is not None for cell in raw.values()):
            found.rows.append(ImportRow(sheet, row.number, raw, table=table.key))


def understand(spec: ImportSpec, rows: Iterable[ImportRow], actor: Actor, today: dt.date) -> None:
    """Give the rows their values, and the problems of cells that cannot be understood or are missing."""
    indexes = {
        table.key: {
            column.key: ChoiceIndex.of(column.choices(actor, today), in_every_language)
            for column in table.columns
            if column.choices is not None
        }
        for table in spec.tables
    }
    columns = {table.key: table.columns for table in spec.tables}
    for row in rows:
        row.values = {column.key: _value(column, row, indexes[row.table]) for column in columns[row.table]}


def judge(
    spec: ImportSpec, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report
) -> list[Words]:
    """Give the rows values, each cell's first problem, and remarks; gives what is told of them as a whole.

    :raises Invalid: the rows as a whole cannot be imported.
    """
    notices: list[Words] = []
    understand(spec, rows, actor, local_date(now))
    for row, problem in spec.check(rows, actor, now, report):
        if row is None:
            notices.append(problem.message)
        elif isinstance(problem, Remark):
            row.tell(problem)
        else:
            row.refuse(problem)
    return notices


def _value(column: ImportColumn, row: ImportRow, indexes: Mapping[str, ChoiceIndex]) -> Any:
    cell: Cell = row.raw.get(column.key)
    try:
        value = value_of(column, cell, indexes.get(column.key))
    except CellError as error:
        row.refuse(Problem(error.message, column.key))
        return None
    if column.required and value in (None, "", []):
        row.refuse(Problem(REQUIRED, column.key))
    return value
