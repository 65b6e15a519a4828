"""Results as the rows of declared lists: a line for each option, step, row and column that was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import type_coerce

from app.infra.i18n import say
from app.infra.json_rows import Cell, JsonRows
from app.infra.lists import Column
from app.infra.types import Scaled
from app.kernel.texts import Message
from app.questionnaires.definition import Wording
from app.questionnaires.results_figures import Line, Result
from app.questionnaires.results_spread import PLACES, SHARE_PLACES, Spread

_TEXTS = ("label", "question", "row", "option")
_COUNTS = ("asked", "answered", "count", "first")
_SHARES = ("of_answered", "of_asked")
_NUMBERS = ("mean", "low", "middle", "high", "deviation", "least", "most")
PLACES_OF_A_PART = 10_000
"""More than a question has rows or options."""
FIELDS = ("at", "kind", *_TEXTS, *_COUNTS, *_SHARES, *_NUMBERS)
"""What a row holds, by place."""
SPREAD_LABELS: Mapping[str, Message] = {
    "mean": Message("Mean"),
    "low": Message("Lower quartile"),
    "middle": Message("Median"),
    "high": Message("Upper quartile"),
    "deviation": Message("Standard deviation"),
    "least": Message("Least"),
    "most": Message("Most"),
}


class ResultRows:
    """The rows of some results as a table, and its columns by name."""

    def __init__(self, found: Sequence[Result], language: str) -> None:
        self.rows = JsonRows("results", [row for result in found for row in _rows(result, language)])

    def text(self, name: str) -> Any:
        """A column of texts."""
        return self.rows.text(FIELDS.index(name))

    def number(self, name: str) -> Any:
        """A column of whole numbers, shares or measured numbers."""
        stored = self.rows.number(FIELDS.index(name))
        if name in _SHARES:
            return type_coerce(stored, Scaled(SHARE_PLACES))
        return type_coerce(stored, Scaled(PLACES)) if name in _NUMBERS else stored

    def column(self, name: str, label: Message, **more: Any) -> Column:
        """A declared column of numbers."""
        decimals = 2 if name in (*_SHARES, *_NUMBERS) else 0
        return Column(name, label, self.number(name), "number", decimals=decimals, sortable=True, **more)

    def spread_columns(self, **more: Any) -> Iterator[Column]:
        """How numbers lie."""
        for name, label in SPREAD_LABELS.items():
            yield self.column(name, label, **more)


def _rows(result: Result, language: str) -> Iterator[tuple[Cell, ...]]:
    """A line for the question itself where it has none, or where its numbers are told."""
    question = result.question
    head = (question.kind.value, result.label, question.text.in_language(language))
    if not result.lines or result.spread:
        whole = Line((result.no, 0, 0), Wording(), Wording(), result.answered, None, None, result.spread)
        yield (_at(whole), *head, "", say(Message("All answers")), *_figures(result, whole))
    for line in result.lines:
        texts = (line.row.in_language(language), line.option.in_language(language))
        yield (_at(line), *head, *texts, *_figures(result, line))


def _at(line: Line) -> int:
    """A number that says the place of a line, whichever others are there."""
    no, row, option = line.place
    return (no * PLACES_OF_A_PART + row) * PLACES_OF_A_PART + option


def _figures(result: Result, line: Line) -> tuple[Cell, ...]:
    return (
        result.asked,
        result.answered,
        line.count,
        line.first,
        _stored(line.of_answered, SHARE_PLACES),
        _stored(line.of_asked, SHARE_PLACES),
        *(_stored(number, PLACES) for number in _numbers(line.spread)),
    )


def _numbers(spread: Spread | None) -> Sequence[Decimal | None]:
    if spread is None:
        return (None,) * len(_NUMBERS)
    return (spread.mean, spread.low, spread.middle, spread.high, spread.deviation, spread.least, spread.most)


def _stored(value: Decimal | None, places: int) -> int | None:
    """The integer that stands for a number; what has more decimals is rounded."""
    return None if value is None else int(round(value, places).scaleb(places))
