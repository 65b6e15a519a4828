"""The kinds of jobs: which function does which work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.texts import Message

if TYPE_CHECKING:
    from app.infra.jobs.context import JobContext
    from app.infra.jobs.outcome import Outcome

Work = Callable[["JobContext"], "Outcome"]

_kinds: dict[str, JobKind] = {}


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job.

    ``writes``: the work and its outcome are one transaction. A kind that only reads and makes
    a file says ``writes=False``, so that SQLite's one writer is not held for minutes.
    ``time_limit``: seconds after which a worker that still runs it counts as stuck.
    """

    name: str
    title: Message
    work: Work
    writes: bool = True
    time_limit: int = 3600


def job(name: str, *, title: Message, writes: bool = True, time_limit: int = 3600) -> Callable[[Work], Work]:
    """Register a function as the work of a kind of job.

    The work runs as the owner, may be begun again after its worker was killed, and must leave
    nothing outside its transaction but the result file that ``ctx.result_file`` gives.

    :raises ValueError: another function has the name already.
    """

    def register(work: Work) -> Work:
        known = _kinds.get(name)
        if known is not None and (known.work.__module__, known.work.__qualname__) != (
            work.__module__,
            work.__qualname__,
        ):
            raise ValueError(f"job kind {name!r} is registered already")
        _kinds[name] = JobKind(name, title, work, writes, time_limit)
        return work

    return register


def find_kind(name: str) -> JobKind | None:
    """The kind of that name; None for one that this version of the program no longer has."""
    return _kinds.get(name)


def all_kinds() -> dict[str, JobKind]:
    """Every kind by its name."""
    return dict(sorted(_kinds.items()))


def title_of(name: str) -> Message:
    """What people call a kind of job."""
    kind = find_kind(name)
    return kind.title if kind else Message("Job of an earlier version")
