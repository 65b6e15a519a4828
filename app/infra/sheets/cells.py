"""What a cell holds, the same for workbooks and CSV."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Fault(StrEnum):
    """Why a cell that is not empty has no value."""

    ERROR = "error"  # such as #REF! or #N/A
    UNCALCULATED = "uncalculated"  # a formula without the value that a spreadsheet program keeps beside it


Cell = str | Decimal | bool | dt.datetime | dt.date | dt.time | Fault | None
"""A number is exact to the 15 digits that spreadsheets keep; an empty cell is None."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not blank: ``number`` counts from 1, as spreadsheet programs show it."""

    sheet: str
    number: int
    cells: tuple[Cell, ...]
