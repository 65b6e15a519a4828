"""What an address asks of the ranking and the analysis: a month, two cut-offs, a territory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import FromClause

from app.infra import context
from app.infra.lists import Filter
from app.infra.lists.asked import Args
from app.infra.lists.cells import instant_text
from app.infra.lists.filters import every_row, read_instant
from app.infra.scope import among
from app.kernel.actor import Actor
from app.kernel.clock import end_of_day, local_date
from app.kernel.periods import FIRST_YEAR, LAST_YEAR, Month
from app.kernel.texts import Message
from app.organisations.lists import region_filter
from app.queries.standings import CutOff
from app.reports.filing_views import DEFAULT_FORM
from app.reports.known_forms import KnownForm, find_form
from app.reports.nonreporters import asked_month
from app.reports.opening import calendar_of
from app.reports.summary_question import numbers_of
from app.reports.windows import Calendar

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks when about which month; ``this`` and ``last`` are that month and the one before."""

    actor: Actor
    today: dt.date
    form: KnownForm
    calendar: Calendar
    current: Month
    this: CutOff
    last: CutOff
    region_ids: tuple[int, ...]
    args: Args

    def chosen(self, name: str, offered: Mapping[str, Any], usual: str) -> str:
        """One of several; the usual one where none of them is asked for."""
        found = self.args.get(name, "")
        return found if found in offered else usual


def read_question(actor: Actor, args: Args) -> Question:
    """What is asked. What cannot be read counts as not asked: the list itself tells what is wrong with it."""
    now = context.now()
    form = find_form(DEFAULT_FORM)
    calendar = calendar_of(form)
    current = calendar.current(now)
    month = asked_month(args, current)
    before = month.previous() if month > Month(FIRST_YEAR, 1) else month
    return Question(
        actor=actor,
        today=local_date(now),
        form=form,
        calendar=calendar,
        current=current,
        this=CutOff(month, _until(args.get("cutoff", ""), calendar, month)),
        last=CutOff(before, _until(args.get("last_cutoff", ""), calendar, before)),
        region_ids=numbers_of(args, "region"),
        args=args,
    )


def _until(text: str, calendar: Calendar, month: Month) -> dt.datetime:
    """The end of the minute that was typed, else of the month's last day that is on time."""
    try:
        return read_instant(text) + MINUTE
    except ValueError:
        return due_end(calendar, month)


def due_end(calendar: Calendar, month: Month) -> dt.datetime:
    """The first instant at which a month is late."""
    if month.year == LAST_YEAR:  # its deadline may lie beyond every month
        return end_of_day(month.last_day)
    return calendar.deadline(month)


def conditions(question: Question, standings: FromClause) -> tuple[Filter, ...]:
    """Month, cut-offs and territory. What decides which standings there are cuts no row a second time."""
    this, last = (due_end(question.calendar, cut_off.month) for cut_off in (question.this, question.last))
    return (
        Filter(
            "period", Message("Report month"), "month", clause=every_row, required=True,
            default=str(question.current),
        ),
        Filter(
            "cutoff", Message("Cut-off time"), "instant", clause=every_row, combinable=False,
            hint=Message("Left empty: {when}", when=instant_text(this - MINUTE)),
        ),
        Filter(
            "last_cutoff", Message("Last month's cut-off time"), "instant", clause=every_row,
            combinable=False, hint=Message("Left empty: {when}", when=instant_text(last - MINUTE)),
        ),
        region_filter(lambda subtree: among(standings.c.region_id, subtree)),
    )  # fmt: skip


def address(path: str, question: Question, kept: tuple[str, ...], **changes: str) -> str:
    """A page with the conditions of this one; a change may be ``{}``, to be filled in for each row."""
    args = question.args
    found = [(name, value) for name in kept if name not in changes for value in args.getlist(name) if value]
    changed = "&".join(f"{name}={value}" for name, value in changes.items())
    return "&".join((f"{path}?asked=1", *([urlencode(found)] if found else []), changed))
