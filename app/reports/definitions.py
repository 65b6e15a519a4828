"""A version of a form as plain values: what checking, figures and pages read, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.texts import LocalText, Message

Cell = tuple[str, str]
"""Indicator code and cell code, such as ("revenue", "ytd")."""
Cells = Mapping[Cell, Decimal | None]
"""The figures of a grid; None and absent both mean a missing figure, which is not zero."""
Row = Mapping[str, Decimal | str | None]
"""One repeating row: column code -> figure or text."""

EVERY_MONTH = tuple(range(1, 13))
ALL = "*"
REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class CellKind:
    """One of the four figures of an indicator (spec 20, 'Forms are data')."""

    code: str
    name: Message
    last_year: bool
    cumulative: bool


CELL_KINDS = {
    kind.code: kind
    for kind in (
        CellKind("m", Message("This year, month"), last_year=False, cumulative=False),
        CellKind("ytd", Message("This year, cumulative"), last_year=False, cumulative=True),
        CellKind("ly_m", Message("Last year, month"), last_year=True, cumulative=False),
        CellKind("ly_ytd", Message("Last year, cumulative"), last_year=True, cumulative=True),
    )
}
FROM_LAST_YEAR = {"ly_m": "m", "ly_ytd": "ytd"}
"""Which figure of last year's report of the same month stands in which cell of this year's."""


WHOLE_DIGITS = 13
STORED_DIGITS = 18


def plain_number(value: Decimal) -> str:
    """A figure as it is typed: no exponent, no separators, no zeros that say nothing."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_problem(value: Decimal, scale: int) -> Message | None:
    """Why a figure cannot be kept exactly with ``scale`` decimals in 64 bits, or None."""
    if not value.is_finite():
        return Message("Enter a number.")
    most = min(WHOLE_DIGITS, STORED_DIGITS - scale)
    if value and value.adjusted() >= most:
        return Message("Enter at most {count} digits before the decimal point.", count=most)
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > scale:
        return Message("Enter at most {count} decimals.", count=scale)
    return None


@dataclass(frozen=True, slots=True)
class IndicatorDefinition:
    """An indicator as a version asks for it; ``scale`` is the number of decimals that are kept."""

    code: str
    section: str
    name: LocalText
    unit: LocalText
    scale: int
    nature: str
    months: tuple[int, ...]
    industrial_only: bool
    cells: tuple[str, ...]
    required_cells: tuple[str, ...]
    growth_kind: str

    def applies(self, month: int, *, industrial: bool) -> bool:
        """Whether an enterprise sees it in a month of the year (1-12)."""
        return month in self.months and (industrial or not self.industrial_only)


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column of repeating rows."""

    code: str
    section: str
    name: LocalText
    kind: str
    scale: int
    max_length: int
    required: bool

    @property
    def is_number(self) -> bool:
        """Whether it holds figures rather than texts."""
        return self.kind == "number"

    def problem(self, value: Decimal | str | None) -> Message | None:
        """Why the column cannot keep a value, or None."""
        if value is None:
            return None
        if self.is_number:
            return (
                number_problem(value, self.scale)
                if isinstance(value, Decimal)
                else Message("Enter a number.")
            )
        if not isinstance(value, str) or "\x00" in value:
            return Message("Enter a text.")
        if len(value) > self.max_length:
            return Message("Enter at most {count} characters.", count=self.max_length)
        return None


@dataclass(frozen=True, slots=True)
class SectionDefinition:
    """A part of the form: a grid has indicators, rows have columns."""

    code: str
    kind: str
    name: LocalText
    indicators: tuple[IndicatorDefinition, ...] = ()
    columns: tuple[ColumnDefinition, ...] = ()

    @property
    def is_grid(self) -> bool:
        """Whether it is a grid of indicators rather than repeating rows."""
        return self.kind == "grid"

    def applicable(self, month: int, *, industrial: bool) -> tuple[IndicatorDefinition, ...]:
        """The indicators that an enterprise fills in a month, in the form's order."""
        return tuple(found for found in self.indicators if found.applies(month, industrial=industrial))


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """A rule: where it is asked, the expression that must hold, what is said when it does not.

    ``section`` empty means every grid. ``indicators`` are codes of indicators (of columns, in a
    section of rows), or ``*``. ``cells`` are cell codes, ``*`` (every cell that the indicator
    takes) or ``required``. An expression that names ``cell`` is asked at each of those cells,
    any other once per indicator, and its finding is shown at the first of them.
    """

    code: str
    severity: str
    applies_to: str
    section: str
    months: tuple[int, ...]
    indicators: tuple[str, ...]
    cells: tuple[str, ...]
    expression: str
    message: LocalText


@dataclass(frozen=True, slots=True)
class VersionDefinition:
    """All of one version of a form."""

    id: int
    form_id: int
    form_code: str
    form_name: LocalText
    number: int
    state: str
    effective_from: int | None
    effective_to: int | None
    tolerance: Decimal
    sections: tuple[SectionDefinition, ...]
    rules: tuple[RuleDefinition, ...]

    @property
    def grids(self) -> tuple[SectionDefinition, ...]:
        """The sections that are grids of indicators."""
        return tuple(section for section in self.sections if section.is_grid)

    @property
    def row_sections(self) -> tuple[SectionDefinition, ...]:
        """The sections of repeating rows."""
        return tuple(section for section in self.sections if not section.is_grid)

    @property
    def indicators(self) -> Iterator[IndicatorDefinition]:
        """Every indicator, section by section."""
        for section in self.grids:
            yield from section.indicators

    def section(self, code: str) -> SectionDefinition:
        """The section of that code.

        :raises KeyError: the version has none.
        """
        for section in self.sections:
            if section.code == code:
                return section
        raise KeyError(code)

    def indicator(self, code: str) -> IndicatorDefinition:
        """The indicator of that code.

        :raises KeyError: the version does not ask for it.
        """
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)
