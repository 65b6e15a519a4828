"""What checking found, as JSON that the page reads: counts, first rows, problems, notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.infra.imports.spec import ImportColumn, ImportRow, ImportSpec
from app.infra.imports.values import short, shown
from app.infra.words import words_from_json, words_to_json
from app.kernel.errors import Problem, Words
from app.kernel.texts import Message

MOST_PROBLEMS = 500
"""Problems that the page shows; the workbook of failed rows has every one."""

FIRST_ROWS = 10


@dataclass(frozen=True, slots=True)
class ShownProblem:
    """One problem: where, what stands there, what to do."""

    sheet: str
    row: int
    column: Words | None
    value: str
    words: Words


def preview_of(spec: ImportSpec, rows: Sequence[ImportRow], notices: Iterable[Words]) -> dict[str, Any]:
    """The preview of the rows as read and checked."""
    problems = ((row, problem) for row in rows for problem in row.problems)
    remarks = ((row, remark) for row in rows for remark in row.remarks)
    return {
        "problems": [_kept(*one) for one in islice(problems, MOST_PROBLEMS)],
        "remarks": [_kept(*one) for one in islice(remarks, MOST_PROBLEMS)],
        "remark_count": sum(len(row.remarks) for row in rows),
        "rows": [_shown_row(spec, row) for row in _first(rows)],
        "notices": [words_to_json(notice) for notice in notices],
    }


def _kept(row: ImportRow, problem: Problem) -> dict[str, Any]:
    return {
        "sheet": row.sheet,
        "table": row.table,
        "row": row.number,
        "column": problem.field,
        "value": short(shown(row.raw.get(problem.field))),
        "words": words_to_json(problem.message),
    }


def _first(rows: Sequence[ImportRow]) -> Iterator[ImportRow]:
    """The first rows of each table."""
    shown_rows: Counter[str] = Counter()
    for row in rows:
        if shown_rows[row.table] < FIRST_ROWS:
            shown_rows[row.table] += 1
            yield row


def _shown_row(spec: ImportSpec, row: ImportRow) -> dict[str, Any]:
    cells = [short(shown(row.raw.get(column.key))) for column in spec.table(row.table).columns]
    wrong = sorted({problem.field for problem in row.problems})
    return {"table": row.table, "row": row.number, "cells": cells, "wrong": wrong}


@dataclass(frozen=True, slots=True)
class ShownTable:
    """The first rows of a table, under the headings of its columns."""

    title: Words
    columns: tuple[ImportColumn, ...]
    rows: Sequence[Mapping[str, Any]]


def tables_of(spec: ImportSpec, preview: Mapping[str, Any]) -> list[ShownTable]:
    """The tables of which a preview keeps rows."""
    kept = preview.get("rows", ())
    found = [(table, [row for row in kept if row.get("table", "") == table.key]) for table in spec.tables]
    return [ShownTable(table.title, table.columns, rows) for table, rows in found if rows]


def problems_of(spec: ImportSpec, preview: Mapping[str, Any], kind: str = "problems") -> list[ShownProblem]:
    """The ``problems`` or the ``remarks`` that a preview keeps."""
    return [
        ShownProblem(
            kept["sheet"],
            kept["row"],
            _label(spec.table(kept.get("table", "")).column(kept["column"])),
            kept["value"],
            _words(kept["words"]),
        )
        for kept in preview.get(kind, ())
    ]


def notices_of(preview: Mapping[str, Any]) -> list[Words]:
    """The notices that a preview keeps."""
    return [_words(kept) for kept in preview.get("notices", ())]


def _label(column: ImportColumn | None) -> Words | None:
    return None if column is None else column.label


def _words(kept: Mapping[str, Any]) -> Words:
    words = words_from_json(kept)
    return Message("This row cannot be imported.") if words is None else words
