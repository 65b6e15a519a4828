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
"""More than a question has options; one more is added to each, since a blank is less than nought."""
Values = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a response by spot: the options in order, and the lines with a number or a text."""

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
    """Two JSON texts for each response: rows of their own, or a list for each line, take twice as long."""
    number: Any = type_coerce(Answer.number, BigInteger)
    here: Any = type_coerce(Answer.question_no, BigInteger) * ROWS + Answer.row_no
    option = here * OPTIONS + Answer.option_no + 1
    valued = or_(Answer.number.is_not(None), Answer.text.is_not(None))
    line = (here, Answer.option_no, number, Answer.text)
    if is_postgresql():
        options, values = func.json_agg(option), func.json_agg(func.json_build_array(*line))
    else:
        options, values = func.json_group_array(option), func.json_group_array(func.json_array(*line))
    query = select(Answer.response_id, options, values.filter(valued)).where(
        Answer.response_id.in_(response_ids)
    )
    found = db.session.execute(query.group_by(Answer.response_id))
    return {row[0]: Lines(_options(_loaded(row[1])), _values(_loaded(row[2]))) for row in found}


def _loaded(told: Any) -> Any:
    return json.loads(told) if isinstance(told, str) else told or ()


def _options(told: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one in sorted(told):
        here, option = divmod(one, OPTIONS)
        if here in found:
            found[here].append(option - 1)
        else:
            found[here] = [option - 1]
    return found


def _values(told: Values) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for line in told:
        found.setdefault(line[0], []).append(line)
    return found
