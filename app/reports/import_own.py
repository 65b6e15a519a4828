"""上报导入: an enterprise brings its own report of a month in a workbook laid out as the form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from app.infra import context
from app.infra.database import db
from app.infra.imports import ImportRow, ImportSpec
from app.infra.imports.spec import Found, Remark, Report
from app.infra.transactions import in_unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.names import name_key
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import filling
from app.reports.definitions import CELL_KINDS, IndicatorDefinition, VersionDefinition, plain_number
from app.reports.import_columns import FILLER_LENGTH, INDICATOR, UNIT, cell_key, form_columns, row_tables
from app.reports.import_entries import Entered, Planned, given, not_open, plan, remarks
from app.reports.import_marks import SAVED, marks_of, misfit, unmarked
from app.reports.opening import OpenReport, Ref, open_report

NAME = "own_report"
TITLE = Message("Import of a report")
UNCHANGED = Message("The report has these figures already: importing the file changes nothing.")
NEWER = Message(
    "The report was saved after this template was downloaded; "
    "the figures of the file replace those saved since."
)
MOST_ROWS = 2_000


def shape(actor: Actor, options: Mapping[str, str], now: dt.datetime) -> ImportSpec:
    """The import of the actor's own report of a month.

    :raises NotFound: no enterprise, or the form is not reported for the month.
    :raises Invalid: nobody is named who filled it in.
    """
    opened = open_report(actor, own_ref(actor, options), now)
    filler = options.get("filler", "").strip()
    if not filler or len(filler) > FILLER_LENGTH:
        raise Invalid([Problem(Message("Enter who filled in this report."), "filler")])
    uscc = opened.enterprise.uscc
    work = OwnImport(opened.ref, opened.version, uscc, indicators_of(opened), filler)
    return ImportSpec(
        name=NAME,
        title=TITLE,
        columns=form_columns(work.indicators),
        check=work.check,
        apply=work.apply,
        allowed=is_enterprise,
        name_column=INDICATOR,
        table_title=opened.version.grids[0].name,
        list_url=f"/filing/{opened.ref.form_code}/{opened.ref.month}/{opened.version.grids[0].code}",
        list_words=Message("Open the report"),
        opens_result=True,
        more=row_tables(opened.version),
        fits=work.fits,
        write=work.write,
        most_rows=MOST_ROWS,
    )


def own_ref(actor: Actor, options: Mapping[str, str]) -> Ref:
    """Which report is meant.

    :raises NotFound: it is none of the actor's.
    """
    try:
        month = Month.parse(options.get("month", ""))
    except ValueError:
        raise NotFound from None
    if actor.enterprise_id is None:
        raise NotFound
    return Ref(options.get("form", ""), month, actor.enterprise_id)


def is_enterprise(actor: Actor) -> bool:
    """Whether an account files for itself."""
    return actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None


def indicators_of(opened: OpenReport) -> tuple[IndicatorDefinition, ...]:
    """The indicators that the enterprise fills in the month, in the form's order."""
    industrial = opened.filing.industry.is_industrial
    return tuple(
        found
        for section in opened.version.grids
        for found in section.applicable(opened.ref.month.month, industrial=industrial)
    )


@dataclass
class OwnImport:
    """What is done with the rows of one file."""

    ref: Ref
    version: VersionDefinition
    uscc: str
    indicators: tuple[IndicatorDefinition, ...]
    filler: str
    marks: dict[str, str] = field(default_factory=dict)

    def fits(self, marks: Mapping[str, str]) -> Message | None:
        """Why a file is not one of this report; what it says of itself is kept for the check."""
        self.marks = dict(marks)
        return misfit(marks, marks_of(NAME, self.version, self.ref.month, self.uscc))

    def write(
        self, target: BinaryIO | Path, actor: Actor, _today: dt.date, failed: Iterable[ImportRow] | None
    ) -> None:
        """The template of the report as it stands, or the failed rows with their reasons."""
        from app.reports.import_template_own import write_own_template  # noqa: PLC0415 - openpyxl is large

        write_own_template(target, open_report(actor, self.ref, context.now()), failed)

    def check(self, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> Found:
        """What is wrong with the rows, and what the rules say of the report that they make.

        :raises Invalid: the report cannot be filled now.
        """
        opened = open_report(actor, self.ref, now, lock=in_unit_of_work())
        if words := not_open(opened, now):
            raise Invalid([Problem(words)], words)
        entered = self._entered(opened, rows)
        yield from entered.problems
        planned = plan(opened, entered)
        yield from remarks(planned, None)
        yield from ((None, Remark(words)) for words in self._notices(planned))
        report(len(rows))

    def apply(self, rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> None:
        """Save the rows as a draft, by the same functions as the page."""
        opened = open_report(actor, self.ref, now, lock=True)
        planned = plan(opened, self._entered(opened, rows))
        if planned.changes_nothing:
            for row in rows:
                row.note = UNCHANGED
            return
        typed = {
            cell_key(*cell): None if value is None else plain_number(value)
            for cell, value in planned.changed_cells.items()
        }
        saved = filling.save_cells(actor, self.ref, typed, opened.lock, now)
        for section, changed in planned.changed_rows.items():
            texts = [{code: _text(value) for code, value in row.items()} for row in changed]
            saved = filling.save_rows(actor, self.ref, section, texts, saved.opened.lock, now)
        stored = saved.opened.report
        if stored is not None:
            stored.filled_via, stored.filler_name = "import", self.filler
            db.session.flush()
        report(len(rows))

    def _entered(self, opened: OpenReport, rows: Sequence[ImportRow]) -> Entered:
        entered = Entered()
        known = {indicator.code: indicator for indicator in self.indicators}
        seen: set[str] = set()
        for row in given(rows, ""):
            indicator = known.get(row.values[INDICATOR] or "")
            if indicator is None:
                continue  # its problem says that there is no such indicator
            problems = list(_row_problems(row, indicator, seen))
            entered.problems += ((row, problem) for problem in problems)
            seen.add(indicator.code)
            for cell in CELL_KINDS if not problems else ():
                entered.take_cell(indicator, cell, row, cell)
        for section in opened.version.row_sections:
            for row in given(rows, section.code):
                entered.take_row(section, row)
        return entered

    def _notices(self, planned: Planned) -> Iterator[Message]:
        if not self.marks:
            yield unmarked(self.ref.month)
        if planned.changes_nothing and planned.entered.is_readable:
            yield UNCHANGED
        elif self.marks.get(SAVED, "0") not in ("", str(planned.opened.lock)):
            yield NEWER


def _row_problems(row: ImportRow, indicator: IndicatorDefinition, seen: set[str]) -> Iterator[Problem]:
    if indicator.code in seen:
        yield Problem(Message("Another row of this file is of the same indicator."), INDICATOR)
    unit = row.values.get(UNIT)
    units = {name_key(text) for text in (indicator.unit.zh, indicator.unit.en)}
    if unit and name_key(unit) not in units:
        words = Message("Figures of this indicator are in {unit}; convert them.", unit=indicator.unit)
        yield Problem(words, UNIT)


def _text(value: Decimal | str | None) -> str | None:
    return plain_number(value) if isinstance(value, Decimal) else value


OWN = ImportSpec(
    name=NAME,
    title=TITLE,
    columns=(),
    check=lambda *_given: (),
    apply=lambda *_given: None,
    allowed=is_enterprise,
    name_column=INDICATOR,
    list_url="",
    shape=shape,
    page="OwnImportView.current",
    most_rows=MOST_ROWS,
)
"""上报导入 before a month is chosen."""
