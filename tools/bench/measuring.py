"""Measuring requests: one caller for every framework, medians of warm requests, statements counted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

WARM_UP = 10
REQUESTS = 60


class BenchError(Exception):
    """What was to be measured does not do what it should; the text says what happened."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A kind of request: the median in ms, the statements of one, the size of an answer in KB."""

    name: str
    ms: float
    statements: int
    kilobytes: float

    def as_json(self) -> dict[str, Any]:
        """For the process that asked."""
        return asdict(self)


def measure(name: str, send: Callable[[int], TestResponse], statements: Callable[[], int]) -> Measured:
    """Send warm requests one after the other.

    :param send: the n-th request; its answer must be good.
    :param statements: how many were sent to the database so far.
    """
    for number in range(WARM_UP):
        _good(name, send(number))
    before = statements()
    size = len(_good(name, send(WARM_UP)).get_data())
    counted = statements() - before
    times = []
    for number in range(REQUESTS):
        started = time.perf_counter()
        answer = send(WARM_UP + 1 + number)
        times.append(time.perf_counter() - started)
        _good(name, answer)
    return Measured(name, round(statistics.median(times) * 1000, 2), counted, round(size / 1024, 1))


def _good(name: str, answer: TestResponse) -> TestResponse:
    if answer.status_code != 200:
        raise BenchError(f"{name}: {answer.status} {answer.get_data(as_text=True)[:400]}")
    return answer


def caller(application: Any) -> Client:
    """A client of any WSGI application, that keeps cookies."""
    return Client(application)


def must_contain(answer: TestResponse, words: Iterable[str]) -> None:
    """Refuse to measure a page that shows something else than what is compared.

    :raises BenchError: a word is missing.
    """
    text = answer.get_data(as_text=True)
    gone = [word for word in words if word not in text]
    if gone:
        raise BenchError(f"the page lacks {gone}: {text[:400]}")


def memory(field: str) -> float:
    """Memory of this process in MB: ``VmRSS`` now, ``VmHWM`` at most so far."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise BenchError(f"no {field} on this system")
