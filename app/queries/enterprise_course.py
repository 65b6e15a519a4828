"""What happened to an enterprise's reports: findings, returns, freezes, changes of key fields, reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, String, cast, literal, null, select, union_all

from app.enterprises.key_change_models import KeyChange
from app.enterprises.models import Industry
from app.infra.database import db
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.texts import LocalText
from app.queries.enterprise_question import Question
from app.reports.models import Report, ReportFinding, ReportStep
from app.reports.reminder_models import ReportReminder

NAME, CODE, INDUSTRY, REMINDER = "name", "uscc", "industry", "reminder"
RETURNS = ("return", "reopen")
FREEZES = ("freeze", "unfreeze", "refuse_change")
MOST_EVENTS = 200
"""Of the newest; an enterprise of three years has some dozens."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in the report of a month, and what the enterprise said about it."""

    period: int
    report_id: int
    rule: str
    severity: str
    message: LocalText
    explanation: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the enterprise or its report of a month.

    ``kind`` is the verb of a step, the key field that was to change, or a reminder. ``text`` is the
    comment of a step, the new value of a field, the channel of a reminder; ``before`` the old value.
    """

    kind: str
    at: dt.datetime
    period: int
    report_id: int | None
    who: str
    account_id: int | None
    unit: str
    before: str
    text: str
    state: str


def findings_of(actor: Actor, question: Question, today: dt.date) -> list[Finding]:
    """What stands in the reports of the months asked for, the newest month first: one statement."""
    row = ReportFinding
    query = (
        select(Report.period, Report.id, row.rule, row.severity, row.message, row.explanation)
        .join(Report, Report.id == row.report_id)
        .where(*_of_the_months(Report, question), scope_of(Report)(actor, today))
        .order_by(Report.period.desc(), row.id)
    )
    return [Finding(*values) for values in db.session.execute(query)]


def events_of(actor: Actor, question: Question, today: dt.date) -> list[Event]:
    """What happened to the reports of the months asked for, the newest first: one statement."""
    parts = union_all(
        _steps(actor, question, today),
        *(_changes(actor, question, today, kind) for kind in (NAME, CODE, INDUSTRY)),
        _reminders(actor, question, today),
    ).subquery()
    query = select(parts).order_by(parts.c.at.desc(), parts.c.kind, parts.c.text).limit(MOST_EVENTS)
    return [Event(*values) for values in db.session.execute(query)]


def _of_the_months(model: Any, question: Question) -> tuple[Any, ...]:
    """Rows of the enterprise in the months asked for."""
    periods = [month.key for month in question.months]
    return model.enterprise_id == question.subject.enterprise.id, model.period.in_(periods)


def _line(kind: Any, at: Any, period: Any, **more: Any) -> Select[Any]:
    """A part of the union; what a kind does not have is empty."""
    return select(
        cast(kind, String).label("kind"),
        at.label("at"),
        period.label("period"),
        more.get("report_id", cast(null(), Integer)).label("report_id"),
        more.get("who", literal("")).label("who"),
        more.get("account_id", cast(null(), Integer)).label("account_id"),
        more.get("unit", literal("")).label("unit"),
        more.get("before", literal("")).label("before"),
        more.get("text", literal("")).label("text"),
        more.get("state", literal("")).label("state"),
    )


def _steps(actor: Actor, question: Question, today: dt.date) -> Select[Any]:
    row = ReportStep
    return (
        _line(
            row.verb, row.at, Report.period, report_id=Report.id, who=row.actor_name,
            account_id=row.account_id, unit=row.bureau_name, text=row.comment,
        )
        .join_from(row, Report, Report.id == row.report_id)
        .where(
            *_of_the_months(Report, question), scope_of(Report)(actor, today), row.verb.in_(RETURNS + FREEZES)
        )
    )  # fmt: skip


def _changes(actor: Actor, question: Question, today: dt.date, field: str) -> Select[Any]:
    """The changes of one key field; of an industry its code."""
    before, after = {
        NAME: (KeyChange.old_name, KeyChange.new_name),
        CODE: (KeyChange.old_uscc, KeyChange.new_uscc),
        INDUSTRY: (_code(KeyChange.old_industry_id), _code(KeyChange.new_industry_id)),
    }[field]
    line = _line(
        literal(field), KeyChange.asked_at, KeyChange.period, before=before, text=after, state=KeyChange.state
    )
    return line.where(
        *_of_the_months(KeyChange, question), scope_of(KeyChange)(actor, today), before != after
    )


def _code(industry_id: Any) -> Any:
    return select(Industry.code).where(Industry.id == industry_id).correlate(KeyChange).scalar_subquery()


def _reminders(actor: Actor, question: Question, today: dt.date) -> Select[Any]:
    row = ReportReminder
    line = _line(
        literal(REMINDER), row.at, row.period, who=row.actor_name, account_id=row.account_id,
        unit=row.bureau_name, text=row.channel,
    )  # fmt: skip
    return line.where(*_of_the_months(row, question), scope_of(row)(actor, today))


def industry_names(events: Sequence[Event]) -> dict[str, LocalText]:
    """The names of the industries that changes speak of, by code; no statement where there is none."""
    codes = {code for event in events if event.kind == INDUSTRY for code in (event.before, event.text)}
    if not codes:
        return {}
    return dict(
        db.session.execute(select(Industry.code, Industry.name).where(Industry.code.in_(codes))).all()
    )
