"""When a month can be filled and until when it is on time (spec 20, 'Reporting window'): pure.

Glossary
    opening 开放          from this day on a month can be filled
    due date 截止日期      the last day on which a report is on time; later ones are late 逾期
    closing 关闭日期       after this day enterprises can no longer fill the month
    end 截止填报           when a month can no longer be filled: it closed, or lies too far back
    reopening 重新开放     what keeps a month open for an enterprise after its end: return, timed unfreeze
    make-up 补报           filling an earlier month after its due date
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.kernel.clock import SHANGHAI, end_of_day, local_date, start_of_day
from app.kernel.errors import Words
from app.kernel.periods import Month
from app.kernel.texts import Message


@dataclass(frozen=True, slots=True)
class Dates:
    """The first day of a month's window, the last one that is on time, and the last one at all, if any."""

    opens_on: dt.date
    due_on: dt.date
    closes_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class End:
    """From which instant on a month can no longer be filled, and why."""

    at: dt.datetime
    reason: Message


@dataclass(frozen=True, slots=True)
class Reopening:
    """What keeps a month open for one enterprise until an instant, and the words for it."""

    until: dt.datetime
    words: Words

    @property
    def last_day(self) -> dt.date:
        """The last day in Shanghai on which the month is open."""
        return local_date(self.until - dt.timedelta(seconds=1))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates that the owner of a form sets: days of the month after the period, or dates of one month.

    ``make_up_months`` 0 means that an earlier month cannot be made up at all; ``closes_after_days`` counts
    from the due date, None never closes. ``exceptions`` are the months with dates of their own, by key.
    """

    opens_day: int = 1
    due_day: int = 15
    make_up_months: int = 12
    closes_after_days: int | None = None
    exceptions: Mapping[int, Dates] = field(default_factory=dict)

    def dates(self, month: Month) -> Dates:
        """The window of a month."""
        return self.exceptions.get(month.key) or self.usual(month)

    def usual(self, month: Month) -> Dates:
        """The window that a month has without dates of its own."""
        first = month.next().first_day
        due = first.replace(day=self.due_day)
        lasts = self.closes_after_days
        closes = None if lasts is None else due + dt.timedelta(days=lasts)
        return Dates(first.replace(day=self.opens_day), due, closes)

    def opens_on(self, month: Month) -> dt.date:
        """The first day on which a month can be filled."""
        return self.dates(month).opens_on

    def not_opened(self, month: Month, now: dt.datetime) -> Message | None:
        """That the window of a month has not begun, or None."""
        opens_on = self.opens_on(month)
        if now >= start_of_day(opens_on):
            return None
        return Message("{month} opens on {day}.", month=month, day=opens_on)

    def due_on(self, month: Month) -> dt.date:
        """The last day on which a month is on time."""
        return self.dates(month).due_on

    def deadline(self, month: Month) -> dt.datetime:
        """The first instant at which a month is late, UTC."""
        return end_of_day(self.due_on(month))

    def current(self, now: dt.datetime) -> Month:
        """The newest month that can be filled now: the one that a user means by "current"."""
        today, candidate = local_date(now), Month.containing(now)
        while today < self.opens_on(candidate):
            candidate = candidate.previous()
        return candidate

    def end(self, month: Month) -> End:
        """When a month can no longer be filled: the day after its closing, or once it lies too far back.

        It never lies too far back before its due date is over.
        """
        far = Message(
            "{month} can no longer be made up: at most {count} months back are allowed.",
            month=month,
            count=self.make_up_months,
        )
        limit = max(self._passed_by(month), self.deadline(month))
        closes_on = self.dates(month).closes_on
        if closes_on is None or end_of_day(closes_on) > limit:
            return End(limit, far)
        return End(end_of_day(closes_on), Message("{month} closed on {day}.", month=month, day=closes_on))

    def _passed_by(self, month: Month) -> dt.datetime:
        """When the first month opens that puts this one too far back; months may open out of order."""
        first = usual = month.plus(self.make_up_months + 1)
        while usual.key in self.exceptions:
            usual = usual.next()
        later = [dates.opens_on for key, dates in self.exceptions.items() if key >= first.key]
        return start_of_day(min([self.opens_on(usual), *later]))

    def is_late(self, month: Month, sent_at: dt.datetime) -> bool:
        """Whether a report sent at an instant comes after its deadline."""
        return sent_at >= self.deadline(month)

    def is_owed(self, month: Month, admitted_at: dt.datetime) -> bool:
        """Whether an enterprise that was admitted at an instant has to report a month: before it was due."""
        return admitted_at < self.deadline(month)

    def is_make_up(self, month: Month, now: dt.datetime) -> bool:
        """Whether filling a month now makes it up: a newer one is open, and this one is overdue."""
        return month < self.current(now) and self.is_late(month, now)

    def closed(
        self, month: Month, now: dt.datetime, reopenings: Sequence[Reopening] = (), ask: str = ""
    ) -> Message | None:
        """Why an enterprise cannot fill a month now and what it can do, or None.

        :param reopenings: of this enterprise and month, those that are over included.
        :param ask: whom the enterprise can ask; without a name it is "your administrator".
        """
        if (early := self.not_opened(month, now)) is not None:
            return early
        end = self.end(month)
        if now < end.at or lasting(reopenings, now) is not None:
            return None
        advice = (
            Message("Ask {name} for a timed unfreeze.", name=ask)
            if ask
            else Message("Ask your administrator for a timed unfreeze.")
        )
        if not reopenings:
            return Message("{reason} {advice}", reason=end.reason, advice=advice)
        last = max(reopenings, key=lambda found: found.until)
        over = Message("It was open again until {day}.", day=last.last_day)
        return Message("{reason} {over} {advice}", reason=end.reason, over=over, advice=advice)


def lasting(reopenings: Sequence[Reopening], now: dt.datetime) -> Reopening | None:
    """The reopening that holds longest from now on, or None."""
    holding = [found for found in reopenings if now < found.until]
    return max(holding, key=lambda found: found.until, default=None)


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """What stands beside a deadline: ``days`` and ``hours`` to go, or ``overdue``."""

    days: int
    hours: int
    overdue: bool

    @classmethod
    def until(cls, deadline: dt.datetime, now: dt.datetime) -> TimeLeft:
        """The time from ``now`` to a deadline, in whole days and hours."""
        gap = abs(deadline - now)
        return cls(gap.days, gap.seconds // 3600, overdue=now >= deadline)

    @property
    def words(self) -> Message:
        """The time as it is told beside the deadline."""
        if self.overdue:
            return Message("{days} days {hours} hours overdue", days=self.days, hours=self.hours)
        return Message("{days} days {hours} hours left", days=self.days, hours=self.hours)


def local_time(instant: dt.datetime) -> dt.datetime:
    """The instant on a clock in Shanghai, for showing."""
    return instant.astimezone(SHANGHAI)
