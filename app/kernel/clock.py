"""Time: instants are UTC, months and days and deadlines are Asia/Shanghai (spec 00, rule 5)."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
UTC = dt.UTC


class Clock(Protocol):
    """What tells the time; services are given ``now`` and never ask."""

    def now(self) -> dt.datetime:
        """The instant, aware, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        """This instant, UTC."""
        return dt.datetime.now(UTC)


class MovableClock:
    """A clock that tests and demonstration data set by hand."""

    def __init__(self, instant: dt.datetime) -> None:
        self.set(instant)

    def now(self) -> dt.datetime:
        """The instant that was set last."""
        return self._instant

    def set(self, instant: dt.datetime) -> None:
        """Move to an aware instant.

        :raises ValueError: the instant has no time zone.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        self._instant = instant.astimezone(UTC)

    def advance(self, **delta: float) -> None:
        """Move on by the arguments of ``timedelta``."""
        self._instant += dt.timedelta(**delta)


def local_date(instant: dt.datetime) -> dt.date:
    """The day in Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def start_of_day(day: dt.date) -> dt.datetime:
    """The first instant of a day in Shanghai, as UTC."""
    return dt.datetime.combine(day, dt.time.min, SHANGHAI).astimezone(UTC)


def end_of_day(day: dt.date) -> dt.datetime:
    """The first instant that no longer belongs to the day in Shanghai, as UTC."""
    return start_of_day(day + dt.timedelta(days=1))
