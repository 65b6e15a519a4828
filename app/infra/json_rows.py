"""Rows that the program worked out, as a table of a statement: one parameter, however many rows there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, String, Text, bindparam, cast, func, literal_column
from sqlalchemy import column as sql_column

from app.infra.database import is_postgresql

Cell = int | str | None


class JsonRows:
    """A table of the rows given; each row is a list of numbers and texts.

    Its columns are read by place, so that paging, sorting and names work as over any other table.
    """

    def __init__(self, name: str, rows: Sequence[Sequence[Cell]]) -> None:
        text = bindparam(None, json.dumps(rows, ensure_ascii=False), Text)
        source = func.json_array_elements(cast(text, JSON)) if is_postgresql() else func.json_each(text)
        # of any type, so that the operators below are written as they stand
        self.table = source.table_valued(sql_column("value", String)).alias(name)

    def number(self, place: int) -> ColumnElement[int]:
        """A column of whole numbers or NULLs."""
        return cast(self.text(place), BigInteger)

    def text(self, place: int) -> ColumnElement[str]:
        """A column of texts or NULLs."""
        value: Any = self.table.c.value
        if is_postgresql():
            return value.op("->>", return_type=String())(literal_column(str(place)))
        found: ColumnElement[str] = func.json_extract(value, literal_column(f"'$[{place}]'"), type_=String())
        return found
