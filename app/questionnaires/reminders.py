"""催答: remind respondents of a round that is open, as a job with a line for each of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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
from app.kernel.texts import LocalText, Message
from app.organisations.contacts import mobile_problem
from app.organisations.models import Account
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.lists import respondents_list
from app.questionnaires.models import Questionnaire
from app.questionnaires.reminder_models import RespondentReminder, message_key
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from app.questionnaires.rounds import ANSWER_PAGE
from app.reports.reminder_rules import CHANNELS, Target, obstacle
from app.reports.reminder_sending import Letter, how_it_went, send
from app.reports.reminders import MOST, Reach, channel_problems
from app.reports.settings import REMINDER_DAYS

CHUNK = 200
"""Respondents that are read and told together."""

PURPOSE = "questionnaire_reminder"
NOT_OPEN = Message("it has answered, or the round is not open")
LOST = Message("It is no longer there, or you may not see it.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A respondent with the ways to reach it, and what it is to be reminded of."""

    key: int
    target: Target
    title: str
    ends_on: dt.date

    @property
    def path(self) -> str:
        """Where it answers."""
        return f"{ANSWER_PAGE}{self.key}"

    @property
    def words(self) -> Message:
        """What it is told."""
        return Message(
            "{name}: your answer to “{title}” has not arrived. The last day is {day}.",
            name=self.target.name,
            title=self.title,
            day=self.ends_on.isoformat(),
        )

    @property
    def letter(self) -> Letter:
        """What it gets."""
        title = Message("Reminder: questionnaire {title}", title=LocalText(self.title))
        return Letter("questionnaire", PURPOSE, title, self.words, self.path)


@dataclass(frozen=True, slots=True)
class Meant:
    """Who is to be reminded: keys of respondents, and those that cannot be found."""

    keys: Sequence[int]
    missing: Sequence[int] = ()


def meant(actor: Actor, form: Args, now: dt.datetime) -> Meant:
    """Who a form of the list means: the ticked, or all filtered ones.

    :raises Forbidden: not a bureau. :raises Invalid: nothing ticked, or too many.
    """
    if actor.kind is not Kind.BUREAU or actor.admin_id is None:
        raise Forbidden(Message("Only bureaus remind enterprises."))
    found = batch.read_batch(respondents_list(actor), form, actor, local_date(now))
    if len(found.rows) > MOST:
        words = Message(
            "A reminder goes to at most {limit} enterprises. Narrow the conditions, such as to one region.",
            limit=MOST,
        )
        raise Invalid([Problem(words)])
    return Meant([key[0] for key, _name in found.rows], [key[0] for key in found.missing])


def reach(keys: Sequence[int], now: dt.datetime) -> dict[str, Reach]:
    """By channel how many of the respondents can be reminded now, and why the others cannot."""
    found = {channel: Reach() for channel in CHANNELS}
    today, pause = local_date(now), int(value(REMINDER_DAYS, now))
    for one in read_asked(keys, now):
        for channel, reached in found.items():
            reason = _obstacle(one, channel, today, pause)
            if reason is None:
                reached.ready += 1
            else:
                reached.obstacles[reason] += 1
    return found


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
    return enqueue("remind_respondents", actor, {"channels": ordered, **job_params(form)}, key)


@job("remind_respondents", title=Message("Remind respondents of a questionnaire"))
def run_job(ctx: JobContext) -> Outcome:
    """Remind as the owner; one transaction, so that a killed worker has told nobody."""
    with as_owner(ctx) as (actor, form):
        return run(actor, meant(actor, form, ctx.now), ctx.params["channels"], ctx.now, ctx)


def run(
    actor: Actor, who: Meant, channels: Sequence[str], now: dt.datetime, ctx: JobContext | None = None
) -> Outcome:
    """Remind each respondent by each channel that reaches it; inside the caller's unit of work."""
    lines: list[OutcomeLine] = []
    for part in _chunks(who.keys):
        lines += _remind(actor, list(read_asked(part, now)), channels, now)
        if ctx is not None:
            ctx.progress(len(lines), len(who.keys))
    lines += [OutcomeLine(str(number), False, LOST, str(number)) for number in who.missing]
    done = sum(line.done for line in lines)
    words = Message("{done} reminded, {skipped} not reached.", done=done, skipped=len(lines) - done)
    return Outcome.of(words, lines)


