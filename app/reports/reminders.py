"""催报 (spec 20): remind enterprises that have not reported, as a job with a line for each of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.enterprises.models import Enterprise
from app.infra import audit
from app.infra.database import db, is_postgresql
from app.infra.jobs import Job, JobContext, Outcome, OutcomeLine, enqueue, job
from app.infra.lists import batch
from app.infra.lists.asked import Args
from app.infra.lists.export import as_owner, job_params
from app.infra.settings import value
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Forbidden, Invalid, Problem
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.organisations.contacts import mobile_problem
from app.organisations.models import Account
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import KnownForm, find_form
from app.reports.nonreporters import asked_month, nonreporters_list
from app.reports.opening import calendar_of, closed_reasons
from app.reports.reminder_models import ReportReminder, message_key
from app.reports.reminder_rules import (
    CHANNELS,
    SUBJECT,
    Target,
    obstacle,
    reminder_text,
)
from app.reports.reminder_sending import Letter, how_it_went, send
from app.reports.settings import REMINDER_DAYS, REMINDER_TEXT
from app.reports.windows import Calendar

MOST = 5_000
"""Enterprises that one reminder goes to; a whole province is reminded region by region."""

CHUNK = 200
"""Enterprises that are read and told together."""

PURPOSE = "report_reminder"
REPORTED = Message("It has reported meanwhile, or you may not see it.")

Key = tuple[int, str]
"""An enterprise and a channel."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What enterprises are reminded of."""

    form: KnownForm
    month: Month

    @property
    def deadline(self) -> dt.date:
        """The last day of the month's report."""
        return calendar_of(self.form).due_on(self.month)

    @property
    def path(self) -> str:
        """Where the enterprise fills it in."""
        return f"/filing/{self.form.code}/{self.month}/"


@dataclass(frozen=True, slots=True)
class Meant:
    """Who is to be reminded of what: enterprises that have not reported, and those that cannot be found."""

    subject: Subject
    enterprise_ids: Sequence[int]
    missing: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """A reminder as it was ordered: by whom, of what, by which channels, when."""

    actor: Actor
    subject: Subject
    channels: tuple[str, ...]
    now: dt.datetime


@dataclass(slots=True)
class Reach:
    """How many can be reminded by a channel, and how many not, by the reason."""

    ready: int = 0
    obstacles: Counter[Message] = field(default_factory=Counter)


def meant(actor: Actor, form: Args, now: dt.datetime) -> Meant:
    """Who a form of the list means: the ticked, or all filtered ones.

    :raises Forbidden: not a bureau. :raises Invalid: nothing ticked, too many, or the month is not open.
    """
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        raise Forbidden(Message("Only bureaus remind enterprises."))
    found = batch.read_batch(nonreporters_list(actor, form), form, actor, local_date(now))
    if len(found.rows) > MOST:
        raise Invalid(
            [
                Problem(
                    Message(
                        "A reminder goes to at most {limit} enterprises. Narrow the conditions, such as to "
                        "one region.",
                        limit=MOST,
                    )
                )
            ]
        )
    report_form = find_form(DEFAULT_FORM)
    calendar = calendar_of(report_form)
    subject = Subject(report_form, asked_month(form, calendar.current(now)))
    ids = [key[0] for key, _name in found.rows]
    if (closed := _closed(subject, ids, calendar, now)) is not None:
        raise Invalid([Problem(closed)])
    return Meant(subject, ids, [key[0] for key in found.missing])


def _closed(
    subject: Subject, enterprise_ids: Sequence[int], calendar: Calendar, now: dt.datetime
) -> Message | None:
    """Why none of them can be reminded of a month; a calendar knows no day that is centuries away."""
    if subject.month.key > calendar.current(now).plus(12).key:
        return Message("{month} is not open yet.", month=subject.month)
    closed = calendar.closed(subject.month, now)
    if closed is None or set(enterprise_ids) - set(
        closed_reasons(subject.form, subject.month, enterprise_ids, now)
    ):
        return None
    return closed


def reach(who: Meant, now: dt.datetime) -> dict[str, Reach]:
    """By channel how many of the enterprises can be reminded now, and why the others cannot."""
    found = {channel: Reach() for channel in CHANNELS}
    today, pause = local_date(now), int(value(REMINDER_DAYS, now))
    for target in targets(who.enterprise_ids, who.subject, now):
        for channel, reached in found.items():
            reason = obstacle(target, channel, today, pause)
            if reason is None:
                reached.ready += 1
            else:
                reached.obstacles[reason] += 1
    return found


def sample(subject: Subject, name: str, now: dt.datetime) -> Message | LocalText:
    """The text as the enterprise of that name would get it."""
    return reminder_text(str(value(REMINDER_TEXT, now)), name, subject.month, subject.deadline)


def begin(actor: Actor, form: Args, channels: Sequence[str], key: str | None, now: dt.datetime) -> Job:
    """Write a reminder down as a job, inside the caller's unit of work.

    :param key: the same key gives the same job: a double click reminds once.
    :raises Forbidden, Invalid: what ``meant`` refuses, or no channel.
    """
    problems = channel_problems(channels)
    if problems:
        raise Invalid(problems)
    meant(actor, form, now)
    ordered = [channel for channel in CHANNELS if channel in channels]
    return enqueue("remind", actor, {"channels": ordered, **job_params(form)}, key)


def channel_problems(channels: Iterable[str]) -> list[Problem]:
    """What is wrong with the channels that were ticked."""
    wanted = set(channels)
    if not wanted or wanted - set(CHANNELS):
        return [Problem(Message("Choose at least one way to remind."), "channel")]
    return []


