"""When a message that did not go out is tried again, and when that ends: pure."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

FIRST_WAIT = 15
LONGEST_WAIT = 3600
MAX_ERROR = 300


class NotDelivered(Exception):
    """A message did not go out; the text says why, for the administrator."""


class Refused(NotDelivered):
    """The receiver or its address is refused for good: trying again cannot help."""


class TryLater(NotDelivered):
    """This message was put off; others may go out."""


class Unreachable(NotDelivered):
    """The gateway itself does not answer or does not let us in: no message would go out now."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a message after a try that failed: ``wait`` is None when it is given up."""

    attempts: int
    wait: dt.timedelta | None


def retry_wait(attempts: int) -> dt.timedelta:
    """How long to wait after so many failed tries: 15 s, 30 s, 1 min … at most an hour."""
    return dt.timedelta(seconds=min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT))


def after_failure(error: NotDelivered, attempts: int, most: int) -> Verdict:
    """What follows from a failed try.

    :param attempts: tries that ended before this one. :param most: how many tries there may be.
    """
    tried = attempts + 1
    if isinstance(error, Refused) or tried >= most:
        return Verdict(tried, None)
    return Verdict(tried, retry_wait(tried))


def reason_of(error: NotDelivered) -> str:
    """The reason as it is kept: one line of bounded length without control characters."""
    text = str(error) or type(error).__name__
    flat = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    return " ".join(flat.split())[:MAX_ERROR]
