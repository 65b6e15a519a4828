"""Login names: which are taken, and how one that is typed is compared; pure."""

from __future__ import annotations

import re
import unicodedata

from app.kernel.errors import Problem
from app.kernel.names import normalise_name
from app.kernel.texts import Message

SHORTEST, LONGEST = 3, 64

_ALLOWED = re.compile(r"[A-Za-z0-9._@-]*")


def login_name(text: str) -> str:
    """A login name as it is kept: full-width forms made plain (NFKC), trimmed, without invisible characters.

    What is typed to sign in, to recover or to name a colleague is read alike, so that a width that an
    input method chose keeps nobody out.
    """
    return normalise_name(unicodedata.normalize("NFKC", text))


def login_key(text: str) -> str:
    """The key by which login names are compared: case does not tell them apart."""
    return login_name(text).lower()


def login_name_problem(name: str, field: str = "username") -> Problem | None:
    """What is wrong with a new login name, after ``login_name``.

    It has 3 to 64 Latin letters, digits and ``. _ - @``. Chinese and all other letters are refused: an
    account is named by it in messages and import files, and letters of other scripts look like Latin ones.
    Accounts made before this rule keep their names.
    """
    if SHORTEST <= len(name) <= LONGEST and _ALLOWED.fullmatch(name):
        return None
    words = Message(
        "A login name has {least} to {most} characters: Latin letters, digits and . _ - @ only.",
        least=SHORTEST,
        most=LONGEST,
    )
    return Problem(words, field)
