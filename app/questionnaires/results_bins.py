"""Numbers in a few intervals of a round width, for the picture of how they lie. The width is found purely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import BigInteger, cast, func, select, type_coerce

from app.infra.database import db
from app.infra.types import scaled
from app.questionnaires.results_selection import Subset
from app.questionnaires.results_spread import Spread
from app.questionnaires.round_models import NUMBER_SCALE, Answer

MOST = 10
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Bin:
    """Numbers from ``start`` to below ``end``, and how many there are."""

    start: Decimal
    end: Decimal
    count: int

    @property
    def words(self) -> str:
        """Such as ``100 ~ 200``."""
        return f"{_plain(self.start)} ~ {_plain(self.end)}"


def edges(least: Decimal, most: Decimal) -> tuple[Decimal, Decimal, int]:
    """Where the first interval begins, how wide each is, and how many hold all from least to most."""
    span = most - least
    if not span:
        return least, Decimal(1), 1
    rough = span / (MOST - 1)
    power = Decimal(1).scaleb(rough.adjusted())
    width = max(
        next(step * power for step in _STEPS if step * power >= rough), Decimal(1).scaleb(-NUMBER_SCALE)
    )
    start = (least / width).to_integral_value("ROUND_FLOOR") * width
    return start, width, int((most - start) / width) + 1


def bins_of(subset: Subset, no: int, spread: Spread) -> Sequence[Bin]:
    """The answers to a number question by interval, those without any included."""
    start, width, size = edges(spread.least, spread.most)
    first, step = scaled(start, NUMBER_SCALE), scaled(width, NUMBER_SCALE)
    above = cast(type_coerce(Answer.number, BigInteger) - first, BigInteger)
    at = above.op("/", return_type=BigInteger())(step)
    query = select(at, func.count()).where(
        subset.holds(Answer), Answer.question_no == no, Answer.row_no == 0, Answer.number.is_not(None)
    )
    found = {row[0]: row[1] for row in db.session.execute(query.group_by(at))}
    return [
        Bin(start + width * place, start + width * (place + 1), found.get(place, 0)) for place in range(size)
    ]


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
