"""Loads the shipped dictionaries of enterprises; safe to run again, and keeps what was changed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from app.enterprises.models import ControlType, Industry, RegistrationType
from app.enterprises.size_models import SizeStandard, SizeThreshold
from app.enterprises.size_tables import BANDS, Standard, shipped_standards
from app.infra.database import db
from app.kernel.texts import LocalText
from app.organisations.seed import read_csv

DATA = Path(__file__).parent / "data"
SHIPPED_REASON = "随平台提供"


def load_dictionaries(now: dt.datetime) -> int:
    """Add the dictionaries and size standards that are missing; the number added."""
    return _load_industries() + _load_registration_types() + _load_control_types() + _load_standards(now)


def _load_standards(now: dt.datetime) -> int:
    held = db.session.execute(select(SizeStandard.code, SizeStandard.in_force_from)).all()
    known = {part for row in held for part in row}
    new = [
        _standard(shipped, now)
        for shipped in shipped_standards()
        if not known & {shipped.version, shipped.in_force_from}
    ]
    db.session.add_all(new)
    db.session.flush()
    return len(new)


def _standard(shipped: Standard, now: dt.datetime) -> SizeStandard:
    return SizeStandard(
        code=shipped.version,
        document=shipped.document,
        in_force_from=shipped.in_force_from,
        reason=SHIPPED_REASON,
        created_at=now,
        thresholds=[
            SizeThreshold(
                size_group=group.code,
                metric=limits.metric,
                **{band: getattr(limits, band) for band in BANDS},
            )
            for group in shipped.groups.values()
            for limits in group.thresholds
        ],
    )


def _load_industries() -> int:
    shipped = list(read_csv(DATA / "industries.csv"))
    held = dict(db.session.execute(select(Industry.code, Industry.id)).all())
    missing = [row for row in shipped if row["code"] not in held]
    for level in "1234":
        new = [_industry(row, held) for row in missing if row["level"] == level]
        if new:
            db.session.execute(insert(Industry), new)
            held = dict(db.session.execute(select(Industry.code, Industry.id)).all())
    return len(missing)


def _industry(row: dict[str, str], held: dict[str, int]) -> dict[str, Any]:
    return {
        "code": row["code"],
        "name": _name(row),
        "level": int(row["level"]),
        "parent_id": held[row["parent"]] if row["parent"] else None,
        "section": row["section"],
        "division": row["code"][:2] if row["level"] != "1" else "",
        "is_industrial": row["is_industrial"] == "1",
        "sector": int(row["sector"]),
        "size_group": row["size_group"],
    }


def _load_registration_types() -> int:
    held = set(db.session.execute(select(RegistrationType.scheme, RegistrationType.code)).all())
    new = [
        {
            "scheme": row["scheme"],
            "code": row["code"],
            "name": _name(row),
            "parent_code": row["parent"],
            "selectable": row["selectable"] == "1",
        }
        for row in read_csv(DATA / "registration_types.csv")
        if (row["scheme"], row["code"]) not in held
    ]
    if new:
        db.session.execute(insert(RegistrationType), new)
    return len(new)


def _load_control_types() -> int:
    held = set(db.session.scalars(select(ControlType.code)))
    new = [
        {"code": row["code"], "name": _name(row), "position": position}
        for position, row in enumerate(read_csv(DATA / "control_types.csv"), start=1)
        if row["code"] not in held
    ]
    if new:
        db.session.execute(insert(ControlType), new)
    return len(new)


def _name(row: dict[str, str]) -> LocalText:
    return LocalText(row["name_zh"], row["name_en"])
