"""What a file says of one report, and what the report becomes by it: the same for one report and for many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.infra.imports import ImportRow
from app.infra.imports.spec import Remark
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.reports.checking import Case, Finding, Outcome, check
from app.reports.definitions import (
    Cell,
    IndicatorDefinition,
    Row,
    SectionDefinition,
    number_problem,
)
from app.reports.filling import MOST_ROWS
from app.reports.opening import OpenReport
from app.reports.prefill import prefill
from app.reports.workflow import STATE_LABELS

Told = tuple[ImportRow, Problem]

HATCHED = Message("The form has no such figure of this indicator: leave the cell empty.")
UNEXPLAINED = Message("{finding} (to be explained before submission)")


@dataclass
class Entered:
    """What a file says of a report: figures that stand in it, rows of each section that it has.

    ``places`` and ``row_places`` lead back to the rows of the file. ``unreadable`` are cells whose text is
    no number. None as a figure is an empty cell that empties what is stored.
    """

    cells: dict[Cell, Decimal | None] = field(default_factory=dict)
    places: dict[Cell, tuple[ImportRow, str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    row_places: dict[str, list[ImportRow]] = field(default_factory=dict)
    unreadable: set[tuple[str, str] | tuple[str, int, str]] = field(default_factory=set)
    problems: list[Told] = field(default_factory=list)

    @property
    def is_readable(self) -> bool:
        """Whether all that the file says of the report could be taken."""
        return not (self.problems or self.unreadable)

    def take_cell(self, indicator: IndicatorDefinition, cell: str, row: ImportRow, key: str) -> None:
        """Take the figure that stands in a column of a row; an unreadable one is remembered as such."""
        value = row.values.get(key)
        self.places[indicator.code, cell] = (row, key)
        if cell not in indicator.cells:
            if row.raw.get(key) is not None:
                self.problems.append((row, Problem(HATCHED, key)))
            return
        if any(problem.field == key for problem in row.problems):
            self.unreadable.add((indicator.code, cell))
        elif value is not None and (words := number_problem(value, indicator.scale)):
            self.problems.append((row, Problem(words, key)))
        elif key in row.raw:
            self.cells[indicator.code, cell] = value

    def take_row(self, section: SectionDefinition, row: ImportRow) -> None:
        """Take a repeating row."""
        kept = self.rows.setdefault(section.code, [])
        number = len(kept) + 1
        if number > MOST_ROWS:
            self.problems.append((row, Problem(Message("At most {count} rows.", count=MOST_ROWS))))
            return
        unread = {problem.field for problem in row.problems}
        values: dict[str, Decimal | str | None] = {}
        for column in section.columns:
            value = row.values.get(column.code)
            if column.code in unread:
                self.unreadable.add((section.code, number, column.code))
            elif words := column.problem(value):
                self.problems.append((row, Problem(words, column.code)))
                value = None
            values[column.code] = value
        kept.append(values)
        self.row_places.setdefault(section.code, []).append(row)


@dataclass
class Planned:
    """A report as it becomes by a file: all of its figures and rows, and what the rules say of them."""

    opened: OpenReport
    entered: Entered
    cells: dict[Cell, Decimal]
    rows: dict[str, list[Row]]
    outcome: Outcome

    @property
    def changes_nothing(self) -> bool:
        """Whether the report has these figures and rows already."""
        opened = self.opened
        return opened.report is not None and self.cells == opened.cells and not self.changed_rows

    @property
    def changed_cells(self) -> dict[Cell, Decimal | None]:
        """The figures that differ from what is stored."""
        stored = self.opened.cells
        return {
            cell: self.cells.get(cell)
            for cell in {**stored, **self.cells}
            if stored.get(cell) != self.cells.get(cell)
        }

    @property
    def changed_rows(self) -> dict[str, list[Row]]:
        """The sections whose rows differ from what is stored."""
        return {code: rows for code, rows in self.rows.items() if rows != self.opened.rows.get(code, [])}


def plan(opened: OpenReport, entered: Entered) -> Planned:
    """What a report becomes: the file's figures over the stored ones, and where both have none, what the
    platform proposes on the page.
    """
    merged = {cell: value for cell, value in {**opened.cells, **entered.cells}.items() if value is not None}
    rows = {**opened.rows, **entered.rows}
    case = replace(opened.case(merged), rows=rows, unreadable=frozenset(entered.unreadable))
    proposed = {
        cell: value for cell, value in prefill(opened.version, case).items() if cell not in entered.unreadable
    }
    full = {**merged, **proposed}
    outcome = check(opened.version, _with_cells(case, full))
    return Planned(opened, entered, full, dict(entered.rows), outcome)


def _with_cells(case: Case, cells: Mapping[Cell, Decimal]) -> Case:
    return replace(case, cells=cells)


def remarks(planned: Planned, otherwise: ImportRow | None) -> Iterator[tuple[ImportRow | None, Remark]]:
    """What the rules found, each at its place in the file.

    :param otherwise: the row that stands for the report; None says it of the whole file.
    """
    for finding in planned.outcome.findings:
        words = finding.message
        told = UNEXPLAINED.msgid if finding.severity == "soft" else "{finding}"
        row, column = _place(planned.entered, finding, otherwise)
        yield row, Remark(Message(told, finding=words), column)


def _place(entered: Entered, finding: Finding, otherwise: ImportRow | None) -> tuple[ImportRow | None, str]:
    if finding.row_no:
        places = entered.row_places.get(finding.section, ())
        if finding.row_no <= len(places):
            return places[finding.row_no - 1], finding.indicator
        return otherwise, ""
    found = entered.places.get((finding.indicator, finding.cell))
    return found if found is not None else (otherwise, "")


def not_open(opened: OpenReport, now: dt.datetime) -> Message | None:
    """Why figures cannot be saved now, or None: the state of the report, or the window of its month."""
    if not opened.is_fillable:
        return Message("The report is “{state}” and cannot be changed now.", state=STATE_LABELS[opened.state])
    return opened.closed(now)


def given(rows: Sequence[ImportRow], table: str) -> list[ImportRow]:
    """The rows of a table."""
    return [row for row in rows if row.table == table]
