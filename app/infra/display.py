"""How a value of the database reads on a page: the same on lists, details and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from app.infra.i18n import marked, say
from app.kernel.clock import SHANGHAI
from app.kernel.numbers import format_number

MISSING = "—"
"""A missing figure is shown so, and never as 0 (spec 00, rule 6)."""


def display(value: Any) -> str:
    """The value for a table cell or a definition of a page."""
    if isinstance(value, list | tuple | set):
        return Markup("、").join(escape(display(item)) for item in value) if value else MISSING
    return marked(in_words(value))


def in_words(value: Any) -> str:
    """A single value in words, as plain text."""
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(SHANGHAI) if value.tzinfo else value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return format_number(value, max(0, -int(value.as_tuple().exponent)))
    return say(getattr(value, "label", None) or value)


def formatters_for(
    model: Any, columns: Sequence[str], choices: Mapping[str, Any]
) -> dict[str, Callable[[Any], str]]:
    """A formatter for each column of a generated view."""
    return {name: _chosen(choices[name]) if name in choices else display for name in columns}


def _chosen(offered: Any) -> Callable[[Any], str]:
    def words(value: Any) -> str:
        if value is None or value == "":
            return MISSING
        pairs = offered() if callable(offered) else offered
        return marked(next((say(text) for key, text in pairs if str(key) == str(value)), value))

    return words
