"""Names: how they are shown, and the key by which two spellings count as one (spec 00, rule 7)."""

from __future__ import annotations

import unicodedata

from app.kernel.lookalikes import without_lookalikes

MIDDLE_DOTS = frozenset("·•‧∙⋅・･᛫ꞏ⸰⸱⸳")
"""Dots between the parts of a transliterated name; people type whichever their input method offers."""

_INVISIBLE = {"Cc", "Cf"}
_FILLERS = frozenset("\u034f\u115f\u1160\u3164\uffa0") | {chr(code) for code in range(0xFE00, 0xFE10)}


def normalise_name(text: str) -> str:
    """The name as it is kept and shown: composed, without invisible characters or stray white space.

    Width and case stay as typed, since they belong to how a name is registered.
    """
    spaced = "".join(" " if character.isspace() else character for character in text)
    visible = "".join(character for character in spaced if not _is_invisible(character))
    return " ".join(unicodedata.normalize("NFC", visible).split())


def name_key(text: str) -> str:
    """The key by which names are compared; two names with one key are the same name.

    NFKC alone leaves look-alikes apart (zero-width characters, middle dots, Cyrillic and Greek letters,
    the many brackets), so those are dropped or made plain too; case does not tell names apart either.
    """
    key, folded = "", text
    while folded != key:  # a step can make way for the next one: without its space an accent composes
        key, folded = folded, _fold(folded)
    return key


def _fold(text: str) -> str:
    return _nfkc(_bare(without_lookalikes(_nfkc(_bare(text))).casefold()))


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _bare(text: str) -> str:
    return "".join(
        character
        for character in text
        if not (character.isspace() or _is_invisible(character) or character in MIDDLE_DOTS)
    )


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE or character in _FILLERS
