"""Choices that are looked up while typing, in the actor's scope and never more than twenty."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Response, jsonify
from sqlalchemy import Select, String, cast, func, literal, or_, select, union_all

from app.infra.database import session
from app.infra.i18n import say
from app.infra.lists.asked import Asked
from app.infra.lists.spec import Filter, ListSpec, Remote
from app.infra.types import LocalTextType
from app.kernel.actor import Actor
from app.kernel.errors import NotFound

MOST = 20
LONGEST = 100


def choices(spec: ListSpec, filter_key: str, text: str, actor: Actor, today: dt.date) -> list[tuple[Any, str]]:
    """Values and labels that contain ``text``, at most twenty, of what the actor may see.

    :raises NotFound: the list has no such looked-up filter.
    """
    remote = _remote(spec, filter_key)
    source, _value, label = _parts(remote, actor, today)
    wanted = text.replace("\0", "").strip()[:LONGEST].lower()
    if wanted:
        searched = remote.match or [cast(label, String) if isinstance(label.type, LocalTextType) else label]
        source = source.where(or_(*(func.lower(part).contains(wanted, autoescape=True) for part in searched)))
    if not source._order_by_clauses:
        source = source.order_by(label if not isinstance(label.type, LocalTextType) else _value)
    return [(value, say(shown)) for value, shown in session().execute(source.limit(MOST))]


def answer_choices(spec: ListSpec, filter_key: str, text: str, actor: Actor, today: dt.date) -> Response:
    """The choices as JSON for the page: ``{"choices": [{"value": …, "label": …}]}``."""
    found = choices(spec, filter_key, text, actor, today)
    return jsonify(choices=[{"value": str(value), "label": label} for value, label in found])


def labels(spec: ListSpec, asked: Asked, actor: Actor, today: dt.date) -> dict[str, str]:
    """The labels of the looked-up values in force, by filter key; one statement for all of them."""
    wanted = []
    for condition in spec.filters:
        if condition.remote is not None and condition.key in asked.values:
            wanted.append(_label_of(condition, condition.remote, asked.values[condition.key], actor, today))
    if not wanted:
        return {}
    one = wanted[0] if len(wanted) == 1 else union_all(*wanted)
    return {key: say(shown) for key, shown in session().execute(one)}


def _label_of(condition: Filter, remote: Remote, value: Any, actor: Actor, today: dt.date) -> Select[Any]:
    source, identity, label = _parts(remote, actor, today)
    found = source.where(identity == value).order_by(None).limit(1).subquery()
    return select(literal(condition.key), list(found.c)[1])


def _parts(remote: Remote, actor: Actor, today: dt.date) -> tuple[Select[Any], Any, Any]:
    source = remote.source(actor, today)
    value, label = source.selected_columns
    return source, value, label


def _remote(spec: ListSpec, filter_key: str) -> Remote:
    for condition in spec.filters:
        if condition.key == filter_key and condition.remote is not None:
            return condition.remote
    raise NotFound()
