"""How far an import is, and what may be done with it then: pure."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import Message


class BatchState(StrEnum):
    """What the ledger says."""

    CHECKING = "checking"  # 预检中
    READY = "ready"  # 待确认
    REFUSED = "refused"  # 无法读取
    APPLYING = "applying"  # 导入中
    DONE = "done"  # 已导入
    CANCELLED = "cancelled"  # 已取消


class Mode(StrEnum):
    """What was confirmed."""

    NONE = ""
    ALL = "all"
    VALID = "valid"


class Standing(StrEnum):
    """How far a batch is for its owner: the ledger together with the job that works on it."""

    CHECKING = "checking"
    READY = "ready"
    REFUSED = "refused"
    EXPIRED = "expired"
    APPLYING = "applying"
    DONE = "done"
    CANCELLED = "cancelled"


FAILED = frozenset({"failed", "cancelled"})
"""States of a job that ended without doing its work."""


def standing_of(
    state: str, job_state: str, checked_at: dt.datetime | None, now: dt.datetime, kept: dt.timedelta
) -> Standing:
    """How far a batch is.

    :param job_state: of the job that works on it. One that failed or was cancelled has written nothing and
        left the ledger where it was: a writing may then be confirmed again.
    :param kept: how long a preview holds; what it compared with changes meanwhile.
    """
    if state == BatchState.CHECKING and job_state in FAILED:
        return Standing.CANCELLED if job_state == "cancelled" else Standing.REFUSED
    if state == BatchState.READY or (state == BatchState.APPLYING and job_state in FAILED):
        expired = checked_at is not None and checked_at + kept <= now
        return Standing.EXPIRED if expired else Standing.READY
    return Standing(state)


def refuse_confirmation(standing: Standing, mode: str, counted: int, valid: int) -> None:
    """Whether a batch may be written now.

    :raises Conflict: it is not at that point, or not any more.
    :raises Invalid: all rows are wanted though some have errors, or no row is without.
    """
    if standing is Standing.EXPIRED:
        raise Conflict(
            Message("This preview is too old: what it compared with may have changed. Upload the file again.")
        )
    if standing is not Standing.READY:
        raise Conflict(Message("This import cannot be confirmed now. Reload the page to see how far it is."))
    if mode not in (Mode.ALL, Mode.VALID):
        raise Invalid([Problem(Message("Choose whether to import all rows or only the valid ones."))])
    if not valid:
        raise Invalid([Problem(Message("No row is without errors: correct the file and upload it again."))])
    if mode == Mode.ALL and valid < counted:
        words = Message(
            "Some rows have errors: correct them and upload the file again, or import only the valid rows."
        )
        raise Invalid([Problem(words)])
