"""Limits on how often something may be tried, counted together by all web processes.

The counters stand in a SQLite file of their own under the data directory, or in Redis where
``QUEUE_URL`` names one; a limit counted in one process's memory would be four with four workers.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from flask import current_app
from limits import RateLimitItem, parse
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter

from app.kernel.errors import DomainError
from app.kernel.texts import Message

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, value INTEGER NOT NULL, expires REAL NOT NULL)"
)

# An expired counter begins anew in the same statement that counts: no two processes can both begin it.
_COUNT = """
INSERT INTO counter (key, value, expires) VALUES (:key, :amount, :now + :expiry)
ON CONFLICT (key) DO UPDATE SET
    value = CASE WHEN expires <= :now THEN :amount ELSE value + :amount END,
    expires = CASE WHEN expires <= :now THEN excluded.expires ELSE expires END
RETURNING value
"""

_UNLIMITED = "1000000 per 15 minutes"


class TooMany(DomainError):
    """Tried too often; waiting helps."""

    status = 429
    wait = "60"
    """Seconds after which trying again may help."""


class SqliteStorage(Storage):
    """Fixed-window counters in a SQLite file shared by processes."""

    STORAGE_SCHEME = ["sqlite-counters"]

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            connection.execute("DELETE FROM counter WHERE expires <= ?", (time.time(),))

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=OFF")  # a lost count is no harm, a slow sign-in is
            yield connection
        finally:
            connection.close()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage raises when it is away."""
        return sqlite3.Error

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and give the new value."""
        values = {"key": key, "amount": amount, "now": time.time(), "expiry": expiry}
        with self._connection() as connection:
            return int(connection.execute(_COUNT, values).fetchall()[0][0])

    def get(self, key: str) -> int:
        """The value now; 0 when expired."""
        row = self._row(key)
        return 0 if row is None else int(row[0])

    def get_expiry(self, key: str) -> float:
        """When the counter begins anew, in seconds since the epoch."""
        row = self._row(key)
        return time.time() if row is None else float(row[1])

    def _row(self, key: str) -> tuple[int, float] | None:
        with self._connection() as connection:
            statement = "SELECT value, expires FROM counter WHERE key = ? AND expires > ?"
            row: tuple[int, float] | None = connection.execute(statement, (key, time.time())).fetchone()
            return row

    def check(self) -> bool:
        """Whether the storage answers."""
        with self._connection() as connection:
            return bool(connection.execute("SELECT 1").fetchone()[0] == 1)

    def reset(self) -> int:
        """Forget everything; gives the number of counters."""
        with self._connection() as connection:
            return int(connection.execute("DELETE FROM counter").rowcount)

    def clear(self, key: str) -> None:
        """Forget one counter."""
        with self._connection() as connection:
            connection.execute("DELETE FROM counter WHERE key = ?", (key,))


OFTEN = Message("Too many tries from your network. Wait a few minutes, then try again.")


def count_try(what: str, whose: str, limit: str, words: Message = OFTEN) -> None:
    """Count a try and refuse when there were too many.

    :param what: what is tried (``sign_in``). :param whose: an address, an account, a phone number.
    :param limit: as the library ``limits`` reads it: ``30 per 15 minutes``.
    :param words: what whoever passes it is told.
    :raises TooMany: the limit is passed.
    """
    if not _limiter().hit(_rule(limit), what, whose):
        raise TooMany(words)


def count(what: str, whose: str) -> None:
    """Count without refusing, within a quarter of an hour from the first."""
    _limiter().hit(_rule(_UNLIMITED), what, whose)


def counted(what: str, whose: str) -> int:
    """How many were counted."""
    rule = _rule(_UNLIMITED)
    return int(rule.amount - _limiter().get_window_stats(rule, what, whose).remaining)


def forget(what: str, whose: str) -> None:
    """Begin one such count anew."""
    _limiter().clear(_rule(_UNLIMITED), what, whose)


def forget_tries() -> None:
    """Begin every count anew."""
    _limiter().storage.reset()


def _rule(limit: str) -> RateLimitItem:
    return parse(limit)


def _limiter() -> FixedWindowRateLimiter:
    found: FixedWindowRateLimiter | None = current_app.extensions.get("tries")
    if found is None:
        found = FixedWindowRateLimiter(_storage())
        current_app.extensions["tries"] = found
    return found


def _storage() -> Storage:
    url: str = current_app.config.get("QUEUE_URL") or ""
    if url:
        return RedisStorage(url)
    return SqliteStorage(Path(current_app.config["DATA_DIR"]) / "limits.sqlite3")
