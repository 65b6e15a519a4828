"""What waits for an account in reports: the review desk of an admin, the current month of an enterprise."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.i18n import say
from app.infra.shell import Todo
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.opening import Ref, calendar_of
from app.reports.review_list import waiting_at
from app.reports.windows import TimeLeft, local_time
from app.reports.wizard import start_url
from app.reports.workflow import EDITING, RETURNED, STATE_LABELS

URGENT_DAYS = 2


def report_todos(actor: Actor, now: dt.datetime) -> list[Todo]:
    """The to-dos of an actor: at most two statements."""
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return _review(actor, local_date(now))
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return _fill(actor, now)
    return []


def _review(actor: Actor, today: dt.date) -> list[Todo]:
    figures = func.count(), func.count().filter(Report.screening == "passed"), func.min(Report.submitted_at)
    query = waiting_at(actor, today).with_only_columns(*figures)
    count, passed, earliest = db.session.execute(query).one()
    if not count:
        return []
    note = Message(
        "{passed} passed system screening, {others} to look at; the earliest came on {day}",
        passed=passed,
        others=count - passed,
        day=f"{local_time(earliest):%m-%d %H:%M}",
    )
    return [
        Todo(
            name="reports.review",
            label=say(Message("Submitted reports to review")),
            count=count,
            url=url_for("ReviewView.desk"),
            action=say(Message("Review")),
            note=say(note),
        )
    ]


def _fill(actor: Actor, now: dt.datetime) -> list[Todo]:
    form = db.session.scalars(select(ReportForm).where(ReportForm.code == DEFAULT_FORM)).one_or_none()
    if form is None:
        return []
    calendar = calendar_of(form)
    current = calendar.current(now)
    query = (
        select(Report.period, Report.state)
        .join(Enterprise, Enterprise.id == Report.enterprise_id)
        .where(Report.enterprise_id == actor.enterprise_id, Report.form_id == form.id)
        .where((Report.period == current.key) | (Report.state == RETURNED))
        .order_by(Report.period.desc())
    )
    states = dict(db.session.execute(query).all())
    todos = []
    if states.get(current.key) in (None, EDITING):
        left = TimeLeft.until(calendar.deadline(current), now)
        ref = Ref(form.code, current, actor.enterprise_id or 0)
        todos.append(
            _todo("reports.fill", Message("Report of {month}", month=current), ref,
                  say(left.words),
                  hot=left.overdue or left.days < URGENT_DAYS)
        )  # fmt: skip
    for period, state in states.items():
        if state == RETURNED:
            ref = Ref(form.code, type(current).from_key(period), actor.enterprise_id or 0)
            label = Message("{state}: report of {month}", state=STATE_LABELS[RETURNED], month=ref.month)
            todos.append(
                _todo(
                    f"reports.returned.{period}",
                    label,
                    ref,
                    say(Message("Correct it and submit again")),
                    hot=True,
                )
            )
    return todos


def _todo(name: str, label: Message, ref: Ref, note: str, *, hot: bool) -> Todo:
    return Todo(name, say(label), 1, start_url(ref), say(Message("Fill in reports")), note, hot)
