"""Changing settings: from when on, why, and taking back what is not yet in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.infra.database import db
from app.infra.security import move_stamp
from app.infra.settings.models import SettingChange
from app.infra.settings.registry import Setting, setting
from app.infra.settings.rules import may_change, value_problem
from app.infra.settings.values import default_of, value
from app.kernel.actor import Actor
from app.kernel.clock import local_date, start_of_day
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from app.kernel.texts import Message

LONGEST_REASON = 200
FURTHEST = dt.timedelta(days=3660)
"""How far ahead a change may be dated."""


def find(key: str) -> Setting:
    """A setting by the key of an address.

    :raises NotFound: there is none.
    """
    try:
        return setting(key)
    except KeyError:
        raise NotFound from None


def change(
    actor: Actor, key: str, new: Any, begins: dt.date | None, reason: str, now: dt.datetime
) -> SettingChange:
    """Let a setting say something else from a day on.

    :param begins: a day in the future in Shanghai; None is at once.
    :raises Forbidden: the setting is not the actor's to change.
    :raises Invalid: naming every entry that cannot be taken.
    """
    declared = find(key)
    _refuse_strangers(actor, declared)
    wrong = value_problem(declared, new)
    problems = [Problem(wrong, "value")] if wrong is not None else []
    if wrong is None and begins is None and new == value(key, now):
        problems.append(Problem(Message("This is what the setting says already."), "value"))
    problems += [*_day_problems(begins, local_date(now)), *reason_problems(reason)]
    if problems:
        raise Invalid(problems)
    row = SettingChange(
        key=key,
        value=new,
        valid_from=now if begins is None else start_of_day(begins),
        reason=reason.strip(),
        created_at=now,
        created_by_id=actor.account_id,
    )
    db.session.add(row)
    db.session.flush()
    move_stamp(db.session())
    return row


def withdraw(actor: Actor, key: str, change_id: int, reason: str, now: dt.datetime) -> None:
    """Take back a change that is not yet in force; it stays in the history.

    :raises NotFound: the setting has no such change.
    :raises Forbidden: the setting is not the actor's to change.
    :raises Conflict: it is in force already, or taken back.
    :raises Invalid: without a reason.
    """
    declared = find(key)
    _refuse_strangers(actor, declared)
    row = find_withdrawable(key, change_id, now, lock=True)
    problems = reason_problems(reason)
    if problems:
        raise Invalid(problems)
    row.withdrawn_at, row.withdrawn_by_id, row.withdrawal_reason = now, actor.account_id, reason.strip()
    db.session.flush()
    move_stamp(db.session())


def find_withdrawable(key: str, change_id: int, now: dt.datetime, *, lock: bool = False) -> SettingChange:
    """A change of a setting that can still be taken back.

    :raises NotFound: the setting has no such change.
    :raises Conflict: it is in force already, or taken back.
    """
    row = db.session.get(SettingChange, change_id, with_for_update=lock, populate_existing=True)
    if row is None or row.key != key:
        raise NotFound
    if row.withdrawn_at is not None:
        raise Conflict(Message("This change was withdrawn already."))
    if row.valid_from <= now:
        raise Conflict(Message("This change is in force already. Enter a new change instead."))
    return row


def history(key: str) -> Sequence[SettingChange]:
    """Every change of a setting, the one that begins last first."""
    query = select(SettingChange).where(SettingChange.key == key)
    return db.session.scalars(query.order_by(SettingChange.valid_from.desc(), SettingChange.id.desc())).all()


def coming(now: dt.datetime) -> dict[str, SettingChange]:
    """The next change of each setting that has one ahead of it."""
    query = select(SettingChange).where(SettingChange.withdrawn_at.is_(None), SettingChange.valid_from > now)
    rows = db.session.scalars(query.order_by(SettingChange.valid_from.desc(), SettingChange.id.desc()))
    return {row.key: row for row in rows}


def replaced_value(changes: Sequence[SettingChange], row: SettingChange) -> Any:
    """What a setting said before a change of its history: the change before it that was not withdrawn."""
    earlier = [
        one
        for one in changes
        if one.withdrawn_at is None and (one.valid_from, one.id) < (row.valid_from, row.id)
    ]
    if not earlier:
        return default_of(setting(row.key))
    return max(earlier, key=lambda one: (one.valid_from, one.id)).value


def reason_problems(reason: str) -> list[Problem]:
    """What is wrong with the reason of a change."""
    if not reason.strip():
        return [Problem(Message("Give a reason."), "reason")]
    if len(reason.strip()) > LONGEST_REASON:
        return [Problem(Message("Write at most {count} characters.", count=LONGEST_REASON), "reason")]
    return []


def _day_problems(begins: dt.date | None, today: dt.date) -> list[Problem]:
    if begins is None:
        return []
    if begins <= today:
        return [Problem(Message("Choose a day after today, or leave it empty for at once."), "begins")]
    if begins > today + FURTHEST:
        return [Problem(Message("Choose a day within ten years."), "begins")]
    return []


def _refuse_strangers(actor: Actor, declared: Setting) -> None:
    if not may_change(actor, declared):
        raise Forbidden(
            Message(
                "Settings of accounts are changed by the security administrator, "
                "all others by the platform administrator."
            )
        )
