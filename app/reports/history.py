"""历史报送: the months of an enterprise, filed or not, and what can still be done with each.

Months without a report stand in the list too, from the month in which the enterprise was entered:
what is missing must be seen to be made up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flask import url_for
from sqlalchemy import CTE, ColumnElement, Integer, Select, and_, case, func, literal, select

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec
from app.infra.lists.spec import Key
from app.infra.scope import scope_of, visible
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import NotFound
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import steps
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import KnownForm, find_form
from app.reports.lists import enterprise_figure
from app.reports.models import FILLED_VIA, Report
from app.reports.opening import Ref, calendar_of, closed_reasons
from app.reports.reopenings import unfrozen_periods
from app.reports.windows import Calendar
from app.reports.wizard import start_url
from app.reports.workflow import FILLABLE, IN_REVIEW, NOT_FILLED, RETURNED, STATE_LABELS, STATE_MARKS


def offered_steps(
    calendar: Calendar, month: Month, state: str, accepted: int, now: dt.datetime, *, is_open: bool
) -> list[str]:
    """What an enterprise can do with a month: fill, edit, make_up, withdraw, view, in this order.

    :param is_open: whether the window of the month lets it type now.
    """
    found = []
    if state in FILLABLE and is_open:
        make_up = calendar.is_make_up(month, now)
        found.append("make_up" if make_up else "fill" if state == NOT_FILLED else "edit")
    if state == IN_REVIEW and not accepted and is_open:
        found.append("withdraw")
    if state != NOT_FILLED:
        found.append("view")
    return found


STEP_WORDS = {
    "fill": Message("Fill in reports"),
    "edit": Message("Edit"),
    "make_up": Message("Make up"),
    "withdraw": Message("Withdraw"),
    "view": Message("View"),
}


def history_list(actor: Actor) -> ListSpec:
    """Every month of the acting enterprise, the newest first."""
    form = find_form(DEFAULT_FORM)
    calendar = calendar_of(form)
    current = calendar.current(context.now())
    entered, first = _first_month(actor, form, calendar, current)
    months = months_between(first, current)
    state = func.coalesce(Report.state, NOT_FILLED)
    years = {str(year): str(year) for year in range(current.year, first.year - 1, -1)}
    return ListSpec(
        name="history",
        title=Message("My reports"),
        base=lambda actor, today: _base(months, form, actor, today),
        key=(months.c.period,),
        columns=(
            Column(
                "period", Message("Report month"), months.c.period, "month", sortable=True, always=True,
                nullable=False, link="/reports/{}", link_from=Report.id,
            ),
            Column("form", Message("Type of report"), literal(say(form.name)), nullable=False),
            Column("state", Message("State"), state, "state", words=STATE_LABELS, marks=STATE_MARKS),
            Column("submitted", Message("Date of filling"), Report.submitted_at, "instant", sortable=True),
            Column("via", Message("Way of filling"), Report.filled_via, "choice", words=FILLED_VIA),
            Column("filler", Message("Filled in by"), Report.filler_name, css="keep"),
            Column("late", Message("Late"), _late(months, calendar, (first, current), entered), "bool"),
            enterprise_figure(form, current, months.c.period, literal(actor.enterprise_id)),
            Column("reason", Message("Reason of the return"), _reason()),
            Column(
                "steps", Message("Action"), kind="links",
                each=lambda keys, actor: _links(form, keys, actor),
            ),
        ),
        filters=(
            Filter("year", Message("Year"), "choice", clause=_of_year(months), words=years, tabs=True),
            Filter("state", Message("State"), "multi", state, words=STATE_LABELS),
            Filter("period", Message("Report month"), "month_range", months.c.period),
        ),
        default_sort="-period",
        actions=(_withdrawal(form.id),),
        unit=Message("{count} months"),
        empty=Message("No report matches."),
        empty_next=(Message("Fill in this month"), "/filing/"),
    )  # fmt: skip


def _first_month(
    actor: Actor, form: KnownForm, calendar: Calendar, current: Month
) -> tuple[dt.datetime, Month]:
    """When the enterprise was entered; the month of its first report, or the one that was due then."""
    earliest = select(func.min(Report.period)).where(
        Report.enterprise_id == actor.enterprise_id, Report.form_id == form.id
    )
    query = select(Enterprise.created_at, earliest.scalar_subquery()).where(
        Enterprise.id == actor.enterprise_id
    )
    entered, period = db.session.execute(query).one()
    due = min(calendar.current(entered), current)
    return entered, min(due, Month.from_key(period)) if period else due


def _late(
    months: CTE, calendar: Calendar, span: tuple[Month, Month], entered: dt.datetime
) -> ColumnElement[bool]:
    """Whether a report came after its deadline, or has not come although that is over."""
    month, last, overdue = *span, list[int]()
    while month <= last:
        if context.now() >= calendar.deadline(month) and calendar.is_owed(month, entered):
            overdue.append(month.key)
        month = month.next()
    return case((Report.first_submitted_at.is_not(None), Report.late), else_=months.c.period.in_(overdue))


def months_between(first: Month, last: Month) -> CTE:
    """A row for each month from the first to the last."""
    months = select(literal(first.key, Integer).label("period")).cte("months", recursive=True)
    following = case((months.c.period % 100 == 12, months.c.period + 89), else_=months.c.period + 1)
    return months.union_all(select(following).where(months.c.period < last.key))


def _base(months: CTE, form: KnownForm, actor: Actor, today: dt.date) -> Select[Any]:
    own = and_(Report.period == months.c.period, Report.form_id == form.id, scope_of(Report)(actor, today))
    return select(months.c.period).select_from(months).outerjoin(Report, own)


def _reason() -> ColumnElement[Any]:
    """Why a report stands returned; what was said before its last submission is told on its page."""
    return case((Report.state == RETURNED, Report.return_reason))


def _of_year(months: CTE) -> Any:
    def clause(year: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
        return months.c.period.between(int(year) * 100 + 1, int(year) * 100 + 12)

    return clause


def _links(form: KnownForm, keys: Sequence[Key], actor: Actor) -> Mapping[Key, Iterable[tuple[str, str]]]:
    """The steps of the months of a page: two statements, and two for each month that was opened again."""
    now, calendar = context.now(), calendar_of(form)
    query = visible(Report, actor, local_date(now)).with_only_columns(
        Report.period, Report.id, Report.state, Report.accepted_levels
    )
    query = query.where(Report.form_id == form.id, Report.period.in_([key[0] for key in keys]))
    stored = {period: row for period, *row in db.session.execute(query)}
    unfrozen = unfrozen_periods(form.id, actor.enterprise_id or 0, local_date(now))
    found = {}
    for (period,) in keys:
        month = Month.from_key(period)
        report_id, state, accepted = stored.get(period, (None, NOT_FILLED, 0))
        filling = start_url(Ref(form.code, month, actor.enterprise_id or 0))
        page = url_for("ReportPageView.page_of", report_id=report_id) if report_id else ""
        is_open = _is_open(form, month, state, actor, unfrozen)
        found[(period,)] = [
            (say(STEP_WORDS[step]), page if step in {"withdraw", "view"} else filling)
            for step in offered_steps(calendar, month, state, accepted, now, is_open=is_open)
        ]
    return found


def _is_open(form: KnownForm, month: Month, state: str, actor: Actor, unfrozen: Collection[int]) -> bool:
    """Whether the window of a month lets the enterprise type; reopenings are read where there may be some."""
    now = context.now()
    if now >= calendar_of(form).end(month).at and state != RETURNED and month.key not in unfrozen:
        return False
    return not closed_reasons(form, month, [actor.enterprise_id or 0], now)


def _withdrawal(form_id: int) -> Action:
    """撤销 of ticked months, as far as nobody has reviewed them."""

    def run(actor: Actor, key: Key, _comment: str, now: dt.datetime) -> None:
        query = visible(Report, actor, local_date(now)).where(
            Report.period == key[0], Report.form_id == form_id
        )
        report = db.session.scalars(query.with_for_update(of=Report)).one_or_none()
        if report is None:
            raise NotFound(Message("Nothing was saved for this month."))
        steps.withdraw(actor, report, report.version, now)

    return Action(
        "withdraw", Message("Withdraw"), run, confirm=Message("Take the ticked reports back to edit them?")
    )
