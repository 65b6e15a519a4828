"""Filling a report: drafts of figures and rows, checked at each save, never half saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.infra import audit
from app.infra.database import db
from app.kernel.actor import Actor, Source
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.kernel.numbers import parse_number
from app.kernel.texts import Message
from app.reports import figures, findings
from app.reports.checking import Outcome, check
from app.reports.definitions import Cell, Row, SectionDefinition
from app.reports.models import Report
from app.reports.opening import Closed, OpenReport, Ref, open_report
from app.reports.steps import step
from app.reports.workflow import NOT_FILLED, STATE_LABELS

MOST_ROWS = 500
LONGEST_EXPLANATION = 500


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save left behind."""

    opened: OpenReport
    outcome: Outcome
    changed: bool


class DraftConflict(Conflict):
    """Somebody else, or another tab, saved meanwhile: the page gets the stored figures to compare."""

    def __init__(self, words: Message, opened: OpenReport) -> None:
        super().__init__(words)
        self.opened = opened


def save_cells(
    actor: Actor,
    ref: Ref,
    typed: Mapping[str, str | None],
    lock: int,
    now: dt.datetime,
    explanations: Mapping[str, str] | None = None,
) -> Saved:
    """Save what was typed into cells of the grid.

    :param typed: ``indicator.cell`` -> what stands in the cell; cells not named stay as they are.
    :param explanations: ``rule:field`` of a soft finding -> why the figures are right all the same.
    :param lock: the version that the page showed; 0 where nothing was saved before.
    :raises Invalid: what is no number or does not fit, each at its cell; nothing was saved.
    :raises DraftConflict: the stored report is newer than what the page showed.
    :raises Forbidden: not the enterprise's own, or not to be filled now.
    """
    opened = _open_for_filling(actor, ref, lock, now)
    cells = read_cells(typed, opened)
    figures.refuse_unfit(opened.version, cells)
    before = opened.state
    report = ensure_row(actor, opened, now)
    changes = figures.write(opened.version, opened.key, opened.dimensions(), cells)
    opened.cells = merged(opened.cells, cells)
    return _finish(actor, opened, report, before, _told_cells(changes), now, explanations or {})


def save_rows(
    actor: Actor,
    ref: Ref,
    section: str,
    typed: Sequence[Mapping[str, str | None]],
    lock: int,
    now: dt.datetime,
) -> Saved:
    """Save the repeating rows of a section: they replace those stored.

    :raises NotFound: the form has no such section, or it is a grid.
    :raises Invalid: figures or texts that do not fit, at ``section.row.column``.
    :raises DraftConflict: as for cells.
    """
    opened = _open_for_filling(actor, ref, lock, now)
    rows = read_rows(typed, _row_section(opened, section))
    before = opened.state
    report = ensure_row(actor, opened, now)
    changed = figures.write_rows(opened.version, section, opened.key, opened.dimensions(), rows)
    opened.rows[section] = list(rows)
    told = {section: (None, f"{len(rows)} rows")} if changed else {}
    return _finish(actor, opened, report, before, told, now, {})


def _row_section(opened: OpenReport, code: str) -> SectionDefinition:
    for section in opened.version.row_sections:
        if section.code == code:
            return section
    raise NotFound


def _open_for_filling(actor: Actor, ref: Ref, lock: int, now: dt.datetime) -> OpenReport:
    opened = open_own(actor, ref, now)
    if opened.lock != lock:
        raise DraftConflict(_who_saved(opened), opened)
    return opened


def open_own(actor: Actor, ref: Ref, now: dt.datetime) -> OpenReport:
    """The enterprise's own report, locked, while it can be filled.

    :raises Forbidden: not the enterprise's own, or its month is closed.
    :raises Conflict: its state does not let anybody type, such as a frozen one.
    """
    opened = open_report(actor, ref, now, lock=True)
    if actor.enterprise_id != ref.enterprise_id:
        raise Forbidden(Message("Only the enterprise itself fills in its report."))
    if not opened.is_fillable:
        raise Conflict(
            Message("The report is “{state}” and cannot be changed now.", state=STATE_LABELS[opened.state])
        )
    if (closed := opened.closed(now)) is not None:
        raise Closed(closed)
    return opened


def _who_saved(opened: OpenReport) -> Message:
    when = opened.report.updated_at if opened.report else None
    return Message("This report was saved elsewhere at {when}, after you opened it.", when=when)


