"""What other records say about an enterprise's entries: pure, shared by the form and by imports.

The records are handed over: the form loads those of one enterprise, an import those of all its rows.
"""

from __future__ import annotations

import datetime as dt

from app.enterprises.models import ControlType, Industry, RegistrationType
from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.organisations.models import Admin, Region


def place_problems(region: Region | None, today: dt.date, *, is_divided: bool) -> list[Problem]:
    """An enterprise lies in a county, or in a prefecture without counties.

    :param is_divided: whether the region has regions below it.
    """
    if region is None or region.kind == "alias":
        return [Problem(Message("Choose a region."), "region")]
    refusal = region.refusal_on(today)
    if refusal is not None:
        return [Problem(refusal, "region")]
    if region.level != "county" and (region.level != "prefecture" or is_divided):
        return [Problem(Message("Choose the county or district."), "region")]
    return []


def choice_problems(
    industry: Industry | None, registration_type: RegistrationType | None, control_type: ControlType | None
) -> list[Problem]:
    """Entries of dictionaries that do not exist or cannot be chosen."""
    problems = []
    if industry is None or industry.level < 2:
        problems.append(Problem(Message("Choose an industry, at least its division."), "industry"))
    if registration_type is None or not registration_type.selectable:
        problems.append(Problem(Message("Choose a registration type."), "registration_type"))
    if control_type is None:
        problems.append(Problem(Message("Choose who controls the capital."), "control_type"))
    return problems


def registered_already(admin: Admin | None) -> Message:
    """A name or code that another enterprise has, with whom to ask: its direct reviewer."""
    if admin is None:
        return Message("This enterprise is already registered. Ask the local administrator for its user ID.")
    return Message(
        "This enterprise is already registered. Ask {admin} ({bureau}, {phone}) for its user ID.",
        admin=admin.account.display_name,
        bureau=admin.bureau.name,
        phone=admin.account.phone or "—",
    )
