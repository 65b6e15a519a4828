"""How a value of the database reads on a page: the same on lists, details and exports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask_babel import gettext
from markupsafe import Markup, escape

from app.infra.i18n import language_mark, say
from app.kernel.clock import SHANGHAI
from app.kernel.numbers import format_number
from app.kernel.texts import LocalText

MISSING = "—"
"""A missing figure is shown so, and never as 0 (spec 00, rule 6)."""


def display(value: Any) -> str:
    """The value in words, for a table cell or a definition."""
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, LocalText):
        return _marked(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if value.tzinfo else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return format_number(value, max(0, -int(value.as_tuple().exponent)))
    if isinstance(value, list | tuple | set):
        return Markup("、").join(escape(display(item)) for item in value) if value else MISSING
    label = getattr(value, "label", None)
    return _marked(label) if isinstance(label, LocalText) else say(label or value)


def _marked(text: LocalText) -> str:
    mark = language_mark(text)
    return Markup('<span lang="{}">{}</span>').format(mark, say(text)) if mark else say(text)


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
        return next((say(text) for key, text in pairs if str(key) == str(value)), str(value))

    return words
