"""What conditions in groups may be about: filters and stored columns of a list, each by its operators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column as StoredColumn
from sqlalchemy import ColumnElement, false, func, not_, or_
from sqlalchemy.types import Boolean, Date, Integer, String, TypeEngine

from app.infra.lists import filters, local
from app.infra.lists.grammar import Condition
from app.infra.lists.spec import Column, Filter, FilterKind, ListSpec, Words
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.actor import Actor
from app.kernel.texts import Message

OPERATOR_WORDS: Mapping[str, Message] = {
    "has": Message("contains"),
    "is": Message("is"),
    "in": Message("is one of"),
    "out": Message("is none of"),
    "eq": Message("equals"),
    "ge": Message("at least"),
    "le": Message("at most"),
    "between": Message("between"),
    "none": Message("is empty"),
    "some": Message("is not empty"),
}
"""Operators as the address writes them, with their words."""

RANGES: Mapping[FilterKind, FilterKind] = {
    "month": "month_range",
    "month_range": "month_range",
    "number_range": "number_range",
    "date_range": "date_range",
}
OF_RANGES = ("eq", "ge", "le", "between")
OF_EMPTINESS = ("none", "some")
VALUES_NEEDED = {"none": 0, "some": 0, "between": 2}
SEVERAL = frozenset({"in", "out"})
COLUMN = "of_a_column"
"""A filter that only stands for a column is never in the address by its own name."""

_COLUMN_KINDS: Mapping[str, FilterKind] = {
    "number": "number_range",
    "month": "month_range",
    "date": "date_range",
    "instant": "date_range",
    "bool": "bool",
    "text": "text",
    "local": "text",
}
_STORED_AS: Mapping[str, Any] = {
    "number_range": (Integer, Scaled),
    "month_range": (Integer,),
    "date_range": (Date, UtcDateTime),
    "bool": (Boolean,),
    "text": (String, LocalTextType),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that a condition may be about. ``filter`` reads its values and compares them."""

    key: str
    filter: Filter
    operators: tuple[str, ...]

    @property
    def label(self) -> Words:
        """What people call it."""
        return self.filter.label


def subjects_of(spec: ListSpec) -> dict[str, Subject]:
    """By key what the conditions of a list may be about: filters first, then columns that no filter is of.

    The columns of a grouped list are sums over its groups, which no row has; there only filters count.
    """
    found = {condition.key: subject for condition in spec.filters if (subject := _of_filter(condition))}
    taken = {condition.key for condition in spec.filters}
    for column in () if spec.groups else spec.columns:
        condition = None if column.key in taken else _as_filter(column)
        if condition is not None and (subject := _of_filter(condition, column.key)):
            found[column.key] = subject
    return found


def _of_filter(condition: Filter, key: str = "") -> Subject | None:
    if condition.required or condition.stays or not condition.combinable:
        return None
    operators = _operators(condition)
    return Subject(key or condition.key, condition, operators) if operators else None


def _operators(condition: Filter) -> tuple[str, ...]:
    stored = condition.clause is None
    kind = condition.kind
    found: tuple[str, ...]
    if kind == "text":
        found = ("has", "is") if stored else ("has",)
    elif kind == "bool" or (kind == "month" and not stored):
        found = ("is",)
    elif kind in RANGES:
        found = OF_RANGES
    else:
        found = ("in", "out")
    open_ended = stored and getattr(condition.expression, "nullable", True)
    return (*found, *OF_EMPTINESS) if open_ended or (stored and kind == "text") else found


def _as_filter(column: Column) -> Filter | None:
    """A stored column as the filter that it could have; None where it is worked out, or named elsewhere."""
    if column.expression is None or not _is_stored(column.expression):
        return None
    kind: FilterKind | None = "multi" if column.words else _COLUMN_KINDS.get(column.kind)
    if kind is None or not _suits(kind, column.expression.type):
        return None
    return Filter(COLUMN, column.label, kind, column.expression, words=column.words)


def _is_stored(expression: Any) -> bool:
    element = expression.__clause_element__() if hasattr(expression, "__clause_element__") else expression
    return isinstance(element, StoredColumn)


def _suits(kind: FilterKind, stored: Any) -> bool:
    return isinstance(stored, _STORED_AS.get(kind, TypeEngine))


def needed(operator: str) -> int:
    """How many values an operator takes; at least that many where it takes several."""
    return VALUES_NEEDED.get(operator, 1)


def read(subject: Subject, condition: Condition, actor: Actor, today: dt.date) -> Any:
    """The checked value of a condition that is filled in.

    :raises filters.Unreadable, NumberFormatError: what to mend, in words.
    """
    values = list(condition.values)
    count = needed(condition.operator)
    if len(values) < count:
        raise filters.Unreadable(Message("Give both values."))
    if len(values) > count and condition.operator not in SEVERAL:
        raise filters.Unreadable(Message("There are more values than this condition takes."))
    filters.refuse_unsearchable(values)
    if count == 0:
        return None
    reader = _reader(subject, condition.operator)
    return filters.READERS[reader.kind](reader, _as_typed(reader, condition.operator, values), actor, today)


def _reader(subject: Subject, operator: str) -> Filter:
    condition = subject.filter
    if operator in OF_RANGES and condition.kind in RANGES:
        return replace(condition, kind=RANGES[condition.kind])
    if operator in SEVERAL and condition.kind == "choice":
        return replace(condition, kind="multi")
    return condition


def _as_typed(reader: Filter, operator: str, values: Sequence[str]) -> list[str]:
    """The values as the fields of the filter would have them."""
    if not reader.kind.endswith("_range"):
        return list(values)
    pairs = {"eq": [values[0], values[0]], "ge": [values[0], ""], "le": ["", values[0]]}
    return pairs.get(operator, list(values))


def clause(subject: Subject, operator: str, value: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """A condition in SQL, for a value that ``read`` gave."""
    condition = _reader(subject, operator)
    found: ColumnElement[bool]
    if operator in OF_EMPTINESS:
        empty = _is_empty(condition)
        found = empty if operator == "none" else not_(empty)
    elif operator in SEVERAL:
        among = _is_among(subject.filter, value, actor, today)
        # a row whose value is missing has none of those named
        found = among if operator == "in" else not_(func.coalesce(among, false()))
    elif operator in ("has", "is") and condition.kind == "text" and condition.clause is None:
        exact = replace(condition, match="exact" if operator == "is" else "contains")
        found = filters.clause(exact, value, actor, today)
    else:
        found = filters.clause(condition, value, actor, today)
    return found


def _is_among(condition: Filter, values: list[Any], actor: Actor, today: dt.date) -> ColumnElement[bool]:
    if condition.clause is None:
        found: ColumnElement[bool] = condition.expression.in_(values)
        return found
    if condition.kind == "multi":
        return condition.clause(values, actor, today)
    return or_(*(condition.clause(value, actor, today) for value in values))


def _is_empty(condition: Filter) -> ColumnElement[bool]:
    missing: ColumnElement[bool] = condition.expression.is_(None)
    if condition.kind != "text" or local.is_local(condition.expression):
        return missing
    return or_(missing, condition.expression == "")
