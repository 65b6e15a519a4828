"""The lines of some responses, read in one statement and told apart by question and row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, func, select, type_coerce

from app.infra.database import db, is_postgresql
from app.infra.lists.spec import Key
from app.questionnaires.round_models import Answer

Kept = tuple[int, int | None, str | None]
"""A line as it is kept: which option, the number as a stored integer, the text."""
Place = tuple[int, int]
"""Question and row."""
Lines = Mapping[Place, Sequence[Kept]]


class LinesOfChunk:
    """The lines of the responses asked for last: every column of a page asks for the same ones."""

    def __init__(self) -> None:
        self._keys: Sequence[Key] | None = None
        self._found: Mapping[int, Lines] = {}

    def of(self, keys: Sequence[Key]) -> Mapping[int, Lines]:
        """By number of the response, what it says at each place, in the order of options."""
        if keys is not self._keys and keys != self._keys:
            self._found = _read([key[0] for key in keys])
            self._keys = keys
        return self._found


def _read(response_ids: Sequence[int]) -> dict[int, Lines]:
    """Lines come as one JSON text for each response: a row of its own for each takes twice as long."""
    number: Any = type_coerce(Answer.number, BigInteger)
    parts = (Answer.question_no, Answer.row_no, Answer.option_no, number, Answer.text)
    if is_postgresql():
        told = func.json_agg(func.json_build_array(*parts))
    else:
        told = func.json_group_array(func.json_array(*parts))
    query = select(Answer.response_id, told).where(Answer.response_id.in_(response_ids))
    return {row[0]: _lines(row[1]) for row in db.session.execute(query.group_by(Answer.response_id))}


def _lines(told: Any) -> Lines:
    found: dict[Place, list[Kept]] = {}
    for no, row, option, number, text in sorted(json.loads(told) if isinstance(told, str) else told):
        found.setdefault((no, row), []).append((option, number, text))
    return found
