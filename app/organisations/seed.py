"""Loads the shipped territory; safe to run again, and keeps what an administrator changed."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert, select, update

from app.infra.database import db
from app.organisations.closure import rebuild_closure
from app.organisations.models import Region, RegionSuccessor

DATA = Path(__file__).parent / "data"


def load_regions(_now: dt.datetime | None = None) -> int:
    """Add the regions that are missing, top down, and abolitions not yet known; the number added."""
    shipped = list(read_csv(DATA / "regions.csv"))
    held = dict(db.session.execute(select(Region.code, Region.id)).all())
    missing = [row for row in shipped if row["code"] not in held]
    for level in ("country", "province", "prefecture", "county"):
        new = [_region(row, held) for row in missing if row["level"] == level]
        if new:
            db.session.execute(insert(Region), new)
            held = dict(db.session.execute(select(Region.code, Region.id)).all())
    if _load_abolitions(shipped, held) or missing:
        rebuild_closure()
    return len(missing)


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a shipped data file, every value a text."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _region(row: dict[str, str], held: dict[str, int]) -> dict[str, object]:
    return {
        "code": row["code"],
        "name": row["name"],
        "full_name": row["full_name"],
        "level": row["level"],
        "parent_id": held[row["parent"]] if row["parent"] else None,
        "kind": row["kind"],
        "valid_from": _day(row["valid_from"]),
        "valid_to": _day(row["valid_to"]),
        "note": row["note"],
    }


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _load_abolitions(shipped: list[dict[str, str]], held: dict[str, int]) -> bool:
    """Dates and successors of abolished places, for regions that have none yet; whether any was new."""
    linked = set(db.session.scalars(select(RegionSuccessor.region_id)))
    abolished = [row for row in shipped if row["valid_to"]]
    links = [
        {"region_id": held[row["code"]], "successor_id": held[code]}
        for row in abolished
        if held[row["code"]] not in linked
        for code in row["successors"].split(";")
        if code
    ]
    if links:
        db.session.execute(insert(RegionSuccessor), links)
    return _date_abolitions(abolished) or bool(links)


def _date_abolitions(abolished: list[dict[str, str]]) -> bool:
    undated = set(db.session.scalars(select(Region.code).where(Region.valid_to.is_(None))))
    news = [row for row in abolished if row["code"] in undated]
    for row in news:
        ended = update(Region).where(Region.code == row["code"]).values(valid_to=_day(row["valid_to"]))
        db.session.execute(ended)
    return bool(news)
