"""The figures of reports: the only place that reads and writes the tables of ``figures_tables``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.infra.database import db, is_postgresql
from app.infra.types import scaled
from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message
from app.reports.definitions import Cell, Cells, Row, SectionDefinition, VersionDefinition, number_problem
from app.reports.figures_layout import DIMENSIONS, Dimensions, column, layout_of
from app.reports.figures_tables import table_of

Change = tuple[Any, Any]
BATCH = 500


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which report: month key such as 201807, and enterprise."""

    period: int
    enterprise_id: int


def section_table(version: VersionDefinition, section: str) -> Table:
    """The table of a section, with the columns that this version has, for queries."""
    return table_of(layout_of(version.form_code, version.section(section)))


# --- reading


def read(version: VersionDefinition, key: Key) -> dict[Cell, Decimal]:
    """The figures of a report that are not missing, of all grids: one statement for each grid."""
    return read_many(version, [key]).get(key, {})


def read_many(version: VersionDefinition, keys: Iterable[Key]) -> dict[Key, dict[Cell, Decimal]]:
    """The figures of several reports, such as this month's, last month's and last year's, at once."""
    wanted = list(keys)
    found: dict[Key, dict[Cell, Decimal]] = {}
    for section in version.grids if wanted else ():
        table = section_table(version, section.code)
        cells = [(indicator.code, cell) for indicator in section.indicators for cell in indicator.cells]
        query = select(table.c.period, table.c.enterprise_id, *(table.c[column(*cell)] for cell in cells))
        for period, enterprise_id, *values in db.session.execute(query.where(_among(table, wanted))):
            figures = found.setdefault(Key(period, enterprise_id), {})
            figures.update(
                (cell, value) for cell, value in zip(cells, values, strict=True) if value is not None
            )
    return found


def read_rows(version: VersionDefinition, section: str, key: Key) -> list[Row]:
    """The repeating rows of a report, in their order."""
    return read_rows_many(version, section, [key]).get(key, [])


def read_rows_many(version: VersionDefinition, section: str, keys: Iterable[Key]) -> dict[Key, list[Row]]:
    """The repeating rows of several reports, in one statement."""
    table = section_table(version, section)
    codes = [found.code for found in version.section(section).columns]
    query = (
        select(table.c.period, table.c.enterprise_id, *(table.c[code] for code in codes))
        .where(_among(table, list(keys)))
        .order_by(table.c.period, table.c.enterprise_id, table.c.row_no)
    )
    found: dict[Key, list[Row]] = {}
    for period, enterprise_id, *values in db.session.execute(query):
        found.setdefault(Key(period, enterprise_id), []).append(dict(zip(codes, values, strict=True)))
    return found


def _among(table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
    """One range of the primary key for each period, which both databases answer from the index."""
    by_period: dict[int, list[int]] = {}
    for key in keys:
        by_period.setdefault(key.period, []).append(key.enterprise_id)
    ranges = [
        and_(table.c.period == period, table.c.enterprise_id.in_(enterprises))
        for period, enterprises in by_period.items()
    ]
    return or_(*ranges) if ranges else table.c.period.in_([])


# --- writing


def write(
    version: VersionDefinition, key: Key, dimensions: Dimensions, cells: Cells
) -> dict[Cell, tuple[Decimal | None, Decimal | None]]:
    """Write the cells that are given; what they were and became, for those that changed.

    Cells not given stay as they are; None empties one. Nothing is sent to the database
    when nothing changed.

    :raises Invalid: a cell that the version does not take, or a number that it cannot keep exactly.
    """
    refuse_unfit(version, cells)
    changes: dict[Cell, tuple[Decimal | None, Decimal | None]] = {}
    for section in version.grids:
        codes = {found.code for found in section.indicators}
        names = {column(*cell): cell for cell in cells if cell[0] in codes}
        values = {name: cells[cell] for name, cell in names.items()}
        table = section_table(version, section.code)
        changed = _upsert(table, asdict(key), {**asdict(dimensions), **values})
        changes.update((cell, changed[name]) for name, cell in names.items() if name in changed)
    return changes


def write_rows(
    version: VersionDefinition, section: str, key: Key, dimensions: Dimensions, rows: Sequence[Row]
) -> bool:
    """Make the repeating rows of a report these, numbered from 1; whether anything changed.

    :raises Invalid: a figure or a text that its column cannot keep.
    """
    refuse_unfit_rows(version.section(section), rows)
    table = section_table(version, section)
    here = _among(table, [key])
    codes = [found.code for found in version.section(section).columns]
    wanted = [{**asdict(dimensions), **{code: row.get(code) for code in codes}} for row in rows]
    query = select(*(table.c[name] for name in (*DIMENSIONS, *codes))).where(here).order_by(table.c.row_no)
    stored = [dict(row) for row in db.session.execute(query).mappings()]
    if stored == wanted:
        return False
    # few rows, none of which has a history of its own: replacing them is the simplest that is right
    db.session.execute(delete(table).where(here))
    if wanted:
        numbered = [{**asdict(key), "row_no": number, **row} for number, row in enumerate(wanted, start=1)]
        db.session.execute(insert(table), numbered)
    return True


def sync(version: VersionDefinition, keys: Iterable[Key], **dimensions: object) -> None:
    """Set dimensions, such as ``state``, of reports in every table of their form.

    :raises ValueError: not a dimension.
    """
    if unknown := set(dimensions) - set(DIMENSIONS):
        raise ValueError(f"not a dimension: {sorted(unknown)}")
    wanted = list(keys)
    for section in version.sections if wanted and dimensions else ():
        table = section_table(version, section.code)
        db.session.execute(update(table).where(_among(table, wanted)).values(**dimensions))


def remove(version: VersionDefinition, key: Key) -> None:
    """Delete the figures of a report from every table of its form."""
    for section in version.sections:
        table = section_table(version, section.code)
        db.session.execute(delete(table).where(_among(table, [key])))


def write_batch(
    version: VersionDefinition, section: str, reports: Iterable[tuple[Key, Dimensions, Cells]]
) -> int:
    """Insert the grids of many reports that have none yet, as fast as the database takes them.

    COPY on PostgreSQL, executemany on SQLite; memory stays bounded. How many were written.

    :raises ValueError: a number that its indicator cannot keep exactly.
    """
    table = section_table(version, section)
    cells = [
        (found.code, cell, found.scale)
        for found in version.section(section).indicators
        for cell in found.cells
    ]
    names = ["period", "enterprise_id", *DIMENSIONS, *(column(code, cell) for code, cell, _ in cells)]
    lines = (_line(key, dimensions, figures, cells) for key, dimensions, figures in reports)
    connection = db.session.connection()
    if not is_postgresql():
        places = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})"  # noqa: S608 - checked codes
        return sum(_execute_many(connection, statement, batch) for batch in _batches(lines))
    count = 0
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)
            count += 1
    return count


