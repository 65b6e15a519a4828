"""The statements of a list: at most three for a page, however many rows there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, inspect, literal, select, tuple_
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from app.infra.database import session
from app.infra.lists import filters, paging, where
from app.infra.lists.asked import Asked, sort_keys
from app.infra.lists.spec import COUNT_CAP, Column, Key, ListSpec, Lookup
from app.kernel.actor import Actor

Row = tuple[Any, ...]


@dataclass(slots=True)
class Layout:
    """Which place of a fetched row holds what."""

    values: list[int | None] = field(default_factory=list)  # by column; None: fetched per page
    links: list[int | None] = field(default_factory=list)
    sorts: slice = field(default_factory=lambda: slice(0, 0))
    keys: slice = field(default_factory=lambda: slice(0, 0))
    total: int | None = None  # where the number of all rows stands, if it was asked for
    totals: list[int | None] = field(default_factory=list)  # by column what stands under all rows

    def key(self, row: Sequence[Any]) -> Key:
        """What makes the row unique."""
        return tuple(row[self.keys])


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; ``values[i]`` are those of column i. ``total`` is more than ``COUNT_CAP`` where
    counting was given up. ``totals`` are what stands under all rows, by column; empty where nothing does."""

    keys: list[Key]
    values: list[list[Any]]
    links: list[list[Any] | None]
    total: int
    before: str
    after: str
    totals: Sequence[Any] = ()


EMPTY_PAGE = Page([], [], [], 0, "", "")


