"""What waits for an account in reports: the review desk of an admin, the current month of an enterprise."""

from __future__ import annotations

import datetime as dt

from flask import url_for
from sqlalchemy import Select, and_, func, or_, select

from app.enterprises.models import Enterprise
from app.infra import settings
from app.infra.database import db
from app.infra.i18n import say
from app.infra.shell import Queue, Todo
from app.kernel.actor import Actor, Kind
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import KnownForm, known_form
from app.reports.models import Report
from app.reports.opening import Ref, calendar_of, closed_reasons
from app.reports.review_list import waiting_at
from app.reports.settings import URGENT_DAYS
from app.reports.windows import TimeLeft, local_time
from app.reports.wizard import start_url
from app.reports.workflow import EDITING, RETURNED, STATE_LABELS, UNFROZEN


def report_todos(actor: Actor, now: dt.datetime) -> list[Todo]:
    """The to-dos of an enterprise: at most three statements while its months are open, and the settings."""
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return _fill(actor, now)
    return []


def _waiting(actor: Actor, today: dt.date) -> Select[int, int, dt.datetime | None] | None:
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        return None
    figures = func.count(), func.count().filter(Report.screening == "passed"), func.min(Report.submitted_at)
    return waiting_at(actor, today).with_only_columns(*figures)


def _review(count: int, passed: int, earliest: dt.datetime) -> Todo:
    note = Message(
        "{passed} passed system screening, {others} to look at; the earliest came on {day}",
        passed=passed,
        others=count - passed,
        day=f"{local_time(earliest):%m-%d %H:%M}",
    )
    return Todo(
        name="reports.review",
        label=say(Message("Submitted reports to review")),
        count=count,
        url=url_for("ReviewView.desk"),
        action=say(Message("Review")),
        note=say(note),
    )


REPORTS_TO_REVIEW = Queue("reports.review", _waiting, _review)
"""The review desk of an admin."""


def _fill(actor: Actor, now: dt.datetime) -> list[Todo]:
    form = known_form(DEFAULT_FORM)
    if form is None:
        return []
    calendar = calendar_of(form)
    current = calendar.current(now)
    mine = and_(
        Report.enterprise_id == Enterprise.id,
        Report.form_id == form.id,
        or_(Report.period == current.key, Report.state == RETURNED),
    )
    query = (
        select(Enterprise.created_at, Report.period, Report.state)
        .outerjoin(Report, mine)
        .where(Enterprise.id == actor.enterprise_id)
        .order_by(Report.period.desc())
    )
    rows = db.session.execute(query).all()
    states = {row.period: row.state for row in rows if row.period is not None}
    owed = any(calendar.is_owed(current, row.created_at) for row in rows)
    todos = []
    if (
        owed
        and states.get(current.key) in (None, EDITING, UNFROZEN)
        and not _closed(form, current, actor, now)
    ):
        left = TimeLeft.until(calendar.deadline(current), now)
        ref = Ref(form.code, current, actor.enterprise_id or 0)
        todos.append(
            _todo("reports.fill", Message("Report of {month}", month=current), ref,
                  say(left.words),
                  hot=left.overdue or left.days < settings.value(URGENT_DAYS, now))
        )  # fmt: skip
    for period, state in states.items():
        if state == RETURNED:
            ref = Ref(form.code, type(current).from_key(period), actor.enterprise_id or 0)
            label = Message("{state}: report of {month}", state=STATE_LABELS[RETURNED], month=ref.month)
            note = _closed(form, ref.month, actor, now) or Message("Correct it and submit again")
            todos.append(_todo(f"reports.returned.{period}", label, ref, say(note), hot=True))
    return todos


def _closed(form: KnownForm, month: Month, actor: Actor, now: dt.datetime) -> Message | None:
    """Why a month is closed for the actor's enterprise now; asks nothing before the month has ended."""
    enterprise_id = actor.enterprise_id or 0
    return closed_reasons(form, month, [enterprise_id], now).get(enterprise_id)


def _todo(name: str, label: Message, ref: Ref, note: str, *, hot: bool) -> Todo:
    return Todo(name, say(label), 1, start_url(ref), say(Message("Fill in reports")), note, hot)
