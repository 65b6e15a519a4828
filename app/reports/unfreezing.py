"""Timed unfreezes 限时解冻: granted for an enterprise or a region and a month, until a day; ended early."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from app.enterprises.models import Enterprise
from app.infra import scope
from app.infra.database import db
from app.infra.scope import among
from app.infra.settings import value
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.notifications.service import notify
from app.organisations.models import Region
from app.organisations.scope import region_subtree
from app.organisations.terms import RANKS
from app.reports.bulk import require
from app.reports.form_loading import has_version_for
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.opening import calendar_of
from app.reports.settings import UNFREEZE_DAYS
from app.reports.unfreeze_models import ReportUnfreeze
from app.reports.workflow import FILLABLE

RIGHT = "unfreeze_reports"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class UnfreezeDraft:
    """An unfreeze as typed; what is missing is None."""

    form_id: int | None
    month: Month | None
    enterprise_id: int | None
    region_id: int | None
    expires_on: dt.date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Concern:
    """How many enterprises an unfreeze is for: those that can then file, and those that have filed."""

    open: int
    filed: int


def unfreeze_problems(actor: Actor, draft: UnfreezeDraft, now: dt.datetime) -> list[Problem]:
    """Everything wrong with an unfreeze as typed.

    :raises Forbidden: the actor was not given the right.
    :raises NotFound: form, enterprise or region is out of the actor's sight.
    """
    require(actor, RIGHT)
    today = local_date(now)
    form = scope.find(ReportForm, draft.form_id, actor, today) if draft.form_id else None
    problems = [
        *_month_problems(form, draft.month, now),
        *_target_problems(actor, draft, today),
        *_expiry_problems(draft.expires_on, now),
        *_reason_problems(draft.reason, "reason"),
    ]
    if form is None:
        problems.insert(0, Problem(Message("Choose the report form."), "form"))
    return problems


def _month_problems(form: ReportForm | None, month: Month | None, now: dt.datetime) -> Iterator[Problem]:
    if month is None:
        yield Problem(Message("Enter the month."), "month")
    elif form is not None and not has_version_for(form.code, month):
        yield Problem(Message("This form is not reported for {month}.", month=month), "month")
    elif form is not None and local_date(now) < (opens := calendar_of(form).opens_on(month)):
        yield Problem(Message("{month} opens on {day}.", month=month, day=opens), "month")


def _target_problems(actor: Actor, draft: UnfreezeDraft, today: dt.date) -> Iterator[Problem]:
    if (draft.enterprise_id is None) == (draft.region_id is None):
        yield Problem(Message("Choose either an enterprise or a region."), "enterprise")
        return
    if draft.region_id is not None:
        scope.find(Region, draft.region_id, actor, today)
        return
    enterprise = scope.find(Enterprise, draft.enterprise_id, actor, today)
    if enterprise.state != "active":
        yield Problem(Message("This enterprise is out of use."), "enterprise")


def _expiry_problems(expires_on: dt.date | None, now: dt.datetime) -> Iterator[Problem]:
    today, longest = local_date(now), int(value(UNFREEZE_DAYS, now))
    latest = today + dt.timedelta(days=longest)
    if expires_on is None:
        yield Problem(Message("Enter the last day."), "expires_on")
    elif expires_on < today:
        yield Problem(Message("Enter today or a later day."), "expires_on")
    elif expires_on > latest:
        words = Message("At most {count} days: until {day}.", count=longest, day=latest)
        yield Problem(words, "expires_on")


def _reason_problems(reason: str, field: str) -> Iterator[Problem]:
    if not reason.strip():
        yield Problem(Message("Give a reason."), field)
    elif len(reason.strip()) > LONGEST_REASON:
        yield Problem(Message("At most {count} characters.", count=LONGEST_REASON), field)


def concern_of(draft: UnfreezeDraft, today: dt.date) -> Concern:
    """How many active enterprises an unfreeze without problems is for, in one statement."""
    open_ = func.count().filter(_can_file())
    found = _concerned(draft, today).with_only_columns(open_, func.count())
    opened, total = db.session.execute(found).one()
    return Concern(opened, total - opened)


def _can_file() -> ColumnElement[bool]:
    return or_(Report.id.is_(None), Report.state.in_(FILLABLE))


def _concerned(draft: UnfreezeDraft, today: dt.date) -> Select[int]:
    month = draft.month.key if draft.month else 0
    own = and_(Report.enterprise_id == Enterprise.id, Report.form_id == draft.form_id, Report.period == month)
    query = select(Enterprise.id).outerjoin(Report, own).where(Enterprise.state == "active")
    if draft.enterprise_id is not None:
        return query.where(Enterprise.id == draft.enterprise_id)
    return query.where(among(Enterprise.region_id, region_subtree([draft.region_id or 0], today)))


def grant(actor: Actor, draft: UnfreezeDraft, now: dt.datetime) -> ReportUnfreeze:
    """Open a month again for an enterprise or a region; those who can then file get a message.

    :raises Invalid: naming every entry that cannot be taken.
    """
    problems = unfreeze_problems(actor, draft, now)
    if problems or draft.form_id is None or draft.month is None or draft.expires_on is None:
        raise Invalid(problems)
    row = ReportUnfreeze(
        form_id=draft.form_id,
        period=draft.month.key,
        enterprise_id=draft.enterprise_id,
        region_id=draft.region_id,
        reason=draft.reason.strip(),
        expires_on=draft.expires_on,
        granted_at=now,
        granted_by_id=actor.account_id,
        granted_by=actor.name[:100],
        granted_bureau=actor.bureau_name[:80],
        granted_level=actor.level or "",
    )
    db.session.add(row)
    db.session.flush()
    body = Message(
        "Your report of {month} can be filled in until the end of {day}. Reason: {reason}",
        month=row.month,
        day=row.expires_on,
        reason=LocalText(row.reason),
    )
    _tell(row, Message("Reporting opened again"), body, now)
    return row


def end_early(actor: Actor, key: object, reason: str, now: dt.datetime) -> ReportUnfreeze:
    """提前结束: end an unfreeze before its day, for a reason; those who could still file get a message.

    :raises Conflict: it is over already.
    :raises Forbidden: no right to, or somebody of a higher level granted it.
    :raises Invalid: no reason, or a longer one than can be kept.
    """
    require(actor, RIGHT)
    row: ReportUnfreeze = scope.find(ReportUnfreeze, key, actor, local_date(now), lock=True)
    if row.until <= now:
        raise Conflict(Message("This unfreeze is over already."))
    if RANKS.get(actor.level or "", 0) > RANKS.get(row.granted_level, 0):
        raise Forbidden(Message("A higher level granted this: ask {name} to end it.", name=row.granted_by))
    problems = [*_reason_problems(reason, "comment")]
    if problems:
        raise Invalid(problems)
    row.ended_at, row.ended_by_id, row.ended_by = now, actor.account_id, actor.name[:100]
    row.end_reason = reason.strip()
    db.session.flush()
    body = Message(
        "The timed unfreeze of {month} was ended. Reason: {reason}",
        month=row.month,
        reason=LocalText(row.end_reason),
    )
    _tell(row, Message("Timed unfreeze ended"), body, now)
    return row


def _tell(row: ReportUnfreeze, title: Message, body: Message, now: dt.datetime) -> None:
    """Put a message into the inbox of every enterprise that has not filed."""
    draft = UnfreezeDraft(
        row.form_id, row.month, row.enterprise_id, row.region_id, row.expires_on, row.reason
    )
    query = _concerned(draft, local_date(now)).where(_can_file(), Enterprise.account_id.is_not(None))
    accounts = db.session.scalars(query.with_only_columns(Enterprise.account_id)).all()
    url = f"/filing/{row.form.code}/{row.month}/"
    notify([one for one in accounts if one is not None], "report", title, body, now, url=url)
