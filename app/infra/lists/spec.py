"""What a list is made of: columns, filters, actions; declared once for page, export, choices and batch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select

from app.infra.lists.charting import Chart
from app.kernel.actor import Actor
from app.kernel.texts import LocalText, Message

Words = Message | LocalText | str
"""What people read: a message, a text of the data, or a lazy string of a FAB view."""

Key = tuple[Any, ...]
Base = Callable[[Actor, dt.date], Select]
Expression = Any  # a mapped attribute or a column element; the ORM types neither as the other

PAGE_SIZES = (15, 25, 50, 100)
DEFAULT_SIZE = 50
COUNT_CAP = 10_000
"""Counting further costs more than the page itself (measured 17–31 ms at 720,000 rows)."""

RESERVED = frozenset(
    {"sort", "cols", "psize", "after", "before", "asked", "choices", "q", "where", "edit", "show"}
) | frozenset(
    {
        "format",
        "columns",
        "key",
        "all",
        "action",
        "comment",
        "confirmed",
        "once",
        "choose",
        "csrf_token",
        "view",
        "views",
    }
)
"""Words of the address that no filter may be called."""

ColumnKind = Literal[
    "text",
    "number",
    "date",
    "instant",
    "month",
    "state",
    "step",
    "choice",
    "local",
    "bool",
    "links",
    "spark",
]
FilterKind = Literal[
    "text",
    "choice",
    "multi",
    "month",
    "month_range",
    "remote",
    "number_range",
    "date_range",
    "bool",
    "instant",
]


RECORDS = Message("{count} records")
NOTHING = Message("There is nothing here yet.")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A name from another table, joined only after the page is cut (measured 8.8 → 4.5 ms).

    ``by`` is the foreign key in the base; ``model`` is joined by ``key`` and gives ``value``.
    """

    by: Expression
    model: Any
    value: str = "name"
    key: str = "id"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. Exactly one of ``expression``, ``lookup`` and ``each`` says where its value comes from.

    ``each`` gets the keys of the rows shown and gives their values, in one statement however many
    rows there are; such a column cannot be sorted. ``link`` is an address with ``{}`` in it, for
    the row's key or for ``link_from``. ``decimals`` belongs to numbers; ``words`` and ``marks``
    (the modifier of the badge) to states and choices. The values of ``links`` are (words, address)
    of what can be done with a row, those of ``spark`` a ``sparks.Spark``, drawn as a small line.
    A column that is ``always`` there cannot be unticked; one that is not ``default`` waits to be
    chosen. ``note`` gives a second, smaller line under each value of a page, in one statement like
    ``each``. ``made`` turns what was read for the rows of a page into what is shown, where SQL cannot,
    without a statement. ``total`` is what stands under all
    rows: an expression over the groups of a grouped list, a window, so that rows and totals come
    from one statement. ``band`` is (what stands over this column and its neighbours, what is left
    of its label below that).
    """

    key: str
    label: Words
    expression: Expression = None
    kind: ColumnKind = "text"
    sortable: bool = False
    always: bool = False
    default: bool = True
    decimals: int = 0
    words: Mapping[Any, Words] = field(default_factory=dict)
    marks: Mapping[Any, str] = field(default_factory=dict)
    shorts: Mapping[Any, Words] = field(default_factory=dict)
    lookup: Lookup | None = None
    each: Callable[[Sequence[Key], Actor], Mapping[Key, Any]] | None = None
    made: Callable[[Sequence[Key], Sequence[Any], Actor], Sequence[Any]] | None = None
    note: Callable[[Sequence[Key], Actor], Mapping[Key, str]] | None = None
    link: str = ""
    link_from: Expression = None
    css: str = ""
    nullable: bool | None = None
    total: Expression = None
    band: tuple[Words, Words] | None = None

    def __post_init__(self) -> None:
        sources = [self.expression is not None, self.lookup is not None, self.each is not None]
        if sum(sources) != 1:
            raise ValueError(f"column {self.key}: one source is needed, {sum(sources)} are given")
        if self.sortable and self.each is not None:
            raise ValueError(f"column {self.key}: what is fetched per page cannot be sorted")


@dataclass(frozen=True, slots=True)
class Remote:
    """Choices too many for a select box: looked up while typing, always in the actor's scope.

    ``source`` gives a select of exactly two columns, value and label. ``match`` are the columns
    that the typed text is looked for in; without them it is the label.
    """

    source: Base
    match: Sequence[Expression] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. ``clause`` replaces the usual comparison, for subtrees of regions and the like.

    A text filter looks for its words in any of ``expression`` and ``more``; ``by_name_key`` compares
    names as spec 00 rule 7 says, against columns that hold ``name_key`` of the name. One that ``stays``
    says which list this is, such as the parts of one version: clearing the conditions keeps it. One
    that is ``required`` cannot be left open: where nothing is asked its ``default`` is in force.
    The default of a ``multi`` is several values with commas between them. One that is ``combinable``
    may also stand in groups of conditions. A ``remote`` one takes several values; ``clause`` gets one. The
    ``hint`` of an ``instant`` stands below it: a browser shows none inside.
    """

    key: str
    label: Words
    kind: FilterKind = "text"
    expression: Expression = None
    more: Sequence[Expression] = ()
    words: Mapping[Any, Words] | Callable[[Actor, dt.date], Mapping[Any, Words]] = field(default_factory=dict)
    remote: Remote | None = None
    clause: Callable[[Any, Actor, dt.date], ColumnElement[bool]] | None = None
    by_name_key: bool = False
    stays: bool = False
    match: Literal["contains", "starts", "exact"] = "contains"
    tabs: bool = False
    more_conditions: bool = False
    default: str = ""  # in force until somebody asks otherwise
    required: bool = False
    combinable: bool = True
    hint: Words = ""

    def __post_init__(self) -> None:
        if self.key in RESERVED or not self.key.isidentifier():
            raise ValueError(f"filter {self.key}: not a name that an address can use")
        if self.expression is None and self.clause is None:
            raise ValueError(f"filter {self.key}: neither an expression nor a clause")
        if (self.kind == "remote") != (self.remote is not None):
            raise ValueError(f"filter {self.key}: kind and remote do not agree")
        if self.required and not self.default:
            raise ValueError(f"filter {self.key}: what is required needs a default")

    @property
    def parts(self) -> tuple[str, ...]:
        """The words of the address that carry this filter: two for a range."""
        return (f"{self.key}_from", f"{self.key}_to") if self.kind.endswith("_range") else (self.key,)

    @property
    def usual(self) -> list[str]:
        """What is in force where nothing is asked, as it would be typed."""
        return self.default.split(",") if self.kind == "multi" else [self.default]


