"""The tables of a report's import, made from a version of its form: headings, units, what can be chosen."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from app.infra.i18n import say_in
from app.infra.imports import Choice, ImportColumn
from app.infra.imports.spec import ImportTable
from app.kernel.actor import Actor
from app.kernel.errors import Words
from app.kernel.texts import LANGUAGES, LocalText, Message
from app.reports.definitions import (
    CELL_KINDS,
    IndicatorDefinition,
    SectionDefinition,
    VersionDefinition,
)

INDICATOR, UNIT = "indicator", "unit"
USCC, NAME, FILLER = "@uscc", "@name", "@filler"
"""Keys that no code of a form can be."""

FILLER_LENGTH = 60
HEADING = Message("{indicator} {cell} ({unit})")
BARE_HEADING = Message("{indicator} {cell}")

GRID = Message("Figures")
"""The title of the table of figures."""


def in_both(words: Words) -> LocalText:
    """Words in Chinese and English."""
    return LocalText(*(say_in(words, language) for language in LANGUAGES))


def cell_key(indicator: str, cell: str) -> str:
    """The key of a figure's column: also the name of its input on the page."""
    return f"{indicator}.{cell}"


def form_columns(indicators: Sequence[IndicatorDefinition]) -> tuple[ImportColumn, ...]:
    """The columns of 上报导入, laid out as the form: a row for each indicator, a column for each cell."""

    def choices(_actor: Actor, _today: dt.date) -> Sequence[Choice]:
        return [Choice(found.code, found.name, (found.code,)) for found in indicators]

    return (
        ImportColumn(INDICATOR, Message("Indicator"), "choice", required=True, choices=choices, width=30),
        ImportColumn(UNIT, Message("Unit"), width=10),
        *(ImportColumn(kind.code, kind.name, "number", width=18) for kind in CELL_KINDS.values()),
    )


def row_tables(version: VersionDefinition) -> tuple[ImportTable, ...]:
    """The tables of repeating rows of one report."""
    return tuple(_table(section, row_columns(section)) for section in version.row_sections)


def batch_columns(version: VersionDefinition, month: int) -> tuple[ImportColumn, ...]:
    """The columns of 数据批量上报导入: a row for each enterprise, a column for each figure of the month."""
    figures = [
        (indicator, cell)
        for section in version.grids
        for indicator in section.applicable(month, industrial=True)
        for cell in CELL_KINDS
        if cell in indicator.cells
    ]
    headings = [_heading(*figure) for figure in figures]
    often = Counter(headings)
    return (
        *_enterprise_columns(),
        ImportColumn(
            FILLER,
            Message("Filled in by"),
            longest=FILLER_LENGTH,
            help=Message("Where it is empty, the name given at the upload."),
        ),
        *(
            ImportColumn(
                cell_key(indicator.code, cell),
                heading if often[heading] == 1 else _with_code(heading, indicator.code),
                "number",
                width=16,
            )
            for (indicator, cell), heading in zip(figures, headings, strict=True)
        ),
    )


def batch_row_tables(version: VersionDefinition) -> tuple[ImportTable, ...]:
    """The tables of repeating rows of many reports: whose a row is stands before it."""
    return tuple(
        _table(section, (*_enterprise_columns(), *row_columns(section))) for section in version.row_sections
    )


def _table(section: SectionDefinition, columns: tuple[ImportColumn, ...]) -> ImportTable:
    return ImportTable(section.code, section.name, columns, optional=True)


def _enterprise_columns() -> tuple[ImportColumn, ...]:
    return (
        ImportColumn(USCC, Message("Credit code"), required=True, longest=18, width=24),
        ImportColumn(
            NAME,
            Message("Enterprise name"),
            width=32,
            help=Message("It may be left empty; where it is given, it must be the name of that code."),
        ),
    )


def row_columns(section: SectionDefinition) -> tuple[ImportColumn, ...]:
    """The columns of repeating rows."""
    # an empty entry is a finding of the rules, as on the page: a draft may be kept without it
    return tuple(
        ImportColumn(
            column.code,
            column.name,
            "number" if column.is_number else "text",
            longest=column.max_length or FILLER_LENGTH,
            width=20,
        )
        for column in section.columns
    )


def _heading(indicator: IndicatorDefinition, cell: str) -> LocalText:
    pattern = HEADING if indicator.unit.zh else BARE_HEADING
    parts = {"indicator": indicator.name, "cell": CELL_KINDS[cell].name, "unit": indicator.unit}
    return in_both(Message(pattern.msgid, **parts))


def _with_code(heading: LocalText, code: str) -> LocalText:
    return LocalText(f"{heading.zh} {code}", f"{heading.en or heading.zh} {code}")
