"""The headings of a template: written in the user's language, recognised in every one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import force_locale, gettext

from app.infra.imports.spec import ImportSpec, ImportTable
from app.infra.sheets import Cell, SheetRow
from app.kernel.errors import Words
from app.kernel.names import name_key
from app.kernel.texts import LANGUAGES, LocalText, Message

REASONS = Message("Why it failed")
"""The heading of the column that failed rows come back with; ignored when they are uploaded again."""

MARK = "*"
"""Behind the heading of a required column."""

WITHIN = 10
"""The heading is looked for among so many rows of a sheet: titles may stand above it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the columns of a sheet stand: ``places`` from place to key; headings that nobody knows."""

    places: dict[int, str]
    unknown: tuple[str, ...]


def in_every_language(words: Words) -> tuple[str, ...]:
    """A text of the data, or a message without values, as each language says it."""
    if isinstance(words, LocalText):
        return tuple(words.in_language(language) for language in LANGUAGES)
    found = []
    for language in LANGUAGES:
        with force_locale(language):
            found.append(str(gettext(words.msgid)))
    return tuple(found)


def known_headings(spec: ImportSpec | ImportTable) -> dict[str, str]:
    """Key of a heading → key of its column; the column of reasons has an empty one."""
    known = {
        heading_key(text): column.key for column in spec.columns for text in in_every_language(column.label)
    }
    return known | {heading_key(text): "" for text in in_every_language(REASONS)}


def heading_key(text: str) -> str:
    """The key by which headings are compared: without the mark and without white space."""
    return name_key(text.strip().strip("*＊ "))


def find_table(
    sheet: str, rows: Sequence[SheetRow], tables: Sequence[tuple[ImportTable, dict[str, str]]]
) -> tuple[ImportTable, Heading, int] | None:
    """Which table a sheet holds: the one with most headings there; of equals, the one it is named for."""
    found: list[tuple[int, bool, int, ImportTable, Heading, int]] = []
    for table, known in tables:
        heading = find_heading(rows, known)
        if heading is not None:
            named = name_key(sheet) in {name_key(text) for text in in_every_language(table.title)}
            found.append((len(heading[0].places), named, -len(found), table, *heading))
    return max(found)[3:] if found else None


def find_heading(rows: Iterable[SheetRow], known: dict[str, str]) -> tuple[Heading, int] | None:
    """The heading among the first rows of a sheet and the number of its row; None where there is none."""
    for row in rows:
        keys = [heading_key(cell) if isinstance(cell, str) else "" for cell in row.cells]
        recognised = {known[key] for key in keys if known.get(key)}
        if len(recognised) >= min(2, len(set(known.values()))):
            return _heading(row.cells, keys, known), row.number
    return None


def _heading(cells: Sequence[Cell], keys: Sequence[str], known: dict[str, str]) -> Heading:
    places: dict[int, str] = {}
    unknown = []
    for place, key in enumerate(keys):
        column = known.get(key)
        if column is None:
            if cells[place] is not None:
                unknown.append(str(cells[place]))
        elif column and column not in places.values():
            places[place] = column
    return Heading(places, tuple(unknown))
