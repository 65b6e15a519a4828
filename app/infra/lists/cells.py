"""Values as people read them: HTML for pages, text and numbers for files, keys for addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote, unquote

from markupsafe import Markup, escape

from app.infra.i18n import language, marked, say
from app.infra.lists.paging import typed_value
from app.infra.lists.sparks import spark_html, spark_text
from app.infra.lists.spec import Column, Key, ListSpec
from app.kernel.clock import SHANGHAI
from app.kernel.numbers import MINUS, format_number
from app.kernel.texts import LocalText, Message

MISSING = Markup("—")
"""A missing value is shown, since it is not zero (design, 4)."""

RIGHT = frozenset({"number"})
FIGURES = frozenset({"number", "bool", "month", "instant", "date"})
"""Kinds whose values are never Chinese on an English page."""
Show = Callable[[Any], Any]


def anchor(address: str, shown: Any) -> Markup:
    """A link; a page has hundreds, and the formatting of ``Markup`` takes thrice as long."""
    return Markup(f'<a href="{escape(address)}">{escape(shown)}</a>')


def words_of(column: Column) -> Callable[[Any], str]:
    """How a value of this column reads as plain text, in the user's language; empty where missing."""
    kind = column.kind
    if kind in ("state", "choice"):
        spoken = {value: say(words) for value, words in column.words.items()}
        return lambda value: "" if value is None else spoken.get(value, str(value))
    if kind == "step":
        named = {value: say(words) for value, words in column.words.items()}
        return lambda value: "" if value is None else named.get(value[0], str(value[0]))
    if kind == "number":
        return _number_words(column.decimals)
    if kind == "bool":
        yes, no = say(Message("Yes")), say(Message("No"))
        return lambda value: "" if value is None else (yes if value else no)
    if kind == "local":
        tongue = language()
        return lambda value: value.in_language(tongue) if isinstance(value, LocalText) else str(value or "")
    return PLAIN.get(kind, plain_text)


def plain_text(value: Any) -> str:
    """A text as it is; LocalText and lists of names as people read them."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "、".join(str(item) for item in value)
    return say(value) if isinstance(value, (LocalText, Message)) else str(value)


def month_text(value: int | None) -> str:
    """``2018-07`` for the stored key 201807."""
    return "" if value is None else f"{value // 100:04}-{value % 100:02}"


def instant_text(value: dt.datetime | None) -> str:
    """An instant in Shanghai, to the minute."""
    return "" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def day_text(value: dt.date | None) -> str:
    """A day as ``2018-07-31``."""
    return "" if value is None else value.isoformat()


def _number_words(decimals: int) -> Callable[[Any], str]:
    """``format_number``; a value that has just these decimals, as nearly all have, needs no rounding."""
    whole, exponent = f",.{decimals}f", -decimals

    def words(value: Any) -> str:
        exact = isinstance(value, int) and not decimals
        if exact or (isinstance(value, Decimal) and value.as_tuple().exponent == exponent):
            text = format(value, ",d" if exact else whole)
            return MINUS + text[1:] if text[0] == "-" else text
        return format_number(value, decimals)

    return words


def link_text(value: Sequence[tuple[str, str]] | None) -> str:
    """The words of links, for files."""
    return "、".join(words for words, _address in value or ())


PLAIN: dict[str, Callable[[Any], str]] = {
    "month": month_text,
    "instant": instant_text,
    "date": day_text,
    "links": link_text,
    "spark": spark_text,
}


def html_of(column: Column) -> Show:
    """How a value of this column is drawn on a page, without its link; texts are escaped by the template."""
    words = words_of(column)
    if column.kind == "state":
        badges = {
            value: Markup('<span class="qj-st {}">{}</span>').format(
                column.marks.get(value, "none"), words(value)
            )
            for value in column.words
        }
        return lambda value: badges.get(value) or words(value) or MISSING
    if column.kind == "step":
        return _steps(column)
    if column.kind == "links":
        return lambda value: Markup(" ").join(anchor(address, said) for said, address in value or ())
    if column.kind == "spark":
        return lambda value: spark_html(value) or MISSING
    if language() == "en" and column.kind not in FIGURES:
        return lambda value: marked(words(value)) or MISSING
    return lambda value: words(value) or MISSING


def _steps(column: Column) -> Show:
    """Badges that lead to their records; the short word is for the eye only, where there is little room."""
    spoken = '<span class="long">{}</span><span class="short" aria-hidden="true">{}</span>'
    badge = Markup(f'<span class="qj-st {{}}">{spoken}</span>')
    drawn = {
        value: badge.format(column.marks.get(value, "none"), say(words), say(column.shorts.get(value, words)))
        for value, words in column.words.items()
    }

    def show(value: tuple[Any, str] | None) -> Any:
        if value is None:
            return MISSING
        state, address = value
        return anchor(address, drawn[state]) if address else drawn[state]

    return show


def cells_of(
    column: Column, values: Sequence[Any], links: Sequence[Key | None] | None, pattern: str
) -> list[Any]:
    """The drawn cells of one column; with ``links`` each leads to ``pattern`` filled with its key."""
    show = html_of(column)
    if not pattern or links is None:
        return [show(value) for value in values]
    return [
        show(value) if link is None or value is None else anchor(filled(pattern, link), show(value))
        for value, link in zip(values, links, strict=True)
    ]


def noted(shown: Sequence[Any], notes: Mapping[Key, str], keys: Sequence[Key]) -> list[Any]:
    """Drawn cells with a second line below each."""
    line = Markup('{}<span class="mt">{}</span>')
    return [line.format(cell, marked(notes.get(key, ""))) for cell, key in zip(shown, keys, strict=True)]


def filled(pattern: str, key: Key) -> str:
    """An address with the parts of a key in place of its ``{}``."""
    return pattern.format(*(part if isinstance(part, int) else quote(str(part), safe="") for part in key))


def key_text(key: Key) -> str:
    """A key as one word for a form: parts escaped, joined by dots."""
    return ".".join(_key_word(part) for part in key)


def _key_word(part: Any) -> str:
    if isinstance(part, int):
        return str(part)
    text = part.isoformat() if isinstance(part, dt.date) else str(part)
    return quote(text, safe="").replace(".", "%2E")


def key_of(spec: ListSpec, text: str) -> Key | None:
    """The key that a word stands for; None for what this list never made."""
    parts = text.split(".")
    if len(text) > 500 or len(parts) != len(spec.key):
        return None
    found = []
    for part, expression in zip(parts, spec.key, strict=True):
        try:
            written = unquote(part, errors="strict")
            value: Any = int(written) if written.lstrip("-").isdigit() and len(written) < 21 else written
            number = isinstance(expression.type.python_type(), int)
            found.append(typed_value(value if number else written, expression.type))
        except (ValueError, TypeError, UnicodeError):
            return None
    return tuple(found)


def file_value(column: Column) -> Callable[[Any], Any]:
    """What a file holds for a value: exact numbers as numbers, everything else as people read it."""
    if column.kind == "number":
        return _number
    words = words_of(column)
    return lambda value: words(value) or None


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, (int, Decimal)) else Decimal(str(value))
