"""Charts as plain JSON: a missing figure is a gap, each line is named at its end."""

from __future__ import annotations

import json
from decimal import Decimal

from app.queries.series import Line, LineChart, block

D = Decimal


def chart(*lines: Line) -> LineChart:
    return LineChart("figures", "营业收入", "千元", ["2026-08", "2026-09", "2026-10"], lines)


def test_a_missing_figure_is_a_gap_and_never_zero() -> None:
    drawn = block(chart(Line("本年", "own", [D("1.5"), None, D(0)])))["options"]["series"][0]

    assert drawn["data"] == [1.5, None, 0.0]
    assert drawn["connectNulls"] is False


def test_each_line_is_named_at_its_end() -> None:
    lines = block(chart(Line("本年", "own", [D(1)] * 3), Line("上年", "before", [D(2)] * 3)))["options"][
        "series"
    ]

    assert [line["name"] for line in lines] == ["本年", "上年"]
    assert all(line["endLabel"]["show"] for line in lines)
    assert lines[0]["color"] != lines[1]["color"]


def test_a_value_between_gaps_is_marked_also_on_a_long_line() -> None:
    months = [f"{2024 + at // 12}-{at % 12 + 1:02}" for at in range(36)]
    lonely = [D(5) if at == 7 else None for at in range(36)]
    whole = [D(at) for at in range(36)]
    found = LineChart(
        "figures", "营业收入", "千元", months, (Line("a", "own", lonely), Line("b", "own", whole))
    )

    lines = block(found)["options"]["series"]

    assert [line["showSymbol"] for line in lines] == [True, False]


def test_a_chart_is_json_and_knows_when_it_is_empty() -> None:
    empty, full = chart(Line("本年", "own", [None] * 3)), chart(Line("本年", "own", [None, D(0), None]))

    assert json.loads(json.dumps(block(full), ensure_ascii=False))["kind"] == "LineChart"
    assert (empty.is_empty, full.is_empty) == (True, False)
