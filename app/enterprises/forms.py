"""Between the form of an enterprise and the draft that services take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.enterprises.drafts import EnterpriseDraft

RELATED = ("region", "industry", "registration_type", "control_type")
ENTERED = (
    *("name", "uscc", "uscc_exception", "legal_representative", *RELATED),
    *("figures_year", "revenue", "employees", "assets", "is_listed", "stock_code"),
    *("address", "postcode", "opened_on", "main_products", "website"),
    *("contact_name", "phone", "mobile", "fax", "email"),
)
"""The entries of an enterprise in the order of the form (spec 10)."""

FIGURES = ("figures_year", "revenue", "employees", "assets")


def draft_from(values: Mapping[str, Any]) -> EnterpriseDraft:
    """The draft that a form's values stand for; what was left out is an empty text or no figure."""
    entered: dict[str, Any] = {}
    for name in ENTERED:
        if name in RELATED:
            entered[f"{name}_id"] = int(values[name] or 0)
        elif name in FIGURES or name in ("opened_on", "is_listed"):
            entered[name] = values[name]
        else:
            entered[name] = values[name] or ""
    return EnterpriseDraft(**entered)
