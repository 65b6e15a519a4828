"""Filling by a program: a whole draft at once, what the rules would say of it, and its submission.

The functions of the page do the work, so a program meets the same windows, freezes and refusals. A
request whose answer got lost can be sent again: what is done already is answered as done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.errors import Invalid, NotFound, Problem
from app.kernel.texts import Message
from app.reports import figures, steps
from app.reports.checking import Outcome, check
from app.reports.definitions import Cell, Row
from app.reports.filling import DraftConflict, merged, read_cells, read_rows, save_cells, save_rows
from app.reports.findings import Explained, explanations_of
from app.reports.models import Report
from app.reports.opening import OpenReport, Ref, open_report
from app.reports.workflow import IN_REVIEW

Rows = Sequence[Mapping[str, str]]
VIA = "api"


@dataclass(frozen=True, slots=True)
class Given:
    """What a program sent: texts by cell, rows by section, explanations by the key of their finding."""

    cells: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Rows] = field(default_factory=dict)
    explanations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """What the rules say of a report with other figures than the stored ones."""

    outcome: Outcome
    explained: tuple[Explained, ...]


def open_for_program(actor: Actor, ref: Ref, now: dt.datetime) -> OpenReport:
    """The enterprise's own report of a month.

    :raises NotFound: somebody else's, or a month for which the form is not reported.
    """
    if actor.enterprise_id is None or actor.enterprise_id != ref.enterprise_id:
        raise NotFound
    return open_report(actor, ref, now)


def keep(actor: Actor, ref: Ref, given: Given, lock: int, now: dt.datetime) -> OpenReport:
    """Save cells, rows and explanations together; inside one unit of work all of them or nothing.

    :param lock: the version that the program read; 0 where nothing was saved before.
    :raises Invalid: what is no number or does not fit, each at its place.
    :raises DraftConflict: the stored report is newer, and does not say what is sent.
    """
    _refuse_unknown_rows(open_for_program(actor, ref, now), given.rows)
    try:
        if given.cells or given.explanations or not given.rows:
            lock = save_cells(actor, ref, given.cells, lock, now, given.explanations).opened.lock
        for section, rows in given.rows.items():
            lock = save_rows(actor, ref, section, rows, lock, now).opened.lock
    except DraftConflict as refusal:
        if not _is_stored(refusal.opened, given):
            raise
    else:
        _mark(actor, ref, now)
    return open_report(actor, ref, now)


def try_out(actor: Actor, ref: Ref, given: Given, now: dt.datetime) -> Trial:
    """Ask the rules about the stored report with these figures in it; nothing is written.

    :raises Invalid: what is no number or does not fit.
    """
    opened = open_for_program(actor, ref, now)
    cells, rows = _read(opened, given)
    case = replace(opened.case(merged(opened.cells, cells)), rows={**opened.rows, **rows})
    outcome = check(opened.version, case)
    told = {**explanations_of(opened.report), **given.explanations}
    explained = [Explained(found, told.get(found.key, "").strip()) for found in outcome.findings]
    return Trial(outcome, tuple(explained))


def submit(
    actor: Actor, ref: Ref, lock: int, filler: str, explanations: Mapping[str, str], now: dt.datetime
) -> Report:
    """Explain what is found and send the report to its reviewer, in one unit of work.

    :raises Invalid, Conflict, Forbidden: as ``steps.submit``; then nothing is explained either.
    """
    opened = open_for_program(actor, ref, now)
    if explanations and opened.state != IN_REVIEW:
        lock = save_cells(actor, ref, {}, lock, now, explanations).opened.lock
    elif explanations and opened.lock == lock + 2 and _explains(opened, explanations):
        lock += 1  # sent again: the first time explained it, which was a version of its own
    return steps.submit(actor, ref, lock, filler, now)


def _read(opened: OpenReport, given: Given) -> tuple[dict[Cell, Decimal | None], dict[str, list[Row]]]:
    cells = read_cells(given.cells, opened)
    figures.refuse_unfit(opened.version, cells)
    _refuse_unknown_rows(opened, given.rows)
    sections = {section.code: section for section in opened.version.row_sections}
    return cells, {code: read_rows(rows, sections[code]) for code, rows in given.rows.items()}


def _refuse_unknown_rows(opened: OpenReport, sent: Mapping[str, Rows]) -> None:
    """A page cannot send sections or columns that there are not; a program can misspell them."""
    columns = {found.code: {column.code for column in found.columns} for found in opened.version.row_sections}
    problems = []
    for section, rows in sent.items():
        if section not in columns:
            problems.append(
                Problem(Message("The form has no rows {section}.", section=section[:40]), section[:40])
            )
            continue
        for number, row in enumerate(rows, start=1):
            problems += [
                Problem(
                    Message("The rows have no column {column}.", column=name[:40]),
                    f"{section}.{number}.{name[:40]}",
                )
                for name in row.keys() - columns[section]
            ]
    if problems:
        raise Invalid(problems)


def _mark(actor: Actor, ref: Ref, now: dt.datetime) -> None:
    """Tell of a draft that a person began how it came in."""
    report = open_report(actor, ref, now).report
    if report is not None and report.filled_via != VIA:
        report.filled_via = VIA
        db.session.flush()


def _is_stored(opened: OpenReport, given: Given) -> bool:
    """Whether the stored report says all that is sent, as after a request whose answer got lost."""
    cells, rows = _read(opened, given)
    return (
        all(opened.cells.get(cell) == value for cell, value in cells.items())
        and all(list(opened.rows.get(code, [])) == sent for code, sent in rows.items())
        and _explains(opened, given.explanations)
    )


def _explains(opened: OpenReport, explanations: Mapping[str, str]) -> bool:
    told = explanations_of(opened.report)
    return all(told.get(key, "") == text.strip() for key, text in explanations.items())
