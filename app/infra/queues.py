"""A queue on a desk: where the opened record stands in it, and which one comes after a decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def place_in(waiting: Sequence[int], opened: int, url: Callable[[int], str]) -> dict[str, Any]:
    """Where a record stands, and the addresses of its neighbours; nothing where it does not wait."""
    at = waiting.index(opened) if opened in waiting else None
    earlier = waiting[at - 1] if at else None
    later = waiting[at + 1] if at is not None and at + 1 < len(waiting) else None
    return {
        "position": at + 1 if at is not None else None,
        "of": len(waiting),
        "previous_url": url(earlier) if earlier is not None else "",
        "next_url": url(later) if later is not None else "",
    }


def next_of(waiting: Sequence[int], done: int) -> int | None:
    """The record after the one that was decided, else the first of those left."""
    at = waiting.index(done) if done in waiting else -1
    return next((key for key in (*waiting[at + 1 :], *waiting) if key != done), None)
