"""Keyset paging: where a page ends is told by its last row, so page 10,000 costs what page 1 does."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, or_, tuple_
from sqlalchemy.types import Boolean, Date, DateTime, Integer, String, TypeEngine

from app.infra.types import Scaled, UtcDateTime

LONGEST = 6_000
INTEGER_64 = 2**63


class DamagedCursor(ValueError):
    """A cursor that this list did not make."""


@dataclass(frozen=True, slots=True)
class SortKey:
    """One expression to sort by. Missing values come last in both directions: a missing figure is
    neither the least nor the greatest."""

    expression: Any
    descending: bool
    nullable: bool


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row beyond which a page begins, and the count made on the first page (None: not counted)."""

    direction: Literal["after", "before"]
    values: tuple[Any, ...]
    total: int | None = None


def order_by(keys: Sequence[SortKey], *, backwards: bool = False) -> list[ColumnElement[Any]]:
    """The ORDER BY terms, the same order on SQLite and PostgreSQL."""
    terms = []
    for key in keys:
        descending = key.descending != backwards
        term = key.expression.desc() if descending else key.expression.asc()
        if key.nullable:
            term = term.nulls_first() if backwards else term.nulls_last()
        terms.append(term)
    return terms


def beyond(keys: Sequence[SortKey], cursor: Cursor) -> ColumnElement[bool]:
    """The condition that a row lies beyond the cursor's."""
    backwards = cursor.direction == "before"
    if not any(key.nullable for key in keys) and len({key.descending for key in keys}) == 1:
        left = tuple_(*(key.expression for key in keys))
        right = tuple_(*cursor.values, types=[key.expression.type for key in keys])
        return left < right if keys[0].descending != backwards else left > right
    alternatives = []
    for position, key in enumerate(keys):
        same = [_same(keys[i], cursor.values[i]) for i in range(position)]
        alternatives.append(and_(*same, _past(key, cursor.values[position], backwards=backwards)))
    return or_(*alternatives)


def _same(key: SortKey, value: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = key.expression.is_(None) if value is None else key.expression == value
    return same


def _past(key: SortKey, value: Any, *, backwards: bool) -> ColumnElement[bool]:
    if value is None:
        return key.expression.is_not(None) if backwards else false()
    downwards = key.descending != backwards
    further: ColumnElement[bool] = key.expression < value if downwards else key.expression > value
    if key.nullable and not backwards:
        return or_(further, key.expression.is_(None))
    return further


def encode(values: Sequence[Any], sort: str, total: int | None) -> str:
    """The word of the address that stands for a row; it tells nothing that the row does not show."""
    body = {"s": sort, "v": [_plain(value) for value in values], "n": total}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(
    text: str, direction: Literal["after", "before"], sort: str, keys: Sequence[SortKey], cap: int
) -> Cursor:
    """The cursor that ``encode`` made, every value checked against the column that it is compared to.

    :raises DamagedCursor: cut, forged, or of another sort order.
    """
    body = _opened(text)
    values, total = body.get("v"), body.get("n")
    if body.get("s") != sort or not isinstance(values, list) or len(values) != len(keys):
        raise DamagedCursor(text)
    if total is not None and (type(total) is not int or not 0 <= total <= cap + 1):
        raise DamagedCursor(text)
    return Cursor(
        direction, tuple(_typed(value, key) for value, key in zip(values, keys, strict=True)), total
    )


def _opened(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise DamagedCursor("too long")
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        body = json.loads(raw.decode("utf-8"))
    except (binascii.Error, UnicodeError, ValueError, RecursionError) as error:
        raise DamagedCursor(text) from error
    if not isinstance(body, dict):
        raise DamagedCursor(text)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, (Decimal, dt.date)):  # a datetime is a date
        return value.isoformat() if isinstance(value, dt.date) else str(value)
    return value


def _typed(value: Any, key: SortKey) -> Any:
    if value is None:
        if not key.nullable:
            raise DamagedCursor("missing value")
        return None
    try:
        return typed_value(value, key.expression.type)
    except (ValueError, TypeError, InvalidOperation, OverflowError) as error:
        raise DamagedCursor(str(value)[:40]) from error


def typed_value(value: Any, kind: TypeEngine[Any]) -> Any:
    """A value from an address as the type of its column takes it, binding and comparing without error.

    :raises ValueError, TypeError: it is not one of them.
    """
    if isinstance(kind, Boolean):
        return _checked(value, type(value) is bool)
    if isinstance(kind, Scaled):
        number = Decimal(_checked(value, isinstance(value, str) and len(value) < 40))
        kind.process_bind_param(number, None)  # type: ignore[arg-type]
        return number
    if isinstance(kind, UtcDateTime):
        instant = dt.datetime.fromisoformat(value)
        return _checked(instant, instant.tzinfo is not None and 1 < instant.year < 9999)
    if isinstance(kind, DateTime):
        instant = dt.datetime.fromisoformat(value)
        return _checked(instant, instant.tzinfo is None)
    if isinstance(kind, Date):
        return dt.date.fromisoformat(value)
    if isinstance(kind, Integer):
        return _checked(value, type(value) is int and -INTEGER_64 <= value < INTEGER_64)
    if isinstance(kind, String):
        text = _checked(value, isinstance(value, str) and "\0" not in value)
        text.encode("utf-8")  # a lone surrogate can be neither stored nor compared
        return text
    raise TypeError(f"cannot page by {kind!r}")


def _checked(value: Any, holds: object) -> Any:
    if not holds:
        raise ValueError(value)
    return value
