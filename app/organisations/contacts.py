"""How people and places are reached: phone numbers, mobiles, mail and site addresses (spec 10)."""

from __future__ import annotations

import re
import unicodedata

from app.kernel.errors import Problem
from app.kernel.texts import Message

_PHONE = re.compile(r"0[0-9]{2,3}-[0-9]{7,8}(-[0-9]{1,6})?")
_MOBILE = re.compile(r"1[0-9]{10}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_WEBSITE = re.compile(r"https?://[^\s/?#\"'<>\\]+\.[^\s\"'<>\\]+|https?://[^\s/?#\"'<>\\]+", re.IGNORECASE)
_POSTCODE = re.compile(r"[0-9]{6}")


def normalise_number(text: str) -> str:
    """A phone number as it is kept: half-width, without spaces, with plain hyphens."""
    narrow = unicodedata.normalize("NFKC", text)
    return re.sub(r"[‐‑‒–—−]", "-", "".join(narrow.split()))


def phone_problem(text: str, field: str = "phone") -> Problem | None:
    """A fixed-line number has its area code, joined by a hyphen: 0571-87654321, or with -extension."""
    if _PHONE.fullmatch(text):
        return None
    return Problem(
        Message("Write the phone number with its area code, joined by a hyphen: 0500-12345678."), field
    )


def mobile_problem(text: str, field: str = "mobile") -> Problem | None:
    """A mobile number has eleven digits and begins with 1."""
    if _MOBILE.fullmatch(text):
        return None
    return Problem(Message("A mobile number has 11 digits and begins with 1."), field)


def any_phone_problem(text: str, field: str = "phone") -> Problem | None:
    """A fixed-line or a mobile number."""
    return None if _MOBILE.fullmatch(text) else phone_problem(text, field)


def email_problem(text: str, field: str = "email") -> Problem | None:
    """A mail address has one @ and a domain."""
    if len(text) <= 120 and _EMAIL.fullmatch(text):
        return None
    return Problem(Message("Write the e-mail address as name@example.com."), field)


def website_problem(text: str, field: str = "website") -> Problem | None:
    """The address of a site starts with http:// or https://."""
    if _WEBSITE.fullmatch(text):
        return None
    return Problem(Message("The address of a site starts with http:// or https://."), field)


def postcode_problem(text: str, field: str = "postcode") -> Problem | None:
    """A postcode has six digits."""
    if _POSTCODE.fullmatch(text):
        return None
    return Problem(Message("A postcode has 6 digits."), field)
