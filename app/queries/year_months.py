"""A year of reports: which months it has, and the state of each month of each enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Integer, and_, exists, false, func, literal, or_, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.lists import Column, Filter
from app.infra.lists.asked import Args
from app.infra.lists.filters import every_row
from app.infra.lists.spec import Key
from app.kernel.actor import Actor
from app.kernel.periods import LAST_YEAR, Month, Year
from app.kernel.texts import Message
from app.queries.conditions import REPORT, reported_form
from app.reports.known_forms import KnownForm
from app.reports.models import Report
from app.reports.summary_sql import fixed
from app.reports.windows import Calendar
from app.reports.workflow import (
    APPROVED,
    EDITING,
    FROZEN,
    IN_REVIEW,
    NOT_FILLED,
    RETURNED,
    STATE_LABELS,
    STATE_MARKS,
    UNFROZEN,
)

SHORT_STATES = {
    NOT_FILLED: Message("Not f."),
    EDITING: Message("Ed."),
    FROZEN: Message("Froz."),
    UNFROZEN: Message("Thaw"),
    IN_REVIEW: Message("Rev."),
    RETURNED: Message("Ret."),
    APPROVED: Message("Appr."),
}
"""What stands in a badge on a phone."""


@dataclass(slots=True)
class ReportYear:
    """The months of a year that are reported by now, and what enterprises filed in them.

    ``oldest`` is the first year that can be asked for.
    States are read once for the rows of a page, whichever of the months asks first.
    """

    form: KnownForm
    calendar: Calendar
    current: Month
    oldest: int
    year: int
    _keys: Sequence[Key] = ()
    _cells: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)

    @property
    def months(self) -> tuple[Month, ...]:
        """January to December, or to the current month."""
        return tuple(month for month in Year(self.year).months if month <= self.current)

    @property
    def span(self) -> ColumnElement[bool]:
        """Reports of the year."""
        return and_(Report.form_id == self.form.id, self.in_year())

    def of_form(self) -> ColumnElement[bool]:
        """Reports of the form, for counting over whole months.

        An expression, since SQLite takes each form for one of many and would look every report up by
        its form instead of counting in the index of months and places (240,000 reports: 461 → 143 ms).
        """
        found: ColumnElement[bool] = Report.form_id + fixed(0) == self.form.id
        return found

    def in_year(self) -> ColumnElement[bool]:
        """Reports of the months of the year, which are named so that an index finds each of them."""
        return Report.period.in_([month.key for month in Year(self.year).months])

    def concerned(self) -> ColumnElement[bool]:
        """Enterprises that have a report of the year, or owed one: monitored today and there in time."""
        owed = and_(Enterprise.state == "active", Enterprise.created_at < self._deadline(self.months[-1]))
        return or_(owed, exists().where(Report.enterprise_id == Enterprise.id, self.span))

    def approved_throughout(self, first: int, last: int) -> ColumnElement[bool]:
        """Enterprises whose every month from one to another is approved."""
        if not 1 <= first <= last <= len(self.months):
            return false()
        low, high = Month(self.year, first).key, Month(self.year, last).key
        found = (
            select(Report.enterprise_id)
            .where(self.of_form(), Report.period.between(low, high))
            .where(Report.state == APPROVED)
            .group_by(Report.enterprise_id)
            .having(func.count() == last - first + 1)
        )
        return Enterprise.id.in_(found)

    def columns(self) -> Iterator[Column]:
        """A column for each month, and how many of them are approved."""
        for month in self.months:
            yield Column(
                f"m{month.month}", Message("Month {month}", month=month.month), kind="step", css="month",
                words=STATE_LABELS, marks=STATE_MARKS, shorts=SHORT_STATES, each=self._states_of(month),
            )  # fmt: skip
        yield Column("approved_months", Message("Months approved"), kind="number", each=self._approved)

    def _states_of(self, month: Month) -> Callable[[Sequence[Key], Actor], Mapping[Key, tuple[str, str]]]:
        def states(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, tuple[str, str]]:
            self._read(keys)
            return {key: found for key in keys if (found := self._cells.get((key[0], month.key)))}

        return states

    def _approved(self, keys: Sequence[Key], _actor: Actor) -> Mapping[Key, int]:
        self._read(keys)
        counts = dict.fromkeys(keys, 0)
        for (enterprise_id, _period), (state, _address) in self._cells.items():
            counts[enterprise_id,] += state == APPROVED
        return counts

    def _read(self, keys: Sequence[Key]) -> None:
        """The cells of these enterprises, who come out of the scope of the list."""
        if self._keys == keys:
            return
        self._keys = list(keys)
        deadlines = [(month.key, self._deadline(month)) for month in self.months]
        query = (
            select(
                Enterprise.id, Enterprise.state, Enterprise.created_at, Report.period, Report.state, Report.id
            )
            .outerjoin(Report, and_(Report.enterprise_id == Enterprise.id, self.span))
            .where(Enterprise.id.in_([key[0] for key in keys]))
        )
        rows = db.session.execute(query).all()
        entered = {row[0]: row[2] for row in rows if row[1] == "active"}
        owed = (
            (enterprise_id, month)
            for enterprise_id, created_at in entered.items()
            for month, deadline in deadlines
            if created_at < deadline
        )
        self._cells = dict.fromkeys(owed, (NOT_FILLED, ""))
        for enterprise_id, _monitored, _created_at, period, state, report_id in rows:
            if period is not None:
                self._cells[enterprise_id, period] = (state, REPORT.format(report_id))

    def _deadline(self, month: Month) -> dt.datetime:
        return self.calendar.deadline(month)


def read_year(args: Args) -> ReportYear:
    """The year in an address; the current one where none can be read, since the list tells what is wrong."""
    form, calendar, current = reported_form()
    oldest, text = min(_first_year(form), current.year), args.get("year", "")
    readable = text.isascii() and text.isdigit() and len(text) == 4
    year = int(text) if readable and oldest <= int(text) <= current.year else current.year
    return ReportYear(form, calendar, current, oldest, year)


def _first_year(form: KnownForm) -> int:
    """The year of the oldest report; without any it lies beyond every year."""
    oldest = db.session.scalar(select(func.min(Report.period)).where(Report.form_id == form.id))
    return Month.from_key(oldest).year if oldest else LAST_YEAR


def year_filter(asked: ReportYear) -> Filter:
    """Years with reports, the newest first."""
    years = {str(year): str(year) for year in range(asked.current.year, asked.oldest - 1, -1)}
    return Filter(
        "year", Message("Year"), "choice", words=years, required=True, default=str(asked.current.year),
        clause=every_row, tabs=True,
    )  # fmt: skip


def interval_filter(asked: ReportYear) -> Filter:
    """Only enterprises whose every month from one to another is approved."""

    def clause(value: tuple[int | None, int | None], _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
        first, last = value
        return asked.approved_throughout(
            1 if first is None else first, len(asked.months) if last is None else last
        )

    return Filter(
        "approved", Message("Months all approved (1–12)"), "number_range", literal(0, Integer), clause=clause,
    )  # fmt: skip
