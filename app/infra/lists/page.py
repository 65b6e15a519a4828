"""A list as a page: everything worked out here, so that the template only writes it down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from app.infra.i18n import say
from app.infra.lists import cells, drawing, query, remote
from app.infra.lists.asked import Args, Asked, address, ask, parts, staying
from app.infra.lists.editor import Editor, editor_of, recomposed
from app.infra.lists.filters import choices_of
from app.infra.lists.kept import (
    LONGEST_NAME,
    NO_VIEW,
    NOTHING_KEPT,
    Kept,
    KeptView,
    keeper,
    kept_for,
    opened,
    question,
)
from app.infra.lists.spec import COUNT_CAP, Action, Column, Filter, ListSpec
from app.infra.lists.where import NOWHERE
from app.kernel.actor import Actor
from app.kernel.errors import Problem
from app.kernel.texts import Message

USUAL_TEMPLATE = "lists/list.html"
BOX = '<td class="tick"><input class="qj-check" type="checkbox" name="key" '
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
    band: str = ""
    short: str = ""


@dataclass(slots=True)
class FilterField:
    """A filter as a form field: what was typed, what is offered, what is wrong."""

    condition: Filter
    label: str
    typed: list[list[str]]
    offered: list[tuple[str, str]] = field(default_factory=list)
    chosen: list[tuple[str, str]] = field(default_factory=list)
    problem: str = ""
    tabs: list[tuple[str, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Views:
    """The views of the list for its menu: the one that is open, and whether its question was changed."""

    kept: Kept
    manage: str = ""
    open: KeptView | None = None
    is_changed: bool = False
    longest: int = LONGEST_NAME


@dataclass(slots=True)
class ListPage:
    """All that the template needs."""

    spec: ListSpec
    asked: Asked
    url: str
    headings: list[Heading]
    rows: list[ShownRow]
    fields: list[FilterField]
    actions: list[Action]
    hidden: list[tuple[str, str]]
    kept: list[tuple[str, str]]
    total: str
    total_number: int
    cleared: str
    first: str
    previous: str
    next: str
    sizes: list[tuple[int, str]]
    problems: list[Problem]
    where: Editor
    views: Views
    totals: list[tuple[Markup, Any]] = field(default_factory=list)
    charts: drawing.ChartPage = field(default_factory=lambda: drawing.ChartPage([], []))
    takes_forms: bool = True
    """Whether the address takes what the menus of columns and views send."""

    def body(self, tick: str) -> Markup:
        """The rows as one piece; a template that writes cell by cell takes longer for them than for the rest.

        :param tick: what the box before a row is called together with the name of its row; empty without.
        """
        called = escape(tick)
        lines = (
            (f'{BOX}value="{row.key}" aria-label="{called} {escape(row.name)}"></td>' if tick else "")
            + "".join(f"{opening}{escape(cell)}</td>" for opening, cell in row.cells)
            for row in self.rows
        )
        return Markup("".join(f"<tr>{line}</tr>\n" for line in lines))

    @property
    def bands(self) -> list[tuple[str, list[Heading]]]:
        """Neighbouring headings under the words over them; empty where nothing stands over any."""
        if not any(heading.band for heading in self.headings):
            return []
        return [(band, list(below)) for band, below in groupby(self.headings, lambda heading: heading.band)]

    @property
    def further_in_force(self) -> bool:
        """Whether a folded condition is in force or wrong, so that it must be seen."""
        folded = (field for field in self.fields if field.condition.more_conditions)
        return any(field.problem or any(field.typed) for field in folded)


def render_list(
    spec: ListSpec,
    actor: Actor,
    today: dt.date,
    template: str = USUAL_TEMPLATE,
    *,
    url: str = "",
    **context: Any,
) -> Response:
    """Answer the GET of a list: its page, or what a filter asks for while somebody types into it.

    The address of the request says everything; the page's forms send to the same address, GET for
    queries and POST for exports and actions (``run_action``). 400 with what to mend, and no rows,
    where a condition cannot be read: "all filtered rows" must never mean more than what is seen.

    :param url: the path that the page's forms send to, where it is not the one that was asked for.
    :param context: more for the template; ``add_url`` draws a button.
    """
    looked_up = request.args.get("choices")
    if looked_up is not None:
        return remote.as_json(remote.choices(spec, looked_up, request.args.get("q", ""), actor, today))
    again = recomposed(spec, request.args, lambda key, text: remote.nearest(spec, key, text, actor, today))
    if again is not None:
        query_string = urlencode(list(again.items(multi=True)))
        return redirect(f"{request.path}?{query_string}")  # type: ignore[return-value]
    takes_forms = bool(url) or (request.url_rule is not None and "POST" in (request.url_rule.methods or ()))
    kept = kept_for(actor, spec.name) if takes_forms else NOTHING_KEPT
    view = opened(spec, kept, request.args, actor, today)
    if view is not None:
        if view[1] is not None:
            flash(say(view[1]), "warning")
        return redirect(request.path + view[0])  # type: ignore[return-value]
    args = with_chosen_columns(spec, kept, request.args)
    page = list_page(spec, actor, args, today, url or request.path, kept)
    page.takes_forms = takes_forms
    response = make_response(render_template(template, page=page, spec=spec, **context))
    response.status_code = 400 if page.problems else 200
    return response


def with_chosen_columns(spec: ListSpec, kept: Kept, args: Args) -> Args:
    """The address with the columns that the account chose last; one that names columns itself counts."""
    if "cols" in args or spec.columns_fixed:
        return args
    known = {column.key for column in spec.columns}
    chosen = [key for key in kept.columns if key in known]
    if not chosen:
        return args
    found = MultiDict(args.items(multi=True))
    found["cols"] = ",".join(chosen)
    return found


def list_page(
    spec: ListSpec,
    actor: Actor,
    args: Args | Mapping[str, Any],
    today: dt.date,
    url: str = "",
    kept: Kept = NOTHING_KEPT,
) -> ListPage:
    """Read the address, fetch, and lay out."""
    asked = ask(spec, args, actor, today)
    found = query.EMPTY_PAGE if asked.problems else query.fetch(spec, drawing.widened(asked), actor, today)
    labels = remote.labels(spec, asked, actor, today)
    return ListPage(
        spec=spec,
        asked=asked,
        url=url,
        headings=[_heading(spec, asked, column) for column in asked.columns],
        rows=shown_rows(spec, asked, found, actor),
        fields=_fields(spec, asked, actor, today, labels),
        actions=[action for action in spec.actions if action.allowed(actor)],
        hidden=parts(spec, asked),
        kept=_kept(spec, asked),
        total=total_words(spec, found.total),
        total_number=found.total,
        cleared=url + _cleared(spec, asked, kept),
        first=address(spec, asked) if asked.cursor or asked.problems else "",
        previous=address(spec, asked, before=found.before) if found.before else "",
        next=address(spec, asked, after=found.after) if found.after else "",
        sizes=[(size, address(spec, asked, psize=size)) for size in spec.sizes],
        problems=list(asked.problems),
        views=_views(spec, asked, kept, actor, today),
        where=editor_of(spec, asked, labels, lambda condition: choices_of(condition, actor, today)),
        totals=_totals(spec, asked, found),
        charts=drawing.chart_page(spec, asked, found, actor, today),
    )


def _totals(spec: ListSpec, asked: Asked, found: query.Page) -> list[tuple[Markup, Any]]:
    """The drawn line under all rows, named at its first cell."""
    drawn: list[tuple[Markup, Any]] = []
    for position, (column, value) in enumerate(zip(asked.columns, found.totals, strict=False)):
        named = column.total is None
        shown: Any = (say(spec.total) if position == 0 else "") if named else cells.html_of(column)(value)
        drawn.append((_opening(column, is_first=position == 0), shown))
    return drawn


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
            links = [
                None if link is None else (link,)
                for link in (found.links[position] if found.links else None) or ()
            ]
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
    kept = "acts" if column.kind == "links" else kept
    return f"{kept} {column.css}".strip()


def _heading(spec: ListSpec, asked: Asked, column: Column) -> Heading:
    heading = Heading(column, say(column.label), _css(column))
    if column.band is not None:
        heading.band, heading.short = map(say, column.band)
    if column.sortable:
        current = asked.sort.removeprefix("-") == column.key
        descending = asked.sort.startswith("-")
        heading.aria = ("descending" if descending else "ascending") if current else "none"
        heading.sort = address(
            spec, asked, sort=column.key if not current or descending else f"-{column.key}"
        )
    return heading


def _fields(
    spec: ListSpec, asked: Asked, actor: Actor, today: dt.date, labels: remote.Labels
) -> list[FilterField]:
    wrong = {problem.field: say(problem.message) for problem in asked.problems}
    return [_field(spec, condition, asked, actor, today, wrong, labels) for condition in spec.filters]


def _field(
    spec: ListSpec,
    condition: Filter,
    asked: Asked,
    actor: Actor,
    today: dt.date,
    wrong: Mapping[str, str],
    labels: remote.Labels,
) -> FilterField:
    typed = [asked.typed.get(part, []) for part in condition.parts]
    made = FilterField(condition, say(condition.label), typed, problem=wrong.get(condition.parts[0], ""))
    if condition.kind == "remote":
        made.chosen = [(value, labels.get((condition.key, value), value)) for value in typed[0]]
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
    everything = [] if condition.required else [("", say(Message("All")))]
    for value, label in [*everything, *offered]:
        typed = {**asked.typed, condition.key: [value]}
        found.append((label, address(spec, _with_typed(asked, typed)), value == current))
    return found


def _with_typed(asked: Asked, typed: Mapping[str, list[str]]) -> Asked:
    return replace(asked, typed=typed)


def _views(spec: ListSpec, asked: Asked, kept: Kept, actor: Actor, today: dt.date) -> Views:
    where_kept = keeper()
    if kept is NOTHING_KEPT or where_kept is None or where_kept.page not in current_app.view_functions:
        return Views(kept)
    view = kept.view(asked.view)
    changed = view is not None and _differs(spec, asked, view, actor, today)
    return Views(kept, url_for(where_kept.page), view, changed)


def _differs(spec: ListSpec, asked: Asked, view: KeptView, actor: Actor, today: dt.date) -> bool:
    """Whether the page asks something else than the view; columns count where the view names some."""
    here = MultiDict(parts(spec, asked))
    if "cols" not in dict(parse_qsl(view.query)):
        here.poplist("cols")
    return view.query != question(spec, here, actor, today)


def _cleared(spec: ListSpec, asked: Asked, kept: Kept) -> str:
    """What is left of the address when the conditions are cleared: those that say which list this is.

    Where a view opens by itself, that nothing of it is wanted.
    """
    parts_kept = [part for condition in spec.filters if condition.stays for part in condition.parts]
    typed = [(part, value) for part in parts_kept for value in asked.typed.get(part, [])]
    if kept.default is not None and not typed:
        typed = [("view", NO_VIEW)]
    return "?" + urlencode(typed) if typed else ""


def _kept(spec: ListSpec, asked: Asked) -> list[tuple[str, str]]:
    """What a new query keeps of the old one: sort, columns, page size and the tab, not the conditions."""
    tabs = {condition.key for condition in spec.filters if condition.tabs}
    typed = {part: values for part, values in asked.typed.items() if part in tabs}
    return parts(spec, replace(asked, typed=typed, where=NOWHERE))
