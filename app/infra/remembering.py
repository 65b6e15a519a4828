"""What nearly every page reads and nearly nobody changes: read once for each security stamp.

A signed-in request reads the stamp together with its account. Whatever changes what is remembered moves it,
in the same transaction: a setting by its service, shipped data by ``init``, and rows of the models given to
``follow`` by themselves. So as long as the stamp stands, what this process read last is what the database
says, and a change made by any process holds from the next request on. Visitors, jobs, commands and writers
ask each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from flask import current_app, has_request_context

from app.infra.database import is_writing
from app.infra.security import STAMPED, current_principal

MEMORY = "remembered"
"""Key of the application's extensions: by the stamp that then stood, what was read."""
MOST = 300
"""Entries that are kept at most: some depend on who asks, or on the day."""

T = TypeVar("T")


def remembered(key: Hashable, read: Callable[[], T]) -> T:
    """What ``read`` gives, which nobody may change afterwards; read again only when the stamp moved.

    :param key: what is read, with everything that it depends on beside the database.
    """
    if not remembers():
        return read()
    principal = current_principal()
    stamp = principal.stamp if principal else 0
    memory: dict[int, dict[Hashable, Any]] = current_app.extensions[MEMORY]
    known = memory.get(stamp)
    if known is None or len(known) >= MOST:
        memory.clear()
        known = memory[stamp] = {}
    if key not in known:
        known[key] = read()
    return cast("T", known[key])


def remembers() -> bool:
    """Whether what is read now can be remembered: within a signed-in request that does not write."""
    principal = current_principal() if has_request_context() else None
    return principal is not None and principal.stamp != 0 and not is_writing()


def follow(*models: type) -> None:
    """Name models whose rows are remembered, so that each change of one moves the stamp."""
    STAMPED.update(models)
