"""The course of a rate as a line in SVG: where its points stand, drawn by the server. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 30, 14, 10, 24
GRID = (0, 25, 50, 75, 100)
NAMED = 4
"""Every how many months the axis names one, counted from the last."""


@dataclass(frozen=True, slots=True)
class Point:
    """A month with its rate in per cent; None where there is none. ``url`` opens the month."""

    label: str
    rate: float | None
    url: str = ""


def trend_values(points: Sequence[Point]) -> dict[str, Any]:
    """What ``home/trend.html`` draws: the line, its dots, the lines of the ground and the months below."""
    step = (WIDTH - LEFT - RIGHT) / max(len(points) - 1, 1)
    dots = [
        {
            "x": round(LEFT + at * step, 1),
            "y": place_of(point.rate),
            "label": point.label,
            "rate": f"{point.rate:.1f}",
            "url": point.url,
        }
        for at, point in enumerate(points)
        if point.rate is not None
    ]
    named = range(len(points) - 1, -1, -NAMED)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": LEFT,
        "right": WIDTH - RIGHT,
        "base": HEIGHT - 6,
        "dots": dots,
        "line": " ".join(f"{dot['x']},{dot['y']}" for dot in dots),
        "grid": [(percent, place_of(percent)) for percent in GRID],
        "months": [(round(LEFT + at * step, 1), points[at].label) for at in named],
    }


def place_of(rate: float) -> float:
    """How far down a rate stands, between the upper and the lower edge."""
    inside = HEIGHT - TOP - BOTTOM
    return round(TOP + inside * (1 - min(max(rate, 0), 100) / 100), 1)
