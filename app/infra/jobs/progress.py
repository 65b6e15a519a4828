"""The side store: progress, cancel flag and sign of life of running jobs, outside the database.

A job that writes for minutes holds SQLite's only write lock and shows nothing until it
commits; what the page must see meanwhile is therefore kept in a file of its own, or in Redis.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

KEEP_SECONDS = 7 * 24 * 3600
WORKER_SECONDS = 24 * 3600
"""How long a worker that fell silent is still named."""

_SCHEMA = """CREATE TABLE IF NOT EXISTS progress (
    job TEXT PRIMARY KEY, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, note TEXT,
    cancel INTEGER NOT NULL DEFAULT 0, alive_until REAL NOT NULL DEFAULT 0, updated REAL NOT NULL)"""
_WORKERS = (
    "CREATE TABLE IF NOT EXISTS worker (name TEXT PRIMARY KEY, threads INTEGER NOT NULL, seen REAL NOT NULL)"
)
_BEAT = (
    "INSERT INTO worker (name, threads, seen) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET threads = excluded.threads, seen = excluded.seen"
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. ``total`` 0 means unknown; ``alive_until`` is seconds since the epoch."""

    done: int = 0
    total: int = 0
    note: dict[str, Any] | None = None
    cancel: bool = False
    alive_until: float = 0.0


@dataclass(frozen=True, slots=True, order=True)
class WorkerSeen:
    """A worker process, by its machine and number, and when it last gave a sign of life (epoch seconds)."""

    name: str
    threads: int
    seen: float


class ProgressStore(Protocol):
    """Where progress is kept. Keys are the public identifiers of jobs."""

    def read(self, job: str) -> Progress:
        """What is known; zeros for a job that never reported."""

    def report(self, job: str, done: int, total: int, note: dict[str, Any] | None) -> None:
        """Say how far a job is."""

    def ask_cancel(self, job: str) -> None:
        """Ask the worker to stop at its next checkpoint."""

    def keep_alive(self, job: str, until: float) -> None:
        """Prolong the lease; never shortens it except with 0, which ends it."""

    def forget_before(self, instant: float) -> None:
        """Drop what was last touched before an instant."""

    def beat(self, worker: str, threads: int) -> None:
        """A worker's sign of life."""

    def workers(self) -> list[WorkerSeen]:
        """The workers of the last day, by name."""


class SqliteProgress:
    """Progress in a SQLite file: WAL, every statement a transaction of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)
            connection.execute(_WORKERS)

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous=NORMAL")
            yield connection
        finally:
            connection.close()

    def read(self, job: str) -> Progress:
        """What is known; zeros for a job that never reported."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT done, total, note, cancel, alive_until FROM progress WHERE job = ?", (job,)
            ).fetchone()
        if row is None:
            return Progress()
        note = json.loads(row[2]) if row[2] else None
        return Progress(row[0], row[1], note, bool(row[3]), row[4])

    def report(self, job: str, done: int, total: int, note: dict[str, Any] | None) -> None:
        """Say how far a job is."""
        self._put(job, done=done, total=total, note=json.dumps(note, ensure_ascii=False) if note else None)

    def ask_cancel(self, job: str) -> None:
        """Ask the worker to stop at its next checkpoint."""
        self._put(job, cancel=1)

    def keep_alive(self, job: str, until: float) -> None:
        """Prolong the lease; never shortens it except with 0, which ends it."""
        self._put(job, alive_until=until)

    def forget_before(self, instant: float) -> None:
        """Drop what was last touched before an instant."""
        with self._connection() as connection:
            connection.execute("DELETE FROM progress WHERE updated < ?", (instant,))

    def beat(self, worker: str, threads: int) -> None:
        """A worker's sign of life."""
        now = time.time()
        with self._connection() as connection:
            connection.execute(_BEAT, (worker, threads, now))
            connection.execute("DELETE FROM worker WHERE seen < ?", (now - WORKER_SECONDS,))

    def workers(self) -> list[WorkerSeen]:
        """The workers of the last day, by name."""
        with self._connection() as connection:
            found = connection.execute("SELECT name, threads, seen FROM worker ORDER BY name").fetchall()
        return [WorkerSeen(*row) for row in found]

    def _put(self, job: str, **values: Any) -> None:
        values["updated"] = time.time()
        names = list(values)
        statement = (
            f"INSERT INTO progress (job, {', '.join(names)}) VALUES (?{', ?' * len(names)}) "  # noqa: S608 - own names
            f"ON CONFLICT (job) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in names)}"
        )
        with self._connection() as connection:
            connection.execute(statement, (job, *values.values()))


WORKERS_KEY = "platform:workers"


class RedisProgress:
    """Progress in Redis: a hash per job, forgotten by Redis itself."""

    def __init__(self, url: str) -> None:
        import redis  # noqa: PLC0415 - slow to load, and only needed where QUEUE_URL names one

        self._redis = redis.Redis.from_url(url, decode_responses=True)

    def read(self, job: str) -> Progress:
        """What is known; zeros for a job that never reported."""
        kept: dict[str, str] = self._redis.hgetall(self._key(job))  # type: ignore[assignment]
        note = json.loads(kept["note"]) if kept.get("note") else None
        return Progress(
            int(kept.get("done", 0)),
            int(kept.get("total", 0)),
            note,
            kept.get("cancel") == "1",
            float(kept.get("alive_until", 0)),
        )

    def report(self, job: str, done: int, total: int, note: dict[str, Any] | None) -> None:
        """Say how far a job is."""
        self._put(job, done=str(done), total=str(total), note=json.dumps(note) if note else "")

    def ask_cancel(self, job: str) -> None:
        """Ask the worker to stop at its next checkpoint."""
        self._put(job, cancel="1")

    def keep_alive(self, job: str, until: float) -> None:
        """Prolong the lease; never shortens it except with 0, which ends it."""
        self._put(job, alive_until=repr(until))

    def forget_before(self, instant: float) -> None:
        """Redis forgets by itself: every hash carries an expiry."""

    def beat(self, worker: str, threads: int) -> None:
        """A worker's sign of life."""
        now = time.time()
        with self._redis.pipeline() as pipeline:
            pipeline.zadd(WORKERS_KEY, {json.dumps([worker, threads]): now})
            pipeline.zremrangebyscore(WORKERS_KEY, 0, now - WORKER_SECONDS)
            pipeline.execute()

    def workers(self) -> list[WorkerSeen]:
        """The workers of the last day, by name."""
        kept = cast(list[tuple[str, float]], self._redis.zrange(WORKERS_KEY, 0, -1, withscores=True))
        return sorted(_seen(name, seen) for name, seen in kept)

    def _put(self, job: str, **values: str) -> None:
        with self._redis.pipeline() as pipeline:
            pipeline.hset(self._key(job), mapping=cast(dict[Any, Any], values))
            pipeline.expire(self._key(job), KEEP_SECONDS)
            pipeline.execute()

    @staticmethod
    def _key(job: str) -> str:
        return f"platform:progress:{job}"


def _seen(kept: str, seen: float) -> WorkerSeen:
    name, threads = json.loads(kept)
    return WorkerSeen(name, threads, seen)
