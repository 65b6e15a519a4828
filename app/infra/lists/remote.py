"""Choices that are looked up while typing, in the actor's scope and never more than twenty."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, jsonify
from sqlalchemy import Select, false, inspect, literal, or_, select, union_all

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
    """Values and labels that contain ``text``, at most twenty, of what the actor may see.

    :raises NotFound: the list has no such looked-up filter.
    """
    remote = _remote(spec, filter_key)
    source, value, label = _parts(remote, actor, today)
    source = _containing(source, remote.match or [label], text)
    if not source._order_by_clauses:
        source = source.order_by(local.sorted_by(label), value)
    return [(found, say(shown)) for found, shown in session().execute(source.limit(MOST))]


def records(model: Any, text: str, actor: Actor, today: dt.date) -> list[tuple[Any, str]]:
    """Keys and names of the records of a model that contain ``text``, at most twenty that the actor sees.

    A model that is known by names of other tables gives their expressions by a class method ``sought_by``.
    """
    mapper = inspect(model)
    named = [getattr(model, name) for name in NAMES if name in mapper.columns]
    named += model.sought_by() if hasattr(model, "sought_by") else []
    key = mapper.primary_key[0]
    source = _containing(scope.visible(model, actor, today), named, text)
    order = [local.sorted_by(column) for column in named[:1]]
    rows = session().scalars(source.order_by(*order, key).limit(MOST))
    return [(inspect(row).identity[0], say(getattr(row, "label", None) or row)) for row in rows]


def answer_choices(model: Any, text: str, actor: Actor, today: dt.date) -> Response:
    """Records for a select of a form, as JSON."""
    return as_json(records(model, text, actor, today))


def as_json(found: list[tuple[Any, str]]) -> Response:
    """``{"results": [{"value": …, "label": …}]}``, as the page's selects read it."""
    return jsonify(results=[{"value": str(value), "label": label} for value, label in found])


def labels(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> dict[str, str]:
    """The labels of the looked-up values in force, by filter key; one statement for all of them."""
    wanted = [
        _label_of(condition, condition.remote, asked.values[condition.key], actor, today)
        for condition in spec.filters
        if condition.remote is not None and condition.key in asked.values
    ]
    if not wanted:
        return {}
    one = wanted[0] if len(wanted) == 1 else union_all(*wanted)
    return {key: say(shown) for key, shown in session().execute(one)}


def _label_of(condition: Filter, remote: Remote, value: Any, actor: Actor, today: dt.date) -> Select:
    source, identity, label = _parts(remote, actor, today)
    found = source.where(identity == value).order_by(None).limit(1)
    shown = found.with_only_columns(
        local.sorted_by(label).label("shown"), maintain_column_froms=True
    ).subquery()
    return select(literal(condition.key), shown.c.shown)


def _containing(source: Select, expressions: Any, text: str) -> Select:
    wanted = text.replace("\0", "").strip()[:LONGEST].lower()
    if not wanted:
        return source
    searched = [part for expression in expressions for part in local.searched(expression)]
    return source.where(or_(false(), *(part.contains(wanted, autoescape=True) for part in searched)))


def _parts(remote: Remote, actor: Actor, today: dt.date) -> tuple[Select, Any, Any]:
    source = remote.source(actor, today)
    value, label = source.selected_columns
    return source, value, label


def _remote(spec: ListSpec, filter_key: str) -> Remote:
    for condition in spec.filters:
        if condition.key == filter_key and condition.remote is not None:
            return condition.remote
    raise NotFound()