@job("remind", title=Message("Remind enterprises of their report"))
def run_job(ctx: JobContext) -> Outcome:
    """Remind as the owner; one transaction, so that a killed worker has told nobody."""
    with as_owner(ctx) as (actor, form):
        return run(actor, meant(actor, form, ctx.now), ctx.params["channels"], ctx.now, ctx)


def run(
    actor: Actor, who: Meant, channels: Sequence[str], now: dt.datetime, ctx: JobContext | None = None
) -> Outcome:
    """Remind each enterprise by each channel that reaches it; inside the caller's unit of work."""
    order = Order(actor, who.subject, tuple(channels), now)
    lines: list[OutcomeLine] = []
    for part in _chunks(who.enterprise_ids):
        lines += _remind(order, list(targets(part, who.subject, now)))
        if ctx is not None:
            ctx.progress(len(lines), len(who.enterprise_ids))
    lines += [OutcomeLine(str(number), False, REPORTED, str(number)) for number in who.missing]
    done = sum(line.done for line in lines)
    words = Message("{done} reminded, {skipped} not reached.", done=done, skipped=len(lines) - done)
    return Outcome.of(words, lines)


def _remind(order: Order, found: Sequence[Target]) -> list[OutcomeLine]:
    """Remind some enterprises: what can be sent is noted first, in one statement, then sent."""
    pause = int(value(REMINDER_DAYS, order.now))
    hindered = {
        (target.enterprise_id, channel): obstacle(target, channel, local_date(order.now), pause)
        for target in found
        for channel in order.channels
    }
    written = _write(order, [key for key, reason in hindered.items() if reason is None])
    template = str(value(REMINDER_TEXT, order.now))
    lines = []
    for target in found:
        keys = [(target.enterprise_id, channel) for channel in order.channels]
        told = {channel: written[number, channel] for number, channel in keys if (number, channel) in written}
        _tell(order, target, told, template)
        said = [how_it_went(key[1], hindered[key], sent=key in written) for key in keys]
        words = reduce(lambda one, other: Message("{one}; {other}", one=one, other=other), said)
        lines.append(OutcomeLine(target.name, bool(told), words, str(target.enterprise_id)))
    return lines


def targets(enterprise_ids: Sequence[int], subject: Subject, now: dt.datetime) -> Iterator[Target]:
    """The enterprises with the ways to reach them, in the order given; at most four statements a chunk."""
    for part in _chunks(enterprise_ids):
        last = _last_days(part, subject)
        closed = closed_reasons(subject.form, subject.month, part, now)
        query = (
            select(Enterprise, Account, User.email)
            .outerjoin(Account, Account.id == Enterprise.account_id)
            .outerjoin(User, User.id == Account.user_id)
            .where(Enterprise.id.in_(part))
        )
        found = {
            row.id: _target(row, account, email, last.get(row.id, {}), closed=row.id in closed)
            for row, account, email in db.session.execute(query)
        }
        yield from (found[number] for number in part if number in found)


def _target(
    row: Enterprise, account: Account | None, email: str | None, last: Mapping[str, dt.date], *, closed: bool
) -> Target:
    """The contact's own mobile and address come before those of the account."""
    mobiles = (row.mobile, account.phone if account else "")
    usable = account is not None and account.state == "active"
    return Target(
        enterprise_id=row.id,
        name=row.name,
        account_id=account.id if account and usable else None,
        language=account.language if account else "zh",
        mobile=next((found for found in mobiles if found and mobile_problem(found) is None), ""),
        email=row.email or email or "",
        last=last,
        closed=closed,
    )


def _last_days(enterprise_ids: Sequence[int], subject: Subject) -> dict[int, dict[str, dt.date]]:
    row = ReportReminder
    query = (
        select(row.enterprise_id, row.channel, func.max(row.day))
        .where(row.form_id == subject.form.id, row.period == subject.month.key)
        .where(row.enterprise_id.in_(enterprise_ids))
        .group_by(row.enterprise_id, row.channel)
    )
    found: dict[int, dict[str, dt.date]] = {}
    for number, channel, day in db.session.execute(query):
        found.setdefault(number, {})[channel] = day
    return found


def _write(order: Order, wanted: Sequence[Key]) -> dict[Key, int]:
    """Note the reminders; gives the number of each that nobody else wrote in the same moment."""
    if not wanted:
        return {}
    rows = [
        {
            "form_id": order.subject.form.id,
            "period": order.subject.month.key,
            "enterprise_id": number,
            "channel": channel,
            "day": local_date(order.now),
            "at": order.now,
            "account_id": order.actor.account_id,
            "actor_name": order.actor.name[:100],
            "bureau_name": order.actor.bureau_name[:80],
        }
        for number, channel in wanted
    ]
    adding: Any = (postgresql if is_postgresql() else sqlite).insert(ReportReminder)
    row = ReportReminder
    written = adding.values(rows).on_conflict_do_nothing().returning(row.enterprise_id, row.channel, row.id)
    return {(number, channel): key for number, channel, key in db.session.execute(written)}


def _tell(order: Order, target: Target, told: Mapping[str, int], template: str) -> None:
    """Send what was noted for one enterprise by each channel, with a line in the audit trail."""
    subject = order.subject
    words = reminder_text(template, target.name, subject.month, subject.deadline)
    letter = Letter("report", PURPOSE, Message(SUBJECT.msgid, month=subject.month), words, subject.path)
    for channel, number in told.items():
        send(letter, target, channel, message_key(number), order.now)
    if told:
        after = {"period": subject.month.key, "channels": list(told)}
        audit.record(order.actor, "remind", "enterprise", target.enterprise_id, after=after)


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[first : first + CHUNK] for first in range(0, len(keys), CHUNK))
