"""A chart of a list, worked out from the very rows of its page: what the script draws, and its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.infra.files import tidy_name
from app.infra.i18n import say
from app.infra.lists import cells, query
from app.infra.lists.asked import Asked, address
from app.infra.lists.charting import (
    MOST_GROUPS,
    MOST_LINES,
    OVER_REGIONS,
    PREFIX,
    Chart,
    MapShown,
    Shown,
    ranked,
    show_word,
)
from app.infra.lists.spec import Column, Key, ListSpec
from app.infra.lists.tiling import tile_places
from app.kernel.actor import Actor
from app.kernel.texts import Message

Link = tuple[str, str, bool]
"""Words, address, and whether it is the one shown."""


@dataclass(frozen=True, slots=True)
class ChartPage:
    """What the page of a list says of its charts: the switch, the measures to pick, and the chart shown.

    ``drawn`` is the block that the script reads; None where the table alone is shown or nothing can be
    drawn. ``words`` say the chart to who does not see it, ``notes`` what has to be known about it.
    """

    switch: list[Link]
    measures: list[Link]
    measure: str = ""
    drawn: dict[str, Any] | None = None
    words: str = ""
    notes: Sequence[str] = ()


def widened(asked: Asked) -> Asked:
    """The question as it is fetched: a chart shows all groups at once, however few a page has."""
    return asked if asked.shown is None else replace(asked, size=MOST_GROUPS)


def chart_page(spec: ListSpec, asked: Asked, found: query.Page, actor: Actor, today: dt.date) -> ChartPage:
    """The charts of a page; ``switch`` is empty where its list declares none."""
    if not spec.charts:
        return ChartPage([], [])
    switch = _switch(spec, asked)
    shown = asked.shown
    if shown is None:
        return ChartPage(switch, [])
    named = [_measure_words(spec, shown.chart, measure) for measure in shown.chart.measures]
    picked = shown.chart.measures.index(shown.measure)
    measures = [
        (words, address(spec, asked, show=show_word(shown.chart, measure)), measure is shown.measure)
        for words, measure in zip(named, shown.chart.measures, strict=True)
    ]
    page = ChartPage(switch, measures, named[picked])
    if not found.keys:
        return page
    rows = _Rows.of(spec, asked, found)
    map_shown = shown.chart.maps(rows.codes, actor, today) if shown.chart.kind == "map" else None
    return replace(
        page,
        drawn=_drawn(spec, shown, rows, named[picked], today, map_shown),
        words=_words(shown, rows, named[picked]),
        notes=[say(note) for note in _notes(shown, rows, found, map_shown)],
    )


def _switch(spec: ListSpec, asked: Asked) -> list[Link]:
    shown = asked.shown.chart.name if asked.shown else ""
    links = [(say(Message("Table")), address(spec, asked, show=""), not shown)]
    links.extend(
        (say(chart.title), address(spec, asked, show=PREFIX + chart.name), chart.name == shown)
        for chart in spec.charts
    )
    return links


def _measure_words(spec: ListSpec, chart: Chart, measure: Sequence[str]) -> str:
    """One column is called by its label; several by the part of their bands that they share, else by all of
    their labels."""
    columns = [spec.column(key) for key in measure]
    bands = {say(column.band[_shared(columns, chart)]) for column in columns if column.band}
    several = chart.across or len(columns) > 1
    if several and len(bands) == 1 and all(column.band for column in columns):
        return bands.pop()
    return " · ".join(say(column.label) for column in columns)


def _shared(columns: Sequence[Column], chart: Chart) -> int:
    """Which part of their bands calls columns together: what stands over them, or what stands below."""
    over = {say(column.band[0]) for column in columns if column.band}
    return 1 if chart.across and (len(columns) == 1 or len(over) > 1) else 0


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    values: list[float | None]
    texts: list[str]
    urls: list[str]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Names, codes and numbers of the rows of a page, by row; ``left_out`` counts rows that are not drawn."""

    names: list[str]
    codes: list[str]
    series: list[_Series]
    left_out: int = 0

    @classmethod
    def of(cls, spec: ListSpec, asked: Asked, found: query.Page) -> _Rows:
        shown = asked.shown
        if shown is None:
            raise LookupError(f"list {spec.name}: no chart is asked for")
        place = {column.key: position for position, column in enumerate(asked.columns)}
        label = asked.columns[place[shown.chart.label]]
        raw = found.values[place[shown.chart.label]]
        spoken = cells.words_of(label)
        inside = _urls(label, place[shown.chart.label], found)
        alone = len(shown.measure) == 1
        series = [
            _series(asked.columns[place[key]], place[key], found, inside,
                    signed=key in shown.chart.signed, alone=alone)
            for key in shown.measure
        ]  # fmt: skip
        names = [spoken(value) or say(Message("Not known")) for value in raw]
        left_out = max(found.total - len(names), 0)
        along = cls(names, ["" if value is None else str(value) for value in raw], series, left_out)
        return (
            along.across([spec.column(key) for key in shown.measure], shown) if shown.chart.across else along
        )

    def across(self, columns: Sequence[Column], shown: Shown) -> _Rows:
        """The same numbers with a series for each row, along the columns."""
        count = min(len(self.names), MOST_LINES if shown.chart.kind == "line" else MOST_GROUPS)
        part = 1 - _shared(columns, shown.chart)
        over = [say(column.band[part] if column.band else column.label) for column in columns]
        series = [
            _Series(
                self.names[row],
                [one.values[row] for one in self.series],
                [one.texts[row] for one in self.series],
                [one.urls[row] for one in self.series],
            )
            for row in range(count)
        ]
        return _Rows(over, [""] * len(over), series, self.left_out + len(self.names) - count)


