"""The figures of the workbench: each in one statement, whose cost does not grow with the history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.organisations.models import Region
from app.reports.due import FILED, STATE, UNFILED, of_month, owed, owes, owing
from app.reports.known_forms import KnownForm
from app.reports.models import Report
from app.reports.reminder_models import ReportReminder
from app.reports.workflow import IN_REVIEW, RETURNED


@dataclass(slots=True)
class Counts:
    """Enterprises of a place that owe a report, by its state; ``mine`` of them wait at the asking admin."""

    name: str = ""
    region_id: int | None = None
    states: dict[str, int] = field(default_factory=dict)
    mine: int = 0
    late: int = 0

    @property
    def due(self) -> int:
        """All of them."""
        return sum(self.states.values())

    @property
    def filed(self) -> int:
        """Those that have handed it in."""
        return sum(self.states.get(state, 0) for state in FILED)

    @property
    def in_review(self) -> int:
        """Those that wait for a review."""
        return self.states.get(IN_REVIEW, 0)

    @property
    def returned(self) -> int:
        """Those that got it back."""
        return self.states.get(RETURNED, 0)

    @property
    def unfiled(self) -> int:
        """Those that have not handed it in and did not get it back either."""
        return sum(self.states.get(state, 0) for state in UNFILED if state != RETURNED)

    @property
    def rate(self) -> float | None:
        """Per cent of those due that are filed; None where nobody owes a report."""
        return self.filed / self.due * 100 if self.due else None

    def add(self, other: Counts) -> None:
        """Take the figures of another place in."""
        for state, number in other.states.items():
            self.states[state] = self.states.get(state, 0) + number
        self.mine += other.mine
        self.late += other.late


@dataclass(frozen=True, slots=True)
class Reminders:
    """The last reminder of a month, and how many of those who were reminded have filed since."""

    last: dt.datetime
    filed_since: int


def by_place(actor: Actor, form: KnownForm, month: Month, today: dt.date) -> list[Counts]:
    """The counts of each place next below the admin's own, in the order of the regions.

    An enterprise that belongs to no such place, such as one of a prefecture itself, counts under its region,
    which then has no number of its own to be asked for.
    """
    place: ColumnElement[int | None] = {
        "county": Enterprise.county_id,
        "prefecture": Enterprise.county_id,
    }.get(actor.level or "", Enterprise.prefecture_id)  # type: ignore[assignment]
    query = (
        select(
            place,
            Region.name,
            STATE,
            func.count(),
            func.count().filter(Report.holder_id == actor.admin_id, Report.state == IN_REVIEW),
            func.count().filter(Report.late, Report.state.in_(FILED)),
        )
        .select_from(Enterprise)
        .join(Region, Region.id == func.coalesce(place, Enterprise.region_id))
        .outerjoin(Report, of_month(form.id, month.key))
        .where(owing(actor, today), owed(form, month))
        .group_by(place, Region.name, Region.code, STATE)
        .order_by(Region.code)
    )
    places: dict[tuple[int | None, str], Counts] = {}
    for region_id, name, state, number, mine, late in db.session.execute(query):
        found = places.setdefault((region_id, name), Counts(name, region_id))
        found.add(Counts(states={state: number}, mine=mine, late=late))
    return list(places.values())


def total_of(places: list[Counts]) -> Counts:
    """All places together."""
    total = Counts()
    for place in places:
        total.add(place)
    return total


def filed_by_month(actor: Actor, form_id: int, months: Sequence[Month], today: dt.date) -> Mapping[int, int]:
    """By period how many reports were filed by enterprises that owe reports today; from an index alone.

    The months are named one by one: a range would have SQLite read all regions of each of them.
    """
    query = (
        select(Report.period, func.count())
        .where(*_filed(actor, form_id, today), Report.period.in_([month.key for month in months]))
        .group_by(Report.period)
    )
    return dict(db.session.execute(query).all())


def filed_until(actor: Actor, form_id: int, month: Month, instant: dt.datetime, today: dt.date) -> int:
    """How many reports of a month had been filed by an instant, of those that are filed now."""
    query = select(func.count()).where(
        *_filed(actor, form_id, today), Report.period == month.key, Report.first_submitted_at <= instant
    )
    return db.session.scalar(query) or 0


def _filed(actor: Actor, form_id: int, today: dt.date) -> tuple[ColumnElement[bool], ...]:
    """Filed reports in scope; the few enterprises that owe nothing are left out: nobody is joined."""
    owe_nothing = select(Enterprise.id).where(scope_of(Enterprise)(actor, today), ~owes())
    return (
        Report.form_id == form_id,
        Report.state.in_(FILED),
        scope_of(Report)(actor, today),
        Report.enterprise_id.not_in(owe_nothing),
    )


def reminders_of(actor: Actor, form_id: int, month: Month, now: dt.datetime) -> Reminders | None:
    """What came of the reminders of a month; None where nobody was reminded."""
    row = ReportReminder
    query = (
        select(func.max(row.at), func.count(row.enterprise_id.distinct()).filter(Report.state.in_(FILED)))
        .select_from(row)
        .outerjoin(
            Report,
            (Report.enterprise_id == row.enterprise_id)
            & (Report.form_id == row.form_id)
            & (Report.period == row.period),
        )
        .where(scope_of(row)(actor, local_date(now)), row.form_id == form_id, row.period == month.key)
    )
    last, filed = db.session.execute(query).one()
    return None if last is None else Reminders(last, filed)
