"""What an address asks of a list: filters, sort, columns, page; everything checked, nothing trusted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import aliased
from werkzeug.datastructures import MultiDict

from app.infra.lists import filters, local, paging, where
from app.infra.lists.charting import Shown, read_show
from app.infra.lists.spec import COUNT_CAP, Column, ListSpec
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import Message

Args = MultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to a list, understood. With ``problems`` there is no answer, only what to mend;
    ``notices`` say what was put right without asking."""

    values: Mapping[str, Any]
    typed: Mapping[str, list[str]]
    sort: str
    columns: tuple[Column, ...]
    columns_chosen: bool
    size: int
    cursor: paging.Cursor | None
    problems: tuple[Problem, ...]
    notices: tuple[Message, ...]
    is_filtered: bool
    """Whether somebody asked for a condition; one that is in force by itself does not count."""
    where: where.Where = where.NOWHERE
    view: str = ""
    """The number of the view that the question came from, as a name on the page; it narrows nothing."""
    shown: Shown | None = None
    """The chart that is shown above the table, if one is."""


def ask(spec: ListSpec, args: Args | Mapping[str, Any], actor: Actor, today: dt.date) -> Asked:
    """Read an address. Never raises: what cannot be read becomes a problem or a notice."""
    given: Args = args if isinstance(args, MultiDict) else MultiDict(args)
    values, typed, problems = _conditions(spec, given, actor, today)
    groups, wrong = where.read(spec, given.get("where", ""), actor, today)
    problems.extend(wrong)
    notices: list[Message] = []
    sort = _sort(spec, given.get("sort", ""), notices)
    columns, chosen = _columns(spec, given, notices)
    shown = read_show(spec.charts, given.get("show", ""), notices)
    if shown is not None:
        needed = shown.keys | {column.key for column in columns}
        columns = tuple(column for column in spec.columns if column.key in needed)
    size = _size(spec, given.get("psize", ""), notices)
    cursor = _cursor(spec, given, sort, problems)
    filtered = bool(groups.pieces) or any(
        typed[condition.parts[0]] != condition.usual for condition in spec.filters if condition.key in values
    )
    return Asked(
        values,
        typed,
        sort,
        columns,
        chosen,
        size,
        cursor,
        tuple(problems),
        tuple(notices),
        filtered,
        groups,
        _view(given),
        shown,
    )


def address(spec: ListSpec, asked: Asked, **changes: Any) -> str:
    """The query string of this question with changes; beginning with ``?``. A change of anything
    but the page goes back to the first page."""
    return "?" + urlencode(parts(spec, asked, **changes))


def parts(spec: ListSpec, asked: Asked, **changes: Any) -> list[tuple[str, str]]:
    """Names and values that carry this question, as an address or as hidden inputs."""
    found = [(part, value) for part, values in asked.typed.items() for value in values]
    if asked.where.text:
        found.append(("where", asked.where.text))
    if any(condition.default for condition in spec.filters):
        found.append(("asked", "1"))
    sort = changes.get("sort", asked.sort)
    if sort != spec.default_sort:
        found.append(("sort", sort))
    if asked.columns_chosen:
        # links beside every row are no choice of anybody
        chosen = (one.key for one in asked.columns if not (one.always and one.kind == "links"))
        found.append(("cols", ",".join(chosen)))
    size = changes.get("psize", asked.size)
    if asked.view:
        found.append(("view", asked.view))
    if size != spec.size:
        found.append(("psize", str(size)))
    show = changes.get("show", asked.shown.word if asked.shown else "")
    if show:
        found.append(("show", show))
    found.extend((name, changes[name]) for name in ("after", "before") if name in changes)
    return found


def staying(spec: ListSpec, asked: Asked, pattern: str) -> str:
    """A row's link that begins with ``?``: this very page of the list, with the row besides."""
    here = parts(spec, asked)
    if asked.cursor is not None:
        mark = paging.encode(asked.cursor.values, asked.sort, asked.cursor.total)
        here.append((asked.cursor.direction, mark))
    return "?" + urlencode(here) + ("&" if here else "") + pattern.removeprefix("?")


def sort_keys(spec: ListSpec, sort: str) -> list[paging.SortKey]:
    """What to sort by: the column, then the key in the same direction so that an index can serve both."""
    descending = sort.startswith("-")
    keys = []
    if sort:
        column = spec.column(sort.lstrip("-"))
        keys.append(paging.SortKey(_sort_expression(column), descending, _nullable(column)))
    keys.extend(paging.SortKey(expression, descending, nullable=False) for expression in spec.key)
    return keys


def _sort_expression(column: Column) -> Any:
    if column.lookup is None:
        return local.sorted_by(column.expression)
    lookup = column.lookup
    named = aliased(lookup.model)
    return (
        select(getattr(named, lookup.value)).where(getattr(named, lookup.key) == lookup.by).scalar_subquery()
    )


def _nullable(column: Column) -> bool:
    if column.nullable is not None:
        return column.nullable
    expression = column.lookup.by if column.lookup else column.expression
    return bool(getattr(expression, "nullable", True))


def _conditions(
    spec: ListSpec, args: Args, actor: Actor, today: dt.date
) -> tuple[dict[str, Any], dict[str, list[str]], list[Problem]]:
    values: dict[str, Any] = {}
    typed: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for condition in spec.filters:
        value, problem = filters.read(condition, args, actor, today)
        if problem is not None:
            problems.append(problem)
        elif value is not None:
            values[condition.key] = value
        for part in condition.parts:
            kept = [text.replace("\0", "") for text in filters.written(condition, part, args)]
            typed[part] = [text[: filters.LONGEST_TEXT] for text in kept if text]
    return values, typed, problems


def _sort(spec: ListSpec, wanted: str, notices: list[Message]) -> str:
    if not wanted:
        return spec.default_sort
    sortable = {column.key for column in spec.columns if column.sortable}
    if wanted.removeprefix("-") in sortable:
        return wanted
    notices.append(Message("The list cannot be sorted that way; it is in its usual order."))
    return spec.default_sort


def _columns(spec: ListSpec, args: Args, notices: list[Message]) -> tuple[tuple[Column, ...], bool]:
    wanted = {key for text in args.getlist("cols") for key in text.split(",") if key}
    if not wanted:
        return tuple(column for column in spec.columns if column.default or column.always), False
    if wanted - {column.key for column in spec.columns}:
        notices.append(Message("Some of the chosen columns do not exist and are left out."))
    found = tuple(column for column in spec.columns if column.always or column.key in wanted)
    if not found:
        return tuple(column for column in spec.columns if column.default), False
    return found, True


def _view(args: Args) -> str:
    number = args.get("view", "")
    return number if number.isascii() and number.isdigit() and len(number) < 19 else ""


def _size(spec: ListSpec, wanted: str, notices: list[Message]) -> int:
    if not wanted:
        return spec.size
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 and int(wanted) in spec.sizes:
        return int(wanted)
    notices.append(Message("A page cannot have that many rows; it shows {size}.", size=spec.size))
    return spec.size


def _cursor(spec: ListSpec, args: Args, sort: str, problems: list[Problem]) -> paging.Cursor | None:
    direction: Literal["after", "before"] = "before" if args.get("before") else "after"
    text = args.get(direction)
    if not text:
        return None
    try:
        return paging.decode(text, direction, sort, sort_keys(spec, sort), COUNT_CAP)
    except paging.DamagedCursor:
        problems.append(
            Problem(Message("The address of this page is damaged. Begin again at the first page."))
        )
        return None
