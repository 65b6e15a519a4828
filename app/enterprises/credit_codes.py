"""Unified social credit codes: GB 32100-2015, with the organisation code of GB 11714-1997 inside."""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

from app.kernel.texts import Message

LENGTH = 18
_ALPHABET = "0-9A-HJ-NP-RTUW-Y"
# python-stdnum refuses the authorities A, N and Y and takes 18 zeros, so only its check character is used.
_SHAPE = re.compile(rf"[1-9ANY][1-59][0-9]{{6}}[{_ALPHABET}]{{10}}")
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def normalise_credit_code(text: str) -> str:
    """The code as it is kept: half-width, capital letters, without spaces and hyphens."""
    narrow = unicodedata.normalize("NFKC", text)
    return "".join(character for character in narrow if not character.isspace() and character != "-").upper()


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


def organisation_check(body: str) -> str:
    """The check character of an organisation code's eight characters (GB 11714-1997)."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def complete_credit_code(authority: str, region_code: str, organisation: str) -> str:
    """A code with both check characters: two of the authority, six of the region, eight of the body."""
    start = authority + region_code + organisation + organisation_check(organisation)
    return start + uscc.calc_check_digit(start)
