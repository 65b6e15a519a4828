"""Reading the calendar, and changing it: a day, or a whole year by its announcement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import has_request_context, request
from sqlalchemy import extract, select

from app.infra import audit
from app.infra.calendar.announcement import DayDraft
from app.infra.calendar.models import CalendarDay, CalendarYear
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Forbidden, Invalid, Problem
from app.kernel.texts import LocalText, Message
from app.kernel.workdays import Deadline, WorkCalendar

LONGEST_REASON = 200
LONGEST_NAME = 60
_READ = "platform.calendar"
"""Key of the request's environment under which it keeps the calendar."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What an administrator says of one day; ``is_workday`` None gives it back to the week."""

    is_workday: bool | None
    name: LocalText
    reason: str


def work_calendar() -> WorkCalendar:
    """The calendar as the table has it: two statements, and once for each request.

    Jobs and commands that count many deadlines ask once and keep it. What is changed here is seen at
    once; what another process changes meanwhile, by the next request.
    """
    if not has_request_context():
        return _read()
    if _READ not in request.environ:
        request.environ[_READ] = _read()
    found: WorkCalendar = request.environ[_READ]
    return found


def _read() -> WorkCalendar:
    days = dict(db.session.execute(select(CalendarDay.day, CalendarDay.is_workday)).all())
    announced = select(CalendarYear.year).where(CalendarYear.announced)
    return WorkCalendar(days, frozenset(db.session.scalars(announced)))


def deadline(asked_at: dt.datetime, working_days: int) -> Deadline:
    """When so many working days after an instant are over; the day of the question does not count.

    The answer is ``provisional`` while a year that it runs through has not been announced: whoever keeps
    it asks again after the announcement.

    :raises ValueError: fewer than one working day, or a calendar without any.
    """
    return work_calendar().deadline(asked_at, working_days)


def rule_day(actor: Actor, day: dt.date, ruling: Ruling) -> None:
    """Say of one day whether it is worked, with a reason.

    :raises Forbidden: not the platform administrator.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _refuse_strangers(actor)
    _refuse_wrong(_ruling_problems(ruling))
    row = db.session.get(CalendarDay, day, with_for_update=True)
    if ruling.is_workday is None:
        _give_back(actor, day, row, ruling.reason)
    elif row is None:
        db.session.add(
            CalendarDay(day=day, is_workday=ruling.is_workday, name=ruling.name, reason=ruling.reason)
        )
    else:
        row.is_workday, row.name, row.reason = ruling.is_workday, ruling.name, ruling.reason
    db.session.flush()
    forget()


def _give_back(actor: Actor, day: dt.date, row: CalendarDay | None, reason: str) -> None:
    if row is None:
        problem = Problem(Message("This day follows the week already; there is nothing to take back."))
        raise Invalid([problem])
    db.session.delete(row)
    audit.record(actor, "change", CalendarDay.__tablename__, day, after={"reason": reason})


def announce_year(actor: Actor, year: int, days: Sequence[DayDraft], reason: str) -> None:
    """Take a year's announced calendar in the place of what was known of it.

    :param days: checked by ``announcement.read``. :param reason: names the document.
    :raises Forbidden: not the platform administrator.
    :raises Invalid: there is no reason, or no day.
    """
    _refuse_strangers(actor)
    problems = _reason_problems(reason)
    if not days:
        problems.append(
            Problem(Message("Enter the days that differ from the week, one on each line."), "lines")
        )
    _refuse_wrong(problems)
    for held in db.session.scalars(select(CalendarDay).where(extract("year", CalendarDay.day) == year)):
        db.session.delete(held)
    db.session.flush()
    db.session.add_all(
        CalendarDay(day=draft.day, is_workday=draft.is_workday, name=draft.name, reason=reason)
        for draft in days
    )
    row = db.session.get(CalendarYear, year, with_for_update=True)
    if row is None:
        db.session.add(CalendarYear(year=year, announced=True, reason=reason))
    else:
        row.announced, row.reason = True, reason
    db.session.flush()
    audit.record(
        actor, "change", CalendarYear.__tablename__, year, after={"days": len(days), "reason": reason}
    )
    forget()


def forget() -> None:
    """Read the table anew when next asked."""
    if has_request_context():
        request.environ.pop(_READ, None)


def _refuse_strangers(actor: Actor) -> None:
    if not may_rule(actor):
        raise Forbidden(Message("Only the platform administrator keeps the calendar."))


def may_rule(actor: Actor) -> bool:
    """Whether an actor keeps the calendar: who runs the platform, and the program itself."""
    return actor.kind is Kind.SYSTEM or (actor.kind is Kind.PLATFORM and "SecurityAdmin" not in actor.roles)


def _refuse_wrong(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)


def _ruling_problems(ruling: Ruling) -> list[Problem]:
    problems = _reason_problems(ruling.reason)
    if ruling.is_workday is not None and not ruling.name.zh:
        problems.append(Problem(Message("Say what the day is, such as a festival."), "name"))
    if max(len(ruling.name.zh), len(ruling.name.en)) > LONGEST_NAME:
        problems.append(Problem(Message("Write at most {count} characters.", count=LONGEST_NAME), "name"))
    return problems


def _reason_problems(reason: str) -> list[Problem]:
    if not reason.strip():
        return [Problem(Message("Give a reason."), "reason")]
    if len(reason) > LONGEST_REASON:
        return [Problem(Message("Write at most {count} characters.", count=LONGEST_REASON), "reason")]
    return []
