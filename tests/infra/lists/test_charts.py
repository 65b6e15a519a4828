"""Charts of lists: what they may draw, which one is asked for, and that they say what the table says."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from werkzeug.datastructures import MultiDict

from app.infra.database import db
from app.infra.lists import Chart, Column, ListPage, ListSpec, address, ask, list_page
from app.infra.lists.charting import MapShown, ranked
from app.infra.lists.tiling import tile_places
from app.kernel.texts import Message
from tests.infra.lists.lists_app import ACTOR, TODAY, Firm, firm_list
from tests.infra.lists.test_lists_grouped import by_state

BARS = Chart("bars", Message("Bars"), "bar", "state", (("revenue",), ("firms", "revenue")))
RANKING = Chart("ranking", Message("Ranking"), "ranking", "state", (("firms",), ("revenue",)), ("revenue",))
TILES = Chart(
    "tiles", Message("Tile grid"), "tiles", "state", (("firms",),), tiles=lambda _c: {"edit": (4, 2)}
)


def charted(*charts: Chart, **changes: Any) -> ListSpec:
    """The firms by state, with charts; each number of firms leads to the firms."""
    plain = by_state()
    state, firms, revenue = plain.columns
    linked = Column(
        "firms", firms.label, firms.expression, "number", sortable=True, nullable=False, total=firms.total,
        link="/firms/?state={}",
    )  # fmt: skip
    return by_state(charts=charts, columns=(state, linked, revenue), **changes)


def page_of(spec: ListSpec, **args: Any) -> ListPage:
    return list_page(spec, ACTOR, MultiDict(args), TODAY)


def drawn(spec: ListSpec, **args: Any) -> dict[str, Any]:
    found = page_of(spec, **args).charts.drawn
    assert found is not None
    return found


def test_a_chart_draws_the_very_numbers_of_the_table(app: Flask) -> None:
    page = page_of(charted(BARS), show="chart:bars.firms")

    block = page.charts.drawn
    assert block is not None
    table = [[str(cell) for _opening, cell in row.cells] for row in page.rows]
    assert block["labels"] == [row.name for row in page.rows]
    assert [series["name"] for series in block["series"]] == ["Firms", "Revenue"]
    for line, label, number, revenue in zip(table, block["labels"], *_texts(block), strict=True):
        assert label in line[0]
        assert (
            line[1] == f'<a href="/firms/?state={page.rows[block["labels"].index(label)].key}">{number}</a>'
        )
        assert line[2] == (revenue or "—")


def _texts(block: dict[str, Any]) -> list[list[str]]:
    return [series["texts"] for series in block["series"]]


def test_a_bar_opens_what_its_number_opens_and_else_nothing(app: Flask) -> None:
    counts, revenue = drawn(charted(BARS), show="chart:bars.firms")["series"]

    assert counts["urls"] == [f"/firms/?state={state}" for state in ("edit", "pass", "wait")]
    assert revenue["urls"] == ["", "", ""]


def test_what_is_missing_is_a_gap_and_is_said(app: Flask) -> None:
    db.session.query(Firm).filter(Firm.state == "edit").update({Firm.revenue: None})

    page = page_of(charted(BARS), show="chart:bars")

    block = page.charts.drawn
    assert block is not None
    assert block["series"][0]["values"][0] is None
    assert block["series"][0]["texts"][0] == ""
    assert block["series"][0]["urls"][0] == ""
    assert "1 values are missing; they are left out and are not zero." in page.charts.notes


def test_a_change_carries_its_sign(app: Flask) -> None:
    for state, revenue in (("edit", 1), ("pass", -1)):
        db.session.query(Firm).filter(Firm.state == state).update({Firm.revenue: revenue})
    plain = drawn(charted(BARS), show="chart:bars")["series"][0]

    signed = drawn(charted(RANKING), show="chart:ranking.revenue")["series"][0]

    assert any((value or 0) > 0 for value in signed["values"])
    for value, text, unsigned in zip(signed["values"], signed["texts"], plain["texts"], strict=True):
        assert text == (f"+{unsigned}" if (value or 0) > 0 else unsigned)


def test_all_groups_are_drawn_however_few_a_page_has(app: Flask) -> None:
    small = charted(BARS, size=1, sizes=(1, 500))

    page = page_of(small, show="chart:bars")

    assert len(page.charts.drawn["labels"] if page.charts.drawn else []) == 3
    assert len(page_of(small).rows) == 1


@pytest.mark.parametrize("text", ["ranking", "chart:", "chart:nonsense", "chart:bars\0", "'; --", "x" * 5000])
def test_a_chart_that_is_not_there_leaves_the_table_and_says_so(app: Flask, text: str) -> None:
    page = page_of(charted(BARS), show=text)

    assert page.rows
    assert page.charts.drawn is None
    assert [notice.msgid for notice in page.asked.notices] == [
        "This list has no such chart; it is shown as a table."
    ]


def test_a_figure_that_a_chart_does_not_have_gives_its_first_one(app: Flask) -> None:
    page = page_of(charted(RANKING), show="chart:ranking.nonsense")

    assert page.charts.measure == "Firms"
    assert len(page.asked.notices) == 1


def test_the_address_keeps_the_chart_with_the_conditions(app: Flask) -> None:
    spec = charted(RANKING, BARS)
    page = page_of(spec, show="chart:ranking.revenue", month="2026-03", sort="-firms")

    carried = address(spec, page.asked)

    assert ask(spec, MultiDict(_pairs(carried)), ACTOR, TODAY).shown == page.asked.shown
    assert "show=chart%3Aranking.revenue" in carried
    assert "month=2026-03" in page.charts.switch[0][1]
    assert "show=" not in page.charts.switch[0][1]
    assert ("show", "chart:ranking.revenue") in page.kept
    assert [(words, current) for words, _url, current in page.charts.measures] == [
        ("Firms", False),
        ("Revenue", True),
    ]


def _pairs(query: str) -> list[tuple[str, str]]:
    return [tuple(part.replace("%3A", ":").split("=")) for part in query[1:].split("&")]  # type: ignore[misc]


def test_a_chart_costs_no_statement(app: Flask) -> None:
    counted: list[str] = []
    page_of(charted(BARS))
    event.listen(db.engine, "before_cursor_execute", lambda *args: counted.append(args[2]))
    page_of(charted(BARS))
    without = len(counted)
    page_of(charted(BARS), show="chart:bars")

    assert without
    assert len(counted) == 2 * without


def test_columns_that_are_drawn_are_shown_too(app: Flask) -> None:
    page = page_of(charted(BARS), cols="state", show="chart:bars")

    assert [column.key for column in page.asked.columns] == ["state", "revenue"]


def test_nothing_found_and_nothing_understood_draw_nothing(app: Flask) -> None:
    assert page_of(charted(BARS), month="1999-01", show="chart:bars").charts.drawn is None
    assert page_of(charted(BARS), month="nonsense", show="chart:bars").charts.drawn is None


def test_the_words_of_a_chart_name_the_most_and_the_least(app: Flask) -> None:
    page = page_of(charted(RANKING), show="chart:ranking")
    block = page.charts.drawn
    assert block is not None
    series = block["series"][0]
    most = max(range(3), key=lambda place: series["values"][place])

    assert f"the most {block['labels'][most]} ({series['texts'][most]})" in page.charts.words
    assert block["order"][0] == most


def test_tiles_stand_where_they_are_known_to_lie(app: Flask) -> None:
    block = drawn(charted(TILES), show="chart:tiles")

    assert block["codes"] == ["edit", "pass", "wait"]
    assert len({tuple(place) for place in block["places"]}) == 3


def test_without_a_map_the_regions_stand_as_tiles(app: Flask) -> None:
    on_map = Chart("map", Message("Map"), "map", "state", (("firms",),))

    page = page_of(charted(on_map), show="chart:map")

    assert page.charts.drawn is not None
    assert page.charts.drawn["kind"] == "tiles"
    assert "No map of these regions has been imported; they are shown as a grid." in page.charts.notes


def test_a_map_is_drawn_from_its_address_and_says_what_it_is(app: Flask) -> None:
    shown = MapShown("/maps/1.json", Message("Approved map"))
    on_map = Chart("map", Message("Map"), "map", "state", (("firms",),), maps=lambda *_asked: shown)

    page = page_of(charted(on_map), show="chart:map")

    assert page.charts.drawn is not None
    assert (page.charts.drawn["kind"], page.charts.drawn["map"]) == ("map", "/maps/1.json")
    assert "Approved map" in page.charts.notes


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Chart("a b", "A", "bar", "state", (("firms",),)), "address"),  # type: ignore[arg-type]
        (lambda: Chart("a", Message("A"), "bar", "state", ()), "no number"),
        (lambda: Chart("a", Message("A"), "bar", "state", (("firms",), ("firms", "revenue"))), "alike"),
        (lambda: Chart("a", Message("A"), "ranking", "state", (("firms", "revenue"),)), "one number"),
        (lambda: Chart("a", Message("A"), "share", "state", (("firms",),)), "more than one share"),
        (lambda: charted(Chart("a", Message("A"), "bar", "state", (("nothing",),))), "not there"),
        (lambda: charted(Chart("a", Message("A"), "bar", "firms", (("state",),))), "no number"),
        (
            lambda: ListSpec(**{**_fields(firm_list()), "charts": (_revenue_of_firms(),), "bounded_by": ""}),
            "any number of rows",
        ),
    ],
)
def test_a_chart_that_cannot_be_drawn_is_refused_when_it_is_declared(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def _fields(spec: ListSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in spec.__dataclass_fields__}


def _revenue_of_firms() -> Chart:
    return Chart("a", Message("A"), "bar", "name", (("revenue",),))


@given(st.lists(st.none() | st.integers(-5, 5).map(float)))
def test_equal_values_share_a_rank_and_the_missing_have_none(values: list[float | None]) -> None:
    found = ranked(values)

    known = [value for value in values if value is not None]
    assert sorted(found.order) == list(range(len(values)))
    for value, rank in zip(values, found.ranks, strict=True):
        assert rank == (None if value is None else 1 + sum(other > value for other in known))
    assert [values[place] for place in found.order] == sorted(known, reverse=True) + [None] * (
        len(values) - len(known)
    )


PLACES = st.tuples(st.integers(0, 9), st.integers(0, 9))


@given(st.sets(st.text("0123456789", min_size=1, max_size=6)), st.dictionaries(st.text("0123456789"), PLACES))
def test_every_tile_has_a_place_of_its_own_within_the_grid(
    codes: set[str], known: dict[str, tuple[int, int]]
) -> None:
    places = tile_places(sorted(codes), known)

    assert places.keys() == codes
    assert len(set(places.values())) == len(codes)
    assert all(column >= 0 and row >= 0 for column, row in places.values())


def test_known_places_are_kept_towards_each_other_and_the_others_stand_below() -> None:
    places = tile_places(["a", "b", "c"], {"a": (3, 5), "b": (4, 6), "z": (0, 0)})

    assert (places["a"], places["b"]) == ((0, 0), (1, 1))
    assert places["c"][1] > 1
