"""The charts of the queries: each draws its groups; places also as tiles and on a map."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.datastructures import MultiDict

from app.infra import context
from app.infra.lists import list_page
from app.infra.lists.charting import MOST_LINES, show_word
from app.infra.lists.registry import list_named
from app.kernel.actor import Actor
from tests.queries.standing_world import TODAY

ActorOf = Callable[[str], Actor]
ASKED = [
    ("ranking", {"by": "region"}, {"ranking", "bars", "shares", "tiles", "map"}),
    ("ranking", {"by": "admin"}, {"ranking", "bars", "shares"}),
    ("analysis", {"by": "region"}, {"bars", "ranking", "tiles", "map"}),
    ("analysis", {"by": "economic"}, {"bars", "ranking", "shares"}),
    ("analysis", {"by": "size"}, {"bars", "ranking", "shares"}),
    ("analysis", {"by": "industry"}, {"bars", "ranking"}),
    ("analysis", {"by": "spread"}, set()),
    ("year_counts", {}, {"bars", "lines", "tiles", "map"}),
]


@pytest.mark.parametrize(("name", "asked", "expected"), ASKED)
def test_every_measure_of_every_chart_is_drawn_from_the_rows(
    actor: ActorOf, name: str, asked: dict[str, str], expected: set[str]
) -> None:
    asking = actor("province")
    with context.acting_as(asking):
        spec = list_named(name, asking, MultiDict(asked))
        assert spec is not None
        drawn = []
        for chart in spec.charts:
            for measure in chart.measures:
                page = list_page(spec, asking, {**asked, "show": show_word(chart, measure)}, TODAY)
                block = page.charts.drawn
                assert block is not None, (chart.name, measure)
                along = block["series"] if chart.across else block["labels"]
                rows = min(len(page.rows), MOST_LINES) if chart.across else len(page.rows)
                drawn.append((chart.name, len(along) == rows))

    assert {chart for chart, _whole in drawn} == expected
    assert all(whole for _chart, whole in drawn)


def test_each_place_is_a_line_over_the_months_of_the_year(actor: ActorOf) -> None:
    asking = actor("province")
    with context.acting_as(asking):
        spec = list_named("year_counts", asking, MultiDict())
        assert spec is not None
        table = list_page(spec, asking, {}, TODAY)
        charts = list_page(spec, asking, {"show": "chart:lines.m1_approved"}, TODAY).charts

    block, keys = charts.drawn, [column.key for column in table.asked.columns]
    assert block is not None
    assert block["labels"] == [f"{month}月" for month in range(1, 11)]
    assert charts.measure == "审核通过"
    assert [line["name"] for line in block["series"]] == [row.name for row in table.rows][:MOST_LINES]
    for line, row in zip(block["series"], table.rows, strict=False):
        cells = [str(row.cells[keys.index(f"m{month}_approved")][1]) for month in range(1, 11)]
        assert [text for text, cell in zip(line["texts"], cells, strict=True) if f">{text}<" in cell] == line[
            "texts"
        ]
