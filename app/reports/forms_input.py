"""What pages of reports send, read with suspicion."""

from __future__ import annotations


def lock_of(text: object) -> int:
    """The version that a page was opened at: 0 for none, -1 for what no page could have sent."""
    if text in (None, ""):
        return 0
    found = str(text)
    return int(found) if found.isascii() and found.isdigit() and len(found) < 10 else -1
