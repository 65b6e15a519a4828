"""What a chart of a declared list is, and which one an address asks for.

chart 图表        numbers of the rows of one page of a list, drawn; the table stays below it
measure 指标      number columns that are drawn together; where a chart has several, one is chosen
show              the word of the address: ``chart:ranking`` or ``chart:ranking.revenue_ytd``
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.kernel.actor import Actor
from app.kernel.texts import LocalText, Message

ChartKind = Literal["bar", "line", "share", "ranking", "tiles", "map"]
"""Bars side by side, lines over time, shares of a whole, bars by size, a grid of regions, a map of them."""

OVER_REGIONS = frozenset({"tiles", "map"})
"""Kinds whose labels are codes of regions."""
ONE_NUMBER = frozenset({"ranking", *OVER_REGIONS})
"""Kinds that can draw one number only."""
PREFIX = "chart:"
LONGEST_SHOW = 120
ACROSS = frozenset({"line", "share"})
"""Kinds that can be drawn across the columns of a row."""
MOST_LINES = 6
"""Rows that become lines of their own: as many as there are colours that eyes tell apart."""
MOST_PARTS = 8
"""Kinds of groups of which shares are drawn: a page rarely has rows of all of them."""
MOST_GROUPS = 500
"""Rows that one chart draws: more than any level of the territory or of the trades has."""

Place = tuple[int, int]
"""Column and row of a tile, from the upper left."""


@dataclass(frozen=True, slots=True)
class MapShown:
    """A map to draw on: the address of its shapes, and what is said about it below."""

    url: str
    words: Message


Tiles = Callable[[Collection[str]], Mapping[str, Place]]
Maps = Callable[[Collection[str], Actor, dt.date], MapShown | None]


def no_map(_codes: Collection[str], _actor: Actor, _today: dt.date) -> MapShown | None:
    """Where nobody says which maps there are."""
    return None


def no_tiles(_codes: Collection[str]) -> Mapping[str, Place]:
    """Where nobody says where regions lie: they stand in the order of their codes."""
    return {}


@dataclass(frozen=True, slots=True)
class Chart:
    """One way to draw a list. ``label`` is the column that names the rows, ``measures`` the keys of number
    columns: each measure is drawn by itself, and of several the user picks one, called by its first key.

    ``signed`` are the keys of columns that say a change, whose values carry their sign. The values of the
    label column are codes of regions for ``tiles`` and ``map``; ``tiles`` says where those lie whose
    place is known, ``maps`` which imported map shows them. A list may draw only what it shows at once: it
    is grouped, or bounded to few rows.

    ``across`` draws along the columns of a measure instead of along the rows: each row is a line over them,
    or a part of the whole that each of them is; shares are for lists of few rows (``told_apart``).
    """

    name: str
    title: Message | LocalText
    kind: ChartKind
    label: str
    measures: Sequence[tuple[str, ...]]
    signed: Collection[str] = ()
    tiles: Tiles = no_tiles
    maps: Maps = no_map
    across: bool = False

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"chart {self.name}: not a name that an address can use")
        if not self.measures or not all(self.measures):
            raise ValueError(f"chart {self.name}: it draws no number")
        if len({measure[0] for measure in self.measures}) < len(self.measures):
            raise ValueError(f"chart {self.name}: two of its measures are called alike")
        if self.kind in ONE_NUMBER and any(len(measure) > 1 for measure in self.measures):
            raise ValueError(f"chart {self.name}: a chart of this kind draws one number at a time")
        if self.across and self.kind not in ACROSS:
            raise ValueError(f"chart {self.name}: a chart of this kind is not drawn across columns")
        if self.kind == "share" and not self.across and any(len(measure) < 2 for measure in self.measures):
            raise ValueError(f"chart {self.name}: a whole has more than one share")

    @property
    def keys(self) -> set[str]:
        """The columns that it draws from."""
        return {self.label, *(key for measure in self.measures for key in measure)}


def told_apart(groups: Collection[Any]) -> bool:
    """Whether groups are so few that colours tell them apart, as parts of a whole need it."""
    return 1 < len(groups) <= MOST_PARTS


@dataclass(frozen=True, slots=True)
class Shown:
    """The chart and the measure that an address asks for."""

    chart: Chart
    measure: tuple[str, ...]

    @property
    def keys(self) -> set[str]:
        """The columns that are drawn."""
        return {self.chart.label, *self.measure}

    @property
    def word(self) -> str:
        """How the address says so."""
        return show_word(self.chart, self.measure)


def show_word(chart: Chart, measure: Sequence[str] = ()) -> str:
    """The value of ``show`` for a chart; of its first measure without any."""
    named = bool(measure) and measure[0] != chart.measures[0][0]
    return f"{PREFIX}{chart.name}.{measure[0]}" if named else f"{PREFIX}{chart.name}"


def read_show(charts: Sequence[Chart], text: str, notices: list[Message]) -> Shown | None:
    """The chart that ``show`` names; None for the table. What is not there becomes a notice: a chart
    only changes the view, so nothing is refused."""
    if not text:
        return None
    name, _dot, key = text[:LONGEST_SHOW].removeprefix(PREFIX).partition(".")
    chart = next((found for found in charts if found.name == name), None)
    if not text.startswith(PREFIX) or chart is None:
        notices.append(Message("This list has no such chart; it is shown as a table."))
        return None
    measure = next((found for found in chart.measures if found[0] == key), None)
    if key and measure is None:
        notices.append(Message("This chart does not have that figure; it shows its first one."))
    return Shown(chart, measure or chart.measures[0])


@dataclass(frozen=True, slots=True)
class Ranked:
    """Places by size: the order of the rows, and the rank of each; equal values share one."""

    order: list[int] = field(default_factory=list)
    ranks: list[int | None] = field(default_factory=list)


def ranked(values: Sequence[float | None]) -> Ranked:
    """Rows from the largest value down, 1-1-3; those without a value last and without a rank."""
    order = sorted(range(len(values)), key=lambda place: (values[place] is None, -(values[place] or 0)))
    ranks: list[int | None] = [None] * len(values)
    for position, place in enumerate(order):
        if values[place] is None:
            continue
        before = order[position - 1] if position else None
        tied = before is not None and values[before] == values[place]
        ranks[place] = ranks[before] if tied and before is not None else position + 1
    return Ranked(order, ranks)
