"""Sparklines: a row of values as a line as small as a word, drawn by the server by attributes alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from app.infra.i18n import say
from app.kernel.numbers import format_number
from app.kernel.texts import Message

WIDTH, HEIGHT, ROOM = 96, 22, 3
"""Pixels; ``ROOM`` is left on every side, so that dots are whole."""

_DRAWING = Markup(
    '<svg class="ql-spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    ' aria-hidden="true" focusable="false"><title>{words}</title>{line}{dot}</svg>'
    '<span class="qj-sr">{words}</span>'
)
_LINE = Markup('<path d="{path}" fill="none" stroke="#1F56A5" stroke-width="1.5" stroke-linejoin="round"/>')
_DOT = Markup('<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="#D98E12"/>')


@dataclass(frozen=True, slots=True)
class Spark:
    """Values with their labels, such as months, in order; None is a gap and never nought."""

    labels: Sequence[str]
    values: Sequence[Decimal | None]
    decimals: int = 0

    def __bool__(self) -> bool:
        return any(value is not None for value in self.values)


def spark_text(spark: Spark | None) -> str:
    """Every value with its label, for files; empty where there is none."""
    if not spark:
        return ""
    said = zip(spark.labels, spark.values, strict=True)
    return "; ".join(
        f"{label} {'—' if value is None else format_number(value, spark.decimals)}" for label, value in said
    )


def spark_words(spark: Spark) -> str:
    """What a reader hears: the first and the last value, the most and the least."""
    known = [place for place, value in enumerate(spark.values) if value is not None]
    values = {place: spark.values[place] or Decimal(0) for place in known}
    high, low = max(known, key=values.__getitem__), min(known, key=values.__getitem__)

    def at(place: int) -> str:
        return f"{spark.labels[place]} {format_number(values[place], spark.decimals)}"

    return say(
        Message(
            "{count} values, from {first} to {last}; the most {most}, the least {least}",
            count=len(known), first=at(known[0]), last=at(known[-1]), most=at(high), least=at(low),
        )
    )  # fmt: skip


def spark_html(spark: Spark | None) -> Markup | None:
    """The drawing with its words; None where there is no value."""
    if not spark:
        return None
    points = list(_points(spark.values))
    last = next(point for point in reversed(points) if point is not None)
    return _DRAWING.format(
        width=WIDTH,
        height=HEIGHT,
        words=spark_words(spark),
        line=_LINE.format(path=_path(points)),
        dot=_DOT.format(x=last[0], y=last[1]),
    )


def _points(values: Sequence[Decimal | None]) -> Iterator[tuple[float, float] | None]:
    """Where each value stands; the least at the foot and the most at the head, all alike in the middle."""
    known = [float(value) for value in values if value is not None]
    low, high = min(known), max(known)
    step = (WIDTH - 2 * ROOM) / max(len(values) - 1, 1)
    for place, value in enumerate(values):
        part = 0.5 if high == low else (float(value or 0) - low) / (high - low)
        yield None if value is None else (ROOM + place * step, HEIGHT - ROOM - part * (HEIGHT - 2 * ROOM))


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """A line that is broken where a value is missing; a value alone is a short dash."""
    parts, drawing = [], False
    for place, point in enumerate(points):
        if point is None:
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{point[0]:.1f} {point[1]:.1f}")
        alone = not drawing and (place + 1 == len(points) or points[place + 1] is None)
        parts += ["h1.5"] if alone else []
        drawing = True
    return "".join(parts)
