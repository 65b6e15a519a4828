"""When a month can be filled and until when it is on time (spec 20, 'Reporting window'): pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.kernel.clock import SHANGHAI, end_of_day, local_date
from app.kernel.periods import Month
from app.kernel.texts import Message


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates that the owner of a form sets: days of the month after the period, and how far back one may go.

    ``make_up_months`` 0 means that an earlier period cannot be made up at all.
    """

    opens_day: int = 1
    due_day: int = 15
    make_up_months: int = 12

    def opens_on(self, month: Month) -> dt.date:
        """The first day on which a month can be filled."""
        following = month.next()
        return dt.date(following.year, following.month, self.opens_day)

    def due_on(self, month: Month) -> dt.date:
        """The last day on which a month is on time."""
        following = month.next()
        return dt.date(following.year, following.month, self.due_day)

    def deadline(self, month: Month) -> dt.datetime:
        """The first instant at which a month is late, UTC."""
        return end_of_day(self.due_on(month))

    def current(self, now: dt.datetime) -> Month:
        """The newest month that can be filled now: the one that a user means by "current"."""
        today = local_date(now)
        candidate = Month.containing(now).previous()
        return candidate if today >= self.opens_on(candidate) else candidate.previous()

    def closed_for(self, month: Month, now: dt.datetime) -> Message | None:
        """Why a month cannot be started or completed now, or None."""
        if local_date(now) < self.opens_on(month):
            return Message("{month} opens on {day}.", month=month, day=self.opens_on(month))
        behind = month.months_until(self.current(now))
        if behind > self.make_up_months:
            return Message(
                "{month} can no longer be made up: at most {count} months back are allowed.",
                month=month,
                count=self.make_up_months,
            )
        return None

    def is_late(self, month: Month, sent_at: dt.datetime) -> bool:
        """Whether a report sent at an instant comes after its deadline."""
        return sent_at >= self.deadline(month)


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
