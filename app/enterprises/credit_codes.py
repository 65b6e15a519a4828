"""Unified social credit codes: GB 32100-2015, with the organisation code of GB 11714-1997 inside."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from app.kernel.texts import Message

LENGTH = 18
CODE_STATUSES = ("valid", "old", "test")
STATUS_NAMES = {
    "valid": Message("Valid code"),
    "old": Message("Old code"),
    "test": Message("Test code"),
}
_ALPHABET = "0-9A-HJ-NP-RTUW-Y"
# python-stdnum refuses the authorities A, N and Y and takes 18 zeros, so only its check character is used.
_SHAPE = re.compile(rf"[1-9ANY][1-59][0-9]{{6}}[{_ALPHABET}]{{10}}")
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_HYPHENS = re.compile("[-\u2010-\u2015\u2212]")
_INVISIBLE = {"Cc", "Cf"}


def normalise_credit_code(text: str) -> str:
    """The code as it is kept: half-width, capital letters, without spaces, hyphens and invisible signs."""
    narrow = _HYPHENS.sub("", unicodedata.normalize("NFKC", text))
    kept = (sign for sign in narrow if not sign.isspace() and unicodedata.category(sign) not in _INVISIBLE)
    return "".join(kept).upper()


def credit_code_problem(code: str) -> Message | None:
    """Why a normalised code is not valid; None when it is.

    Both check characters must hold: the organisation code's (the 17th) and the code's own (the 18th).
    """
    if len(code) != LENGTH:
        return Message("A credit code has 18 characters; this one has {count}.", count=len(code))
    if not _SHAPE.fullmatch(code):
        return Message(
            "This cannot be a credit code: check the authority, the region digits and the letters."
        )
    if code[-1] != uscc.calc_check_digit(code[:-1]) or code[16] != organisation_check(code[8:16]):
        return Message("The check character of the credit code does not fit: one character is mistyped.")
    return None


def code_status(code: str) -> str:
    """What a normalised code is: ``valid``, ``old`` (of a register before 2015) or ``test`` (of none).

    Before the unified code an enterprise had a business registration number of 15 digits (with an
    ISO 7064 MOD 11,10 check digit), an organisation code of nine characters, and a tax number made of six
    digits of the region and that organisation code.
    """
    if credit_code_problem(code) is None:
        return "valid"
    return "old" if _is_registration_number(code) or _is_of_organisation(code) else "test"


def organisation_code(code: str) -> str:
    """The organisation code inside a valid credit code, its 9th to 17th characters; empty for others.

    Two enterprises with one organisation code are likely to be one.
    """
    return code[8:17] if credit_code_problem(code) is None else ""


def _is_registration_number(code: str) -> bool:
    return bool(re.fullmatch("[1-9][0-9]{14}", code)) and mod_11_10.is_valid(code)


def _is_of_organisation(code: str) -> bool:
    found = re.fullmatch("(?:[1-9][0-9]{5})?([0-9A-Z]{8})([0-9X])", code)
    return bool(found) and found[2] == organisation_check(found[1])  # type: ignore[index]


def organisation_check(body: str) -> str:
    """The check character of an organisation code's eight characters (GB 11714-1997)."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def complete_credit_code(authority: str, region_code: str, organisation: str) -> str:
    """A code with both check characters: two of the authority, six of the region, eight of the body."""
    start = authority + region_code + organisation + organisation_check(organisation)
    return start + uscc.calc_check_digit(start)
