"""Values of lists as JSON carries them exactly, and how they are described."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy.types import Integer

from app.infra.api.shapes import JsonSchema
from app.infra.i18n import say
from app.infra.lists import Column
from app.infra.lists.cells import month_text
from app.infra.types import Scaled
from app.kernel.texts import LocalText, Message

MONTH = "^[0-9]{4}-(0[1-9]|1[0-2])$"
BOTH_LANGUAGES: JsonSchema = {
    "type": "object",
    "properties": {"zh": {"type": "string"}, "en": {"type": ["string", "null"]}},
    "required": ["zh", "en"],
}
SCHEMAS: Mapping[str, JsonSchema] = {
    "date": {"type": ["string", "null"], "format": "date"},
    "instant": {"type": ["string", "null"], "format": "date-time"},
    "month": {"type": ["string", "null"], "pattern": MONTH},
    "state": {"type": ["string", "null"]},
    "choice": {"type": ["string", "integer", "boolean", "null"]},
    "bool": {"type": ["boolean", "null"]},
    "local": {"anyOf": [BOTH_LANGUAGES, {"type": ["string", "null"]}]},
    "number": {"type": ["string", "number", "null"]},
}


def for_programs(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns that a program reads: all but the links to what a person can do with a row."""
    return tuple(column for column in columns if column.kind != "links")


def records(
    columns: Sequence[Column], values: Sequence[Sequence[Any]], count: int
) -> list[Mapping[str, Any]]:
    """Rows as objects, from values by column."""
    return [
        {column.key: plain(column, values[place][row]) for place, column in enumerate(columns)}
        for row in range(count)
    ]


def plain(column: Column, value: Any) -> Any:
    """A value as JSON can carry it exactly: numbers with decimals as text, instants in UTC."""
    if column.kind == "month" and value is not None:
        return month_text(value)
    if isinstance(value, LocalText):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Message):
        return say(value)
    if isinstance(value, Decimal):  # PostgreSQL adds whole numbers up to one
        return int(value) if _is_whole(column) else str(value)
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(column, item) for item in value]
    return value if value is None or isinstance(value, str | int | float) else str(value)


def instant(value: dt.datetime | None) -> str | None:
    """An instant in UTC, as RFC 3339 writes it."""
    return None if value is None else value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


def column_schema(column: Column) -> JsonSchema:
    """What a column's values may be; what is fetched per page is not typed."""
    words = say(column.label)
    if column.words:
        known = "; ".join(f"{value}: {say(label)}" for value, label in column.words.items())
        words = f"{words} ({known})"
    return {**_type_of(column), "description": words}


def _type_of(column: Column) -> JsonSchema:
    if column.each is not None:
        return {}
    if column.kind == "number":
        if isinstance(getattr(column.expression, "type", None), Scaled):
            return {"type": ["string", "null"]}
        return {"type": ["integer", "null"]} if _is_whole(column) else SCHEMAS["number"]
    if column.kind == "text" and column.lookup is None:
        return {"type": ["integer" if _is_whole(column) else "string", "null"]}
    return SCHEMAS.get(column.kind, {"type": ["string", "integer", "null"]})


def _is_whole(column: Column) -> bool:
    return isinstance(getattr(column.expression, "type", None), Integer)


def rows_schema(columns: Sequence[Column], *, fixed: bool = True) -> JsonSchema:
    """A row of a list.

    :param fixed: whether every answer has these columns; otherwise conditions choose them.
    """
    shown = for_programs(columns)
    found: JsonSchema = {
        "type": "object",
        "properties": {column.key: column_schema(column) for column in shown},
    }
    return {**found, "required": [column.key for column in shown]} if fixed else found
