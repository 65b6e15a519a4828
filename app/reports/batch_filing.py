"""Reports of many enterprises by one program: 数据批量上报导入 with JSON in the place of a workbook.

The import of the page does the work (``import_batch``), so that right, territory, windows, rules, history
and messages are the same; the reports of one request are written together or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.infra import audit
from app.infra.imports import ImportRow, ImportSpec
from app.infra.imports.reading import judge
from app.infra.imports.spec import find_import
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, Problem, Words
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import import_batch
from app.reports.import_columns import FILLER, USCC

MOST_REPORTS = 500
"""Reports of one request: they are written while the program waits."""

ALONG = (import_batch.REPORT_WRONG, import_batch.ROWS_WRONG)
"""What a workbook says of rows that fail because another row of the report does."""
PLACES = {USCC: "uscc", FILLER: "filler"}

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Of which form and month the reports are, who filled them in, and whether they are submitted too."""

    form: str
    month: Month
    filler: str
    submit: bool = False

    def options(self) -> dict[str, str]:
        """As the page of the import would have it chosen."""
        submit = "1" if self.submit else "0"
        return {"form": self.form, "month": str(self.month), "filler": self.filler, "submit": submit}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a program sent of one enterprise: texts by cell, rows by section; ``filler`` where it differs."""

    uscc: str
    cells: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    filler: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A report of the request: the row of its figures, and those of its sections."""

    row: ImportRow
    more: tuple[ImportRow, ...]

    @property
    def problems(self) -> Iterator[Problem]:
        """What keeps it from being written, each at its place in the request."""
        for row in (self.row, *self.more):
            own = (found for found in row.problems if not _repeats(row, found))
            yield from (Problem(found.message, _place(row, found)) for found in own)

    @property
    def remarks(self) -> Iterator[Problem]:
        """What the rules say of it, each at its place in the request."""
        for row in (self.row, *self.more):
            yield from (Problem(found.message, _place(row, found)) for found in row.remarks)


@dataclass(frozen=True, slots=True)
class Judged:
    """The reports of a request as they would be written, and what is told of all of them."""

    spec: ImportSpec
    lines: tuple[Line, ...]
    notices: Sequence[Words]

    @property
    def problems(self) -> list[Problem]:
        """What keeps the request from being written."""
        return [problem for line in self.lines for problem in line.problems]


def judge_many(actor: Actor, chosen: Chosen, sent: Sequence[Sent], now: dt.datetime) -> Judged:
    """Ask window and rules about many reports; nothing is written.

    :raises Forbidden: the actor lacks the right. :raises NotFound: the form is not reported for the month.
    :raises Invalid: nobody is named who filled in, or a figure, section or column that the form has not.
    """
    spec = find_import(import_batch.NAME, actor).shaped(actor, chosen.options(), now)
    _refuse_unknown(spec, sent)
    lines = tuple(_line(number, one) for number, one in enumerate(sent, start=1))
    rows = [row for line in lines for row in (line.row, *line.more)]
    return Judged(spec, lines, judge(spec, rows, actor, now, lambda _done: None))


def file_many(actor: Actor, chosen: Chosen, sent: Sequence[Sent], now: dt.datetime) -> Judged:
    """Save many reports, and submit those that may be if that was chosen; the note of each row says which.

    Sent again after a lost answer, it finds everything as it should be and changes nothing.

    :raises Invalid: a report cannot be written; then none of them is.
    :raises Forbidden, NotFound: as ``judge_many``.
    """
    judged = judge_many(actor, chosen, sent, now)
    if problems := judged.problems:
        raise Invalid(problems)
    rows = [row for line in judged.lines for row in (line.row, *line.more)]
    judged.spec.apply(rows, actor, now, lambda _done: None)
    after = {"rows": len(sent), "failed": 0, **chosen.options()}
    audit.record(actor, "import", import_batch.NAME, after=after)
    return judged


def _refuse_unknown(spec: ImportSpec, sent: Sequence[Sent]) -> None:
    """A workbook cannot bring cells, sections or columns that there are not; a program can misspell them."""
    columns = {table.key: {column.key for column in table.columns} for table in spec.tables}
    problems = []
    for number, one in enumerate(sent, start=1):
        at = f"reports.{number}"
        problems += [
            Problem(Message("The form has no figure {name}.", name=name[:40]), f"{at}.figures.{name[:40]}")
            for name in one.cells.keys() - columns[""]
        ]
        for section, rows in one.rows.items():
            problems += _unknown_columns(f"{at}.rows.{section[:40]}", columns.get(section), section, rows)
    if problems:
        raise Invalid(problems)


def _unknown_columns(at: str, known: set[str] | None, section: str, rows: Rows) -> Iterator[Problem]:
    if known is None or not section:
        yield Problem(Message("The form has no rows {section}.", section=section[:40]), at)
        return
    for number, row in enumerate(rows, start=1):
        for name in row.keys() - known:
            words = Message("The rows have no column {column}.", column=name[:40])
            yield Problem(words, f"{at}.{number}.{name[:40]}")


def _line(number: int, sent: Sent) -> Line:
    """The rows that a workbook would have of the report; ``sheet`` says where they stand in the request."""
    at = f"reports.{number}"
    figures = {name: text or None for name, text in sent.cells.items()}
    row = ImportRow(at, number, {USCC: sent.uscc, FILLER: sent.filler or None, **figures})
    more = tuple(
        ImportRow(
            f"{at}.rows.{section}.{place}",
            place,
            {USCC: sent.uscc, **{name: text or None for name, text in one.items()}},
            table=section,
        )
        for section, rows in sent.rows.items()
        for place, one in enumerate(rows, start=1)
    )
    return Line(row, more)


def _repeats(row: ImportRow, found: Problem) -> bool:
    """Whether a workbook says it of this row because the report has it elsewhere."""
    return found.message in ALONG or bool(row.table and found.field == USCC)


def _place(row: ImportRow, found: Problem) -> str:
    if not found.field:
        return row.sheet
    if row.table:
        return f"{row.sheet}.{PLACES.get(found.field, found.field)}"
    return f"{row.sheet}.{PLACES.get(found.field, f'figures.{found.field}')}"
