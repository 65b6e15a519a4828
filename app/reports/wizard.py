"""The wizard: its steps, which later domains add to, and what every step's page shows around it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.infra import settings
from app.infra.i18n import say
from app.infra.registries import table
from app.kernel.clock import local_date
from app.kernel.errors import NotFound, Problem, Words
from app.kernel.texts import Message
from app.reports.definitions import CELL_KINDS
from app.reports.freeze_notice import freeze_notice
from app.reports.opening import OpenReport, Ref
from app.reports.settings import COUNTDOWN_DAYS
from app.reports.windows import Dates, TimeLeft, local_time
from app.reports.workflow import APPROVED, FROZEN, IN_REVIEW, STATE_LABELS, STATE_MARKS

CONFIRM = "confirm"
SENT = frozenset({IN_REVIEW, APPROVED})
"""States of a report that the bureau has; what is printed in any other says that it is none yet."""


Typed = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WizardStep:
    """A step: ``page`` gives the template and its context, ``is_done`` whether it needs no more work.

    ``page`` gets what was typed into a refused form. ``note`` is a word beside the label, such as "optional".
    """

    code: str
    label: Words
    page: Callable[[OpenReport, dt.datetime, Typed | None], tuple[str, dict[str, Any]]]
    is_done: Callable[[OpenReport], bool]
    note: Message | None = None


Source = Callable[[OpenReport], Sequence[WizardStep]]
"""A registry entry: the steps that a domain adds to this report."""


def wizard_steps(opened: OpenReport) -> list[WizardStep]:
    """The steps of a report in order; the confirmation is the last."""
    return [step for source in table("WIZARD_STEPS") for step in source(opened)]


def find_step(opened: OpenReport, code: str) -> WizardStep:
    """The step of that code.

    :raises NotFound: there is none.
    """
    for step in wizard_steps(opened):
        if step.code == code:
            return step
    raise NotFound


def start_url(ref: Ref) -> str:
    """Address of a report, at the step where it begins."""
    return url_for("FilingView.start", form=ref.form_code, month=str(ref.month))


def step_url(ref: Ref, code: str) -> str:
    """Address of a step of a report."""
    return url_for("FilingView.step", form=ref.form_code, month=str(ref.month), code=code)


def frame(
    opened: OpenReport, current: str, now: dt.datetime, problems: Sequence[Problem] = ()
) -> dict[str, Any]:
    """The context that ``reports/wizard.html`` shows around a step."""
    steps = wizard_steps(opened)
    codes = [step.code for step in steps]
    at = codes.index(current)
    return {
        "report": head(opened, now),
        "form_title": say(opened.form.name),
        "deadline": deadline(opened, now),
        "window_notes": window_notes(opened, now),
        "links": _links(opened),
        "steps": [_shown(step, opened, current) for step in steps],
        "previous_url": step_url(opened.ref, codes[at - 1]) if at else None,
        "next_url": step_url(opened.ref, codes[at + 1]) if at + 1 < len(codes) else None,
        "locked": locked(opened, now),
        "freeze": freeze_notice(opened.enterprise.id, now) if opened.state == FROZEN else None,
        "saved_text": saved_text(opened) if not problems else say(Message("Not saved yet")),
        "problems": [
            {"message": told(opened, problem), "url": place_of(opened, problem)} for problem in problems
        ],
    }


def head(opened: OpenReport, now: dt.datetime) -> dict[str, Any]:
    """The report's own facts."""
    report, version = opened.report, opened.filing.version
    previous = opened.earlier_states.get(opened.ref.month.previous().key)
    month = opened.ref.month
    return {
        "id": report.id if report else None,
        "title": say(Message("Report of {month}/{year}", year=month.year, month=month.month)),
        "credit_code": version.uscc,
        "enterprise_name": version.name,
        "filler": report.filler_name if report and report.filler_name else say(Message("not named yet")),
        "previous": say(Message("{month}: {state}", month=month.previous(), state=STATE_LABELS[previous]))
        if previous
        else "",
        "state": badge(opened.state),
        "period_label": str(month),
        "late": bool(report and report.late),
        "make_up": opened.is_open and opened.is_make_up,
        "return_reason": report.return_reason if report else "",
        "issued": local_date(report.submitted_at).isoformat() if report and report.submitted_at else "",
        "unsent": ""
        if opened.state in SENT
        else say(Message("Not submitted ({state}): not a report yet", state=STATE_LABELS[opened.state])),
    }


def badge(state: str) -> dict[str, str]:
    """The state badge of the design language."""
    return {"label": say(STATE_LABELS[state]), "style": STATE_MARKS[state]}


