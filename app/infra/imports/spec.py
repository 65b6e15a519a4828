"""What an import is made of: declared once for template, reading, checks, preview and writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal

from app.infra.registries import table
from app.infra.sheets import Cell
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, NotFound, Problem, Words
from app.kernel.texts import LocalText, Message

MARKS_SHEET = "_import"
"""The hidden sheet of a template that says what it was made for: a key and a value in each row."""

ColumnKind = Literal["text", "number", "whole", "date", "flag", "choice", "choices"]
Report = Callable[[int], None]
"""Told how many rows are done; may raise when the owner cancels."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One record or word that a cell may name: by its label in either language, or by any of ``also``.

    One that is not ``offered`` is understood, so that the rules can say what is wrong with it, but
    stands in no list and gives way to one that is.
    """

    value: Any
    label: LocalText | Message
    also: tuple[str, ...] = ()
    offered: bool = True


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column of the template.

    ``choices`` belongs to the kinds ``choice`` and ``choices`` (several, divided by semicolons) and gives
    what the actor may name; ``longest`` and ``width`` are in characters.
    """

    key: str
    label: Words
    kind: ColumnKind = "text"
    required: bool = False
    choices: Callable[[Actor, dt.date], Sequence[Choice]] | None = None
    longest: int = 2_000
    width: int = 16
    help: Message | None = None
    example: str = ""

    def __post_init__(self) -> None:
        if (self.choices is not None) != self.kind.startswith("choice"):
            raise ValueError(f"column {self.key}: kind and choices do not agree")


@dataclass(frozen=True, slots=True)
class ImportTable:
    """One of the tables that a file holds, each on sheets of its own that are known by their headings.

    ``optional`` says that a file need not have it.
    """

    key: str
    title: Words
    columns: tuple[ImportColumn, ...]
    optional: bool = False

    def column(self, key: str) -> ImportColumn | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)


@dataclass(frozen=True, slots=True)
class Remark(Problem):
    """What is told about a cell, or about the whole file, without keeping anything from being imported."""


@dataclass(slots=True)
class ImportRow:
    """A row of the file: what stands in it, what that means, and what is wrong with it.

    ``values`` has a key for each column; what is empty or could not be understood is None.
    ``number`` counts from 1, as spreadsheet programs show it; ``table`` is the key of its table.
    ``note`` is what the outcome says of a row that was written, ``name`` what it calls the row where the
    column that names rows does not say it.
    """

    sheet: str
    number: int
    raw: dict[str, Cell]
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    table: str = ""
    remarks: list[Remark] = field(default_factory=list)
    note: Words | None = None
    name: str = ""

    def refuse(self, problem: Problem) -> None:
        """Add a problem, unless one is named for that cell already: the first says what to mend."""
        if not problem.field or all(known.field != problem.field for known in self.problems):
            self.problems.append(problem)

    def tell(self, remark: Remark) -> None:
        """Add a remark, unless the cell has a problem: what cannot be read needs no other word."""
        if not remark.field or all(known.field != remark.field for known in self.problems):
            self.remarks.append(remark)


TO_THE_LIST = Message("Go to the list")

Found = Iterable[tuple[ImportRow | None, Problem]]
"""What is wrong with which row; a ``Remark`` of no row is about the whole file."""


@dataclass(frozen=True, slots=True)
class ImportSpec:
    """An import of the product.

    ``check(rows, actor, now, report)`` names what is wrong, by row and column, and writes nothing;
    it sees all rows at once, so that it can load what it compares with in few statements. A refusal that
    it raises is one of the whole file.
    ``apply(rows, actor, now, report)`` writes rows without problems, in the caller's transaction.
    ``allowed`` says who may use it; ``name_column`` is what a row is called by; ``list_url`` the list of
    what was written, ``list_words`` what the link to it says.

    A file may hold ``more`` tables beside the first, which is called ``table_title`` where it needs a name
    other than that of the import. ``fits`` says from the marks of a template (its
    hidden sheet ``MARKS_SHEET``) why the file is not one for this import; ``write`` makes a template of
    its own shape. ``opens_result`` leads from the finished import to ``list_url`` at once.

    An import whose columns depend on what is chosen at the upload, such as a month, is declared with
    ``shape``, which gives the import for a choice, and with ``page``, the endpoint where one chooses.
    """

    name: str
    title: Message
    columns: tuple[ImportColumn, ...]
    check: Callable[[Sequence[ImportRow], Actor, dt.datetime, Report], Found]
    apply: Callable[[Sequence[ImportRow], Actor, dt.datetime, Report], None]
    allowed: Callable[[Actor], bool]
    name_column: str
    list_url: str
    note: Message | None = None
    most_rows: int = 20_000
    most_columns: int = 200
    more: tuple[ImportTable, ...] = ()
    fits: Callable[[Mapping[str, str]], Message | None] | None = None
    write: Callable[[BinaryIO | Path, Actor, dt.date, Iterable[ImportRow] | None], None] | None = None
    shape: Callable[[Actor, Mapping[str, str], dt.datetime], ImportSpec] | None = None
    page: str = ""
    list_words: Message = TO_THE_LIST
    opens_result: bool = False
    table_title: Words | None = None

    def __post_init__(self) -> None:
        if (self.shape is None) != (not self.page):
            raise ValueError(f"import {self.name}: shape and page do not agree")
        if self.shape is not None:
            return
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys) or self.name_column not in keys:
            raise ValueError(
                f"import {self.name}: a column is there twice, or the one that names a row is not"
            )

    @property
    def tables(self) -> Iterator[ImportTable]:
        """Every table of a file, the first one first."""
        yield ImportTable("", self.table_title or self.title, self.columns)
        yield from self.more

    def table(self, key: str) -> ImportTable:
        """The table of that key; the first one where a later version of the program has it no longer."""
        tables = list(self.tables)
        return next((table for table in tables if table.key == key), tables[0])

    def column(self, key: str) -> ImportColumn | None:
        """The column of that key in the first table."""
        return self.table("").column(key)

    def shaped(self, actor: Actor, options: Mapping[str, str], now: dt.datetime) -> ImportSpec:
        """The import for what was chosen at the upload; itself where there is nothing to choose.

        :raises Invalid, NotFound: what was chosen is not there to be chosen.
        """
        return self if self.shape is None else self.shape(actor, options, now)


def all_imports() -> dict[str, ImportSpec]:
    """Every import of this application by its name."""
    return {spec.name: spec for spec in table("IMPORTS")}


def find_import(name: str, actor: Actor) -> ImportSpec:
    """The import of a name.

    :raises NotFound: there is none. :raises Forbidden: it is not the actor's to use.
    """
    spec = all_imports().get(name)
    if spec is None:
        raise NotFound
    if not spec.allowed(actor):
        raise Forbidden(Message("You may not import here: the permission “Batch import” is needed."))
    return spec