def read_asked(keys: Sequence[int], now: dt.datetime) -> Iterator[Asked]:
    """The respondents with the ways to reach them, in the order given; two statements a chunk."""
    today = local_date(now)
    for part in _chunks(keys):
        last = _last_days(part)
        query = (
            select(Respondent, QuestionnaireRound, Questionnaire.title, Enterprise, Account, User.email)
            .join(QuestionnaireRound, QuestionnaireRound.id == Respondent.round_id)
            .join(Questionnaire, Questionnaire.id == QuestionnaireRound.questionnaire_id)
            .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
            .outerjoin(Account, Account.id == Enterprise.account_id)
            .outerjoin(User, User.id == Account.user_id)
            .where(Respondent.id.in_(part))
        )
        found = {}
        for row, asked, title, enterprise, account, email in db.session.execute(query):
            closed = row.state == ANSWERED or not asked.is_open(today)
            target = _target(enterprise, account, email, last.get(row.id, {}), closed=closed)
            found[row.id] = Asked(row.id, target, title, asked.ends_on)
        yield from (found[key] for key in part if key in found)


def _remind(
    actor: Actor, found: Sequence[Asked], channels: Sequence[str], now: dt.datetime
) -> list[OutcomeLine]:
    """Remind some: what can be sent is noted first, in one statement, then sent."""
    today, pause = local_date(now), int(value(REMINDER_DAYS, now))
    hindered = {
        (one.key, channel): _obstacle(one, channel, today, pause) for one in found for channel in channels
    }
    written = _write(actor, [key for key, reason in hindered.items() if reason is None], now)
    lines = []
    for one in found:
        keys = [(one.key, channel) for channel in channels]
        told = {channel: written[number, channel] for number, channel in keys if (number, channel) in written}
        for channel, number in told.items():
            send(one.letter, one.target, channel, message_key(number), now)
        if told:
            after = {"questionnaire": one.title, "channels": list(told)}
            audit.record(actor, "remind", "enterprise", one.target.enterprise_id, after=after)
        said = [how_it_went(key[1], hindered[key], sent=key in written) for key in keys]
        words = reduce(lambda one, other: Message("{one}; {other}", one=one, other=other), said)
        lines.append(OutcomeLine(one.target.name, bool(told), words, str(one.key)))
    return lines


def _obstacle(one: Asked, channel: str, today: dt.date, pause: int) -> Message | None:
    return NOT_OPEN if one.target.closed else obstacle(one.target, channel, today, pause)


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


def _last_days(keys: Sequence[int]) -> dict[int, dict[str, dt.date]]:
    row = RespondentReminder
    query = select(row.respondent_id, row.channel, func.max(row.day)).where(row.respondent_id.in_(keys))
    found: dict[int, dict[str, dt.date]] = {}
    for number, channel, day in db.session.execute(query.group_by(row.respondent_id, row.channel)):
        found.setdefault(number, {})[channel] = day
    return found


def _write(actor: Actor, wanted: Sequence[tuple[int, str]], now: dt.datetime) -> dict[tuple[int, str], int]:
    """Note the reminders; gives the number of each that nobody else wrote in the same moment."""
    if not wanted:
        return {}
    rows = [
        {
            "respondent_id": number,
            "channel": channel,
            "day": local_date(now),
            "at": now,
            "account_id": actor.account_id,
            "actor_name": actor.name[:100],
            "bureau_name": actor.bureau_name[:80],
        }
        for number, channel in wanted
    ]
    adding: Any = (postgresql if is_postgresql() else sqlite).insert(RespondentReminder)
    row = RespondentReminder
    written = adding.values(rows).on_conflict_do_nothing().returning(row.respondent_id, row.channel, row.id)
    return {(number, channel): key for number, channel, key in db.session.execute(written)}


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    return (keys[first : first + CHUNK] for first in range(0, len(keys), CHUNK))
