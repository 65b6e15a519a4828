"""Charts of the summary: each draws every one of its figures, places only where groups are regions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.infra.lists import list_page
from app.infra.lists.charting import show_word
from app.kernel.actor import Actor
from app.reports.summary import summary_list
from app.reports.summary_groups import GROUPINGS
from tests.reports.test_summary import HANGZHOU, TODAY, enterprises, put, yuan

ActorOf = Callable[[str], Actor]


@pytest.mark.parametrize("by", list(GROUPINGS))
def test_every_chart_draws_each_of_its_figures(app: Flask, actor: ActorOf, by: str) -> None:
    put(enterprises()[0], yuan("150.5", "100"))
    province = actor("province")

    with app.test_request_context():
        spec = summary_list(province, MultiDict({"by": by}))
        names = {chart.name for chart in spec.charts}
        for chart in spec.charts:
            for measure in chart.measures:
                asked = MultiDict({"by": by, "show": show_word(chart, measure)})
                page = list_page(spec, province, asked, TODAY)
                assert page.charts.drawn is not None, (chart.name, measure)
                assert not page.asked.notices
                numbers = page.charts.drawn["labels" if chart.across else "series"]
                assert len(numbers) == len(measure)

    more = {"region": {"tiles", "map"}, "sector": {"shares"}, "size": {"shares"}, "control": {"shares"}}
    assert names == {"bars", "ranking"} | more.get(by, set())


def test_shares_of_this_year_and_the_last_stand_side_by_side(app: Flask, actor: ActorOf) -> None:
    first, second = enterprises()[:2]
    put(first, yuan("150", "100"))
    put(second, yuan("50", "100"))
    province, asked = actor("province"), MultiDict({"by": "size", "show": "chart:shares"})

    with app.test_request_context():
        charts = list_page(summary_list(province, asked), province, asked, TODAY).charts

    block = charts.drawn
    assert block is not None
    assert charts.measure == "营业收入（千元）"
    assert block["labels"] == ["本年1-本月", "上年1-本月"]
    assert [sum(one["values"][place] for one in block["series"]) for place in (0, 1)] == [200, 200]


def test_growth_carries_its_sign_and_a_region_stands_at_its_place(app: Flask, actor: ActorOf) -> None:
    put(enterprises()[0], yuan("150.5", "100"))
    province = actor("province")
    asked = MultiDict({"by": "region", "show": "chart:tiles.revenue_growth"})

    with app.test_request_context():
        block = list_page(summary_list(province, asked), province, asked, TODAY).charts.drawn

    assert block is not None
    assert block["codes"] == [HANGZHOU]
    assert block["series"][0]["texts"] == ["+50.50"]
    assert block["places"] == [(0, 0)]
