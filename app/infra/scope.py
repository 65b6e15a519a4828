"""The register of scopes: for every model that a page can show, which rows an actor sees.

A model that is not registered cannot be shown, chosen or exported: the register fails closed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, inspect, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.infra.database import db, is_postgresql
from app.kernel.actor import Actor
from app.kernel.errors import NotFound

Scope = Callable[[Actor, dt.date], ColumnElement[bool]]

_scopes: dict[type, Scope] = {}
LARGEST_KEY = 2**63 - 1


def register(model: type, scope: Scope) -> None:
    """Say which rows of ``model`` an actor sees on a day."""
    _scopes[model] = scope


def scope_of(model: type) -> Scope:
    """The scope of a model.

    :raises LookupError: nobody said who may see it; a page must not be built on it.
    """
    try:
        return _scopes[model]
    except KeyError:
        raise LookupError(f"no scope is registered for {model.__name__}") from None


def registered() -> dict[type, Scope]:
    """Every model with a scope."""
    return dict(_scopes)


def visible(model: Any, actor: Actor, today: dt.date) -> Select[Any]:
    """A SELECT of the rows of ``model`` that the actor sees."""
    return select(model).where(scope_of(model)(actor, today))


def among(column: Any, keys: Select[Any]) -> ColumnElement[bool]:
    """``column IN (keys)`` for predicates of scope, in the form that the database answers from an index.

    PostgreSQL misjudges how many rows such an IN finds and reads the table from end to end; the
    keys as an array it looks up (reports of a prefecture and month among 720,000: 19 → 6 ms).
    """
    if not is_postgresql():
        found: ColumnElement[bool] = column.in_(keys)
        return found
    array = func.array(keys.scalar_subquery(), type_=ARRAY(column.type))
    equal: ColumnElement[bool] = column == any_(array)
    return equal


def find(model: Any, key: object, actor: Actor, today: dt.date, *, lock: bool = False) -> Any:
    """The row with a key, if the actor sees it.

    :raises NotFound: there is none, or not for this actor; the two look the same.
    """
    column = inspect(model).primary_key[0]
    value = parse_key(key, column.type.python_type)
    query = visible(model, actor, today).where(column == value)
    row = db.session.scalars(query.with_for_update(of=model) if lock else query).one_or_none()
    if row is None:
        raise NotFound
    return row


def parse_key(key: object, kind: type) -> Any:
    """A key from an address.

    :raises NotFound: it cannot be one.
    """
    text = str(key)
    if kind is int:
        if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST_KEY:
            raise NotFound
        return int(text)
    if len(text) > 200 or "\x00" in text:
        raise NotFound
    return text
