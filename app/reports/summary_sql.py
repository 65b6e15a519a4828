"""Sums, averages and growth over the stored figures, exact on both databases: expressions, no statement.

Figures are integers of their scale, so sums are exact, and quotients are worked out on integers and
rounded half up as ``prefill.growth`` rounds them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal_column, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from app.infra.types import Scaled

PLACES = 2
"""Decimals of averages and of growth."""

LARGEST_GROWTH = 10**12
"""Per cent. More says only that there was next to nothing before."""


class whole_quotient(FunctionElement[int]):  # noqa: N801 - called like a function of SQL
    """The quotient of two integers without its fraction."""

    type = BigInteger()
    inherit_cache = True


class wide(FunctionElement[int]):  # noqa: N801 - called like a function of SQL
    """An integer that may grow beyond 64 bits while it is reckoned with; SQLite goes on in floating point."""

    type = BigInteger()
    inherit_cache = True


@compiles(whole_quotient)
def _quotient_on_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    left, right = (compiler.process(part, **how) for part in element.clauses)
    return f"CAST(({left}) / ({right}) AS INTEGER)"


@compiles(whole_quotient, "postgresql")
def _quotient_on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    left, right = (compiler.process(part, **how) for part in element.clauses)
    return f"CAST(div({left}, {right}) AS BIGINT)"


@compiles(wide)
def _wide_on_sqlite(element: Any, compiler: Any, **how: Any) -> str:
    return f"({compiler.process(element.clauses, **how)})"


@compiles(wide, "postgresql")
def _wide_on_postgresql(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **how)} AS NUMERIC)"


def fixed(number: int) -> ColumnElement[int]:
    """A number written into the statement: a parameter would make each use of an expression another one."""
    return literal_column(str(number), BigInteger())


def paired(column: Any, other: Any) -> Any:
    """The figure where the other year has one too (同口径)."""
    return case((and_(column.is_not(None), other.is_not(None)), column))


def mean(total: Any, count: Any, scale: int) -> Any:
    """The simple mean of figures of a scale, each report weighing the same; NULL without any."""
    divisor = func.nullif(_integer(count), fixed(0)) * fixed(10**scale)
    exact = _rounded(_integer(total) * fixed(10**PLACES), divisor)
    return type_coerce(exact, Scaled(PLACES))


def share(part: Any, whole: Any) -> Any:
    """The part in per cent of the whole, both counts; NULL of nothing."""
    return mean(_integer(part) * fixed(100), whole, 0)


def growth(this: Any, base: Any) -> Any:
    """(this - base) / |base| in per cent; NULL where one is missing or the base is as good as zero."""
    now, before = _integer(this), _integer(base)
    size = func.nullif(func.abs(before), fixed(0))
    change = now - before
    exact = _rounded(change * fixed(100 * 10**PLACES), size)
    told = func.abs(change) < size * fixed(LARGEST_GROWTH // 100)
    return type_coerce(case((told, exact)), Scaled(PLACES))


def points(this: Any, base: Any, scale: int) -> Any:
    """The difference of two rates of a scale, in percentage points."""
    return type_coerce(type_coerce(this, BigInteger) - type_coerce(base, BigInteger), Scaled(scale))


def _integer(value: Any) -> Any:
    return wide(type_coerce(value, BigInteger))


def _rounded(dividend: Any, divisor: Any) -> Any:
    """The quotient rounded half up, away from zero; the divisor is positive or NULL."""
    twice = fixed(2) * divisor
    upwards = whole_quotient(fixed(2) * dividend + divisor, twice)
    downwards = -whole_quotient(fixed(-2) * dividend + divisor, twice)
    return case((dividend < fixed(0), downwards), else_=upwards)
