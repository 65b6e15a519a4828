"""Between the form of an enterprise and the draft that services take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

from app.enterprises.drafts import EnterpriseDraft

RELATED = ("region", "industry", "registration_type", "control_type")
FIGURES = ("figures_year", "revenue", "employees", "assets")
ENTRY_GROUPS = (
    (lazy_gettext("Identity"), ("name", "uscc", "uscc_exception", "legal_representative", *RELATED)),
    (lazy_gettext("Figures of the end of last year"), FIGURES),
    (
        lazy_gettext("Business"),
        ("opened_on", "is_listed", "stock_code", "main_products", "website"),
    ),
    (
        lazy_gettext("Contact data"),
        ("address", "postcode", "contact_name", "phone", "mobile", "fax", "email"),
    ),
)
"""The entries of an enterprise as the form groups them (spec 10)."""

ENTERED = tuple(name for _label, names in ENTRY_GROUPS for name in names)


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
