"""The program of the child process that reads a workbook: limits itself, then answers in blocks of JSON.

It is started by its path in a fresh, isolated interpreter and imports nothing of the platform. The
workbook is its standard input. Each answer is four bytes of length and a JSON object:
``{"sheet": name, "visible": bool}``, ``{"rows": [[number, [cell, …]], …]}``, ``{"refused": why}``
or ``{"end": true}``.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO
from xml.etree import ElementTree as ET

BLOCK_ROWS = 500
BLOCK_TEXT = 1_000_000
SCAN = 1 << 20
MARKS = "_import"
"""The hidden sheet of a template that says what it was made for; other hidden sheets are not read."""

EXACT = 10**15
"""Spreadsheets keep 15 digits: what is beyond came from a longer number or from arithmetic."""

_MARKS = re.compile(rb' t="e"| t="s"[^<>]*><v>-|(?:</f>|<f [^<>]*/>)(?:<v></v>|<v ?/>)?</c>')
_PLACE = re.compile(rb' r="([A-Z]{1,3})([0-9]{1,7})"')
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Faults = dict[tuple[int, int], str]


class RefusedError(Exception):
    """The workbook is beyond a limit, or damaged; the word says which."""


def limit_process(memory: int, seconds: int) -> None:
    """Take the rights to more memory, time and files away from this process; nothing gives them back."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))


def send(target: BinaryIO, answer: object) -> None:
    """One answer."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    target.write(struct.pack(">I", len(body)))
    target.write(body)


def read_workbook(source: BinaryIO, target: BinaryIO, limits: dict[str, int]) -> None:
    """Send every sheet, row by row.

    :raises RefusedError: more rows, columns or text than allowed.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415 - limits first

    faults = faults_by_sheet(source)
    source.seek(0)
    book = CalamineWorkbook.from_filelike(source)
    budget = Budget(limits)
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        visible = meta.visible == SheetVisibleEnum.Visible
        send(target, {"sheet": meta.name, "visible": visible})
        if visible or meta.name == MARKS:
            send_rows(target, book.get_sheet_by_name(meta.name), faults.get(meta.name, {}), budget)


class Budget:
    """How many rows, columns and characters are left for the whole workbook."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.rows, self.columns = limits["rows"], limits["columns"]
        self.text, self.cell = limits["text"], limits["cell"]

    def take(self, cells: list[Any]) -> int:
        """Count a row; gives its characters."""
        self.rows -= 1
        if self.rows < 0:
            raise RefusedError("rows")
        if len(cells) > self.columns:
            raise RefusedError("columns")
        lengths = [len(cell) for cell in cells if isinstance(cell, str)]
        length = sum(lengths)
        self.text -= length
        if self.text < 0 or max(lengths, default=0) > self.cell:
            raise RefusedError("text")
        return length


def send_rows(target: BinaryIO, sheet: Any, faults: Faults, budget: Budget) -> None:
    """The rows of a sheet in blocks; blank ones are left out."""
    block: list[list[Any]] = []
    weight = 0
    merged = Merged(sheet.merged_cell_ranges or [])
    left = [None] * (sheet.start[1] if sheet.start else 0)  # the library leaves empty first columns out
    for at, row in enumerate(sheet.iter_rows()):
        cells = [*left, *map(plain, row)]
        for column in [column for line, column in faults if line == at] if faults else ():
            cells += [None] * (column + 1 - len(cells))
            cells[column] = {"x": faults[at, column]}
        merged.spread(at, cells)
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        weight += budget.take(cells)
        block.append([at + 1, cells])
        if len(block) >= BLOCK_ROWS or weight >= BLOCK_TEXT:
            send(target, {"rows": block})
            block, weight = [], 0
    if block:
        send(target, {"rows": block})


class Merged:
    """Merged cells: each of them has the value of the first; a row without a value of its own stays blank."""

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self.waiting = sorted(ranges, reverse=True)
        self.open: list[tuple[int, int, int, Any]] = []

    def spread(self, at: int, cells: list[Any]) -> None:
        """Fill the merged cells of a row."""
        if not self.waiting and not self.open:
            return
        is_blank = all(cell is None for cell in cells)
        self.open = [one for one in self.open if one[0] >= at]
        while self.waiting and self.waiting[-1][0][0] <= at:
            (top, left), (bottom, right) = self.waiting.pop()
            if top == at and left < len(cells):
                self.open.append((bottom, left, right, cells[left]))
        for _bottom, left, right, value in () if is_blank else self.open:
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = value


def plain(value: Any) -> Any:
    """A value as JSON carries it: numbers to 15 digits, dates and times marked as such."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
        return int(value)  # what follows would give the same, in three times the time
    if isinstance(value, float | int):
        exact = float(f"{value:.15g}")
        return int(exact) if exact.is_integer() and abs(exact) < EXACT else exact
    if isinstance(value, dt.datetime):
        return {"t": value.isoformat()}
    if isinstance(value, dt.date):
        return {"d": value.isoformat()}
    if isinstance(value, dt.time):
        return {"h": value.isoformat()}
    return None if value is None else str(value)


def faults_by_sheet(source: BinaryIO) -> dict[str, Faults]:
    """By sheet the cells that hold an error or a formula without a value: the library leaves both empty."""
    with zipfile.ZipFile(source) as archive:
        return {name: dict(faults_of(archive, part)) for name, part in sheet_parts(archive)}


def sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, part) of each sheet; a sheet whose part is not there is the library's to refuse."""
    names = set(archive.namelist())
    relations = "xl/_rels/workbook.xml.rels"
    if relations not in names:
        return
    # the guard has refused every part with a document type, so that there are no entities to expand
    linked = ET.fromstring(archive.read(relations))  # noqa: S314
    targets = {one.get("Id"): (one.get("Target") or "") for one in linked.iter()}
    for element in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314
        if not element.tag.endswith("}sheet"):
            continue
        target = targets.get(element.get(_RELATION), "")
        part = target[1:] if target.startswith("/") else f"xl/{target}"
        if part in names:
            yield element.get("name") or "", part


def faults_of(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    """((row, column), kind of fault) of a sheet, both counted from 0, read in pieces."""
    with archive.open(part) as stream:
        kept = b""
        while piece := stream.read(SCAN):
            text = kept + piece
            done = 0
            for found in _MARKS.finditer(text):
                if found[0].startswith(b' t="s"'):  # the library takes text number -1 for the first one
                    raise RefusedError("damaged")
                start = text.rfind(b"<c ", done, found.start())
                place = _PLACE.search(text, start, found.end()) if start >= 0 else None
                if place is not None:
                    kind = "error" if found[0].startswith(b" t=") else "uncalculated"
                    yield (int(place[2]) - 1, column_of(place[1])), kind
                done = found.end()
            kept = text[max(done, text.rfind(b"<c ")) :][-40_000:]


def column_of(letters: bytes) -> int:
    """The number of a column from its letters, counted from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def main(arguments: list[str], run: Callable[..., None] = read_workbook) -> int:
    """``reader.py <limits as JSON>``: 0 when an answer was given, be it a refusal."""
    limits = json.loads(arguments[0])
    limit_process(limits["memory"], limits["processor_time"])
    source, target = sys.stdin.buffer, sys.stdout.buffer
    try:
        run(source, target, limits)
        send(target, {"end": True})
    except RefusedError as refusal:
        send(target, {"refused": str(refusal)})
    except MemoryError:
        send(target, {"refused": "memory"})
    except BaseException:  # noqa: BLE001 - whatever the library meets, its panics too: the file is to blame
        send(target, {"refused": "damaged"})
    target.flush()
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # nothing is worth tidying up
