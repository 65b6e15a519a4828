"""A list from a model: what a generated view declares by names, worked out into columns and filters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Date, DateTime, Float, Integer, Select, String, Text, inspect, select, tuple_
from sqlalchemy.orm import Mapper, RelationshipProperty, selectinload
from sqlalchemy.types import TypeEngine

from app.infra import scope
from app.infra.database import session
from app.infra.i18n import say
from app.infra.lists.remote import NAMES
from app.infra.lists.spec import (
    Action,
    Base,
    Column,
    ColumnKind,
    Filter,
    FilterKind,
    Key,
    ListSpec,
    Remote,
    Words,
)
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.actor import Actor
from app.kernel.texts import LocalText, Message

Pairs = Sequence[tuple[Any, Words]] | Callable[[], Sequence[tuple[Any, Words]]]
SHORT = 400
"""A longer text is not sorted by: each cursor carries the value."""


def spec_for_model(
    model: Any,
    *,
    name: str,
    title: Words,
    columns: Sequence[str],
    search: Sequence[str],
    order: tuple[str, str] | None = None,
    labels: Mapping[str, Words] | None = None,
    choices: Mapping[str, Pairs] | None = None,
    marks: Mapping[str, Mapping[Any, str]] | None = None,
    base: Base | None = None,
    row_link: str = "",
    actions: Sequence[Action] = (),
    **settings: Any,
) -> ListSpec:
    """The list of a model's rows in the actor's scope.

    ``columns`` name columns, relationships, dotted paths or properties; ``search`` columns and
    relationships to one record. ``order`` is FAB's ``base_order``; ``settings`` go to ``ListSpec``.

    :raises LookupError: nobody said who may see the model.
    :raises AttributeError: a name that the model does not have.
    """
    mapper = inspect(model)
    if base is None:
        scope.scope_of(model)
    said = {key: _pairs(value) for key, value in (choices or {}).items()}
    made = _Maker(model, mapper, labels or {}, said, marks or {})
    shown = [made.column(key) for key in columns]
    if order is not None and order[0] not in columns and order[0] in mapper.columns:
        shown.append(replace(made.column(order[0]), default=False))
    filters = [condition for key in search if (condition := made.filter(key)) is not None]
    return ListSpec(
        name=name,
        title=title,
        base=base or (lambda actor, today: scope.visible(model, actor, today)),
        key=tuple(getattr(model, mapper.get_property_by_column(column).key) for column in mapper.primary_key),
        columns=tuple(shown),
        filters=tuple(filters),
        default_sort=_default_sort(order, shown),
        row_link=row_link,
        actions=tuple(actions),
        **settings,
    )


class _Maker:
    """Columns and filters of one model."""

    def __init__(
        self,
        model: Any,
        mapper: Mapper[Any],
        labels: Mapping[str, Words],
        choices: Mapping[str, Mapping[Any, Words]],
        marks: Mapping[str, Mapping[Any, str]],
    ) -> None:
        self.model, self.mapper = model, mapper
        self.labels, self.choices, self.marks = labels, choices, marks

    def label(self, key: str) -> Words:
        """What people call it."""
        return self.labels.get(key) or key.replace(".", " ").replace("_", " ").capitalize()

    def column(self, key: str) -> Column:
        """A column for a name."""
        safe = key.replace(".", "__")
        if key in self.mapper.columns:
            expression = getattr(self.model, key)
            kind, decimals = _kind(expression.type)
            if key in self.choices:
                kind = "state" if key in self.marks else "choice"
            return Column(
                safe,
                self.label(key),
                expression,
                kind,
                sortable=_is_sortable(expression.type),
                decimals=decimals,
                words=self.choices.get(key, {}),
                marks=self.marks.get(key, {}),
            )
        if key in self.mapper.relationships:
            return Column(safe, self.label(key), each=self._related(self.mapper.relationships[key]))
        if not hasattr(self.model, key.partition(".")[0]):
            raise AttributeError(f"{self.model.__name__} has no {key}")
        return Column(safe, self.label(key), each=self._read(key))

    def filter(self, key: str) -> Filter | None:
        """A filter for a name; None for a record that nobody said who may see."""
        if key in self.mapper.relationships:
            return self._filter_by_record(key, self.mapper.relationships[key])
        expression = getattr(self.model, key)
        if key in self.choices:
            return Filter(key, self.label(key), "choice", expression, words=self.choices[key])
        return Filter(key, self.label(key), _filter_kind(expression.type), expression)

    def _filter_by_record(self, key: str, relation: RelationshipProperty[Any]) -> Filter | None:
        related = relation.mapper.class_
        named = [name for name in NAMES if name in relation.mapper.columns]
        if relation.uselist or related not in scope.registered() or not named:
            return None
        identity, label = relation.mapper.primary_key[0], getattr(related, named[0])

        def source(actor: Actor, today: dt.date) -> Select:
            return select(identity, label).where(scope.scope_of(related)(actor, today))

        foreign = getattr(
            self.model, self.mapper.get_property_by_column(next(iter(relation.local_columns))).key
        )
        match = [getattr(related, name) for name in named]
        return Filter(key, self.label(key), "remote", foreign, remote=Remote(source, match))

    def _related(
        self, relation: RelationshipProperty[Any]
    ) -> Callable[[Sequence[Key], Actor], Mapping[Key, Any]]:
        def fetch(keys: Sequence[Key], actor: Actor) -> Mapping[Key, Any]:
            own = self.mapper.primary_key
            related = relation.mapper.class_
            query = select(*own, related).select_from(self.model).join(getattr(self.model, relation.key))
            names: dict[Key, list[str]] = {}
            for *key, row in session().execute(query.where(_among(own, keys))).unique():
                names.setdefault(tuple(key), []).append(_name(row))
            return names

        return fetch

    def _read(self, path: str) -> Callable[[Sequence[Key], Actor], Mapping[Key, Any]]:
        loading = _loading(self.mapper, path)

        def fetch(keys: Sequence[Key], actor: Actor) -> Mapping[Key, Any]:
            query = select(self.model).where(_among(self.mapper.primary_key, keys)).options(*loading)
            rows = session().scalars(query).unique()
            return {tuple(inspect(row).identity): _walk(row, path) for row in rows}

        return fetch


def _among(columns: Sequence[Any], keys: Sequence[Key]) -> Any:
    return columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)


def _loading(mapper: Mapper[Any], path: str) -> list[Any]:
    """Load the records along a path for all rows together."""
    option: Any = None
    for step in path.split("."):
        if step not in mapper.relationships:
            break
        attribute = getattr(mapper.class_, step)
        option = selectinload(attribute) if option is None else option.selectinload(attribute)
        mapper = mapper.relationships[step].mapper
    return [] if option is None else [option]


def _walk(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = getattr(row, step, None)
        row = row() if callable(row) else row
        if row is None:
            return None
    if isinstance(row, (str, LocalText, Message)):
        return row
    if isinstance(row, (bool, int, Decimal, dt.date)):
        return _as_text(row)
    return [_name(item) for item in row] if isinstance(row, (list, tuple, set)) else _name(row)


def _as_text(value: Any) -> Words:
    if isinstance(value, bool):
        return Message("Yes") if value else Message("No")
    return say(value)


def _name(row: Any) -> str:
    return say(getattr(row, "label", None) or row)


def _pairs(offered: Pairs) -> Mapping[Any, Words]:
    return dict(offered() if callable(offered) else offered)


def _kind(kind: TypeEngine[Any]) -> tuple[ColumnKind, int]:
    if isinstance(kind, Scaled):
        return "number", kind.scale
    kinds: Sequence[tuple[type, ColumnKind]] = (
        (LocalTextType, "local"),
        (UtcDateTime, "instant"),
        (DateTime, "instant"),
        (Date, "date"),
        (Boolean, "bool"),
        (Integer, "number"),
    )
    return next((name for found, name in kinds if isinstance(kind, found)), "text"), 0


def _filter_kind(kind: TypeEngine[Any]) -> FilterKind:
    name = _kind(kind)[0]
    kinds: Mapping[str, FilterKind] = {
        "number": "number_range",
        "bool": "bool",
        "date": "date_range",
        "instant": "date_range",
    }
    return kinds.get(name, "text")


def _is_sortable(kind: TypeEngine[Any]) -> bool:
    if isinstance(kind, String):
        return not isinstance(kind, Text) and (kind.length or 0) <= SHORT
    sortable = (Scaled, UtcDateTime, DateTime, Date, Boolean, Integer, LocalTextType)
    return isinstance(kind, sortable) and not isinstance(kind, Float)


def _default_sort(order: tuple[str, str] | None, columns: Sequence[Column]) -> str:
    if order is None:
        return ""
    name, direction = order
    sortable = {column.key for column in columns if column.sortable}
    key = name.replace(".", "__")
    return ("-" if direction == "desc" else "") + key if key in sortable else ""
