"""Lines over months as plain JSON: labels, and series of values in which a missing figure is a gap. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

COLOURS = {
    "own": "#1F56A5",
    "before": "#D98E12",
    "trade": "#3A9D94",
    "region": "#8A6BB5",
    "edge": "#7F8B99",
}
"""Colours of the design's series, by what a line stands for."""

MOST_DOTS = 13
"""With more months than this the points of a line are not marked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what it is called at its end, what it stands for, a value for each label or None."""

    name: str
    role: str
    values: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines over the same labels.

    ``description`` says in words what the picture shows; ``nothing`` why there is none.
    """

    name: str
    title: str
    unit: str
    labels: Sequence[str]
    lines: Sequence[Line] = field(default_factory=tuple)
    description: str = ""
    nothing: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(value is None for line in self.lines for value in line.values)


def block(chart: LineChart) -> dict[str, Any]:
    """What the page hands to the drawing script."""
    return {"kind": "LineChart", "title": chart.title, "options": options(chart)}


def options(chart: LineChart) -> dict[str, Any]:
    """The chart as the drawing library reads it: each line named at its end, gaps left open."""
    words = {"fontSize": 12, "color": "#46515F"}
    return {
        "animation": False,
        "aria": {"enabled": True, "label": {"description": chart.description or chart.title}},
        "grid": {"left": 8, "right": 92, "top": 24, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "renderMode": "richText", "textStyle": words},
        "xAxis": {
            "type": "category",
            "boundaryGap": False,
            "data": list(chart.labels),
            "axisLabel": words,
            "axisLine": {"lineStyle": {"color": "#CDD4DC"}, "onZero": False},
        },
        "yAxis": {
            "type": "value",
            "scale": True,
            "axisLabel": words,
            "splitLine": {"lineStyle": {"color": "#ECEFF3"}},
        },
        "series": [_drawn(line, len(chart.labels)) for line in chart.lines],
    }


def _drawn(line: Line, months: int) -> dict[str, Any]:
    colour = COLOURS[line.role]
    return {
        "name": line.name,
        "type": "line",
        "data": [None if value is None else float(value) for value in line.values],
        "connectNulls": False,
        "showSymbol": months <= MOST_DOTS or _has_lonely(line.values),
        "symbolSize": 5,
        "color": colour,
        "lineStyle": {"width": 1 if line.role == "edge" else 2, "type": _stroke(line.role)},
        "endLabel": {"show": True, "formatter": "{a}", "color": colour, "fontSize": 12},
        "labelLayout": {"moveOverlap": "shiftY"},
    }


def _stroke(role: str) -> str:
    return "dashed" if role in {"before", "edge"} else "solid"


def _has_lonely(values: Sequence[Decimal | None]) -> bool:
    """Whether a value stands between gaps, so that only a dot shows it."""
    open_ended = [None, *values, None]
    beside = zip(open_ended, open_ended[1:], open_ended[2:], strict=False)
    return any(here is not None and left is None and right is None for left, here, right in beside)
