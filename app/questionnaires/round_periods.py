"""When the rounds of a questionnaire are (spec 30, decision 0042): pure.

A round lasts one calendar month, quarter or year, cut to the questionnaire's own first and last day;
of a questionnaire that is asked once it lasts all of that time.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from app.kernel.periods import Month, Period, Year
from app.kernel.texts import Message

ONCE, MONTHLY, QUARTERLY, YEARLY = "once", "monthly", "quarterly", "yearly"


@dataclass(frozen=True, slots=True)
class Span:
    """First and last day of a round."""

    begins_on: dt.date
    ends_on: dt.date


class Asked(Protocol):
    """What is asked again and again: how often, from when, until when."""

    @property
    def frequency(self) -> str:
        """One of ``FREQUENCIES``."""

    @property
    def starts_on(self) -> dt.date | None:
        """The first day; None while it is open."""

    @property
    def ends_on(self) -> dt.date | None:
        """The last day; None while it is open."""


def span_on(asked: Asked, day: dt.date) -> Span | None:
    """The round that a day belongs to; None outside the questionnaire's time."""
    starts_on, ends_on = asked.starts_on, asked.ends_on
    if starts_on is None or ends_on is None or not starts_on <= day <= ends_on:
        return None
    period = period_of(asked.frequency, day)
    if period is None:
        return Span(starts_on, ends_on)
    return Span(max(period.first_day, starts_on), min(period.last_day, ends_on))


def span_after(asked: Asked, day: dt.date) -> Span | None:
    """The first round that begins after a day; None where there is none any more."""
    if asked.starts_on is not None and day < asked.starts_on:
        return span_on(asked, asked.starts_on)
    current = span_on(asked, day)
    return None if current is None else span_on(asked, current.ends_on + dt.timedelta(days=1))


def number_of_spans(asked: Asked) -> int:
    """How many rounds there will be in all."""
    if asked.starts_on is None or asked.ends_on is None or asked.ends_on < asked.starts_on:
        return 0
    months = 12 * (asked.ends_on.year - asked.starts_on.year) + asked.ends_on.month - asked.starts_on.month
    quarters = 4 * (asked.ends_on.year - asked.starts_on.year)
    quarters += (asked.ends_on.month - 1) // 3 - (asked.starts_on.month - 1) // 3
    years = asked.ends_on.year - asked.starts_on.year
    return {MONTHLY: months, QUARTERLY: quarters, YEARLY: years}.get(asked.frequency, 0) + 1


def span_name(frequency: str, begins_on: dt.date, ends_on: dt.date) -> Message:
    """What readers call a round: 2026-11, 2026-Q4, 2026, or its first and last day."""
    period = period_of(frequency, begins_on)
    if period is not None:
        return Message("{period}", period=str(period))
    return Message("{first} to {last}", first=begins_on.isoformat(), last=ends_on.isoformat())


def period_of(frequency: str, day: dt.date) -> Period | None:
    """The month, quarter or year of a day, as the frequency says; None for what is asked once."""
    if frequency == MONTHLY:
        return Month(day.year, day.month)
    if frequency == QUARTERLY:
        return Month(day.year, day.month).quarter
    if frequency == YEARLY:
        return Year(day.year)
    return None
