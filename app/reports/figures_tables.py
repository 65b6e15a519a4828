"""The shape of the figures tables: generated from a form's data, created and widened when it is published.

One typed table for each section of a form. Each figure is a BIGINT column
``<indicator>_<cell>`` scaled as its indicator says; the summary dimensions are copied onto the
row; every key begins with the period, so that partitioning by period needs no new key.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
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
from app.reports.figures_layout import KEYS, PREFIX, TEXT_LENGTH, Layout, table_name

LOCK_WAIT = "15s"
LOCK = 4_201_807
"""Number of the advisory lock under which one process at a time changes the tables."""


def include_name(name: str | None, type_: str, _parents: Mapping[str, str | None]) -> bool:
    """Alembic's predicate: migrations leave the figures tables alone."""
    return not (type_ == "table" and name is not None and name.startswith(PREFIX))


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