def _line(
    key: Key, dimensions: Dimensions, figures: Cells, cells: Sequence[tuple[str, str, int]]
) -> tuple[Any, ...]:
    return (*astuple(key), *astuple(dimensions), *_stored(figures, cells))


def _stored(figures: Cells, cells: Sequence[tuple[str, str, int]]) -> Iterator[int | None]:
    for code, cell, scale in cells:
        value = figures.get((code, cell))
        yield None if value is None else scaled(value, scale)


def _batches(lines: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while batch := list(islice(lines, BATCH)):
        yield batch


def _execute_many(connection: Any, statement: str, lines: list[tuple[Any, ...]]) -> int:
    connection.exec_driver_sql(statement, lines)
    return len(lines)


def _upsert(table: Table, key: Mapping[str, int], values: Mapping[str, Any]) -> dict[str, Change]:
    """Insert the row, or update the columns that differ; before and after of each changed column."""
    here = and_(*(table.c[name] == part for name, part in key.items()))
    stored = db.session.execute(select(*(table.c[name] for name in values)).where(here)).mappings().first()
    if stored is None:
        # a second tab may have inserted the row since: its other columns are left alone
        new = postgresql.insert(table) if is_postgresql() else sqlite.insert(table)
        new = new.values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=dict(values))
        db.session.execute(new)
        return {name: (None, value) for name, value in values.items() if value is not None}
    changed = {name: (stored[name], value) for name, value in values.items() if stored[name] != value}
    if changed:
        becomes = {name: value for name, (_, value) in changed.items()}
        db.session.execute(update(table).where(here).values(becomes))
    return changed


def refuse_unfit(version: VersionDefinition, cells: Cells) -> None:
    """Refuse cells that the version does not take and numbers that it cannot keep, all together.

    :raises Invalid: with one problem for each, at field ``<indicator>.<cell>``.
    """
    taken = {(found.code, cell): found.scale for found in version.indicators for cell in found.cells}
    problems = []
    for (indicator, cell), value in cells.items():
        field = f"{indicator}.{cell}"
        if (indicator, cell) not in taken:
            problems.append(Problem(Message("The form has no cell {cell}.", cell=field), field))
        elif value is not None and (words := number_problem(value, taken[indicator, cell])):
            problems.append(Problem(words, field))
    if problems:
        raise Invalid(problems)


def refuse_unfit_rows(section: SectionDefinition, rows: Sequence[Row]) -> None:
    """Refuse figures and texts that their columns cannot keep, all together.

    :raises Invalid: with one problem for each, at field ``<section>.<row>.<column>``.
    """
    problems = [
        Problem(words, f"{section.code}.{number}.{found.code}")
        for number, row in enumerate(rows, start=1)
        for found in section.columns
        if (words := found.problem(row.get(found.code)))
    ]
    if problems:
        raise Invalid(problems)
