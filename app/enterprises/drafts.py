"""An enterprise as entered, and every rule that its entries must meet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.enterprises.credit_codes import credit_code_problem, normalise_credit_code
from app.kernel.errors import Problem
from app.kernel.names import name_key, normalise_name
from app.kernel.texts import Message
from app.organisations.contacts import (
    email_problem,
    mobile_problem,
    normalise_number,
    phone_problem,
    postcode_problem,
    website_problem,
)

LONGEST = {
    "name": 120,
    "legal_representative": 60,
    "address": 200,
    "main_products": 2000,
    "contact_name": 60,
    "website": 200,
    "stock_code": 20,
}
REQUIRED = ("name", "uscc", "legal_representative", "address", "main_products", "contact_name")
MOST_MONEY = Decimal(10) ** 13
MOST_PERSONS = 10_000_000
EARLIEST_OPENING = dt.date(1840, 1, 1)


@dataclass(frozen=True, slots=True)
class EnterpriseDraft:
    """An enterprise as entered; money in 千元, the three figures of the end of ``figures_year``.

    ``uscc_exception`` is the reason for which an admin lets in a code that is not valid.
    """

    name: str
    uscc: str
    legal_representative: str
    region_id: int
    industry_id: int
    registration_type_id: int
    control_type_id: int
    address: str
    opened_on: dt.date | None
    main_products: str
    contact_name: str
    figures_year: int | None = None
    revenue: Decimal | None = None
    employees: int | None = None
    assets: Decimal | None = None
    is_listed: bool = False
    stock_code: str = ""
    postcode: str = ""
    website: str = ""
    phone: str = ""
    fax: str = ""
    mobile: str = ""
    email: str = ""
    uscc_exception: str = ""

    def normalised(self) -> EnterpriseDraft:
        """The same entries as they are kept: trimmed, half-width where that is the meaning."""
        code = normalise_credit_code(self.uscc)
        reason = normalise_name(self.uscc_exception) if credit_code_problem(code) is not None else ""
        texts = ("name", "legal_representative", "address", "contact_name")
        numbers = ("phone", "fax", "mobile", "postcode", "stock_code")
        kept: dict[str, Any] = {field: normalise_name(getattr(self, field)) for field in texts}
        kept.update({field: normalise_number(getattr(self, field)) for field in numbers})
        return replace(
            self,
            **kept,
            uscc=code,
            uscc_exception=reason,
            main_products=self.main_products.strip(),
            website=self.website.strip(),
            email=self.email.strip(),
        )


def draft_problems(draft: EnterpriseDraft, today: dt.date, *, may_except: bool) -> list[Problem]:
    """Everything wrong with a normalised draft that needs no look at other records.

    :param may_except: whether a reason lets in a credit code that is not valid.
    """
    return [
        *_missing(draft),
        *format_problems(draft, today, may_except=may_except),
        *_unreachable(draft),
        *_listing_problems(draft),
    ]


def format_problems(draft: EnterpriseDraft, today: dt.date, *, may_except: bool) -> list[Problem]:
    """What is wrong with the entries that are there; what is missing a draft may still leave out."""
    return [
        *_too_long(draft),
        *_code_problems(draft, may_except=may_except),
        *_figure_problems(draft, today),
        *_date_problems(draft, today),
        *_contact_problems(draft),
    ]


def _missing(draft: EnterpriseDraft) -> Iterator[Problem]:
    for field in REQUIRED:
        if not getattr(draft, field):
            yield Problem(Message("This entry is required."), field)
    if draft.opened_on is None:
        yield Problem(Message("This entry is required."), "opened_on")


def _too_long(draft: EnterpriseDraft) -> Iterator[Problem]:
    for field, most in LONGEST.items():
        if len(getattr(draft, field)) > most:
            yield Problem(Message("Write at most {count} characters.", count=most), field)
    if len(draft.name) <= LONGEST["name"] < len(name_key(draft.name)):  # a sign may stand for several
        yield Problem(Message("Write the name without special signs: it is too long."), "name")


def _code_problems(draft: EnterpriseDraft, *, may_except: bool) -> Iterator[Problem]:
    if not draft.uscc:
        return
    wrong = credit_code_problem(draft.uscc)
    if wrong is not None and not (may_except and draft.uscc_exception and len(draft.uscc) <= 18):
        yield Problem(wrong, "uscc")
    if draft.uscc_exception and not may_except:
        yield Problem(
            Message("Only an administrator lets in a credit code that is not valid."), "uscc_exception"
        )


def _figure_problems(draft: EnterpriseDraft, today: dt.date) -> Iterator[Problem]:
    for field in ("revenue", "employees", "assets"):
        value = getattr(draft, field)
        most = MOST_PERSONS if field == "employees" else MOST_MONEY
        if value is not None and value < 0:
            yield Problem(Message("This figure cannot be negative."), field)
        elif value is not None and value > most:
            yield Problem(Message("This figure is too large: check the unit."), field)
    for field in ("revenue", "assets"):
        value = getattr(draft, field)
        if value is not None and -int(Decimal(value).as_tuple().exponent) > 2:
            yield Problem(Message("Write at most two decimals."), field)
    if draft.figures_year is not None and not 1949 <= draft.figures_year < today.year:
        yield Problem(Message("The figures are those of the end of a past year."), "figures_year")


def _date_problems(draft: EnterpriseDraft, today: dt.date) -> Iterator[Problem]:
    if draft.opened_on is not None and not EARLIEST_OPENING <= draft.opened_on <= today:
        yield Problem(Message("The opening date must be a day of the past."), "opened_on")


def _unreachable(draft: EnterpriseDraft) -> Iterator[Problem]:
    if not draft.phone and not draft.mobile:
        yield Problem(Message("Enter at least one of phone and mobile."), "phone")


def _contact_problems(draft: EnterpriseDraft) -> Iterable[Problem]:
    checks = (
        ("phone", phone_problem),
        ("fax", phone_problem),
        ("mobile", mobile_problem),
        ("email", email_problem),
        ("website", website_problem),
        ("postcode", postcode_problem),
    )
    for field, check in checks:
        text = getattr(draft, field)
        problem = check(text, field) if text else None
        if problem is not None:
            yield problem


def _listing_problems(draft: EnterpriseDraft) -> Iterator[Problem]:
    if draft.is_listed and not draft.stock_code:
        yield Problem(Message("A listed enterprise has a stock code."), "stock_code")
    if draft.stock_code and not draft.is_listed:
        yield Problem(
            Message("A stock code belongs to a listed enterprise: tick that it is listed."), "is_listed"
        )