def scoped(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> Select:
    """The rows that the actor may see and asked for, in no order and without a page."""
    conditions = [
        filters.clause(spec.filter(key), value, actor, today) for key, value in asked.values.items()
    ]
    groups = where.clause(asked.where, actor, today)
    if groups is not None:
        conditions.append(groups)
    rows = spec.base(actor, today).order_by(None).where(*conditions)
    return spec.groups(rows) if spec.groups else rows


def statement(
    spec: ListSpec,
    columns: Sequence[Column],
    rows: Select,
    order: Sequence[paging.SortKey],
    *,
    backwards: bool = False,
    limit: int | None = None,
    counted: bool = False,
) -> tuple[Select, Layout]:
    """Select explicit columns of ``rows`` in order; names of other tables are joined to what is left."""
    layout, fields, lookups = _fields(spec, columns, order)
    if counted:
        layout.total = len(fields)
        fields.append(func.count().over().label("total"))
    cut = rows.with_only_columns(*fields, maintain_column_froms=True)
    if limit is not None or not lookups:  # what is not cut need not be sorted twice
        cut = cut.order_by(*paging.order_by(order, backwards=backwards)).limit(limit)
    return (_named(cut, lookups, layout, order, backwards=backwards), layout) if lookups else (cut, layout)


def _fields(
    spec: ListSpec, columns: Sequence[Column], order: Sequence[paging.SortKey]
) -> tuple[Layout, list[ColumnElement[Any]], list[tuple[int, Lookup]]]:
    layout = Layout()
    fields: list[ColumnElement[Any]] = []
    lookups: list[tuple[int, Lookup]] = []

    def put(expression: Any) -> int:
        fields.append(expression.label(f"f{len(fields)}"))
        return len(fields) - 1

    for column in columns:
        source = column.lookup.by if column.lookup else column.expression
        layout.values.append(None if source is None else put(source))
        layout.links.append(None if column.link_from is None else put(column.link_from))
        if column.lookup:
            lookups.append((layout.values[-1] or 0, column.lookup))
    places = [put(expression) for expression in (*(key.expression for key in order), *spec.key)]
    cut = places[0] + len(order)
    layout.sorts, layout.keys = slice(places[0], cut), slice(cut, len(fields))
    if spec.total:
        layout.totals = [None if column.total is None else put(column.total) for column in columns]
    return layout, fields, lookups


def _named(
    cut: Select,
    lookups: Sequence[tuple[int, Lookup]],
    layout: Layout,
    order: Sequence[paging.SortKey],
    *,
    backwards: bool,
) -> Select:
    page = cut.subquery("page")
    shown: list[Any] = list(page.c)
    source: Any = page
    for place, lookup in lookups:
        key, value = _names_table(lookup)
        source = source.outerjoin(key.table, key == page.c[place])
        shown[place] = value.label(f"f{place}")
    again = [
        paging.SortKey(expression, key.descending, key.nullable)
        for expression, key in zip(list(page.c)[layout.sorts], order, strict=True)
    ]
    return select(*shown).select_from(source).order_by(*paging.order_by(again, backwards=backwards))


def _names_table(lookup: Lookup) -> tuple[Any, Any]:
    """Key and value of the table that a lookup reads, under a name of its own.

    Only the two columns: an alias of the whole model would be built anew, column by column, for each page.
    """
    model = inspect(lookup.model)
    if not isinstance(model.local_table, Table):  # a name that is itself selected from several tables
        source = model.local_table.alias()
        return source.c[lookup.key], source.c[lookup.value]
    parts = [model.columns[name] for name in dict.fromkeys((lookup.key, lookup.value))]
    named = sql_table(model.local_table.name, *(sql_column(part.name, part.type) for part in parts)).alias()
    return named.c[parts[0].name], named.c[parts[-1].name]


def fetch(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> Page:
    """One page, counted where the first page has not counted already."""
    rows = scoped(spec, asked, actor, today)
    counted = asked.cursor is None and spec.bounded_by in asked.values
    found, layout, more = _rows(spec, asked, rows, counted=counted)
    cursor = asked.cursor
    if cursor and cursor.direction == "before" and not more and len(found) < asked.size:
        found, layout, more = _rows(spec, asked, rows, from_the_start=True)
        cursor = None
    total = asked.cursor.total if asked.cursor else None
    if total is None:
        total = _total(found, layout, rows, all_found=cursor is None and not more)
    backwards = cursor is not None and cursor.direction == "before"
    has_before = more if backwards else cursor is not None
    has_after = True if backwards else more

    def mark(row: Row) -> str:
        return paging.encode(row[layout.sorts], asked.sort, total)

    return Page(
        keys=[layout.key(row) for row in found],
        values=column_values(asked.columns, layout, found, actor),
        links=[None if place is None else [row[place] for row in found] for place in layout.links],
        total=total,
        before=mark(found[0]) if found and has_before else "",
        after=mark(found[-1]) if found and has_after else "",
        # beyond the first page the windows would leave out the groups before it
        totals=totals_of(layout, found) if asked.cursor is None else (),
    )


def totals_of(layout: Layout, rows: Sequence[Row]) -> list[Any]:
    """What stands under all rows, by column; every row has it. Empty where the list has no such line."""
    if not rows:
        return []
    return [None if place is None else rows[0][place] for place in layout.totals]


def _total(found: Sequence[Row], layout: Layout, rows: Select, *, all_found: bool) -> int:
    if all_found:
        return len(found)
    if layout.total is not None:
        return min(int(found[0][layout.total]), COUNT_CAP + 1)
    return count(rows)


def _rows(
    spec: ListSpec, asked: Asked, rows: Select, *, from_the_start: bool = False, counted: bool = False
) -> tuple[list[Row], Layout, bool]:
    order = sort_keys(spec, asked.sort)
    cursor = None if from_the_start else asked.cursor
    if cursor is not None:
        further = paging.beyond(order, cursor)
        rows = rows.having(further) if spec.groups else rows.where(further)
    backwards = cursor is not None and cursor.direction == "before"
    query, layout = statement(
        spec, asked.columns, rows, order, backwards=backwards, limit=asked.size + 1, counted=counted
    )
    found = execute(query)
    more = len(found) > asked.size
    found = found[: asked.size]
    return (found[::-1] if backwards else found), layout, more


def count(rows: Select, cap: int = COUNT_CAP) -> int:
    """How many rows there are, ``cap`` + 1 for any number beyond."""
    some = rows.with_only_columns(literal(1), maintain_column_froms=True).limit(cap + 1).subquery()
    return session().execute(select(func.count()).select_from(some)).scalar_one()


def column_values(
    columns: Sequence[Column], layout: Layout, rows: Sequence[Row], actor: Actor
) -> list[list[Any]]:
    """The values by column; what is fetched per page costs one statement a column."""
    keys = [layout.key(row) for row in rows]
    found: list[list[Any]] = []
    for column, place in zip(columns, layout.values, strict=True):
        if place is not None:
            values = [row[place] for row in rows]
            found.append([*column.made(keys, values, actor)] if column.made else values)
        else:
            fetched: Mapping[Key, Any] = column.each(keys, actor) if keys and column.each else {}
            found.append([fetched.get(key) for key in keys])
    return found


def with_keys(spec: ListSpec, rows: Select, keys: Sequence[Key]) -> Select:
    """Only the rows of these keys, of those that ``rows`` has at all."""
    if len(spec.key) == 1:
        return rows.where(spec.key[0].in_([key[0] for key in keys]))
    return rows.where(tuple_(*spec.key).in_(keys))


def meant(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date, ticked: Sequence[Key] | None) -> Select:
    """The ticked rows, or all filtered ones where none are; only what the actor may see."""
    if ticked is None:
        return scoped(spec, asked, actor, today)
    # a group is what the conditions let into it; a single row is the same without them
    rows = scoped(spec, asked, actor, today) if spec.groups else spec.base(actor, today).order_by(None)
    return with_keys(spec, rows, ticked)


def execute(query: Select) -> list[Row]:
    """Run a statement and fetch plain tuples."""
    return [tuple(row) for row in session().execute(query)]
