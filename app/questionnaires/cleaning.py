"""Texts as they are kept: what people type, and what Word and phones put in between, made plain.

Quotation marks, emoji and width stay as typed. Which characters go is written out here and again in
``static/js/questionnaire_values.js``: categories of Unicode differ between versions, these lists do not.
"""

from __future__ import annotations

import re

LONGEST_LINE = 200
"""Characters of a line, of a cell of a matrix, and of the words of an "other" option."""
LONGEST_TEXT = 4000
"""Characters of a long text."""

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Control characters, soft hyphens, zero-width spaces, marks of direction, lone surrogates; not the joiner
# U+200D, which holds emoji together.
_UNSEEN = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_BULLET = "\uf0b7"  # as Word writes a bullet in its own font
_BEFORE_BREAK = re.compile(" +\n")


def clean_text(text: str) -> str:
    """A text of several lines: plain breaks and spaces, nothing unseen, no blanks at its ends."""
    broken = _SPACES.sub(" ", _BREAKS.sub("\n", text))
    seen = _UNSEEN.sub("", broken).replace(_BULLET, "•")
    return _BEFORE_BREAK.sub("\n", seen).strip(" \n")


def clean_line(text: str) -> str:
    """A text of one line: breaks become spaces."""
    return clean_text(text).replace("\n", " ")
