"""Figures of reports without the reports, as queries over the figures tables read them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.periods import Month
from app.reports import figures
from app.reports.figures import Key
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import version_for

FORM = "sme_monthly"
OCTOBER = Month(2026, 10)


def put(
    enterprise: Enterprise, cells: Mapping[str, str | None], *, month: Month = OCTOBER, **changes: Any
) -> None:
    """The figures of an approved report, ``revenue.ytd`` and so on, of the enterprise as it is today."""
    trade = db.session.get_one(Industry, enterprise.industry_id)
    places = ("region_id", "province_id", "prefecture_id", "county_id")
    given = {
        **{name: getattr(enterprise, name) for name in places},
        "industry_section": trade.section,
        "industry_division": trade.division,
        "industry_code": trade.code,
        "is_industrial": trade.is_industrial,
        "size": enterprise.size,
        "control_type": enterprise.control_type.code,
        "state": "approved",
        "is_listed": enterprise.is_listed,
        "report_id": 1_000 + enterprise.id,
    }
    filled = {
        tuple(name.split(".")): None if value is None else Decimal(value) for name, value in cells.items()
    }
    with unit_of_work():
        key = Key(month.key, enterprise.id)
        figures.write(version_for(FORM, month), key, Dimensions(**given | changes), filled)
