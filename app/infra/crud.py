"""Create, change and delete of simple dictionary records; domains with rules bring their own services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect, update

from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.kernel.errors import Overtaken
from app.kernel.texts import Message

CHANGED_MEANWHILE = Message(
    "Someone changed this record meanwhile. Compare with the current values and save again."
)


def create(model: Any, values: Mapping[str, Any]) -> Any:
    """Add a record; audited like every write."""
    row = model()
    _fill(row, values)
    db.session.add(row)
    db.session.flush()
    return row


def change(row: Any, values: Mapping[str, Any], version: int | None) -> Any:
    """Change a record that was opened at ``version``.

    :raises Overtaken: somebody changed it in between.
    """
    claim_version(row, version)
    _fill(row, values)
    db.session.flush()
    return row


def remove(row: Any) -> None:
    """Delete a record nobody objects to.

    :raises Invalid: with the reasons of those who do.
    """
    refuse_deletion(row)
    db.session.delete(row)
    db.session.flush()


def version_name(model: Any) -> str:
    """The attribute that counts the changes of a record, which forms carry hidden; empty without one."""
    mapper = inspect(model)
    column = mapper.version_id_col
    return "" if column is None else str(mapper.get_property_by_column(column).key)


def claim_version(row: Any, version: int | None) -> None:
    """Refuse a form that was opened before the last change, and make all others that are open now stale.

    The number moves by a statement of its own: contacts and links are rows of other tables, whose
    changes would leave it where it is.

    :raises Overtaken: the record moved on.
    """
    name = version_name(type(row))
    if not name or version is None:
        return
    if getattr(row, name) != version:
        raise Overtaken(CHANGED_MEANWHILE)
    column, key = getattr(type(row), name), inspect(type(row)).primary_key[0]
    statement = update(type(row)).where(key == inspect(row).identity[0], column == version)
    moved: Any = db.session.execute(
        statement.values({name: column + 1}).execution_options(synchronize_session=False)
    )
    if moved.rowcount != 1:
        raise Overtaken(CHANGED_MEANWHILE)
    db.session.refresh(row, [name])


def _fill(row: Any, values: Mapping[str, Any]) -> None:
    relations = inspect(type(row)).relationships
    for name, value in values.items():
        if name not in relations:
            setattr(row, name, value)
            continue
        relation = relations[name]
        model = relation.mapper.class_
        if relation.uselist:
            setattr(row, name, [db.session.get(model, int(key)) for key in value or ()])
        else:
            setattr(row, name, db.session.get(model, value) if value else None)
