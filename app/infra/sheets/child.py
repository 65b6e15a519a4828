"""Starts the reader of a workbook, takes its answers, and turns its end, whatever it is, into words."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import os
import select
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.infra.sheets import refusals
from app.infra.sheets.cells import Cell, Fault, SheetRow
from app.infra.sheets.limits import Limits
from app.kernel.texts import Message

READER = Path(__file__).with_name("reader.py")
LONGEST_ANSWER = 64 * 1024**2

Process = subprocess.Popen[bytes]


class _Ended(Exception):
    """The reader said nothing more, or nothing in time."""


def read_workbook(content: bytes, limits: Limits) -> Iterator[SheetRow]:
    """The rows of the visible sheets of a guarded workbook, as the reader sends them.

    The reader is a fresh interpreter, not a fork: a fork would carry the memory, the connections and
    the locks of this process.

    :raises Invalid: damaged, beyond a limit, or the reader died on it.
    """
    with _started(content, limits) as process:
        sheet = ""
        for answer in _answers(process, limits):
            if "rows" in answer:
                for number, cells in answer["rows"]:
                    read = [_cell(cell) if isinstance(cell, dict) else cell for cell in cells]
                    yield SheetRow(sheet, int(number), tuple(read))
            elif "sheet" in answer:
                sheet = answer["sheet"]
            elif "refused" in answer:
                raise refusals.refused(_words(answer["refused"], limits))
            else:
                return


@contextlib.contextmanager
def _started(content: bytes, limits: Limits) -> Iterator[Process]:
    with tempfile.TemporaryFile() as source:
        source.write(content)
        source.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", str(READER), json.dumps(asdict(limits))],
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            close_fds=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _answers(process: Process, limits: Limits) -> Iterator[dict[str, Any]]:
    """Each answer; a reader that was killed by its limits, or hangs, refuses the file."""
    receive = _receiver(process, limits.patience)
    try:
        while True:
            (length,) = struct.unpack(">I", receive(4))
            if length > LONGEST_ANSWER:
                raise refusals.refused(refusals.TOO_MUCH_TEXT)
            yield json.loads(receive(length), parse_float=Decimal, parse_int=Decimal)
    except _Ended:
        raise refusals.refused(refusals.EXHAUSTED) from None


def _receiver(process: Process, patience: float) -> Callable[[int], bytes]:
    """A function that waits for so many bytes; the waiting altogether is limited, the work between is not."""
    if process.stdout is None:
        raise ValueError("the reader has no pipe")
    pipe = process.stdout.fileno()
    left = patience

    def receive(count: int) -> bytes:
        nonlocal left
        parts = []
        while count:
            started = time.monotonic()
            ready = select.select([pipe], [], [], max(left, 0))[0]
            left -= time.monotonic() - started
            part = os.read(pipe, min(count, 1 << 20)) if ready else b""
            if not part:
                raise _Ended
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    return receive


def _words(why: str, limits: Limits) -> Message:
    words: dict[str, Callable[[], Message]] = {
        "rows": functools.partial(refusals.too_many_rows, limits),
        "columns": functools.partial(refusals.too_many_columns, limits),
        "text": lambda: refusals.TOO_MUCH_TEXT,
        "memory": lambda: refusals.EXHAUSTED,
    }
    return words.get(why, lambda: refusals.DAMAGED)()


def _cell(sent: Mapping[str, str]) -> Cell:
    """A cell that JSON has no kind of value for."""
    ((kind, text),) = sent.items()
    if kind == "x":
        return Fault(text)
    if kind == "d":
        return dt.date.fromisoformat(text)
    return dt.time.fromisoformat(text) if kind == "h" else dt.datetime.fromisoformat(text)
