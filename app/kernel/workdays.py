"""Working days: which days are worked, and when a deadline of so many working days ends.

Question of the rule: does the day on which a deadline begins count? It does not, and the nth working
day runs to its last second in Shanghai (ambiguity Q18 of the domain data).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.kernel.clock import SHANGHAI, UTC, local_date

SATURDAY = 5
LONGEST_REST = 366
"""Days without any work after which a calendar is taken to be wrong, not the year."""

LAST_SECOND = dt.time(23, 59, 59)


class EndlessRest(ValueError):
    """A calendar without a working day for a year: a deadline by it would never end."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When something is due: the last working ``day``, its last second ``at`` (UTC).

    ``provisional``: a year that the count runs through has no announced calendar yet, so the day may move.
    """

    day: dt.date
    at: dt.datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The days that differ from the week, and the years whose calendar was announced.

    ``exceptions`` says of a day whether it is worked; every other day is, from Monday to Friday.
    """

    exceptions: Mapping[dt.date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_workday(self, day: dt.date) -> bool:
        """Whether a day is worked."""
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def is_provisional(self, first: dt.date, last: dt.date) -> bool:
        """Whether any day from ``first`` to ``last`` lies in a year that was not announced yet."""
        return any(year not in self.announced for year in range(first.year, last.year + 1))

    def add(self, day: dt.date, count: int) -> dt.date:
        """The day that is ``count`` working days after ``day``, which itself does not count.

        :raises ValueError: ``count`` is below one.
        :raises EndlessRest: a whole year without work follows.
        """
        if count < 1:
            raise ValueError("a deadline takes one working day at least")
        found, rested = 0, 0
        while found < count:
            day += dt.timedelta(days=1)
            if self.is_workday(day):
                found, rested = found + 1, 0
            else:
                rested += 1
            if rested > LONGEST_REST:
                raise EndlessRest("no working day within a year")
        return day

    def between(self, first: dt.date, last: dt.date) -> int:
        """How many working days lie after ``first``, up to and including ``last``; negative backwards.

        Counted as deadlines are: ``between(day, add(day, n))`` is ``n``.
        """
        if last < first:
            return -self.between(last, first)
        return sum(self.is_workday(day) for day in _days(first, last))

    def deadline(self, asked_at: dt.datetime, count: int) -> Deadline:
        """When ``count`` working days after an instant are over.

        :raises ValueError: ``count`` is below one.
        :raises EndlessRest: a whole year without work follows.
        """
        asked = local_date(asked_at)
        day = self.add(asked, count)
        ends = dt.datetime.combine(day, LAST_SECOND, SHANGHAI).astimezone(UTC)
        return Deadline(day, ends, self.is_provisional(asked, day))


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """The days after ``first``, up to ``last``."""
    for number in range(1, (last - first).days + 1):
        yield first + dt.timedelta(days=number)
