"""A year of the calendar, laid out in months and weeks for its page; pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.texts import LocalText
from app.kernel.workdays import SATURDAY


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the page. ``mark`` is "off" for a holiday, "on" for a make-up workday, else empty."""

    day: dt.date
    is_workday: bool
    mark: str
    name: LocalText | None

    @property
    def look(self) -> str:
        """The class of its cell."""
        return self.mark or ("" if self.is_workday else "weekend")


Week = tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """A month as weeks of seven days from Monday, None outside of it; and how many days are worked."""

    number: int
    weeks: tuple[Week, ...]
    workdays: int


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that are alike, as announcements name them."""

    first: dt.date
    last: dt.date
    is_workday: bool
    name: LocalText

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1


def runs(exceptions: Mapping[dt.date, tuple[bool, LocalText]]) -> list[Run]:
    """The days that differ from the week, those in a row taken together."""
    found: list[Run] = []
    for day, (is_workday, name) in sorted(exceptions.items()):
        last = found[-1] if found else None
        if last and (last.is_workday, last.name) == (is_workday, name) and (day - last.last).days == 1:
            found[-1] = Run(last.first, day, is_workday, name)
        else:
            found.append(Run(day, day, is_workday, name))
    return found


def year_grid(year: int, exceptions: Mapping[dt.date, tuple[bool, LocalText]]) -> list[MonthGrid]:
    """The twelve months of a year."""
    return [_month(year, number, exceptions) for number in range(1, 13)]


def _month(year: int, number: int, exceptions: Mapping[dt.date, tuple[bool, LocalText]]) -> MonthGrid:
    weeks = tuple(
        tuple(_cell(dt.date(year, number, day), exceptions) if day else None for day in week)
        for week in calendar.Calendar().monthdayscalendar(year, number)
    )
    worked = sum(cell.is_workday for week in weeks for cell in week if cell is not None)
    return MonthGrid(number, weeks, worked)


def _cell(day: dt.date, exceptions: Mapping[dt.date, tuple[bool, LocalText]]) -> Cell:
    if day not in exceptions:
        return Cell(day, day.weekday() < SATURDAY, "", None)
    is_workday, name = exceptions[day]
    return Cell(day, is_workday, "on" if is_workday else "off", name)
