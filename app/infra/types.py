"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer
from sqlalchemy.types import JSON, TypeDecorator

from app.kernel.clock import UTC
from app.kernel.texts import LocalText

MAX_STORED = 2**63 - 1


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant: aware on the Python side, UTC in the database."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        instant = value.astimezone(UTC)
        return instant if dialect.name == "postgresql" else instant.replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Scaled(TypeDecorator[Decimal]):
    """An exact number kept as an integer of ``10**-scale``, since SQLite's NUMERIC is a float.

    Binding a number with more decimals than ``scale``, or one that 64 bits cannot hold,
    raises ``ValueError``: rounding is a business decision and happens before.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int = 2) -> None:
        super().__init__()
        self.scale = scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else scaled(value, self.scale)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else unscaled(value, self.scale)


def scaled(value: Decimal | int, scale: int) -> int:
    """The integer that stands for ``value`` at ``scale`` decimals.

    :raises ValueError: too many decimals, not finite, or beyond 64 bits.
    """
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueError("not a finite number")
    if exact.adjusted() + scale > 18:
        raise ValueError("number too large")
    shifted = exact.scaleb(scale)
    whole = int(shifted)
    if whole != shifted:
        raise ValueError(f"more than {scale} decimals")
    if abs(whole) > MAX_STORED:
        raise ValueError("number too large")
    return whole


def unscaled(whole: int, scale: int) -> Decimal:
    """The number that an integer stands for at ``scale`` decimals."""
    return Decimal(whole).scaleb(-scale)


class LocalTextType(TypeDecorator[LocalText]):
    """A text in Chinese and English, kept as JSON ``{"zh": …, "en": …}``."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: LocalText | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else {"zh": value.zh, "en": value.en}

    def process_result_value(self, value: dict[str, str] | None, dialect: Dialect) -> LocalText | None:
        return None if value is None else LocalText(value.get("zh", ""), value.get("en", ""))


BigKey = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit key that SQLite still numbers by itself."""
