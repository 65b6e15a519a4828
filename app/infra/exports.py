"""Files for spreadsheets: CSV and XLSX written from rows as they come, in bounded memory."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from rustpy_xlsxwriter import Format, write_worksheet

from app.kernel.errors import Invalid, Problem
from app.kernel.texts import Message

FORMULA_STARTS = frozenset("=+-@\t\r")
"""A spreadsheet runs a text cell that begins with one of these."""

EXACT_DIGITS = 15
"""A spreadsheet keeps 15 significant digits; a longer number goes as text and stays exact."""

LARGEST_EXACT = 10**EXACT_DIGITS
EXACT_NOTE = Message("Numbers of more than 15 digits stand as text, since a spreadsheet would round them.")
"""Told below the rows of a sheet that has any."""

MOST_ROWS = 1_000_000
"""A sheet holds 1,048,576 rows."""

LONGEST_TEXT = 32_767
CHUNK = 1_000
_FORBIDDEN_IN_SHEET_NAME = str.maketrans("[]:*?/\\'", "        ")


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that a list can be exported to."""

    name: str
    suffix: str
    media_type: str
    encoding: str = ""


XLSX = FileKind("xlsx", ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
CSV = FileKind("csv", ".csv", "text/csv; charset=utf-8", "utf-8-sig")
CSV_GB18030 = FileKind("csv-gb18030", ".csv", "text/csv; charset=gb18030", "gb18030")
FILE_KINDS = {kind.name: kind for kind in (XLSX, CSV, CSV_GB18030)}


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file: its heading, and for numbers the decimals that are shown (None: a text)."""

    heading: str
    decimals: int | None = None


def neutralised(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if text and text[0] in FORMULA_STARTS else text


def write_csv(
    handle: BinaryIO, fields: Sequence[Field], rows: Iterable[Sequence[Any]], encoding: str = "utf-8-sig"
) -> int:
    """Write a heading and rows; returns how many rows. Numbers stay numbers, texts are neutralised.

    What GB18030 cannot hold does not exist: it covers Unicode, lone surrogates apart.
    """
    convert = [_csv_number(field.decimals) if field.decimals is not None else _csv_text for field in fields]
    lines = (
        [[turn(value) for turn, value in zip(convert, row, strict=True)] for row in chunk]
        for chunk in _chunks(rows)
    )
    return write_lines(handle, fields, lines, encoding, lambda _written: None)


def write_lines(
    handle: BinaryIO,
    fields: Sequence[Field],
    chunks: Iterable[Sequence[Sequence[Any]]],
    encoding: str,
    report: Callable[[int], None],
) -> int:
    """Write a heading and rows of finished texts, chunk by chunk; gives the number of rows."""
    handle.write(csv_heading(fields, encoding))
    text = io.TextIOWrapper(handle, encoding=_bare(encoding), newline="", errors="replace")
    writer = csv.writer(text, lineterminator="\n")
    written = 0
    for chunk in chunks:
        writer.writerows(chunk)
        written += len(chunk)
        report(written)
    text.flush()
    text.detach()
    return written


def csv_heading(fields: Sequence[Field], encoding: str) -> bytes:
    """The first line, after the byte order mark where the encoding has one."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([neutralised(field.heading) for field in fields])
    return text.getvalue().encode(encoding, errors="replace")


def _bare(encoding: str) -> str:
    return "utf-8" if encoding == "utf-8-sig" else encoding


def exact_text(value: Decimal | int, decimals: int) -> str:
    """A number in full: as many decimals as the page shows, and more only where they say something.

    1.5 shown with two decimals is ``1.50``; 1234.00 shown with none is ``1234``, and 1234.56 stays so:
    a page may round, a file may not.
    """
    whole, _dot, part = format(Decimal(value), "f").partition(".")
    part = part.rstrip("0").ljust(decimals, "0")
    return f"{whole}.{part}" if part else whole


def write_xlsx(
    target: Path | BinaryIO,
    fields: Sequence[Field],
    rows: Iterable[Sequence[Any]],
    sheet: str = "",
    note: str = "",
) -> int:
    """Write one sheet with a fixed heading; returns how many rows. Texts are text cells, never formulas.

    :param note: said below the rows if a number had to become a text; see ``EXACT_NOTE``.
    :raises Invalid: more rows than a sheet holds.
    """
    convert = [_xlsx_number if field.decimals is not None else _xlsx_text for field in fields]
    numbers = [place for place, field in enumerate(fields) if field.decimals is not None]
    told = _Told(note)

    def finished() -> Iterator[Sequence[Any]]:
        for row in rows:
            values = [turn(value) for turn, value in zip(convert, row, strict=True)]
            told.look(values, numbers)
            yield values

    return _write_sheet(target, fields, finished(), sheet, told)


def write_stored(
    target: Path | BinaryIO,
    fields: Sequence[Field],
    scales: Sequence[int | None],
    rows: Iterable[Sequence[Any]],
    sheet: str = "",
    note: str = "",
) -> int:
    """``write_xlsx``, twice as fast, for texts and stored integers; ``scales`` tell their decimals."""
    numbers = [(place, scale) for place, scale in enumerate(scales) if scale is not None]
    places = [place for place, _scale in numbers]
    told = _Told(note)

    def finished() -> Iterator[Sequence[Any]]:
        for row in rows:
            values = list(row)
            for place, scale in numbers:
                values[place] = _cell_number(values[place], scale)
            told.look(values, places)
            yield values

    return _write_sheet(target, fields, finished(), sheet, told)


class _Told:
    """Whether a number became a text, and what is then said; looks no further once one has."""

    def __init__(self, note: str) -> None:
        self.note = note
        self.needed = False

    def look(self, values: Sequence[Any], numbers: Sequence[int]) -> None:
        if not self.needed:
            self.needed = any(isinstance(values[place], str) for place in numbers)


def _cell_number(whole: int | None, scale: int) -> Any:
    if whole is None or (not scale and -LARGEST_EXACT < whole < LARGEST_EXACT):
        return whole
    if -LARGEST_EXACT < whole < LARGEST_EXACT:
        return whole / 10**scale
    return format(Decimal(whole).scaleb(-scale), "f")


def _write_sheet(
    target: Path | BinaryIO,
    fields: Sequence[Field],
    rows: Iterable[Sequence[Any]],
    sheet: str,
    told: _Told,
) -> int:
    headings = _distinct([field.heading for field in fields])
    counted = _Counted(rows)
    formats = {
        heading: Format().set_num_format(_number_format(field.decimals))
        for heading, field in zip(headings, fields, strict=True)
        if field.decimals is not None
    }
    write_worksheet(
        _records(headings, counted, told),
        str(target) if isinstance(target, Path) else target,
        sheet_name=sheet_name(sheet),
        freeze_row=1,
        bold_headers=True,
        column_formats=formats,
        column_width=16,
    )
    return counted.rows


def sheet_name(text: str) -> str:
    """A name that a workbook accepts: at most 31 characters, none of the forbidden ones."""
    return " ".join(text.translate(_FORBIDDEN_IN_SHEET_NAME).split())[:31] or "Sheet1"


class _Counted:
    """Rows that are counted on their way, and stopped before the sheet is full."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._source = rows
        self.rows = 0

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._source:
            if self.rows >= MOST_ROWS:
                raise Invalid(
                    [Problem(Message("A worksheet holds {limit} rows. Choose CSV.", limit=MOST_ROWS))]
                )
            self.rows += 1
            yield row


def _records(headings: Sequence[str], rows: _Counted, told: _Told) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield dict(zip(headings, row, strict=True))
    if told.needed and told.note:
        yield {**dict.fromkeys(headings), headings[0]: told.note}
    if not rows.rows:
        yield dict.fromkeys(headings)  # the writer takes the heading from the first record


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    source = iter(rows)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def _csv_number(decimals: int) -> Callable[[Any], str]:
    def text(value: Any) -> str:
        return "" if value is None else exact_text(value, decimals)

    return text


def _csv_text(value: Any) -> str:
    return "" if value is None else neutralised(_text(value))


def _text(value: Any) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, dt.datetime) else str(value)


def _xlsx_number(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    exact = Decimal(value)
    return format(exact, "f") if len(exact.as_tuple().digits) > EXACT_DIGITS else value


def _xlsx_text(value: Any) -> str | None:
    if value is None:
        return None
    text = _text(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _number_format(decimals: int | None) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _distinct(headings: Sequence[str]) -> list[str]:
    found: list[str] = []
    for heading in headings:
        name, number = heading, 2
        while name in found:
            name, number = f"{heading} ({number})", number + 1
        found.append(name)
    return found
