"""The shape of the figures tables: generated from a form's data, created and widened when it is published.

One typed table for each section of a form. Each figure is a BIGINT column
``<indicator>_<cell>`` scaled as its indicator says; the summary dimensions are copied onto the
row; every key begins with the period, so that partitioning by period needs no new key.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    false,
    inspect,
    text,
)
from sqlalchemy.schema import CreateColumn

from app.infra.database import NAMING
from app.infra.types import Scaled
from app.reports.definitions import SectionDefinition

PREFIX = "figures_"
CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")
MAX_COLUMNS = 900
"""PostgreSQL keeps a row on one page of 8 KB: not many more than a thousand figures fit."""
TEXT_LENGTH = 500
LOCK_WAIT = "15s"
LOCK = 4_201_807
"""Number of the advisory lock under which one process at a time changes the tables."""


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What summaries group and filter by, as of the enterprise version that the report was filed with."""

    report_id: int
    region_id: int
    state: str
    province_id: int | None = None
    prefecture_id: int | None = None
    county_id: int | None = None
    industry_section: str | None = None
    industry_division: str | None = None
    industry_code: str | None = None
    size: str | None = None
    control_type: str | None = None
    is_industrial: bool = False
    is_listed: bool = False


DIMENSIONS = tuple(field.name for field in fields(Dimensions))
KEYS = ("period", "enterprise_id")
RESERVED = frozenset((*KEYS, "row_no", *DIMENSIONS))
"""Names that a column of repeating rows may not have."""


class LayoutChangedError(ValueError):
    """A column or section ``name`` would be of another kind or scale than what is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} would change its kind or scale")
        self.name = name


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one figures table: ``numbers`` are (name, scale), ``texts`` are names."""

    form: str
    section: str
    has_rows: bool
    numbers: tuple[tuple[str, int], ...]
    texts: tuple[str, ...] = ()

    def joined(self, other: Layout) -> Layout:
        """The columns of both, each once, this one's first.

        :raises LayoutChangedError: a column or the section would change its kind, or a column its scale.
        """
        numbers = dict(self.numbers)
        texts = dict.fromkeys((*self.texts, *other.texts))
        for name, scale in other.numbers:
            if numbers.setdefault(name, scale) != scale:
                raise LayoutChangedError(name)
        if self.has_rows != other.has_rows:
            raise LayoutChangedError(self.section)
        for name in texts.keys() & numbers.keys():
            raise LayoutChangedError(name)
        return Layout(self.form, self.section, self.has_rows, tuple(numbers.items()), tuple(texts))


def include_name(name: str | None, type_: str, _parents: Mapping[str, str | None]) -> bool:
    """Alembic's predicate: migrations leave the figures tables alone."""
    return not (type_ == "table" and name is not None and name.startswith(PREFIX))


def table_name(form: str, section: str) -> str:
    """Name of the table of a section.

    :raises ValueError: a code that could not stand in SQL unquoted.
    """
    return f"{PREFIX}{_checked(form)}_{_checked(section)}"


def column(indicator: str, cell: str) -> str:
    """Name of the column of a figure.

    :raises ValueError: a code that could not stand in SQL unquoted.
    """
    return f"{_checked(indicator)}_{_checked(cell)}"


def _checked(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError(f"not a code: {code!r}")
    return code


def layout_of(form: str, section: SectionDefinition) -> Layout:
    """The columns that one version of a section needs."""
    if section.is_grid:
        numbers = [
            (column(found.code, cell), found.scale) for found in section.indicators for cell in found.cells
        ]
        return Layout(form, section.code, has_rows=False, numbers=tuple(numbers))
    return Layout(
        form,
        section.code,
        has_rows=True,
        numbers=tuple((_checked(found.code), found.scale) for found in section.columns if found.is_number),
        texts=tuple(_checked(found.code) for found in section.columns if not found.is_number),
    )


def stamp_of(layouts: Iterable[Layout]) -> str:
    """A short digest of layouts: equal layouts, and only those, have equal stamps."""
    return hashlib.sha256(repr(sorted(map(repr, layouts))).encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=256)
def table_of(layout: Layout) -> Table:
    """The table with the columns of a layout.

    It may have more by now, put there by another process: whoever holds a layout reads and
    writes the columns of it by name, and the others may be empty.
    """
    name = table_name(layout.form, layout.section)
    keys = (*KEYS, "row_no") if layout.has_rows else KEYS
    table = Table(
        name,
        MetaData(naming_convention=NAMING),
        *(Column(key, Integer, primary_key=True, autoincrement=False) for key in keys),
        *_dimension_columns(),
        *(Column(number, Scaled(scale)) for number, scale in layout.numbers),
        *(Column(text_, String(TEXT_LENGTH)) for text_ in layout.texts),
    )
    Index(f"ix_{name}_prefecture", table.c.period, table.c.prefecture_id)
    Index(f"ix_{name}_county", table.c.period, table.c.county_id)
    return table


def _dimension_columns() -> list[Column[Any]]:
    return [
        Column("report_id", BigInteger, nullable=False),
        Column("region_id", Integer, nullable=False),
        Column("state", String(20), nullable=False),
        Column("province_id", Integer),
        Column("prefecture_id", Integer),
        Column("county_id", Integer),
        Column("industry_section", String(1)),
        Column("industry_division", String(2)),
        Column("industry_code", String(8)),
        Column("size", String(20)),
        Column("control_type", String(20)),
        Column("is_industrial", Boolean, nullable=False, server_default=false()),
        Column("is_listed", Boolean, nullable=False, server_default=false()),
    ]


def lock_tables(connection: Connection) -> None:
    """Keep other processes from changing figures tables until this transaction ends.

    On SQLite a write transaction is alone anyway. On PostgreSQL a reader of long standing
    makes the change fail after ``LOCK_WAIT`` rather than hold up everybody who comes after it.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})


def prepare(connection: Connection, layouts: Iterable[Layout]) -> list[str]:
    """Create the tables and add the columns that are missing, in the running transaction.

    Call ``lock_tables`` first. Returns what was added, as ``table`` or ``table.column``.
    """
    added = []
    for layout in layouts:
        table = table_of(layout)
        inspector = inspect(connection)
        if not inspector.has_table(table.name):
            table.create(connection)
            added.append(table.name)
            continue
        present = {found["name"] for found in inspector.get_columns(table.name)}
        for missing in table.columns:
            if missing.name not in present:
                _add_column(connection, table, missing)
                added.append(f"{table.name}.{missing.name}")
    return added


def _add_column(connection: Connection, table: Table, missing: Column[Any]) -> None:
    definition = CreateColumn(missing).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
