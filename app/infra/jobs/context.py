"""What the work of a job is given: who asked, for what, and ways to report and to stop."""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.infra import settings
from app.infra.files import Draft, FileStore, StoredFile
from app.infra.jobs.progress import ProgressStore
from app.infra.settings.shipped import RESULT_DAYS
from app.infra.words import words_to_json
from app.kernel.actor import Actor
from app.kernel.clock import UTC
from app.kernel.errors import Words

CHECK_SECONDS = 0.5
"""How often a checkpoint really asks the side store; between, it costs nothing."""


class CancelledByOwner(Exception):
    """The owner asked for the job to stop; its transaction is rolled back."""


class Interrupted(Exception):
    """The worker is stopping; the job goes back to the queue untouched."""


class LeaseLost(Exception):
    """Another worker has the job now; what this one did is rolled back."""


@dataclass(slots=True)
class JobContext:
    """Given to the work of a job.

    ``now`` is the business instant at which this attempt began, from the application's clock.
    """

    public_id: str
    actor: Actor
    params: Mapping[str, Any]
    now: dt.datetime
    attempt: int
    progress_store: ProgressStore
    file_store: FileStore
    stopping: Callable[[], bool] = lambda: False
    result: StoredFile | None = None
    closing: list[Callable[[], None]] = field(default_factory=list)
    _checked: float = field(default=-math.inf, repr=False)
    _reported: float = field(default=-math.inf, repr=False)

    def progress(self, done: int, total: int = 0, note: Words | None = None) -> None:
        """Report how far the work is, and stop here if it was cancelled; cheap enough for each row.

        :param total: 0 while unknown.
        :raises CancelledByOwner, Interrupted: let them through.
        """
        self.checkpoint()
        moment = time.monotonic()
        if moment - self._reported >= CHECK_SECONDS or done in (0, total):
            self._reported = moment
            self.progress_store.report(self.public_id, done, total, words_to_json(note))

    def checkpoint(self) -> None:
        """Stop here if the owner cancelled or the worker is stopping.

        :raises CancelledByOwner, Interrupted: let them through.
        """
        if self.stopping():
            raise Interrupted
        moment = time.monotonic()
        if moment - self._checked < CHECK_SECONDS:
            return
        self._checked = moment
        if self.progress_store.read(self.public_id).cancel:
            raise CancelledByOwner

    def with_outcome(self, write: Callable[[], None]) -> None:
        """Have something written in the transaction that says what the job did: both, or neither.

        For kinds that are ``writes=False``. In a transaction of its own it would stand already when a
        worker that was killed just before the end leaves the job to be begun again.
        """
        self.closing.append(write)

    @contextlib.contextmanager
    def result_file(self, name: str, media_type: str, keep: dt.timedelta | None = None) -> Iterator[Draft]:
        """A file for the owner to download; it belongs to the job once the block ends well.

        Write bytes to ``draft.handle`` in order, or let a library write the path ``draft.temporary``.

        :param name: what the owner's browser calls it, Chinese included.
        :param keep: how long; unless told, as many days as the setting says.
        :raises Unavailable: the disk is full. Nothing is left behind.
        """
        with self.file_store.writer(name, media_type) as draft:
            yield draft
        made_at = dt.datetime.now(UTC)
        self.result = draft.stored(made_at, made_at + (keep or self._usual_keep()))

    def _usual_keep(self) -> dt.timedelta:
        return dt.timedelta(days=settings.value(RESULT_DAYS, self.now))

    def discard_result(self) -> None:
        """Remove the file of an attempt that came to nothing."""
        if self.result is not None:
            self.file_store.delete(self.result.path)
            self.result = None
