"""Writing many reports at once: figures, findings, history and audit as saving them singly leaves them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.infra import audit
from app.infra.database import db
from app.infra.imports import ImportRow
from app.kernel.actor import Actor
from app.kernel.errors import Words
from app.kernel.texts import Message
from app.notifications.service import notify
from app.reports import figures, findings
from app.reports.checking import Outcome
from app.reports.filling import new_report
from app.reports.import_entries import Planned
from app.reports.models import Report
from app.reports.steps import Taken, submission_problems, submitted_values, take_together

CHUNK = 500
"""Reports that are written together: few statements, and a cancellation is heard between them."""

UNCHANGED = Message("The report has these figures already; nothing was changed.")
SUBMITTED = Message("Submitted for review.")
SAVED = Message("Saved as a draft; the enterprise submits it.")
FINDINGS_LEFT = Message("Saved as a draft: {count} points are to be settled before submission.")

TITLE = Message("Report filled in for you")
SAVED_FOR_YOU = Message("{name} imported figures into your report of {month}: check and submit it.")
FILED_FOR_YOU = Message("{name} filed your report of {month} for you.")

Tell = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Filed:
    """A report to be written: the row that says so, what it becomes, who filled it in."""

    row: ImportRow
    planned: Planned
    filler: str

    @property
    def report(self) -> Report:
        """The stored report; there is one from the first step of the writing on."""
        report = self.planned.opened.report
        if report is None:
            raise ValueError("the report was not begun")
        return report


def may_submit(planned: Planned, filler: str, now: dt.datetime) -> bool:
    """Whether a report can be submitted as it becomes: the same conditions as on the page."""
    if not planned.opened.is_fillable or (planned.opened.report is None and planned.outcome.soft):
        return False
    return not submission_problems(planned.opened, filler, now, planned.outcome)


def file_reports(actor: Actor, filed: Sequence[Filed], now: dt.datetime, tell: Tell, *, submit: bool) -> None:
    """Save reports as drafts; with ``submit`` also send those on which nothing is left to settle.

    What a row came to stands in its note.
    """
    sent: list[Filed] = []
    saved: list[Filed] = []
    for start in range(0, len(filed), CHUNK):
        part = filed[start : start + CHUNK]
        changed = [one for one in part if not one.planned.changes_nothing]
        sendable = [one for one in part if submit and may_submit(one.planned, one.filler, now)]
        _save(changed, actor, now)
        _submit(sendable, actor, now)
        for one in part:
            one.row.note = UNCHANGED
        for one in changed:
            one.row.note = _left(one.planned.outcome)
        for one in sendable:
            one.row.note = SUBMITTED
        sent += sendable
        saved += (one for one in changed if one.row.note is not SUBMITTED)
        tell(start + len(part))
    _tell_enterprises(actor, FILED_FOR_YOU, sent, now)
    _tell_enterprises(actor, SAVED_FOR_YOU, saved, now)


def _left(outcome: Outcome) -> Words:
    count = len(outcome.hard) + len(outcome.soft)
    return Message(FINDINGS_LEFT.msgid, count=count) if count else SAVED


def _submit(part: Sequence[Filed], actor: Actor, now: dt.datetime) -> None:
    steps = []
    for one in part:
        opened = one.planned.opened
        values = submitted_values(opened, one.report, one.planned.outcome, one.filler, now)
        steps.append(Taken(one.report, "batch_submit", opened.enterprise.direct_reviewer, values))
    take_together(actor, steps, now)


def _tell_enterprises(actor: Actor, words: Message, filed: Sequence[Filed], now: dt.datetime) -> None:
    """Tell the enterprises whose reports these are: one message each."""
    accounts = {one.planned.opened.enterprise.account_id for one in filed} - {None}
    if filed and accounts:
        ref = filed[0].planned.opened.ref
        body = Message(words.msgid, name=actor.name, month=ref.month)
        url = f"/filing/{ref.form_code}/{ref.month}/"
        notify([found for found in accounts if found], "report", TITLE, body, now, url=url)


def _save(part: Sequence[Filed], actor: Actor, now: dt.datetime) -> None:
    new = [one for one in part if one.planned.opened.report is None]
    _begin(new, actor, now)
    _write_figures(part, new)
    for one in part:  # before anything of a report is set: a line of the trail would flush each by itself
        before, after = (dict(_told(one.planned, stored=stored)) for stored in (True, False))
        audit.record(actor, "fill", "report", one.report.id, before=before, after=after)
    for one in part:
        one.report.filler_name, one.report.filled_via = one.filler, "batch_import"
        one.report.updated_at = now
        for name, value in findings.counts_of(one.planned.outcome).items():
            setattr(one.report, name, value)
    db.session.flush()
    findings.store_many([(one.report, one.planned.outcome) for one in part])


def _begin(new: Sequence[Filed], actor: Actor, now: dt.datetime) -> None:
    """Make the rows of reports that are not there yet, with the first step of their history."""
    with db.session.no_autoflush:
        for one in new:
            one.planned.opened.report = new_report(one.planned.opened, "batch_import", now)
            one.report.findings = []
            db.session.add(one.report)
        take_together(actor, [Taken(one.report, "batch_save", None, {}) for one in new], now)


def _write_figures(part: Sequence[Filed], new: Sequence[Filed]) -> None:
    begun = {id(one) for one in new}
    if new:
        version = new[0].planned.opened.version
        for section in version.grids:
            lines = (
                (one.planned.opened.key, one.planned.opened.dimensions(), one.planned.cells) for one in new
            )
            figures.write_batch(version, section.code, lines)
    for one in part:
        opened = one.planned.opened
        if id(one) not in begun and one.planned.changed_cells:
            figures.write(opened.version, opened.key, opened.dimensions(), one.planned.changed_cells)
        for section_code, rows in one.planned.changed_rows.items():
            figures.write_rows(opened.version, section_code, opened.key, opened.dimensions(), rows)


def _told(planned: Planned, *, stored: bool) -> Iterator[tuple[str, Any]]:
    """What the trail keeps of a report before and after."""
    opened = planned.opened
    for indicator, cell in planned.changed_cells:
        yield f"{indicator}.{cell}", (opened.cells if stored else planned.cells).get((indicator, cell))
    for code, rows in planned.changed_rows.items():
        yield code, f"{len(opened.rows.get(code, [])) if stored else len(rows)} rows"
