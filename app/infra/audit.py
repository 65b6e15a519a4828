"""The audit trail: who did what to which record, written in the transaction of the change.

Every ORM write is caught here, so that no service can forget it. What the ORM does not see
(figures, exports, sign-ins) calls ``record``. Refusals are written after the rollback, in a
transaction of their own. The database refuses to change or delete a line.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Index, String, Table, event, insert, inspect, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.infra import context
from app.infra.database import db, is_assembled
from app.infra.registries import table
from app.infra.transactions import unit_of_work
from app.infra.types import BigKey, UtcDateTime
from app.kernel.actor import Actor
from app.kernel.texts import LocalText

SECRET_COLUMNS = frozenset({"password", "password_hash", "token_hash", "tag"})
UNAUDITED_TABLES = frozenset(
    {
        "audit_entry",
        "job",
        "ab_permission",
        "ab_view_menu",
        "ab_permission_view",
        "report_step",
        "security_stamp",
    }
)
"""Lines about these would say twice what is said already (report_step is itself a history)."""

OPTION = "audit"
"""Key of ``Session.info`` that bulk loading of shipped data sets to False; it writes one line instead."""


class AuditEntry(db.Model):
    """One line of the trail. Never changed, never deleted: see ``app.infra.triggers``."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_entity", "entity", "entity_key"),
        Index("ix_audit_entry_account_id_at", "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(200))
    actor_kind: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    address: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(60), default="")
    entity_key: Mapped[str] = mapped_column(String(120), default="")
    outcome: Mapped[str] = mapped_column(String(10), default="done")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    @property
    def username(self) -> str | None:
        """The login name of the account now; None where no account acted, or it is gone. One statement."""
        if self.account_id is None:
            return None
        login = table("LOGIN_NAME")
        found: str | None = db.session.scalar(select(login.name).where(login.id == self.account_id))
        return found


def record(
    actor: Actor,
    action: str,
    entity: str = "",
    key: object = "",
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: str = "done",
) -> None:
    """Write a line in the running transaction."""
    line = _line(actor, action, entity, key, before, after, outcome)
    db.session.execute(insert(AuditEntry), [line])


def record_refusal(
    actor: Actor, action: str, entity: str = "", key: object = "", *, after: Mapping[str, Any] | None = None
) -> None:
    """Write a refusal in a transaction of its own; call it after the refused one was rolled back."""
    with unit_of_work():
        record(actor, action, entity, key, after=after, outcome="refused")


def last_change(row: Any) -> tuple[str, dt.datetime] | None:
    """Who wrote the record itself last, and when; None where the trail has no line of it.

    Rows of other tables that belong to it have lines of their own.
    """
    line = db.session.execute(
        select(AuditEntry.actor_name, AuditEntry.at)
        .where(
            AuditEntry.entity == inspect(row).mapper.local_table.name,
            AuditEntry.entity_key == _key_of(row),
            AuditEntry.action.in_(("create", "change")),
            AuditEntry.outcome == "done",
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).one_or_none()
    return None if line is None else (line.actor_name, line.at)


def follow(session_class: type[Session]) -> None:
    """Catch every ORM write of a session class; safe to call twice."""
    if not event.contains(session_class, "after_flush", _after_flush):
        event.listen(session_class, "after_flush", _after_flush)


def remember_old_values() -> None:
    """Have every column loaded before it is overwritten, so that a line can tell what was there.

    Without it an attribute set on a row that a rollback expired has no value before.
    """
    for mapper in db.Model.registry.mappers:
        for column in mapper.column_attrs:
            getattr(mapper.class_, column.key).impl.active_history = True


def audited_models() -> Iterator[Any]:
    """Every mapped class whose rows leave lines when they are written."""
    for mapper in db.Model.registry.mappers:
        name = getattr(mapper.local_table, "name", "")
        written = isinstance(mapper.local_table, Table) and name not in UNAUDITED_TABLES
        if written and not getattr(mapper.class_, "__unaudited__", False):
            yield mapper.class_


def _after_flush(session: Session, _context: Any) -> None:
    if not session.info.get(OPTION, True) or not is_assembled():
        return
    actor = context.current_actor()
    lines = [_line(actor, *change) for change in _changes(session)]
    if lines:
        session.execute(insert(AuditEntry), lines)


def _changes(session: Session) -> list[tuple[str, str, object, Any, Any, str]]:
    found: list[tuple[str, str, object, Any, Any, str]] = []
    for verb, rows in (("create", session.new), ("change", session.dirty), ("delete", session.deleted)):
        for row in rows:
            name = inspect(row).mapper.local_table.name
            if name in UNAUDITED_TABLES or getattr(row, "__unaudited__", False):
                continue
            before, after = _difference(row, verb)
            if before or after:
                found.append((verb, name, _key_of(row), before, after, "done"))
    return found


def _difference(row: Any, verb: str) -> tuple[dict[str, Any], dict[str, Any]]:
    state = inspect(row)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if verb == "create":
            value = state.dict.get(column.key)
            if value is not None:
                after[column.key] = _plain(column.key, value)
        elif verb == "delete":
            before[column.key] = _plain(column.key, state.dict.get(column.key))
        elif history.has_changes():
            before[column.key] = _plain(column.key, history.deleted[0] if history.deleted else None)
            after[column.key] = _plain(column.key, history.added[0] if history.added else None)
    if verb != "delete":
        _note_links(state, before, after)
    return before, after


def _note_links(state: Any, before: dict[str, Any], after: dict[str, Any]) -> None:
    for relation in state.mapper.relationships:
        if relation.secondary is None or relation.key not in state.dict:
            continue
        history = state.attrs[relation.key].history
        if history.has_changes():
            kept = [_key_of(item) for item in history.unchanged]
            before[relation.key] = sorted(kept + [_key_of(item) for item in history.deleted])
            after[relation.key] = sorted(kept + [_key_of(item) for item in history.added])


def _key_of(row: Any) -> str:
    identity = inspect(row).mapper.primary_key_from_instance(row)
    return ",".join(str(part) for part in identity)


def _line(
    actor: Actor, action: str, entity: str, key: object, before: Any, after: Any, outcome: str
) -> dict[str, Any]:
    return {
        "at": context.now(),
        "account_id": actor.account_id,
        "actor_name": actor.name[:200],
        "actor_kind": actor.kind.value,
        "source": actor.source.value,
        "address": actor.address[:64],
        "request_id": actor.request_id[:32],
        "action": action[:60],
        "entity": entity[:60],
        "entity_key": str(key)[:120],
        "outcome": outcome,
        "before": {name: _plain(name, value) for name, value in before.items()} if before else None,
        "after": {name: _plain(name, value) for name, value in after.items()} if after else None,
    }


def _plain(name: str, value: Any) -> Any:
    """The value as JSON can keep it; secrets only as having been there."""
    if name in SECRET_COLUMNS:
        return "***" if value else None
    if isinstance(value, LocalText):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain("", item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(str(key), item) for key, item in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
