"""What every change of a form has in common: who may, on which draft, and how a refusal is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.orm.attributes import flag_modified

from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken, Problem
from app.kernel.texts import Message
from app.reports.form_models import PUBLISHED, FormVersion, Indicator

EDITOR_LEVELS = frozenset({"ministry", "province"})


def expect_revision(current: int, seen: int) -> None:
    """Refuse a form that was shown before somebody else's change.

    :raises Overtaken: the record is no longer at the revision that was seen.
    """
    if current != seen:
        raise Overtaken(Message("Someone changed this record meanwhile. Reload it and try again."))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise ``Invalid`` with all problems, if there are any."""
    if problems:
        raise Invalid(problems)


def columns_of(given: Any, siblings: Sequence[Any] = (), *left_out: str) -> dict[str, Any]:
    """Columns of a row as typed; without a place among its siblings it comes last."""
    values = {name: getattr(given, name) for name in given.__dataclass_fields__ if name not in left_out}
    if "ord" in values and not values["ord"]:
        values["ord"] = max((other.ord for other in siblings), default=0) + 1
    return values


def assign(row: object, values: dict[str, Any]) -> None:
    """Set attributes of a row."""
    for name, value in values.items():
        setattr(row, name, value)


def may_edit_forms(actor: Actor) -> bool:
    """The platform admin, and admins of a bureau that can stand at the top of a chain."""
    if actor.kind is Kind.BUREAU:
        return actor.level in EDITOR_LEVELS
    return actor.kind in (Kind.PLATFORM, Kind.SYSTEM)


def require_editor(actor: Actor) -> None:
    """Refuse whoever may not edit forms.

    :raises Forbidden: the actor is neither.
    """
    if not may_edit_forms(actor):
        raise Forbidden(Message("Report forms are kept by the platform administrator and the top bureau."))


def draft_for_change(actor: Actor, version_id: int, now: dt.datetime) -> FormVersion:
    """The draft, locked and marked as edited, so that a change meanwhile is noticed by others.

    :raises NotFound: no such version.
    :raises Conflict: it is published.
    """
    require_editor(actor)
    version: FormVersion | None = db.session.get(FormVersion, version_id, with_for_update=True)
    if version is None:
        raise NotFound
    if version.state == PUBLISHED:
        raise Conflict(Message("A published version never changes. Make a new draft from it."))
    version.edited_at = now
    flag_modified(version, "edited_at")
    return version


def forget_unpublished(indicators: Iterable[Indicator]) -> None:
    """Delete the indicators that no published version ever had: their codes are free again."""
    for indicator in indicators:
        if indicator.first_version_id is None:
            db.session.delete(indicator)
    db.session.flush()
