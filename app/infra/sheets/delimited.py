"""CSV files: the whole file in one encoding, its delimiter found, its quotes closed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from app.infra.sheets import refusals
from app.infra.sheets.cells import SheetRow
from app.infra.sheets.limits import Limits

DELIMITERS = (",", ";", "\t")
ENCODINGS = (("utf-8-sig", "UTF-8"), ("gb18030", "GB18030"))
"""In this order: of short Chinese texts in GB18030 0.45 % are valid UTF-8 too, whole files hardly ever."""

SHEET = "CSV"


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and the name of its encoding.

    :raises Invalid: it is in none that people use here.
    """
    for codec, name in ENCODINGS:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, name
    raise refusals.refused(refusals.ENCODING)


def delimiter_of(text: str) -> str:
    """The delimiter that the first line with anything in it uses most outside of quotes."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(line.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def rows_of(text: str, delimiter: str, limits: Limits) -> Iterator[SheetRow]:
    """The rows that are not blank, numbered by the lines of the table.

    :raises Invalid: a quotation mark is not closed, or the file is beyond a limit.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    left = limits.rows
    try:
        for number, values in enumerate(reader, 1):
            cells = [value if value.strip() else None for value in values]
            while cells and cells[-1] is None:
                cells.pop()
            if not cells:
                continue
            left -= 1
            if left < 0:
                raise refusals.refused(refusals.too_many_rows(limits))
            if len(cells) > limits.columns:
                raise refusals.refused(refusals.too_many_columns(limits))
            if any(cell and len(cell) > limits.cell for cell in cells):
                raise refusals.refused(refusals.TOO_MUCH_TEXT)
            yield SheetRow(SHEET, number, tuple(cells))
    except csv.Error:
        raise refusals.refused(refusals.QUOTES) from None
