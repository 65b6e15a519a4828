"""Groups of industries as an operations bureau may look at them, for the demonstration."""

from __future__ import annotations

from sqlalchemy import select

from app.enterprises.models import Industry
from app.infra.database import db
from app.kernel.texts import LocalText
from app.queries.industry_groups import add_group

GROUPS = (
    (LocalText("能源与采掘", "Energy and mining"), ("B", "D", "25")),
    (LocalText("原材料", "Raw materials"), ("26", "28", "29", "30", "31", "32")),
    (LocalText("装备制造", "Equipment"), ("33", "34", "35", "36", "37", "38", "40")),
    (LocalText("电子信息", "Electronics and information"), ("39", "I")),
    (LocalText("消费品", "Consumer goods"), (*map(str, range(13, 25)), "27")),
    (LocalText("商贸物流", "Trade and logistics"), ("F", "G")),
)
"""Names with sections and divisions; what is left, such as construction, is in no group."""


def build_industry_groups() -> None:
    """Make the groups, within the caller's unit of work."""
    for name, codes in GROUPS:
        keys = db.session.scalars(select(Industry.id).where(Industry.code.in_(codes)))
        add_group({"name": name, "industries": keys.all()})
