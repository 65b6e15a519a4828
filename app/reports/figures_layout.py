"""Names and columns of the figures tables as plain values: what a form's data says that it needs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields

from app.reports.definitions import SectionDefinition

PREFIX = "figures_"
CODE = re.compile(r"[a-z][a-z0-9_]{0,40}")
MAX_COLUMNS = 900
"""PostgreSQL keeps a row on one page of 8 KB: not many more than a thousand figures fit."""
TEXT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Dimensions:
    """What summaries group and filter by, as of the enterprise version that the report was filed with."""

    report_id: int
    region_id: int
    state: str
    province_id: int | None = None
    prefecture_id: int | None = None
    county_id: int | None = None
    industry_section: str | None = None
    industry_division: str | None = None
    industry_code: str | None = None
    size: str | None = None
    control_type: str | None = None
    is_industrial: bool = False
    is_listed: bool = False


DIMENSIONS = tuple(field.name for field in fields(Dimensions))
KEYS = ("period", "enterprise_id")
RESERVED = frozenset((*KEYS, "row_no", *DIMENSIONS))
"""Names that a column of repeating rows may not have."""


class LayoutChangedError(ValueError):
    """A column or section ``name`` would be of another kind or scale than what is stored."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} would change its kind or scale")
        self.name = name


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one figures table: ``numbers`` are (name, scale), ``texts`` are names."""

    form: str
    section: str
    has_rows: bool
    numbers: tuple[tuple[str, int], ...]
    texts: tuple[str, ...] = ()

    def joined(self, other: Layout) -> Layout:
        """The columns of both, each once, this one's first.

        :raises LayoutChangedError: a column or the section would change its kind, or a column its scale.
        """
        numbers = dict(self.numbers)
        texts = dict.fromkeys((*self.texts, *other.texts))
        for name, scale in other.numbers:
            if numbers.setdefault(name, scale) != scale:
                raise LayoutChangedError(name)
        if self.has_rows != other.has_rows:
            raise LayoutChangedError(self.section)
        for name in texts.keys() & numbers.keys():
            raise LayoutChangedError(name)
        return Layout(self.form, self.section, self.has_rows, tuple(numbers.items()), tuple(texts))


def table_name(form: str, section: str) -> str:
    """Name of the table of a section.

    :raises ValueError: a code that could not stand in SQL unquoted.
    """
    return f"{PREFIX}{_checked(form)}_{_checked(section)}"


def column(indicator: str, cell: str) -> str:
    """Name of the column of a figure.

    :raises ValueError: a code that could not stand in SQL unquoted.
    """
    return f"{_checked(indicator)}_{_checked(cell)}"


def _checked(code: str) -> str:
    if not CODE.fullmatch(code):
        raise ValueError(f"not a code: {code!r}")
    return code


def layout_of(form: str, section: SectionDefinition) -> Layout:
    """The columns that one version of a section needs."""
    if section.is_grid:
        numbers = [
            (column(found.code, cell), found.scale) for found in section.indicators for cell in found.cells
        ]
        return Layout(form, section.code, has_rows=False, numbers=tuple(numbers))
    return Layout(
        form,
        section.code,
        has_rows=True,
        numbers=tuple((_checked(found.code), found.scale) for found in section.columns if found.is_number),
        texts=tuple(_checked(found.code) for found in section.columns if not found.is_number),
    )


def stamp_of(layouts: Iterable[Layout]) -> str:
    """A short digest of layouts: equal layouts, and only those, have equal stamps."""
    return hashlib.sha256(repr(sorted(map(repr, layouts))).encode()).hexdigest()[:16]
