"""Filters: what was typed becomes a checked value, and the value a condition in SQL."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlalchemy.types import Integer, String
from werkzeug.datastructures import MultiDict

from app.infra.lists import local
from app.infra.lists.spec import Filter, Words
from app.infra.types import MAX_STORED, Scaled, UtcDateTime
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI, end_of_day, start_of_day
from app.kernel.errors import Problem
from app.kernel.names import name_key
from app.kernel.numbers import NumberFormatError, parse_number
from app.kernel.periods import Month
from app.kernel.texts import Message

LONGEST_TEXT = 100
MOST_VALUES = 50
SEVERAL = frozenset({"multi", "remote"})
"""Kinds of filters that take several values, of which a row meets one."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_WHOLE = re.compile(r"-?[0-9]{1,18}")


class Unreadable(ValueError):
    """What was typed into a filter cannot be used; ``words`` tell how to mend it."""

    def __init__(self, words: Message) -> None:
        super().__init__(str(words))
        self.words = words


def read(
    condition: Filter, args: MultiDict[str, str], actor: Actor, today: dt.date
) -> tuple[Any, Problem | None]:
    """The value of one filter, None where it is left open, and what is wrong with it, if anything."""
    typed = [value for part in condition.parts for value in written(condition, part, args)]
    if not any(value.strip() for value in typed):
        return None, None
    try:
        refuse_unsearchable(typed)
        return READERS[condition.kind](condition, typed, actor, today), None
    except NumberFormatError as error:
        return None, Problem(error.message, condition.parts[0])
    except Unreadable as error:
        return None, Problem(error.words, condition.parts[0])


def refuse_unsearchable(typed: list[str]) -> None:
    """Refuse what no column can hold.

    :raises Unreadable: too long, or characters that cannot be searched for.
    """
    if any(len(value) > LONGEST_TEXT for value in typed):
        raise Unreadable(Message("Write at most {limit} characters here.", limit=LONGEST_TEXT))
    if any(_CONTROL.search(value) for value in typed):
        raise Unreadable(Message("There are characters here that cannot be searched for."))


def written(condition: Filter, part: str, args: MultiDict[str, str]) -> list[str]:
    """What the address says for one part of a filter; the default where nobody asked anything yet."""
    if part in args:
        found = args.getlist(part) if condition.kind in SEVERAL else [args.get(part, "")]
    else:
        found = [""] if "asked" in args else condition.usual
    return condition.usual if condition.required and not any(text.strip() for text in found) else found


