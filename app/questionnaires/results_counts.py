"""What the chosen responses answered, counted by the database: three statements for a whole questionnaire."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Float, Select, Subquery, and_, case, cast, func, select, type_coerce

from app.infra.database import db
from app.questionnaires.definition import Definition, QuestionKind
from app.questionnaires.results_selection import Subset
from app.questionnaires.results_spread import QUARTILES, Measured, Place, places_of
from app.questionnaires.round_models import NUMBER_SCALE, Answer

UNIT = 10**NUMBER_SCALE
LEVELLED = frozenset({QuestionKind.RATING, QuestionKind.RANKING})
"""Kinds whose numbers are few, so that each is counted by itself."""
MEASURED = frozenset({QuestionKind.NUMBER, QuestionKind.MATRIX_FILL})
"""Kinds whose numbers are measured by the database, however many differ."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many lines of answers there are at each place, of each number, and how numbers spread.

    Places are (question, row, option) as ``Answer`` keeps them.
    """

    responses: int
    lines: Mapping[Place, int]
    levels: Mapping[Place, Mapping[int, int]]
    spreads: Mapping[Place, Measured]


def count(definition: Definition, subset: Subset) -> Counts:
    """Everything that an analysis tells of the chosen responses."""
    numbers = {kinds: _numbers_of(definition, kinds) for kinds in (LEVELLED, MEASURED)}
    return Counts(
        subset.count,
        _lines(subset) if subset.count else {},
        _levels(subset, numbers[LEVELLED]) if subset.count else {},
        _spreads(subset, numbers[MEASURED]) if subset.count else {},
    )


def _numbers_of(definition: Definition, kinds: Collection[QuestionKind]) -> list[int]:
    return [no for no, question in enumerate(definition, 1) if question.kind in kinds]


def _place() -> tuple[Any, Any, Any]:
    return Answer.question_no, Answer.row_no, Answer.option_no


def _lines(subset: Subset) -> dict[Place, int]:
    query = select(*_place(), func.count()).where(subset.holds(Answer)).group_by(*_place())
    return {(row[0], row[1], row[2]): row[3] for row in db.session.execute(query)}


def _levels(subset: Subset, questions: list[int]) -> dict[Place, dict[int, int]]:
    """Ratings and ranks are whole numbers from 1."""
    if not questions:
        return {}
    level = _whole(type_coerce(Answer.number, BigInteger))
    query = select(*_place(), level, func.count()).where(
        subset.holds(Answer), Answer.question_no.in_(questions), Answer.number.is_not(None)
    )
    found: dict[Place, dict[int, int]] = {}
    for no, row, option, number, times in db.session.execute(query.group_by(*_place(), level)):
        found.setdefault((no, row, option), {})[number] = times
    return found


def _spreads(subset: Subset, questions: list[int]) -> dict[Place, Measured]:
    """Sums come in two parts, since 64 bits do not hold the sum of many large numbers."""
    if not questions:
        return {}
    ranked = _ranked(subset, questions)
    number = ranked.c.number
    apart = cast(number, Float) - ranked.c.centre
    sought = [
        func.min(case((ranked.c.place == where, number)))
        for quarter in QUARTILES
        for where in places_of(ranked.c.size, quarter)
    ]
    query = select(
        ranked.c.question_no, ranked.c.row_no, ranked.c.option_no, func.max(ranked.c.size),
        func.sum(_whole(number)), func.sum(number - _whole(number) * UNIT),
        func.min(number), func.max(number), func.sum(apart * apart), *sought,
    ).group_by(ranked.c.question_no, ranked.c.row_no, ranked.c.option_no)  # fmt: skip
    return {
        (no, row, option): Measured(
            size=size, total=int(whole) * UNIT + int(rest), least=least, most=most,
            squares=float(squares), quarters=tuple(quarters), unit=UNIT,
        )
        for no, row, option, size, whole, rest, least, most, squares, *quarters in db.session.execute(query)
    }  # fmt: skip


def _ranked(subset: Subset, questions: list[int]) -> Subquery:
    """Each number with its place among those of its kind, how many there are, and their middle."""
    number = type_coerce(Answer.number, BigInteger)
    same = _place()
    numbers: Select[Any] = select(
        *same,
        number.label("number"),
        func.row_number().over(partition_by=same, order_by=number).label("place"),
        func.count().over(partition_by=same).label("size"),
        func.avg(cast(number, Float)).over(partition_by=same).label("centre"),
    ).where(and_(subset.holds(Answer), Answer.question_no.in_(questions), Answer.number.is_not(None)))
    return numbers.subquery("ranked")


def _whole(number: Any) -> Any:
    """The part before the decimal point, towards nought on both databases."""
    return cast(number, BigInteger).op("/", return_type=BigInteger())(UNIT)
