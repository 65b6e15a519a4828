"""What must hold for an enterprise's entries: pure, shared by forms, services and imports."""

from __future__ import annotations

from app.enterprises.credit_codes import credit_code_problem, normalise_credit_code
from app.enterprises.size import EnterpriseSize, enterprise_size
from app.enterprises.size_tables import section_of

INDUSTRIAL_SECTIONS = frozenset("BCD")

__all__ = [
    "EnterpriseSize",
    "credit_code_problem",
    "enterprise_size",
    "is_industrial",
    "normalise_credit_code",
]


def is_industrial(industry_code: str) -> bool:
    """Whether a trade is industry: mining, manufacturing, energy and water (sections B, C, D).

    :raises ValueError: there is no such trade.
    """
    return section_of(industry_code) in INDUSTRIAL_SECTIONS
