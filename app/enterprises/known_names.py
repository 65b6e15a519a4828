"""Names of trades and control types, to choose from and to head groups: remembered, they hardly change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select

from app.enterprises.models import ControlType, Industry
from app.infra.database import db
from app.infra.remembering import follow, remembered
from app.kernel.texts import LocalText

follow(Industry, ControlType)


@dataclass(frozen=True, slots=True)
class KnownControlType:
    """控股类型."""

    id: int
    code: str
    name: LocalText


def control_types() -> Sequence[KnownControlType]:
    """All of them, in their order."""
    return remembered("control types", _read_control_types)


def industry_names(within: str = "") -> Mapping[str, LocalText]:
    """Code → name of the sections; of the divisions of a section; of the trades of a division."""
    return remembered(("industry names", within[:2]), lambda: _read_industries(within[:2]))


def _read_control_types() -> Sequence[KnownControlType]:
    query = select(ControlType.id, ControlType.code, ControlType.name).order_by(ControlType.position)
    return [KnownControlType(*row) for row in db.session.execute(query)]


def _read_industries(within: str) -> Mapping[str, LocalText]:
    below = {0: Industry.level == 1, 1: and_(Industry.level == 2, Industry.section == within)}
    query = select(Industry.code, Industry.name).where(below.get(len(within), Industry.division == within))
    return dict(db.session.execute(query.order_by(Industry.code)).all())