def deadline(opened: OpenReport, now: dt.datetime) -> dict[str, Any] | None:
    """The deadline while the report can be filled; None afterwards."""
    if not opened.is_fillable:
        return None
    month, calendar = opened.ref.month, opened.calendar
    admitted = opened.enterprise.created_at
    if not calendar.is_owed(month, admitted):
        words = Message("not due: registered on {day}", day=local_date(admitted))
        return {"text": say(words), "left": "", "urgent": False}
    left = TimeLeft.until(calendar.deadline(month), now)
    return {
        "text": say(due_words(calendar.dates(month))),
        "left": say(left.words),
        "urgent": left.overdue or left.days < settings.value(COUNTDOWN_DAYS, now),
    }


def due_words(dates: Dates) -> Message:
    """Until when a month is on time, and until when it can be filled at all."""
    if dates.closes_on is None:
        return Message("due on {day}", day=dates.due_on)
    return Message("due on {day}, closes on {end}", day=dates.due_on, end=dates.closes_on)


def window_notes(opened: OpenReport, now: dt.datetime) -> list[str]:
    """What an enterprise must know of the window while it fills: that it makes up, or was reopened."""
    notes = []
    if opened.is_open and opened.is_make_up:
        notes.append(Message("Make-up: this is an earlier month; the report will be marked as late."))
    reopening = opened.reopened(now) if opened.is_fillable else None
    if reopening is not None:
        words = Message(
            "This month is closed, but open for you until {day} ({reason}).",
            day=reopening.last_day,
            reason=reopening.words,
        )
        notes.append(words)
    return [say(note) for note in notes]


def locked(opened: OpenReport, now: dt.datetime) -> str | None:
    """Why nothing can be typed, or None."""
    if opened.state == FROZEN and (notice := freeze_notice(opened.enterprise.id, now)):
        return notice.text
    if not opened.is_fillable:
        return say(
            Message("The report is “{state}” and cannot be changed now.", state=STATE_LABELS[opened.state])
        )
    if (closed := opened.closed(now)) is not None:
        return say(closed)
    return None


def saved_text(opened: OpenReport) -> str:
    """When the report was last saved, as the foot bar says it."""
    if opened.report is None:
        return say(Message("Nothing saved yet"))
    return say(Message("{time} saved automatically", time=f"{local_time(opened.report.updated_at):%H:%M}"))


def _shown(step: WizardStep, opened: OpenReport, current: str) -> dict[str, Any]:
    state = "on" if step.code == current else "ok" if step.is_done(opened) else "todo"
    return {
        "code": step.code,
        "label": say(step.label),
        "url": step_url(opened.ref, step.code),
        "state": state,
        "note": say(step.note) if step.note else "",
    }


def _links(opened: OpenReport) -> list[dict[str, str]]:
    ref, links = opened.ref, []
    if opened.is_fillable:
        address = url_for("OwnImportView.upload", form=ref.form_code, month=str(ref.month))
        links.append({"label": say(Message("Import of a report")), "url": address, "icon": "upload"})
    if opened.report is not None:
        address = url_for("ReportPageView.page_of", report_id=opened.report.id)
        links.append({"label": say(Message("View and print")), "url": address, "icon": "printer"})
    return links


def told(opened: OpenReport, problem: Problem) -> str:
    """A problem in words that name the figure it is about, for those who cannot see the mark at its input."""
    words = say(problem.message)
    code, _, cell = problem.field.partition(".")
    if cell not in CELL_KINDS:
        return words
    indicators = (found for section in opened.version.grids for found in section.indicators)
    name = next((say(found.name) for found in indicators if found.code == code), "")
    return f"{name} {say(CELL_KINDS[cell].name)}{say(Message(': '))}{words}" if name not in words else words


def place_of(opened: OpenReport, problem: Problem) -> str:
    """Where a problem is mended: the step of its section, at its input; or the step that it names."""
    parts = problem.field.split(".")
    if len(parts) == 1 and any(step.code == problem.field for step in wizard_steps(opened)):
        return step_url(opened.ref, problem.field)
    if len(parts) == 2:
        section = next(
            (
                section.code
                for section in opened.version.grids
                for found in section.indicators
                if found.code == parts[0]
            ),
            "",
        )
        return f"{step_url(opened.ref, section)}#c-{parts[0]}-{parts[1]}" if section else ""
    if len(parts) == 3:
        return f"{step_url(opened.ref, parts[0])}#r-{parts[1]}-{parts[2]}"
    return ""