def _series(
    column: Column, place: int, found: query.Page, inside: list[str], *, signed: bool, alone: bool
) -> _Series:
    values = found.values[place]
    texts = _texts(column, values, signed=signed)
    own = _urls(column, place, found)
    urls = [url or other if text else "" for url, other, text in zip(own, inside, texts, strict=True)]
    name = say(column.label if alone or column.band is None else column.band[1])
    return _Series(name, [None if value is None else float(value) for value in values], texts, urls)


def _texts(column: Column, values: Sequence[Any], *, signed: bool) -> list[str]:
    """Values as the table shows them; a change that is positive says so."""
    word: Callable[[Any], str] = cells.words_of(column)
    return [
        f"+{word(value)}" if signed and value is not None and value > 0 else word(value) for value in values
    ]


def _urls(column: Column, place: int, found: query.Page) -> list[str]:
    """Where each number of the table leads; empty where it leads nowhere."""
    if not column.link:
        return [""] * len(found.keys)
    links: Sequence[Key | None] = found.keys
    if column.link_from is not None:
        links = [None if link is None else (link,) for link in found.links[place] or ()]
    return ["" if link is None else cells.filled(column.link, link) for link in links]


def _drawn(
    spec: ListSpec, shown: Shown, rows: _Rows, measure: str, today: dt.date, map_shown: MapShown | None
) -> dict[str, Any]:
    chart = shown.chart
    title = say(spec.title)
    kind = "tiles" if chart.kind == "map" and map_shown is None else chart.kind
    block: dict[str, Any] = {
        "kind": kind,
        "title": title,
        "measure": measure,
        "day": today.isoformat(),
        "file": tidy_name(f"{title}_{say(chart.title)}_{measure}_{today.isoformat()}"),
        "missing": say(Message("No figure")),
        "labels": rows.names,
        "series": [
            {"name": one.name, "values": one.values, "texts": one.texts, "urls": one.urls}
            for one in rows.series
        ],
    }
    if chart.kind == "ranking":
        found = ranked(rows.series[0].values)
        block |= {"order": found.order, "ranks": found.ranks}
    if kind in OVER_REGIONS:
        block["codes"] = rows.codes
    if kind == "tiles":
        places = tile_places(rows.codes, chart.tiles(rows.codes))
        block["places"] = [places[code] for code in rows.codes]
    if map_shown is not None:
        block |= {"map": map_shown.url, "unreached": say(UNREACHED)}
    return block


def _words(shown: Shown, rows: _Rows, measure: str) -> str:
    """The chart in words: how many rows, the largest and the smallest of the first number, how many gaps."""
    if shown.chart.across:
        return _words_across(shown, rows, measure)
    first = rows.series[0]
    known = [place for place, value in enumerate(first.values) if value is not None]
    parts = {"chart": shown.chart.title, "measure": measure, "count": len(rows.names)}
    if not known:
        return say(Message("{chart} of {measure}: {count} entries, none with a figure.", **parts))
    high = max(known, key=lambda place: first.values[place] or 0)
    low = min(known, key=lambda place: first.values[place] or 0)
    said = Message(
        "{chart} of {measure}: {count} entries, the most {high} ({most}), the least {low} ({least}),"
        " {gaps} without a figure. The table below has all figures.",
        **parts, high=rows.names[high], most=first.texts[high], low=rows.names[low], least=first.texts[low],
        gaps=len(rows.names) - len(known),
    )  # fmt: skip
    return say(said)


def _words_across(shown: Shown, rows: _Rows, measure: str) -> str:
    """The same of a chart across columns: the largest and the smallest of all its numbers."""
    known = [
        (value, f"{one.name}, {rows.names[place]}", one.texts[place])
        for one in rows.series
        for place, value in enumerate(one.values)
        if value is not None
    ]
    parts = {"chart": shown.chart.title, "measure": measure, "count": len(rows.series)}
    if not known:
        return say(Message("{chart} of {measure}: {count} entries, none with a figure.", **parts))
    (_most, high, most), (_least, low, least) = max(known), min(known)
    said = Message(
        "{chart} of {measure}: {count} entries over {points} columns, the most {high} ({most}), the least"
        " {low} ({least}), {gaps} without a figure. The table below has all figures.",
        **parts, points=len(rows.names), high=high, most=most, low=low, least=least,
        gaps=len(rows.series) * len(rows.names) - len(known),
    )  # fmt: skip
    return say(said)


def _notes(shown: Shown, rows: _Rows, found: query.Page, map_shown: MapShown | None) -> list[Message]:
    notes = []
    if rows.left_out:
        total = max(found.total, len(found.keys))
        drawn = total - rows.left_out
        notes.append(Message("Drawn are {count} of {total} rows.", count=drawn, total=total))
    gaps = sum(value is None for series in rows.series for value in series.values)
    if gaps:
        notes.append(Message("{count} values are missing; they are left out and are not zero.", count=gaps))
    if shown.chart.kind == "share" and any(
        value is None or value < 0 for series in rows.series for value in series.values
    ):
        notes.append(Message("A row of which a part is missing or negative has no shares and is left out."))
    if shown.chart.kind == "map":
        notes.append(map_shown.words if map_shown else _NO_MAP)
    if shown.chart.kind in OVER_REGIONS:
        notes.append(_DEPTH if all((value or 0) >= 0 for value in rows.series[0].values) else _DEPTH_BELOW)
    return notes


_DEPTH = Message("The deeper the colour, the larger the value.")
_DEPTH_BELOW = Message("The deeper the colour, the further from zero: blue is above it, amber below.")


UNREACHED = Message("The map could not be fetched. Load the page again; the table below has all figures.")
_NO_MAP = Message("No map of these regions has been imported; they are shown as a grid.")
