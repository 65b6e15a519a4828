"""A table out of an uploaded file; what kind it is is judged by its content, never by its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.infra.sheets import archive, delimited, refusals
from app.infra.sheets.cells import SheetRow
from app.infra.sheets.child import read_workbook
from app.infra.sheets.limits import USUAL, Limits

_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r\f")


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file, read as they are asked for; ``encoding`` is empty for a workbook."""

    rows: Iterator[SheetRow]
    encoding: str = ""


def check_file(content: bytes, limits: Limits = USUAL) -> bool:
    """Whether a file is a workbook; False for CSV. Cheap enough for a request: nothing is unpacked whole.

    :raises Invalid: it is neither, or a workbook that must not be read.
    """
    if not content:
        raise refusals.refused(refusals.EMPTY)
    if len(content) > limits.size:
        raise refusals.refused(refusals.too_large(limits))
    if content.startswith(archive.COMPOUND):
        raise refusals.refused(archive.compound_problem(content))
    if content.startswith(archive.ZIP):
        problem = archive.archive_problem(content, limits)
        if problem is not None:
            raise refusals.refused(problem)
        return True
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refusals.refused(refusals.ENCODING)
    if content[:1024].translate(None, _CONTROL) != content[:1024]:
        raise refusals.refused(refusals.NOT_A_TABLE)
    return False


def read_table(content: bytes, limits: Limits = USUAL) -> Table:
    """The rows of an uploaded file. Each iteration may raise what reading finds.

    :raises Invalid: what ``check_file`` refuses, or an unknown encoding.
    """
    if check_file(content, limits):
        return Table(read_workbook(content, limits))
    text, encoding = delimited.decoded(content)
    return Table(delimited.rows_of(text, delimited.delimiter_of(text), limits), encoding)
