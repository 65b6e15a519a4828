"""The value of a setting at an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from flask import current_app, has_request_context
from sqlalchemy import select

from app.infra.database import db, is_writing
from app.infra.security import current_principal
from app.infra.settings.models import SettingChange
from app.infra.settings.registry import Setting, setting

CACHE = "setting_changes"
"""Key of the application's extensions: the changes that it read last, by the stamp that then stood."""


class Change(NamedTuple):
    """What decides a value: from when on it holds, and the number that tells later changes from earlier."""

    key: str
    value: Any
    valid_from: dt.datetime
    id: int


def value(key: str, now: dt.datetime) -> Any:
    """What a setting says at an instant: the latest change in force, else the default.

    Every change moves the security stamp, which a signed-in request reads with its account: as long as
    it stands, the changes that this process read last are those of the database. Visitors, jobs and
    commands ask each time. So a change made by any process holds from the next request on.

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
    principal = current_principal() if has_request_context() else None
    if principal is None or principal.stamp == 0 or is_writing():
        return _read(key)
    cache: dict[int, Sequence[Change]] = current_app.extensions[CACHE]
    found = cache.get(principal.stamp)
    if found is None:
        found = _read()
        cache.clear()
        cache[principal.stamp] = found
    return found


def _read(key: str = "") -> Sequence[Change]:
    columns = (SettingChange.key, SettingChange.value, SettingChange.valid_from, SettingChange.id)
    query = select(*columns).where(SettingChange.withdrawn_at.is_(None))
    if key:
        query = query.where(SettingChange.key == key)
    return [Change(*row) for row in db.session.execute(query)]
