"""The lines of some responses, read in one statement and told apart by question and row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, func, or_, select, type_coerce

from app.infra.database import db, is_postgresql
from app.infra.lists.spec import Key
from app.questionnaires.round_models import Answer

NUMBER, TEXT = 2, 3
"""What stands where in a line that has a number or a text; before them its spot and its option."""
OPTION = 1
ROWS = 10_000
"""More than a question has rows."""
OPTIONS = 1_000
"""More than a question has options."""
Values = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a response: the option of each head by question, the others by spot.

    ``options`` are those beside heads, in no order; ``values`` the lines with a number or a text.
    """

    heads: Mapping[str, int]
    options: Mapping[int, Sequence[int]]
    values: Mapping[int, Values]


def spot(no: int, row: int) -> int:
    """Question and row as one number, which is quicker to look for than two."""
    return no * ROWS + row


class LinesOfChunk:
    """The lines of the responses asked for last: every column of a page asks for the same ones."""

    def __init__(self) -> None:
        self._keys: Sequence[Key] | None = None
        self._found: Sequence[tuple[Key, Lines]] = ()

    def of(self, keys: Sequence[Key]) -> Sequence[tuple[Key, Lines]]:
        """What each of the responses says."""
        if keys is not self._keys and keys != self._keys:
            found = _read([key[0] for key in keys])
            self._found = [(key, found[key[0]]) for key in keys if key[0] in found]
            self._keys = keys
        return self._found


def _read(response_ids: Sequence[int]) -> dict[int, Lines]:
    """Three JSON texts for each response: rows of their own, or a list for each line, take twice as long."""
    number: Any = type_coerce(Answer.number, BigInteger)
    here: Any = type_coerce(Answer.question_no, BigInteger) * ROWS + Answer.row_no
    line = (here, Answer.option_no, number, Answer.text)
    head = (Answer.question_no, Answer.option_no)
    option = here * OPTIONS + Answer.option_no
    if is_postgresql():
        told = (
            func.json_object_agg(*head),
            func.json_agg(option),
            func.json_agg(func.json_build_array(*line)),
        )
    else:
        told = (
            func.json_group_object(*head),
            func.json_group_array(option),
            func.json_group_array(func.json_array(*line)),
        )
    valued = or_(Answer.number.is_not(None), Answer.text.is_not(None))
    which = (Answer.row_no == 0, Answer.row_no > 0, valued)
    query = select(
        Answer.response_id, *(one.filter(part) for one, part in zip(told, which, strict=True))
    ).where(Answer.response_id.in_(response_ids))
    found = db.session.execute(query.group_by(Answer.response_id))
    return {key: _lines(*map(_loaded, told)) for key, *told in found}


def _loaded(told: Any) -> Any:
    return json.loads(told) if isinstance(told, str) else told


def _lines(heads: Any, marks: Any, values: Any) -> Lines:
    options: dict[int, list[int]] = {}
    for mark in marks or ():
        here, option = divmod(mark, OPTIONS)
        if here in options:
            options[here].append(option)
        else:
            options[here] = [option]
    return Lines(heads or {}, options, _values(values or ()))


def _values(told: Values) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for line in told:
        found.setdefault(line[0], []).append(line)
    return found
