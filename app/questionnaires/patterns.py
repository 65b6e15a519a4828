"""Texts of a known shape: mobile numbers, mail addresses, credit codes, dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping

from app.enterprises.credit_codes import credit_code_problem, normalise_credit_code
from app.organisations.contacts import email_problem, mobile_problem, normalise_number
from app.questionnaires.definition import Pattern

EARLIEST_YEAR, LATEST_YEAR = 1900, 2199

_DIGITS = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")
_DATE = re.compile(
    r"([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2}) ?日?|([0-9]{4})([0-9]{2})([0-9]{2})"
)
_COUNTRY = re.compile(r"\+?86-?(?=1[0-9]{10}$)")


def read_date(text: str) -> str | None:
    """The ISO day that a text stands for, such as 2026-01-31; None where it is no day of 1900 to 2199."""
    found = _DATE.fullmatch(text.translate(_DIGITS))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return None


def _mobile(text: str) -> str | None:
    number = normalise_number(text).replace("-", "")
    number = _COUNTRY.sub("", number)
    return number if mobile_problem(number) is None else None


def _email(text: str) -> str | None:
    return text if email_problem(text) is None else None


def _credit_code(text: str) -> str | None:
    code = normalise_credit_code(text)
    return code if credit_code_problem(code) is None else None


_READERS: Mapping[str, Callable[[str], str | None]] = {
    Pattern.MOBILE: _mobile,
    Pattern.EMAIL: _email,
    Pattern.CREDIT_CODE: _credit_code,
    Pattern.DATE: read_date,
}


def read_pattern(pattern: str, text: str) -> str | None:
    """The text as it is kept where it has the shape, else None; an unknown pattern refuses nothing."""
    reader = _READERS.get(pattern)
    return text if reader is None else reader(text)
