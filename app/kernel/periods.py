"""Report periods: a month, a quarter or a year, counted in Asia/Shanghai (spec 00, rule 5)."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from app.kernel.clock import local_date

FIRST_YEAR, LAST_YEAR = 1900, 2999

_MONTH_TEXT = re.compile(r"([0-9]{4})-([0-9]{2})")


def _check(value: int, first: int, last: int, what: str) -> None:
    if not first <= value <= last:
        raise ValueError(f"{what} must lie between {first} and {last}")


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """A month of a year; ordered by time.

    :raises ValueError: the month is not 1 to 12, or the year is out of reach.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        _check(self.year, FIRST_YEAR, LAST_YEAR, "year")
        _check(self.month, 1, 12, "month")

    @classmethod
    def from_key(cls, key: int) -> Month:
        """The month that a stored key such as 201807 stands for.

        :raises ValueError: no month has this key.
        """
        return cls(*divmod(key, 100))

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month written as ``2018-07``.

        :raises ValueError: the text is written otherwise, or names no month.
        """
        found = _MONTH_TEXT.fullmatch(text)
        if found is None:
            raise ValueError("a month is written as 2018-07")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def containing(cls, instant: dt.datetime) -> Month:
        """The month in Shanghai at an aware instant."""
        day = local_date(instant)
        return cls(day.year, day.month)

    @property
    def key(self) -> int:
        """The integer kept in the database: 201807."""
        return self.year * 100 + self.month

    @property
    def first_day(self) -> dt.date:
        """The first day of the month."""
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        """The last day of the month, 29 February included."""
        return dt.date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])

    @property
    def months(self) -> tuple[Month, ...]:
        """Itself, so that all periods can be taken apart alike."""
        return (self,)

    @property
    def quarter(self) -> Quarter:
        """The quarter that the month belongs to."""
        return Quarter(self.year, (self.month + 2) // 3)

    def plus(self, months: int) -> Month:
        """The month that lies ``months`` later, or earlier where negative."""
        year, index = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, index + 1)

    def next(self) -> Month:
        """The month after."""
        return self.plus(1)

    def previous(self) -> Month:
        """The month before."""
        return self.plus(-1)

    def last_year(self) -> Month:
        """The same month of the year before."""
        return Month(self.year - 1, self.month)

    def months_until(self, other: Month) -> int:
        """How many months ``other`` lies later; negative where it lies earlier."""
        return (other.year - self.year) * 12 + other.month - self.month

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


@dataclass(frozen=True, order=True, slots=True)
class Quarter:
    """A quarter of a year, 1 to 4; ordered by time.

    :raises ValueError: the quarter is not 1 to 4, or the year is out of reach.
    """

    year: int
    quarter: int

    def __post_init__(self) -> None:
        _check(self.year, FIRST_YEAR, LAST_YEAR, "year")
        _check(self.quarter, 1, 4, "quarter")

    @classmethod
    def from_key(cls, key: int) -> Quarter:
        """The quarter that a stored key such as 20183 stands for.

        :raises ValueError: no quarter has this key.
        """
        return cls(*divmod(key, 10))

    @classmethod
    def parse(cls, text: str) -> Quarter:
        """The quarter written as ``2018-Q3``.

        :raises ValueError: the text is written otherwise, or names no quarter.
        """
        found = re.fullmatch(r"([0-9]{4})-Q([0-9])", text)
        if found is None:
            raise ValueError("a quarter is written as 2018-Q3")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def containing(cls, instant: dt.datetime) -> Quarter:
        """The quarter in Shanghai at an aware instant."""
        return Month.containing(instant).quarter

    @property
    def key(self) -> int:
        """The integer kept in the database: 20183."""
        return self.year * 10 + self.quarter

    @property
    def months(self) -> tuple[Month, ...]:
        """The three months in order."""
        first = Month(self.year, self.quarter * 3 - 2)
        return tuple(first.plus(index) for index in range(3))

    @property
    def first_day(self) -> dt.date:
        """The first day of the quarter."""
        return self.months[0].first_day

    @property
    def last_day(self) -> dt.date:
        """The last day of the quarter."""
        return self.months[-1].last_day

    def plus(self, quarters: int) -> Quarter:
        """The quarter that lies ``quarters`` later, or earlier where negative."""
        year, index = divmod(self.year * 4 + self.quarter - 1 + quarters, 4)
        return Quarter(year, index + 1)

    def next(self) -> Quarter:
        """The quarter after."""
        return self.plus(1)

    def previous(self) -> Quarter:
        """The quarter before."""
        return self.plus(-1)

    def last_year(self) -> Quarter:
        """The same quarter of the year before."""
        return Quarter(self.year - 1, self.quarter)

    def __str__(self) -> str:
        return f"{self.year}-Q{self.quarter}"


@dataclass(frozen=True, order=True, slots=True)
class Year:
    """A calendar year; ordered by time.

    :raises ValueError: the year is out of reach.
    """

    year: int

    def __post_init__(self) -> None:
        _check(self.year, FIRST_YEAR, LAST_YEAR, "year")

    @classmethod
    def from_key(cls, key: int) -> Year:
        """The year that a stored key such as 2018 stands for.

        :raises ValueError: the year is out of reach.
        """
        return cls(key)

    @classmethod
    def parse(cls, text: str) -> Year:
        """The year written as ``2018``.

        :raises ValueError: the text is written otherwise.
        """
        if re.fullmatch(r"[0-9]{4}", text) is None:
            raise ValueError("a year is written as 2018")
        return cls(int(text))

    @classmethod
    def containing(cls, instant: dt.datetime) -> Year:
        """The year in Shanghai at an aware instant."""
        return cls(local_date(instant).year)

    @property
    def key(self) -> int:
        """The integer kept in the database: 2018."""
        return self.year

    @property
    def months(self) -> tuple[Month, ...]:
        """The twelve months in order."""
        return tuple(Month(self.year, month) for month in range(1, 13))

    @property
    def first_day(self) -> dt.date:
        """1 January."""
        return dt.date(self.year, 1, 1)

    @property
    def last_day(self) -> dt.date:
        """31 December."""
        return dt.date(self.year, 12, 31)

    def plus(self, years: int) -> Year:
        """The year that lies ``years`` later, or earlier where negative."""
        return Year(self.year + years)

    def next(self) -> Year:
        """The year after."""
        return self.plus(1)

    def previous(self) -> Year:
        """The year before."""
        return self.plus(-1)

    def last_year(self) -> Year:
        """The year before, so that all periods can be compared with their last year alike."""
        return self.previous()

    def __str__(self) -> str:
        return str(self.year)


Period = Month | Quarter | Year
