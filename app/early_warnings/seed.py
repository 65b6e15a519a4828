"""Loads the shipped dictionaries of early warnings; safe to run again, and keeps what was changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from app.early_warnings.models import Country, HsChapter, TradeSector, WarningCategory
from app.infra.database import db
from app.kernel.texts import LocalText
from app.organisations.seed import read_csv

DATA = Path(__file__).parent / "data"

FIELDS = {
    "贸易救济": "Trade remedies",
    "技术性贸易措施": "Technical measures",
    "关税与配额": "Tariffs and quotas",
    "市场风险": "Market risks",
    "出口管制与制裁": "Export control and sanctions",
    "知识产权": "Intellectual property",
    "投资": "Investment",
    "政策法规": "Policy and law",
    "国别": "Countries",
    "行业": "Industries",
    "其他": "Other",
}
"""The fields that categories are grouped by, in English."""

Row = Mapping[str, str]


def load_dictionaries(_now: dt.datetime) -> int:
    """Add the sectors, categories, countries, blocs and chapters that are missing; the number added."""
    return (
        _load(TradeSector, "trade_sectors.csv", _sector)
        + _load(WarningCategory, "warning_categories.csv", _category)
        + _load(Country, "countries.csv", _country)
        + _load(Country, "trade_blocs.csv", _bloc)
        + _load(HsChapter, "hs_chapters.csv", _chapter)
    )


def _load(model: Any, file: str, values: Callable[[Row, int], dict[str, Any]]) -> int:
    held = set(db.session.scalars(select(model.code)))
    new = [
        {"code": row["code"], "name": LocalText(row["name_zh"], row["name_en"]), **values(row, position)}
        for position, row in enumerate(read_csv(DATA / file), start=1)
        if row["code"] not in held
    ]
    if new:
        db.session.execute(insert(model), new)
    return len(new)


def _sector(row: Row, position: int) -> dict[str, Any]:
    return {"chapters": row["chapters"], "position": position}


def _category(row: Row, position: int) -> dict[str, Any]:
    field = LocalText(row["group"], FIELDS[row["group"]])
    return {"field": field, "is_remedy": row["is_remedy"] == "1", "position": position}


def _country(row: Row, _position: int) -> dict[str, Any]:
    return {"kind": "country", "alpha3": row["alpha3"]}


def _bloc(row: Row, _position: int) -> dict[str, Any]:
    return {"kind": "bloc", "members": row["members"]}


def _chapter(row: Row, _position: int) -> dict[str, Any]:
    return {"section": int(row["section"])}