def clause(condition: Filter, value: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The condition in SQL for a value that ``read`` gave."""
    if condition.clause is not None and condition.kind == "remote":
        return or_(*(condition.clause(one, actor, today) for one in value))
    if condition.clause is not None:
        return condition.clause(value, actor, today)
    found: ColumnElement[bool]
    if condition.kind == "text":
        found = _text_clause(condition, value)
    elif condition.kind in SEVERAL:
        found = condition.expression.in_(value)
    elif condition.kind.endswith("_range"):
        found = _range_clause(condition, value)
    else:
        found = condition.expression == value
    return found


def choices_of(condition: Filter, actor: Actor, today: dt.date) -> Mapping[Any, Words]:
    """The values that a choice offers to this actor, with their words."""
    if callable(condition.words):
        return condition.words(actor, today)
    return condition.words


def _text_clause(condition: Filter, value: str) -> ColumnElement[bool]:
    parts = []
    for position, expression in enumerate((condition.expression, *condition.more)):
        if condition.by_name_key and position == 0:
            parts.append(_matched(condition, expression, name_key(value)))
        else:
            parts.extend(_matched(condition, part, value.lower()) for part in local.searched(expression))
    return or_(*parts)


def _matched(condition: Filter, left: Any, text: str) -> ColumnElement[bool]:
    if condition.match == "exact":
        return left == text
    if condition.match == "starts":
        return left.startswith(text, autoescape=True)
    return left.contains(text, autoescape=True)


def _range_clause(condition: Filter, value: tuple[Any, Any]) -> ColumnElement[bool]:
    low, high = value
    days_of_instants = condition.kind == "date_range" and isinstance(condition.expression.type, UtcDateTime)
    parts = []
    if low is not None:
        parts.append(condition.expression >= (start_of_day(low) if days_of_instants else low))
    if high is not None and days_of_instants:
        parts.append(condition.expression < end_of_day(high))
    elif high is not None:
        parts.append(condition.expression <= high)
    return and_(*parts)


def _read_text(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> str:
    text = " ".join(typed[0].split())
    if condition.by_name_key and not name_key(text):
        raise Unreadable(Message("Write at least one letter, character or digit."))
    return text


def _read_choice(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> Any:
    return _one_of(choices_of(condition, actor, today), typed[0])


def _read_multi(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> list[Any]:
    _refuse_too_many(typed)
    offered = choices_of(condition, actor, today)
    return [_one_of(offered, text) for text in typed if text]


def _refuse_too_many(typed: list[str]) -> None:
    if len(typed) > MOST_VALUES:
        raise Unreadable(Message("Choose at most {limit} values.", limit=MOST_VALUES))


def _one_of(offered: Mapping[Any, Words], text: str) -> Any:
    for value in offered:
        if str(value) == text:
            return value
    raise Unreadable(Message("This choice is not offered. Choose one from the list."))


def _read_bool(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> bool:
    if typed[0] not in ("0", "1"):
        raise Unreadable(Message("This choice is not offered. Choose one from the list."))
    return typed[0] == "1"


def _read_month(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> int:
    return _month(typed[0])


def _month(text: str) -> int:
    try:
        return Month.parse(text.strip()).key
    except ValueError:
        raise Unreadable(Message("Write the month as 2018-07.")) from None


def _read_remote(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> list[Any]:
    _refuse_too_many(typed)
    wanted = [text for text in typed if text]
    if condition.expression is not None and isinstance(condition.expression.type, String):
        return wanted
    if not all(_WHOLE.fullmatch(text) for text in wanted):
        raise Unreadable(Message("This choice is not offered. Choose one from the list."))
    return [int(text) for text in wanted]


def _pair(typed: list[str], one: Callable[[str], Any]) -> tuple[Any, Any]:
    low, high = (one(text) if text.strip() else None for text in typed)
    if low is not None and high is not None and low > high:
        raise Unreadable(Message("The first value must not be greater than the second."))
    return low, high


def _read_months(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> tuple[Any, Any]:
    return _pair(typed, _month)


def _read_days(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> tuple[Any, Any]:
    return _pair(typed, _day)


def _day(text: str) -> dt.date:
    written_as = text.strip() if _DAY.fullmatch(text.strip()) else ""
    try:
        day = dt.date.fromisoformat(written_as)
        Month(day.year, day.month)  # keeps years within what a period can be
    except ValueError:
        raise Unreadable(Message("Write the day as 2018-07-31.")) from None
    return day


def _read_numbers(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> tuple[Any, Any]:
    return _pair(typed, lambda text: _storable(parse_number(text), condition.expression.type))


def _storable(number: Decimal | None, kind: Any) -> Any:
    """The number as the column can compare it: as exact as the column, and within 64 bits."""
    if number is None:
        return None
    scale = kind.scale if isinstance(kind, Scaled) else 0
    whole = number.scaleb(scale)
    if abs(whole) > MAX_STORED:
        raise Unreadable(Message("This number is too large to search for."))
    if whole != whole.to_integral_value():
        raise Unreadable(Message("Write at most {decimals} decimals here.", decimals=scale))
    return int(number) if isinstance(kind, Integer) else number


def _read_instant(condition: Filter, typed: list[str], actor: Actor, today: dt.date) -> dt.datetime:
    try:
        return read_instant(typed[0])
    except ValueError:
        raise Unreadable(Message("Write day and time as 2018-07-31 17:30.")) from None


def read_instant(text: str) -> dt.datetime:
    """The minute in Shanghai that was typed, as UTC.

    :raises ValueError: it is written otherwise, or lies beyond what a period can be.
    """
    found = _MINUTE.fullmatch(text.strip())
    if found is None:
        raise ValueError("an instant is written as 2018-07-31 17:30")
    day, hour, minute = dt.date.fromisoformat(found[1]), int(found[2]), int(found[3])
    Month(day.year, day.month)
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI).astimezone(dt.UTC)


READERS: Mapping[str, Callable[[Filter, list[str], Actor, dt.date], Any]] = {
    "text": _read_text,
    "choice": _read_choice,
    "multi": _read_multi,
    "bool": _read_bool,
    "month": _read_month,
    "month_range": _read_months,
    "remote": _read_remote,
    "number_range": _read_numbers,
    "date_range": _read_days,
    "instant": _read_instant,
}


def every_row(_value: Any, _actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """The clause of a condition that decides what columns or groups there are, and cuts no row."""
    return true()
