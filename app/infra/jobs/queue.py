"""The queue: Huey carries the numbers of jobs from the web processes to the workers.

The queue may lose or repeat a number at any time: the job table is the truth, the sweeper
delivers again, and only one worker can take up a job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, current_app

from app.infra.jobs.progress import ProgressStore, RedisProgress, SqliteProgress
from app.infra.jobs.service import JobQueued

if TYPE_CHECKING:
    from huey import Huey
    from huey.api import TaskWrapper

QUEUE_NAME = "platform"


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How workers behave; all in seconds but the counts."""

    lease: float = 30.0
    sweep: float = 10.0
    max_attempts: int = 5
    threads: int = 2
    shutdown: float = 20.0

    @classmethod
    def of(cls, app: Flask) -> JobSettings:
        """From the configuration (``JOB_LEASE_SECONDS`` …)."""
        config, usual = app.config, cls()
        return cls(
            lease=float(config.get("JOB_LEASE_SECONDS", usual.lease)),
            sweep=float(config.get("JOB_SWEEP_SECONDS", usual.sweep)),
            max_attempts=int(config.get("JOB_MAX_ATTEMPTS", usual.max_attempts)),
            threads=int(config.get("JOB_THREADS", usual.threads)),
            shutdown=float(config.get("JOB_SHUTDOWN_SECONDS", usual.shutdown)),
        )


@dataclass
class JobEngine:
    """The queue and the side store of an application; opened when first used, after any fork."""

    app: Flask
    settings: JobSettings
    run: Callable[[JobEngine, int], None]
    stopping: Callable[[], bool] = lambda: False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def data_dir(self) -> Path:
        """Where the files of queue and side store lie."""
        return Path(self.app.config["DATA_DIR"])

    @property
    def redis_url(self) -> str:
        """The Redis to use; empty for files in the data directory."""
        url: str = self.app.config.get("QUEUE_URL") or ""
        return url

    @property
    def huey(self) -> Huey:
        """The queue."""
        with self._lock:
            return self._huey

    @property
    def progress(self) -> ProgressStore:
        """The side store."""
        with self._lock:
            return self._progress

    @cached_property
    def _huey(self) -> Huey:
        # Huey loads the drivers of all its stores: a web process does so only when it delivers a job.
        from huey import RedisHuey, SqliteHuey  # noqa: PLC0415
        from huey.serializer import SignedSerializer  # noqa: PLC0415

        # Signed, because a queue that others can write to would otherwise run what they put in.
        serializer = SignedSerializer(secret=self.app.config["SECRET_KEY"], salt="jobs")
        if self.redis_url:
            return RedisHuey(QUEUE_NAME, url=self.redis_url, results=False, serializer=serializer)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        path = str(self.data_dir / "queue.sqlite3")
        return SqliteHuey(
            QUEUE_NAME, filename=path, results=False, serializer=serializer, timeout=30, fsync=False
        )

    @cached_property
    def _progress(self) -> ProgressStore:
        if self.redis_url:
            return RedisProgress(self.redis_url)
        return SqliteProgress(self.data_dir / "progress.sqlite3")

    @cached_property
    def _task(self) -> TaskWrapper:
        def run_job(job_id: int) -> None:
            self.run(self, job_id)

        return self.huey.task(name="run_job")(run_job)

    def push(self, job_id: int) -> None:
        """Hand a job's number to the workers; more than once does no harm."""
        with self._lock:
            task = self._task
        task(job_id)

    def prepare_worker(self) -> Huey:
        """The queue, knowing how to run jobs."""
        with self._lock:
            _ = self._task
        return self.huey


def engine() -> JobEngine:
    """The queue and side store of the running application."""
    found: JobEngine = current_app.extensions["jobs"]
    return found


def deliver(event: JobQueued) -> None:
    """After the commit: hand the job to the queue. What fails here the sweeper mends."""
    engine().push(event.job_id)
