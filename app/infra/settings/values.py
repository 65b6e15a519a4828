"""The value of a setting at an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import select

from app.infra.database import db
from app.infra.remembering import remembered, remembers
from app.infra.settings.models import SettingChange
from app.infra.settings.registry import Setting, setting


class Change(NamedTuple):
    """What decides a value: from when on it holds, and the number that tells later changes from earlier."""

    key: str
    value: Any
    valid_from: dt.datetime
    id: int


def value(key: str, now: dt.datetime) -> Any:
    """What a setting says at an instant: the latest change in force, else the default.

    Every change moves the security stamp, so a signed-in request knows the changes (``remembering``).

    :raises KeyError: nobody declared the setting.
    """
    declared = setting(key)
    found = in_force(_changes(key), key, now)
    return default_of(declared) if found is None else found.value


def in_force(changes: Iterable[Change], key: str, now: dt.datetime) -> Change | None:
    """The change that holds at an instant: of those begun by then the latest, the later entered on a tie."""
    begun = [change for change in changes if change.key == key and change.valid_from <= now]
    return max(begun, key=lambda change: (change.valid_from, change.id), default=None)


def default_of(declared: Setting) -> Any:
    """What holds until somebody changes a setting in this installation."""
    config = current_app.config
    if config.get("DEMO") and declared.demo_default is not None:
        return declared.demo_default
    if declared.configured:
        return config.get(declared.configured, declared.default)
    return declared.default


def _changes(key: str) -> Sequence[Change]:
    return remembered("setting changes", _read) if remembers() else _read(key)


def _read(key: str = "") -> Sequence[Change]:
    columns = (SettingChange.key, SettingChange.value, SettingChange.valid_from, SettingChange.id)
    query = select(*columns).where(SettingChange.withdrawn_at.is_(None))
    if key:
        query = query.where(SettingChange.key == key)
    return [Change(*row) for row in db.session.execute(query)]
