"""What the cell of a column means: pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.infra.imports.spec import Choice, ImportColumn
from app.infra.sheets import Cell, Fault
from app.kernel.names import name_key
from app.kernel.numbers import NumberFormatError, parse_number
from app.kernel.texts import LocalText, Message

EXACT = 10**15
"""A spreadsheet keeps 15 digits of a number: what is longer has lost its end."""

TRUE = frozenset({"是", "y", "yes", "true", "1", "√"})
FALSE = frozenset({"否", "n", "no", "false", "0", "×"})
SHOWN = 60
"""Characters of a value that a message repeats."""

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})"
)
_SEVERAL = re.compile(r"[;；,，、\n]")


class CellError(ValueError):
    """A cell that cannot be understood; ``message`` says how to write it."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(slots=True)
class ChoiceIndex:
    """The choices of a column by every way to write them; a way that two share stands for neither."""

    by_key: Mapping[str, Any] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    @classmethod
    def of(cls, choices: Sequence[Choice], translate: Any = lambda words: (words,)) -> ChoiceIndex:
        """An index; ``translate`` gives a message in every language."""
        found: dict[str, Any] = {}
        shared: set[str] = set()
        for choice in sorted(choices, key=lambda one: not one.offered):
            for key in {name_key(word) for word in (*_words(choice.label, translate), *choice.also) if word}:
                if key not in found:
                    found[key] = choice.value
                elif found[key] != choice.value and choice.offered:
                    shared.add(key)
        return cls(found, frozenset(shared))

    def value(self, text: str) -> Any:
        """What a text names.

        :raises CellError: nothing, or more than one.
        """
        key = name_key(text)
        if key in self.shared:
            raise CellError(
                Message(
                    "“{value}” stands for more than one entry: write the code, or the full name.",
                    value=short(text),
                )
            )
        if key not in self.by_key:
            raise CellError(
                Message(
                    "There is no “{value}” to choose: take an entry of the template's list.",
                    value=short(text),
                )
            )
        return self.by_key[key]


def _words(label: LocalText | Message, translate: Any) -> Sequence[str]:
    return (label.zh, label.en) if isinstance(label, LocalText) else translate(label)


def short(text: str) -> str:
    """A value as a message repeats it."""
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def shown(cell: Cell) -> str:
    """A cell as a page shows it."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "minutes")
    return "#" if isinstance(cell, Fault) else str(cell)


def value_of(column: ImportColumn, cell: Cell, index: ChoiceIndex | None = None) -> Any:
    """What a cell means for its column; None where it is empty.

    :raises CellError: it cannot be understood.
    """
    if cell is None:
        return None
    if isinstance(cell, Fault):
        raise CellError(_FAULTS[cell])
    if column.kind == "choice" and index is not None:
        return index.value(text_of(cell))
    if column.kind == "choices" and index is not None:
        return [index.value(part) for part in _SEVERAL.split(text_of(cell)) if part.strip()]
    value = _READERS[column.kind](cell)
    if isinstance(value, str) and len(value) > column.longest:
        raise CellError(Message("Write at most {count} characters.", count=column.longest))
    return value


_FAULTS = {
    Fault.ERROR: Message(
        "This cell holds an error of the spreadsheet: correct the formula, or write the value."
    ),
    Fault.UNCALCULATED: Message(
        "This cell holds a formula without a value: open the file in a spreadsheet program and save it, "
        "or write the value."
    ),
}


def text_of(cell: Cell) -> str:
    """A text, or the digits of a number that was meant as one.

    :raises CellError: a number too long to be exact.
    """
    if isinstance(cell, Decimal):
        if abs(cell) >= EXACT:
            raise CellError(
                Message(
                    "This code was typed as a number, and a spreadsheet keeps only 15 digits of it: make the "
                    "cell a text and type the code again."
                )
            )
        return format(cell, "f")
    return shown(cell).strip()


def number_of(cell: Cell) -> Decimal | None:
    """An exact number.

    :raises CellError: it is none.
    """
    if isinstance(cell, Decimal):
        return cell
    if not isinstance(cell, str):
        raise CellError(Message("This is not a number."))
    try:
        return parse_number(cell)
    except NumberFormatError as error:
        raise CellError(error.message) from error


def whole_of(cell: Cell) -> int | None:
    """A whole number.

    :raises CellError: it is none.
    """
    number = number_of(cell)
    if number is None:
        return None
    if number != number.to_integral_value() or abs(number) >= EXACT:
        raise CellError(Message("Write a whole number."))
    return int(number)


def date_of(cell: Cell) -> dt.date:
    """A day.

    :raises CellError: it is none.
    """
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    found = _DATE.fullmatch(text_of(cell)) if isinstance(cell, str | Decimal) else None
    try:
        if found is not None:
            year, month, day = (int(part) for part in found.groups() if part is not None)
            return dt.date(year, month, day)
    except ValueError:
        found = None
    raise CellError(Message("Write the date as 2026-01-31."))


def flag_of(cell: Cell) -> bool:
    """Yes or no.

    :raises CellError: neither.
    """
    if isinstance(cell, bool):
        return cell
    word = text_of(cell).casefold()
    if word in TRUE | FALSE:
        return word in TRUE
    raise CellError(Message("Write yes or no."))


_READERS: Mapping[str, Any] = {
    "text": text_of,
    "number": number_of,
    "whole": whole_of,
    "date": date_of,
    "flag": flag_of,
}
