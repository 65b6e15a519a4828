"""What differs between two states of a report: cells, repeating rows and facts. Pure, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.reports.definitions import Cell, Cells, Row, SectionDefinition

NAMING_COLUMNS = 2
"""The first two columns of text name a row: its code, which may be empty, and its name."""

Fact = tuple[str, str]
"""Code and text of something known of the enterprise."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The same row in two states; None where one of them lacks it."""

    before: Row | None
    now: Row | None

    @property
    def is_changed(self) -> bool:
        """Whether the row is new, gone, or differs in a column."""
        return self.before is None or self.now is None or bool(self.columns)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that differ, of a row that both states have."""
        if self.before is None or self.now is None:
            return ()
        codes = dict.fromkeys((*self.now, *self.before))
        return tuple(code for code in codes if not _same(self.before.get(code), self.now.get(code)))


def changed_cells(before: Cells, now: Cells) -> dict[Cell, tuple[Decimal | None, Decimal | None]]:
    """What the cells that differ were and are; a figure that is missing is None, which zero is not."""
    places = dict.fromkeys((*now, *before))
    found = {place: (before.get(place), now.get(place)) for place in places}
    return {place: values for place, values in found.items() if not _same(*values)}


def paired(section: SectionDefinition, before: Sequence[Row], now: Sequence[Row]) -> list[Pair]:
    """The rows of two states side by side: those of now in their order, then those that are gone.

    A row is found again by all of its texts, else by its code, else by its name; rows that share a
    name are told apart by their order.
    """
    texts = [column.code for column in section.columns if not column.is_number]
    keys = (tuple(texts), *((code,) for code in texts[:NAMING_COLUMNS]))
    left = dict(enumerate(before))
    partners: dict[int, Row] = {}
    for key in keys:
        for place, row in enumerate(now):
            if place not in partners and (found := _found(left, row, key)) is not None:
                partners[place] = left.pop(found)
    pairs = [Pair(partners.get(place), row) for place, row in enumerate(now)]
    return [*pairs, *(Pair(row, None) for row in left.values())]


def changed_facts(before: Sequence[Fact], now: Sequence[Fact]) -> dict[str, str]:
    """Code and former text of the facts that differ."""
    former = dict(before)
    return {code: former.get(code, "") for code, text in now if former.get(code, "") != text}


def _found(left: Mapping[int, Row], row: Row, key: Sequence[str]) -> int | None:
    wanted = [row.get(code) for code in key]
    if not any(wanted):
        return None
    return next((place for place, other in left.items() if [other.get(code) for code in key] == wanted), None)


def _same(one: Decimal | str | None, other: Decimal | str | None) -> bool:
    """Equal as values: 12.5 and 12.50 are one figure, an empty text and a missing one are one text."""
    return (None if one == "" else one) == (None if other == "" else other)
