"""数据批量上报导入: an admin brings the figures of many enterprises for a month in one workbook."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.enterprises.models import Enterprise
from app.infra.imports import ImportRow, ImportSpec
from app.infra.imports.spec import Found, Remark, Report
from app.infra.transactions import in_unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.names import name_key
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.definitions import CELL_KINDS, IndicatorDefinition, VersionDefinition
from app.reports.form_loading import version_for
from app.reports.import_columns import (
    FILLER,
    FILLER_LENGTH,
    USCC,
    batch_columns,
    batch_row_tables,
    cell_key,
)
from app.reports.import_columns import (
    NAME as NAME_COLUMN,
)
from app.reports.import_entries import Entered, Planned, given, not_open, plan, remarks
from app.reports.import_marks import marks_of, misfit, unmarked
from app.reports.import_writing import Filed, file_reports, may_submit
from app.reports.known_forms import KnownForm, find_form
from app.reports.opening import OpenReport
from app.reports.opening_many import find_enterprises, open_many
from app.reports.workflow import BATCH_IMPORT

NAME = "report_batch"
TITLE = Message("Batch import of reports")
UNKNOWN = Message("There is no enterprise with this credit code in your territory.")
REPEATED = Message("Another row of this file has the same credit code.")
NOT_INDUSTRIAL = Message("Only industrial enterprises report this figure: leave the cell empty.")
NO_FIGURES = Message("This enterprise has no row in the sheet of figures.")
ROWS_WRONG = Message("Rows of this enterprise in other sheets have errors.")
REPORT_WRONG = Message(
    "The report of this enterprise cannot be imported: see its row in the sheet of figures."
)
OTHER_VERSION = Message("This report was begun with another version of the form and cannot be imported.")
MOST_COLUMNS = 1_000
MOST_ENTERPRISES = 20_000
"""Rows that are read at once, of figures and of products together."""


def may_import_reports(actor: Actor) -> bool:
    """Whether an admin was given 批量导入; who runs the platform takes no business decision."""
    return actor.kind is Kind.BUREAU and actor.admin_id is not None and BATCH_IMPORT in actor.rights


def shape(actor: Actor, options: Mapping[str, str], now: dt.datetime) -> ImportSpec:
    """The import of a month.

    :raises NotFound: the form is not reported for the month.
    :raises Invalid: nobody is named who filled in, or the month is closed to everybody.
    """
    work = BatchImport(*_chosen(options), options.get("filler", "").strip(), options.get("submit") == "1")
    if not work.filler or len(work.filler) > FILLER_LENGTH:
        raise Invalid([Problem(Message("Enter who filled in these reports."), "filler")])
    return ImportSpec(
        name=NAME,
        title=TITLE,
        columns=batch_columns(work.version, work.month.month),
        check=work.check,
        apply=work.apply,
        allowed=may_import_reports,
        name_column=USCC,
        table_title=work.version.grids[0].name,
        list_url="/reports/",
        more=batch_row_tables(work.version),
        fits=work.fits,
        write=work.write,
        most_columns=MOST_COLUMNS,
        most_rows=MOST_ENTERPRISES,
    )


def _chosen(options: Mapping[str, str]) -> tuple[KnownForm, VersionDefinition, Month]:
    try:
        month = Month.parse(options.get("month", ""))
    except ValueError:
        raise NotFound from None
    form = find_form(options.get("form", ""))
    return form, version_for(form.code, month), month


@dataclass
class BatchImport:
    """What is done with the rows of one file; what the last check planned is what is written."""

    form: KnownForm
    version: VersionDefinition
    month: Month
    filler: str
    submit: bool
    planned: dict[int, tuple[ImportRow, Planned]] = field(default_factory=dict)
    """Enterprise → its row in the sheet of figures, and what its report becomes."""
    is_marked: bool = True

    def fits(self, marks: Mapping[str, str]) -> Message | None:
        """Why a file is not one of this month."""
        self.is_marked = bool(marks)
        return misfit(marks, marks_of(NAME, self.version, self.month))

    def write(
        self, target: BinaryIO | Path, actor: Actor, _today: dt.date, failed: Iterable[ImportRow] | None
    ) -> None:
        """The failed rows with their reasons, in the template."""
        from app.reports.import_template_batch import write_batch_template  # noqa: PLC0415 - openpyxl is large

        write_batch_template(target, self.version, self.month, (), failed)

    def check(self, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> Found:
        """What is wrong with the rows, and what the rules say of the reports that they make."""
        found = _Findings()
        owners = self._owners(rows, actor, now, found)
        entered = {of: Entered() for of in owners}
        self._take_rows(rows, owners, entered, found)
        self.planned = {}
        opening = open_many(
            self.form,
            self.version,
            self.month,
            [enterprise for _row, enterprise in owners.values()],
            now,
            lock=in_unit_of_work(),
        )
        for done, opened in enumerate(opening, 1):
            row, _enterprise = owners[opened.ref.enterprise_id]
            self._check_one(row, opened, entered[opened.ref.enterprise_id], now, found)
            report(done)
        found.join(owners, rows)
        yield from found.problems
        yield from self._notices(found)

    def apply(self, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> None:
        """Save the reports of the good rows, and submit those that may be, if that was chosen."""
        good = {id(row) for row in rows}
        filed = [
            Filed(row, planned, str(row.values[FILLER] or self.filler))
            for row, planned in self.planned.values()
            if id(row) in good
        ]
        file_reports(actor, filed, now, report, submit=self.submit)

    def _owners(
        self, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, found: _Findings
    ) -> dict[int, tuple[ImportRow, Enterprise]]:
        """The enterprises of the rows of figures; a row that names none, or one twice, is refused."""
        lines = given(rows, "")
        known = find_enterprises(actor, [_code(row) for row in rows], now)
        owners: dict[int, tuple[ImportRow, Enterprise]] = {}
        for row in lines:
            enterprise = known.get(_code(row))
            if enterprise is None:
                if _code(row):
                    found.add(row, Problem(UNKNOWN, USCC))
            elif enterprise.id in owners:
                found.add(row, Problem(REPEATED, USCC))
            else:
                owners[enterprise.id] = row, enterprise
                row.name = enterprise.name
                found.of[id(row)] = enterprise.id
                _compare_name(row, enterprise, found)
        for row in rows:
            if row.table:
                enterprise = known.get(_code(row))
                self._find_owner(row, enterprise, owners, found)
        return owners

    def _find_owner(
        self,
        row: ImportRow,
        enterprise: Enterprise | None,
        owners: Mapping[int, tuple[ImportRow, Enterprise]],
        found: _Findings,
    ) -> None:
        if enterprise is None:
            if _code(row):
                found.add(row, Problem(UNKNOWN, USCC))
        elif enterprise.id not in owners:
            found.add(row, Problem(NO_FIGURES, USCC))
        else:
            row.name = enterprise.name
            found.of[id(row)] = enterprise.id
            _compare_name(row, enterprise, found)

    def _take_rows(
        self,
        rows: Sequence[ImportRow],
        owners: Mapping[int, tuple[ImportRow, Enterprise]],
        entered: Mapping[int, Entered],
        found: _Findings,
    ) -> None:
        figures = _figures(self.version, self.month)
        for of, (row, _enterprise) in owners.items():
            for key, indicator, cell in figures:
                if row.raw.get(key) is not None:  # an empty cell of a batch leaves what is stored
                    entered[of].take_cell(indicator, cell, row, key)
                else:
                    entered[of].places[indicator.code, cell] = (row, key)
        for section in self.version.row_sections:
            for row in given(rows, section.code):
                owner = found.of.get(id(row))
                if owner is not None:
                    entered[owner].take_row(section, row)

    def _check_one(
        self, row: ImportRow, opened: OpenReport, entered: Entered, now: dt.datetime, found: _Findings
    ) -> None:
        for one, problem in entered.problems:
            found.add(one, problem)
        if opened.report is not None and opened.report.form_version_id != self.version.id:
            found.add(row, Problem(OTHER_VERSION, USCC))
            return
        if not opened.filing.industry.is_industrial:
            _refuse_industrial(row, self.version, entered, found)
        planned = plan(opened, entered)
        if planned.changes_nothing and not opened.is_fillable:
            found.count["same"] += 1  # the file that was filed before: nothing is left to do
            self.planned[opened.ref.enterprise_id] = row, planned
            return
        if words := not_open(opened, now):
            found.add(row, Problem(words, USCC))
            return
        for place, remark in remarks(planned, row):
            if place is not None:
                found.add(place, remark)
        self.planned[opened.ref.enterprise_id] = row, planned
        found.count["same"] += planned.changes_nothing and entered.is_readable
        if self.submit:
            found.count["ready"] += may_submit(planned, str(row.values[FILLER] or self.filler), now)

    def _notices(self, found: _Findings) -> Iterator[tuple[None, Remark]]:
        if not self.is_marked:
            yield None, Remark(unmarked(self.month))
        if found.count["same"]:
            words = Message("{count} reports have these figures already.", count=found.count["same"])
            yield None, Remark(words)
        if self.submit:
            words = Message(
                "{count} reports can be submitted at once; the others are saved as drafts.",
                count=found.count["ready"],
            )
            yield None, Remark(words)
        else:
            yield None, Remark(Message("The reports are saved as drafts; the enterprises submit them."))


@dataclass
class _Findings:
    """What a check gathers: problems and remarks, whose each row is, how many reports are of a kind."""

    problems: list[tuple[ImportRow, Problem]] = field(default_factory=list)
    of: dict[int, int] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)

    def add(self, row: ImportRow, problem: Problem) -> None:
        """Keep what is wrong with a row, or is told of it."""
        self.problems.append((row, problem))

    def join(self, owners: Mapping[int, tuple[ImportRow, Enterprise]], rows: Sequence[ImportRow]) -> None:
        """Let a report stand or fall as a whole: a row that fails takes all of its enterprise along."""
        wrong = {id(row) for row, problem in self.problems if not isinstance(problem, Remark)}
        wrong |= {id(row) for row in rows if row.problems}
        failing = {self.of[row] for row in wrong if row in self.of}
        for row in rows:
            of = self.of.get(id(row))
            if of in failing and id(row) not in wrong:
                self.add(row, Problem(REPORT_WRONG if row.table else ROWS_WRONG, USCC))


def _figures(version: VersionDefinition, month: Month) -> list[tuple[str, IndicatorDefinition, str]]:
    return [
        (cell_key(indicator.code, cell), indicator, cell)
        for section in version.grids
        for indicator in section.applicable(month.month, industrial=True)
        for cell in CELL_KINDS
        if cell in indicator.cells
    ]


def _code(row: ImportRow) -> str:
    return name_key(str(row.values.get(USCC) or "")).upper()


def _compare_name(row: ImportRow, enterprise: Enterprise, found: _Findings) -> None:
    told = row.values.get(NAME_COLUMN)
    if told and name_key(str(told)) != enterprise.name_key:
        words = Message("This credit code is that of {name}.", name=enterprise.name)
        found.add(row, Problem(words, NAME_COLUMN))


def _refuse_industrial(
    row: ImportRow, version: VersionDefinition, entered: Entered, found: _Findings
) -> None:
    """Refuse industrial figures of an enterprise that is not industrial; they are no part of its report."""
    only = {indicator.code for indicator in version.indicators if indicator.industrial_only}
    for code, cell in [place for place in entered.cells if place[0] in only]:
        found.add(row, Problem(NOT_INDUSTRIAL, cell_key(code, cell)))
        del entered.cells[code, cell]


BATCH = ImportSpec(
    name=NAME,
    title=TITLE,
    columns=(),
    check=lambda *_given: (),
    apply=lambda *_given: None,
    allowed=may_import_reports,
    name_column=USCC,
    list_url="",
    shape=shape,
    page="BatchImportView.current",
    most_columns=MOST_COLUMNS,
    most_rows=MOST_ENTERPRISES,
)
"""数据批量上报导入 before a month is chosen."""
