"""Reading a year's announced calendar as lines of day, kind and name; pure."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.kernel.errors import Problem
from app.kernel.texts import LocalText, Message

MOST_LINES = 200
KINDS = {
    "休": False,
    "放假": False,
    "holiday": False,
    "班": True,
    "上班": True,
    "workday": True,
}
"""What may stand in the second place of a line, and whether the day is worked."""

LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class DayDraft:
    """One day of an announcement."""

    day: dt.date
    is_workday: bool
    name: LocalText


def read(text: str, year: int) -> tuple[list[DayDraft], list[Problem]]:
    """The days of ``year`` that ``text`` names, and everything that is wrong with its lines.

    A line is ``2026-01-01,休,元旦,New Year's Day``; the English name may be left out. Empty lines and a
    heading are passed over. A holiday on a weekend day may be named, since the announcements do so; a
    make-up workday on a weekday is refused as a slip of the pen.
    """
    days: dict[dt.date, DayDraft] = {}
    problems: list[Problem] = []
    lines = list(_lines(text))
    if len(lines) > MOST_LINES:
        return [], [Problem(Message("At most {count} lines.", count=MOST_LINES), "lines")]
    for number, cells in lines:
        found = _day(cells, year)
        if isinstance(found, Message):
            problems.append(_at(number, found))
        elif found.day in days:
            problems.append(_at(number, Message("this day is there twice")))
        else:
            days[found.day] = found
    return sorted(days.values(), key=lambda draft: draft.day), problems


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    plain = text.replace("，", ",").replace("\t", ",").replace("\x00", "")
    for number, cells in enumerate(csv.reader(plain.splitlines()), 1):
        cut = [cell.strip() for cell in cells]
        if any(cut) and cut[0].lower() not in {"day", "date", "日期"}:
            yield number, cut


def _at(number: int, words: Message) -> Problem:
    return Problem(Message("Line {number}: {problem}", number=number, problem=words), "lines")


def _day(cells: list[str], year: int) -> DayDraft | Message:
    if len(cells) < 3:
        return Message("write day, kind and name, separated by commas")
    try:
        day = dt.date.fromisoformat(cells[0].replace("/", "-"))
    except ValueError:
        return Message("“{text}” is no day; write it as 2026-01-31", text=cells[0][:20])
    worked = KINDS.get(cells[1].lower())
    if worked is None:
        return Message("“{text}” is no kind; write holiday or workday", text=cells[1][:20])
    if day.year != year:
        return Message("the day does not lie in {year}", year=year)
    if worked and day.weekday() < 5:
        return Message("a make-up workday lies on a Saturday or Sunday")
    name = LocalText(cells[2], cells[3] if len(cells) > 3 else "")
    if not name.zh or len(name.zh) > LONGEST_NAME or len(name.en) > LONGEST_NAME:
        return Message("the name is missing or too long")
    return DayDraft(day, worked, name)
