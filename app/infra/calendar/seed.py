"""Loads the shipped calendar; safe to run again, and keeps what administrators entered."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import delete, extract, insert, select, update

from app.infra.calendar.models import CalendarDay, CalendarYear
from app.infra.calendar.service import forget
from app.infra.database import db
from app.kernel.texts import LocalText

DATA = Path(__file__).parent / "data"


def load_calendar(_now: dt.datetime | None = None) -> int:
    """Add the years that are missing; the number added.

    ``workdays.csv`` has the announcements of 2004–2026, and for 2027 the holidays fixed by law, those that
    fall on a weekend moved to the next weekdays. A year that is held as not announced gives way to its
    announcement; an announced one is the administrators' and stays.
    """
    held = dict(db.session.execute(select(CalendarYear.year, CalendarYear.announced)).all())
    shipped = {int(row["year"]): row["announced"] == "1" for row in _read("years.csv")}
    wanted = [year for year, announced in shipped.items() if year not in held or announced > held[year]]
    for year in wanted:
        _write_year(year, announced=shipped[year], known=year in held)
    rows = [row for row in map(_day, _read("workdays.csv")) if row["day"].year in wanted]
    if rows:
        db.session.execute(insert(CalendarDay), rows)
    forget()
    return len(wanted)


def _write_year(year: int, *, announced: bool, known: bool) -> None:
    if not known:
        db.session.execute(insert(CalendarYear), [{"year": year, "announced": announced}])
        return
    db.session.execute(update(CalendarYear).where(CalendarYear.year == year).values(announced=announced))
    db.session.execute(delete(CalendarDay).where(extract("year", CalendarDay.day) == year))


def _day(row: dict[str, str]) -> dict[str, Any]:
    return {
        "day": dt.date.fromisoformat(row["day"]),
        "is_workday": row["is_workday"] == "1",
        "name": LocalText(row["name_zh"], row["name_en"]),
    }


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