@dataclass(frozen=True, slots=True)
class Choice:
    """What has to be chosen before an action is done, such as another reviewer.

    ``options`` gives (value, words) that fit at least one of the rows, the best first; ``none``
    says why there are none.
    """

    label: Words
    options: Callable[[Sequence[Key], Actor, dt.date], Sequence[tuple[str, Words]]]
    none: Words


@dataclass(frozen=True, slots=True)
class Action:
    """Something done to many rows. ``run(actor, key, comment, now)`` does one row and refuses with a
    ``DomainError``; each row is a unit of work of its own, so one refusal spoils no other.

    With ``choice`` the chosen value stands in the place of the comment. ``remedy`` is (words, address
    with ``{}``) of the page where what hinders a row can be settled. ``suggestions`` are texts that often
    stand in the comment, to be picked and edited.

    With ``page`` instead of ``run`` a page of its own, named by its endpoint, asks what is to be done and
    does it; it gets the form of the list as it was sent.
    """

    name: str
    label: Words
    run: Callable[[Actor, Key, str, dt.datetime], object] | None = None
    done: Words = ""
    confirm: Words = ""
    comment: Literal["none", "optional", "required"] = "none"
    choice: Choice | None = None
    remedy: tuple[Words, str] | None = None
    suggestions: Callable[[Actor, dt.datetime], Sequence[str]] | None = None
    allowed: Callable[[Actor], bool] = lambda actor: True
    danger: bool = False
    primary: bool = False
    page: str = ""

    def __post_init__(self) -> None:
        if (self.run is None) != bool(self.page):
            raise ValueError(f"action {self.name}: it runs by itself or has a page, one of the two")


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list of the product. ``base(actor, today)`` gives the scoped ``select`` that everything is cut from.

    Its own columns are ignored: the list selects explicit columns. ``key`` are the columns that
    make a row unique; ``default_sort`` is a column key, with ``-`` before it for descending.
    ``unit`` is a message with ``{count}``; ``row_link`` an address with ``{}`` for the key; one that
    begins with ``?`` opens the row beside the list and keeps conditions, order and page.
    ``bounded_by`` names a filter that leaves so few rows that they are counted with the page, in one
    statement; without it in force they are counted apart, up to ``COUNT_CAP``.

    With ``groups`` each row is a group of rows of the base: it turns the rows that meet the conditions
    into a grouped select, of which the columns are aggregates and the key is what is grouped by.
    ``total`` names the line of their totals. Where a condition says which columns there are,
    ``columns_fixed`` leaves no further choice of them. With ``exports_all`` a file has all columns
    unless somebody asks for those shown. ``charts`` draw the numbers of its rows.
    """

    name: str
    title: Words
    base: Base
    key: Sequence[Expression]
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    default_sort: str = ""
    sizes: Sequence[int] = PAGE_SIZES
    size: int = DEFAULT_SIZE
    row_link: str = ""
    actions: Sequence[Action] = ()
    export_name: Words = ""
    exportable: bool = True
    unit: Message = RECORDS
    empty: Words = NOTHING
    empty_next: tuple[Words, str] | None = None
    bounded_by: str = ""
    groups: Callable[[Select], Select] | None = None
    total: Words = ""
    columns_fixed: bool = False
    exports_all: bool = False
    charts: Sequence[Chart] = ()

    def __post_init__(self) -> None:
        names = [column.key for column in self.columns]
        parts = [part for condition in self.filters for part in condition.parts]
        if len(set(names)) != len(names) or len(set(parts)) != len(parts):
            raise ValueError(f"list {self.name}: a column or a filter is there twice")
        if self.default_sort and not self.column(self.default_sort.lstrip("-")).sortable:
            raise ValueError(f"list {self.name}: {self.default_sort} cannot be sorted")
        if not self.key:
            raise ValueError(f"list {self.name}: rows need a key")
        if bool(self.total) != any(column.total is not None for column in self.columns):
            raise ValueError(f"list {self.name}: a line of totals needs a name and columns, or neither")
        for chart in self.charts:
            self._check_chart(chart, names)

    def _check_chart(self, chart: Chart, names: Sequence[str]) -> None:
        if chart.keys - set(names):
            raise ValueError(f"list {self.name}: chart {chart.name} draws a column that is not there")
        if any(self.column(key).kind != "number" for key in chart.keys - {chart.label}):
            raise ValueError(f"list {self.name}: chart {chart.name} draws what is no number")
        if self.groups is None and not self.bounded_by:
            raise ValueError(f"list {self.name}: chart {chart.name} would draw any number of rows")

    def column(self, key: str) -> Column:
        """The column of that key.

        :raises KeyError: there is none.
        """
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(key)

    def filter(self, key: str) -> Filter:
        """The filter of that key.

        :raises KeyError: there is none.
        """
        for condition in self.filters:
            if condition.key == key:
                return condition
        raise KeyError(key)

    def action(self, name: str) -> Action:
        """The action of that name.

        :raises KeyError: there is none.
        """
        for action in self.actions:
            if action.name == name:
                return action
        raise KeyError(name)
