"""Choices that are looked up while typing, in the actor's scope and never more than twenty."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from flask import Response, jsonify
from sqlalchemy import Select, String, case, cast, false, func, inspect, literal, or_, select, union_all

from app.infra import scope
from app.infra.database import session
from app.infra.i18n import say
from app.infra.lists import local
from app.infra.lists.asked import Asked
from app.infra.lists.spec import Filter, ListSpec, Remote
from app.kernel.actor import Actor
from app.kernel.errors import NotFound

MOST = 20
LONGEST = 100
NAMES = ("name", "full_name", "title", "display_name", "username", "code")
"""Columns by which people know a record; the others may hold what is not for everybody to probe."""


def choices(
    spec: ListSpec, filter_key: str, text: str, actor: Actor, today: dt.date
) -> list[tuple[Any, str]]:
    """Values and labels that contain ``text``, at most twenty, of what the actor may see; the nearest first.

    :raises NotFound: the list has no such looked-up filter.
    """
    remote = _remote(spec, filter_key)
    source, value, label = _parts(remote, actor, today)
    match = remote.match or [label]
    usual = source._order_by_clauses or (*_by_length(label, text), local.sorted_by(label), value)
    source = _containing(source, match, text).order_by(None).order_by(*_nearest(match, text), *usual)
    return [(found, say(shown)) for found, shown in session().execute(source.limit(MOST))]


def nearest(spec: ListSpec, filter_key: str, text: str, actor: Actor, today: dt.date) -> str:
    """The value that is nearest to a text, of what the actor may see; the text itself where there is none."""
    known = any(one.key == filter_key and one.remote is not None for one in spec.filters)
    found = choices(spec, filter_key, text, actor, today) if known else []
    return str(found[0][0]) if found else text


def records(
    model: Any, text: str, actor: Actor, today: dt.date, *, past: bool = False
) -> list[tuple[Any, str]]:
    """Keys and names of the records of a model that contain ``text``, at most twenty that the actor sees.

    A model that is known by names of other tables gives their expressions by a class method ``sought_by``;
    one whose entries can be chosen for a time only says which by ``offered_on``, and marks those that
    are over by ``words_on``. One with an order of its own, such as the highest level first, gives it by
    ``sought_order``. What is called as was typed precedes all others.

    :param past: offer those that are over as well, for records of history.
    """
    mapper = inspect(model)
    named = [getattr(model, name) for name in NAMES if name in mapper.columns]
    named += model.sought_by() if hasattr(model, "sought_by") else []
    key = mapper.primary_key[0]
    source = _containing(scope.visible(model, actor, today), named, text)
    if hasattr(model, "offered_on") and not past:
        source = source.where(model.offered_on(today))
    order = [*_nearest(named, text), *_usual_order(model, named, text), key]
    rows = session().scalars(source.order_by(*order).limit(MOST))
    return [(inspect(row).identity[0], _words(row, today)) for row in rows]


def answer_choices(model: Any, text: str, actor: Actor, today: dt.date, *, past: bool = False) -> Response:
    """Records for a select of a form, as JSON."""
    return as_json(records(model, text, actor, today, past=past))


def as_json(found: list[tuple[Any, str]]) -> Response:
    """``{"results": [{"value": …, "label": …}]}``, as the page's selects read it."""
    return jsonify(results=[{"value": str(value), "label": label} for value, label in found])


Labels = Mapping[tuple[str, str], str]
"""The label by the key of its filter and by the value as the address has it."""


def labels(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> Labels:
    """The labels of all looked-up values in force, in filters and in groups; one statement for all."""
    wanted: dict[str, tuple[Filter, set[Any]]] = {}
    for condition, values in _looked_up(spec, asked):
        wanted.setdefault(condition.key, (condition, set()))[1].update(values)
    each = [_labels_of(condition, values, actor, today) for condition, values in wanted.values()]
    if not each:
        return {}
    one = each[0] if len(each) == 1 else union_all(*each)
    return {(key, value): say(shown) for key, value, shown in session().execute(one)}


def _looked_up(spec: ListSpec, asked: Asked) -> Iterator[tuple[Filter, Sequence[Any]]]:
    for condition in spec.filters:
        if condition.remote is not None and condition.key in asked.values:
            yield condition, asked.values[condition.key]
    for piece in itertools.chain.from_iterable(asked.where.pieces):
        if piece.subject.filter.remote is not None and piece.value:
            yield piece.subject.filter, piece.value


def _labels_of(condition: Filter, values: Collection[Any], actor: Actor, today: dt.date) -> Select:
    remote = _remote_of(condition)
    source, identity, label = _parts(remote, actor, today)
    found = source.where(identity.in_(sorted(values))).order_by(None)
    shown = found.with_only_columns(
        cast(identity, String).label("value"),
        local.sorted_by(label).label("shown"),
        maintain_column_froms=True,
    ).subquery()
    return select(literal(condition.key), shown.c.value, shown.c.shown)


def _words(row: Any, today: dt.date) -> str:
    return say(row.words_on(today) if hasattr(row, "words_on") else getattr(row, "label", None) or row)


def _usual_order(model: Any, named: Sequence[Any], text: str) -> list[Any]:
    if hasattr(model, "sought_order"):
        return [*model.sought_order()]
    names = [part for column in named[:1] for part in (*_by_length(column, text), local.sorted_by(column))]
    return [model.position, *names] if "position" in inspect(model).columns else names


def _by_length(label: Any, text: str) -> list[Any]:
    """Among names that hold what was typed, the shorter is the nearer one."""
    return [func.length(local.sorted_by(label))] if _wanted(text) else []


def _nearest(expressions: Sequence[Any], text: str) -> list[Any]:
    """What is called exactly as was typed comes first, then what begins so."""
    wanted, searched = _wanted(text), _searched(expressions)
    if not wanted or not searched:
        return []
    begins = or_(*(part.startswith(wanted, autoescape=True) for part in searched))
    return [case((or_(*(part == wanted for part in searched)), 0), (begins, 1), else_=2)]


def _containing(source: Select, expressions: Sequence[Any], text: str) -> Select:
    wanted = _wanted(text)
    if not wanted:
        return source
    held = (part.contains(wanted, autoescape=True) for part in _searched(expressions))
    return source.where(or_(false(), *held))


def _wanted(text: str) -> str:
    return text.replace("\0", "").strip()[:LONGEST].lower()


def _searched(expressions: Sequence[Any]) -> list[Any]:
    return [part for expression in expressions for part in local.searched(expression)]


def _parts(remote: Remote, actor: Actor, today: dt.date) -> tuple[Select, Any, Any]:
    source = remote.source(actor, today)
    value, label = source.selected_columns
    return source, value, label


def _remote(spec: ListSpec, filter_key: str) -> Remote:
    for condition in spec.filters:
        if condition.key == filter_key and condition.remote is not None:
            return condition.remote
    raise NotFound()


def _remote_of(condition: Filter) -> Remote:
    if condition.remote is None:
        raise LookupError(f"filter {condition.key} is not looked up")
    return condition.remote
