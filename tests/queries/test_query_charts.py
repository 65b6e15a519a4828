"""The charts of the queries: each draws its groups; places also as tiles and on a map."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.datastructures import MultiDict

from app.infra import context
from app.infra.lists import list_page
from app.infra.lists.charting import show_word
from app.infra.lists.registry import list_named
from app.kernel.actor import Actor
from tests.queries.standing_world import TODAY

ActorOf = Callable[[str], Actor]
ASKED = [
    ("ranking", {"by": "region"}, {"ranking", "bars", "tiles", "map"}),
    ("ranking", {"by": "admin"}, {"ranking", "bars"}),
    ("analysis", {"by": "region"}, {"bars", "ranking", "tiles", "map"}),
    ("analysis", {"by": "size"}, {"bars", "ranking"}),
    ("analysis", {"by": "spread"}, set()),
    ("year_counts", {}, {"bars", "tiles", "map"}),
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
                drawn.append((chart.name, len(block["labels"]) == len(page.rows)))

    assert {chart for chart, _whole in drawn} == expected
    assert all(whole for _chart, whole in drawn)