def read_cells(typed: Mapping[str, str | None], opened: OpenReport) -> dict[Cell, Decimal | None]:
    """The typed texts as figures.

    :raises Invalid: every text that is no number, at its cell.
    """
    cells: dict[Cell, Decimal | None] = {}
    problems = []
    for name, text in typed.items():
        indicator, _, cell = name.partition(".")
        try:
            cells[indicator, cell] = parse_number(text or "")
        except ValueError:
            problems.append(Problem(Message("Enter a number, such as 1,234.5."), name))
    if problems:
        raise Invalid(problems)
    return cells


def read_rows(typed: Sequence[Mapping[str, str | None]], section: SectionDefinition) -> list[Row]:
    """The typed rows as values; wholly empty rows are left out.

    :raises Invalid: every text that does not fit, at ``section.row.column``; too many rows.
    """
    if len(typed) > MOST_ROWS:
        raise Invalid([Problem(Message("At most {count} rows.", count=MOST_ROWS))])
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(typed, start=1):
        row: dict[str, Decimal | str | None] = {}
        for column in section.columns:
            text = (line.get(column.code) or "").strip()
            try:
                row[column.code] = (parse_number(text) if column.is_number else text) if text else None
            except ValueError:
                problems.append(
                    Problem(
                        Message("Enter a number, such as 1,234.5."), f"{section.code}.{number}.{column.code}"
                    )
                )
        if any(value is not None for value in row.values()):
            rows.append(row)
    if problems:
        raise Invalid(problems)
    figures.refuse_unfit_rows(section, rows)
    return rows


def ensure_row(actor: Actor, opened: OpenReport, now: dt.datetime) -> Report:
    """The row of a report; the first save makes one, and the report is edited from then on."""
    if opened.report is not None:
        return opened.report
    return begin(actor, opened, "save", "", now)


def new_report(opened: OpenReport, via: str, now: dt.datetime) -> Report:
    """A report as it is before its first step; nobody has added it to the session."""
    return Report(
        form_id=opened.form.id,
        form_version_id=opened.version.id,
        period=opened.ref.month.key,
        enterprise_id=opened.enterprise.id,
        region_id=opened.enterprise.region_id,
        enterprise_version_id=opened.filing.version.id,
        state=NOT_FILLED,
        direct_reviewer_id=opened.enterprise.direct_reviewer_id,
        filled_via=via,
        due_on=opened.calendar.due_on(opened.ref.month),
        accepted_levels=0,
        late=False,
        created_at=now,
        updated_at=now,
    )


def begin(actor: Actor, opened: OpenReport, verb: str, comment: str, now: dt.datetime) -> Report:
    """Make the row of a report by its first step."""
    report = new_report(opened, "api" if actor.source is Source.API else "online", now)
    with db.session.no_autoflush:
        db.session.add(report)
        step(actor, report, verb, comment, now, holder=None)
    opened.report = report
    return report


def _finish(
    actor: Actor,
    opened: OpenReport,
    report: Report,
    before: str,
    changes: Mapping[str, tuple[Any, Any]],
    now: dt.datetime,
    explanations: Mapping[str, str],
) -> Saved:
    outcome = check(opened.version, opened.case())
    stored = findings.explanations_of(report)
    wanted = _explained(outcome, stored, explanations)
    if not changes and before != NOT_FILLED and wanted == stored:
        return Saved(opened, outcome, changed=False)
    told = {
        **changes,
        **{
            key: (stored.get(key), wanted.get(key))
            for key in {**stored, **wanted}
            if stored.get(key) != wanted.get(key)
        },
    }
    if told:
        was, became = ({name: change[side] for name, change in told.items()} for side in (0, 1))
        audit.record(actor, "fill", "report", report.id, before=was, after=became)
    findings.store(report, outcome, wanted)
    for name, value in findings.counts_of(outcome).items():
        setattr(report, name, value)
    if before != NOT_FILLED:
        report.updated_at = now
    db.session.flush()
    return Saved(opened, outcome, changed=True)


def _explained(outcome: Outcome, stored: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """Explanations of what was found; what a page sends for anything else is no explanation."""
    keys = [finding.key for finding in outcome.findings]
    texts = {key: typed.get(key, stored.get(key, "")).strip()[:LONGEST_EXPLANATION] for key in keys}
    return {key: text for key, text in texts.items() if text}


def merged(stored: Mapping[Cell, Decimal], cells: Mapping[Cell, Decimal | None]) -> dict[Cell, Decimal]:
    """The stored figures with others over them; None empties a cell."""
    return {cell: value for cell, value in {**stored, **cells}.items() if value is not None}


def _told_cells(changes: Mapping[Cell, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    return {f"{indicator}.{cell}": change for (indicator, cell), change in changes.items()}
