"""A list as a page: everything worked out here, so that the template only writes it down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from flask import Response, make_response, render_template, request
from markupsafe import Markup

from app.infra.i18n import say
from app.infra.lists import cells, query, remote
from app.infra.lists.asked import Args, Asked, address, ask, parts, staying
from app.infra.lists.filters import choices_of
from app.infra.lists.spec import COUNT_CAP, Action, Column, Filter, ListSpec
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import Message

UNBROKEN = frozenset({"date", "instant", "month"})
"""Kinds of cells that stay on one line."""


class ShownRow(NamedTuple):
    """A row: its key as one word, its name for those who hear the page, its cells."""

    key: str
    name: Any
    cells: list[tuple[Markup, Any]]


@dataclass(slots=True)
class Heading:
    """The head of a column; ``sort`` is the address that sorts by it, ``aria`` how it is sorted now."""

    column: Column
    label: str
    css: str = ""
    sort: str = ""
    aria: str = ""


@dataclass(slots=True)
class FilterField:
    """A filter as a form field: what was typed, what is offered, what is wrong."""

    condition: Filter
    label: str
    typed: list[list[str]]
    offered: list[tuple[str, str]] = field(default_factory=list)
    shown: str = ""
    problem: str = ""
    tabs: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class ListPage:
    """All that the template needs."""

    spec: ListSpec
    asked: Asked
    url: str
    owner: int | None
    headings: list[Heading]
    rows: list[ShownRow]
    fields: list[FilterField]
    actions: list[Action]
    hidden: list[tuple[str, str]]
    kept: list[tuple[str, str]]
    total: str
    total_number: int
    first: str
    previous: str
    next: str
    sizes: list[tuple[int, str]]
    usual_columns: str
    problems: list[Problem]

    @property
    def further_in_force(self) -> bool:
        """Whether a folded condition is in force or wrong, so that it must be seen."""
        folded = (field for field in self.fields if field.condition.more_conditions)
        return any(field.problem or any(field.typed) for field in folded)


def render_list(
    spec: ListSpec, actor: Actor, today: dt.date, template: str = "lists/list.html", **context: Any
) -> Response:
    """Answer the GET of a list: its page, or what a filter asks for while somebody types into it.

    The address of the request says everything; the page's forms send to the same address, GET for
    queries and POST for exports and actions (``run_action``). 400 with what to mend, and no rows,
    where a condition cannot be read: "all filtered rows" must never mean more than what is seen.

    :param context: more for the template; ``add_url`` draws a button.
    """
    looked_up = request.args.get("choices")
    if looked_up is not None:
        return remote.as_json(remote.choices(spec, looked_up, request.args.get("q", ""), actor, today))
    page = list_page(spec, actor, request.args, today, request.path)
    response = make_response(render_template(template, page=page, spec=spec, **context))
    response.status_code = 400 if page.problems else 200
    return response


def list_page(
    spec: ListSpec, actor: Actor, args: Args | Mapping[str, Any], today: dt.date, url: str = ""
) -> ListPage:
    """Read the address, fetch, and lay out."""
    asked = ask(spec, args, actor, today)
    found = query.EMPTY_PAGE if asked.problems else query.fetch(spec, asked, actor, today)
    return ListPage(
        spec=spec,
        asked=asked,
        url=url,
        owner=actor.account_id,
        headings=[_heading(spec, asked, column) for column in asked.columns],
        rows=shown_rows(spec, asked, found, actor),
        fields=_fields(spec, asked, actor, today),
        actions=[action for action in spec.actions if action.allowed(actor)],
        hidden=parts(spec, asked),
        kept=_kept(spec, asked),
        total=total_words(spec, found.total),
        total_number=found.total,
        first=address(spec, asked) if asked.cursor or asked.problems else "",
        previous=address(spec, asked, before=found.before) if found.before else "",
        next=address(spec, asked, after=found.after) if found.after else "",
        sizes=[(size, address(spec, asked, psize=size)) for size in spec.sizes],
        usual_columns=address(spec, replace(asked, columns_chosen=False)),
        problems=list(asked.problems),
    )


def total_words(spec: ListSpec, total: int) -> str:
    """``共 103 户``; beyond the cap ``共 10,000+ 户``."""
    shown = f"{COUNT_CAP:,}+" if total > COUNT_CAP else f"{total:,}"
    return say(Message(spec.unit.msgid, **{**spec.unit.values, "count": shown}))


def shown_rows(spec: ListSpec, asked: Asked, found: query.Page, actor: Actor) -> list[ShownRow]:
    """Rows of drawn cells, each with the tag that it stands in."""
    columns = asked.columns
    drawn, opened = [], []
    for position, column in enumerate(columns):
        pattern = column.link
        links: list[Any] = list(found.keys)
        if column.link_from is not None:
            links = [None if link is None else (link,) for link in found.links[position] or ()]
        elif not pattern and position == 0:
            pattern = staying(spec, asked, spec.row_link) if spec.row_link.startswith("?") else spec.row_link
        shown = cells.cells_of(column, found.values[position] if found.keys else [], links, pattern)
        drawn.append(cells.noted(shown, column.note(found.keys, actor), found.keys) if column.note else shown)
        opened.append(_opening(column, is_first=position == 0))
    names = [cells.words_of(columns[0])(value) for value in found.values[0]] if found.keys else []
    return [
        ShownRow(
            cells.key_text(key), names[place], [(opened[i], column[place]) for i, column in enumerate(drawn)]
        )
        for place, key in enumerate(found.keys)
    ]


def _opening(column: Column, *, is_first: bool) -> Markup:
    css = f"{_css(column)} head" if is_first else _css(column)
    return Markup('<td data-label="{}" class="{}">').format(say(column.label), css.strip())


def _css(column: Column) -> str:
    kept = "num" if column.kind in cells.RIGHT else "keep" if column.kind in UNBROKEN else ""
    return f"{kept} {column.css}".strip()


def _heading(spec: ListSpec, asked: Asked, column: Column) -> Heading:
    heading = Heading(column, say(column.label), _css(column))
    if column.sortable:
        current = asked.sort.removeprefix("-") == column.key
        descending = asked.sort.startswith("-")
        heading.aria = ("descending" if descending else "ascending") if current else "none"
        heading.sort = address(
            spec, asked, sort=column.key if not current or descending else f"-{column.key}"
        )
    return heading


def _fields(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> list[FilterField]:
    wrong = {problem.field: say(problem.message) for problem in asked.problems}
    shown = remote.labels(spec, asked, actor, today)
    return [_field(spec, condition, asked, actor, today, wrong, shown) for condition in spec.filters]


def _field(
    spec: ListSpec,
    condition: Filter,
    asked: Asked,
    actor: Actor,
    today: dt.date,
    wrong: Mapping[str, str],
    shown: Mapping[str, str],
) -> FilterField:
    typed = [asked.typed.get(part, []) for part in condition.parts]
    made = FilterField(condition, say(condition.label), typed, problem=wrong.get(condition.parts[0], ""))
    made.shown = shown.get(condition.key, "")
    if condition.kind in ("choice", "multi"):
        made.offered = [
            (str(value), say(words)) for value, words in choices_of(condition, actor, today).items()
        ]
    elif condition.kind == "bool":
        made.offered = [("1", say(Message("Yes"))), ("0", say(Message("No")))]
    if condition.tabs:
        made.tabs = _tabs(spec, condition, asked, made.offered)
    return made


def _tabs(
    spec: ListSpec, condition: Filter, asked: Asked, offered: list[tuple[str, str]]
) -> list[tuple[str, str, bool]]:
    current = (asked.typed.get(condition.key) or [""])[0]
    found = []
    for value, label in [("", say(Message("All"))), *offered]:
        typed = {**asked.typed, condition.key: [value]}
        found.append((label, address(spec, _with_typed(asked, typed)), value == current))
    return found


def _with_typed(asked: Asked, typed: Mapping[str, list[str]]) -> Asked:
    return replace(asked, typed=typed)


def _kept(spec: ListSpec, asked: Asked) -> list[tuple[str, str]]:
    """What a new query keeps of the old one: sort, columns, page size and the tab, not the conditions."""
    tabs = {condition.key for condition in spec.filters if condition.tabs}
    typed = {part: values for part, values in asked.typed.items() if part in tabs}
    return parts(spec, _with_typed(asked, typed))
