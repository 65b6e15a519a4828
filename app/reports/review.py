"""What a reviewer looks at: this month beside last month and last year, with what stands out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.kernel.periods import Month
from app.reports import figures
from app.reports.definitions import Cell, IndicatorDefinition, SectionDefinition, VersionDefinition
from app.reports.figures import Key
from app.reports.opening import OpenReport

STANDS_OUT = Decimal(30)
"""A change of more than this many per cent is marked; a hint for the eye, not a rule."""

PLACES = Decimal("0.1")

_Cells = Mapping[Cell, Decimal] | Mapping[Cell, Decimal | None]
NO_FIGURES: _Cells = {}


@dataclass(frozen=True, slots=True)
class Compared:
    """An indicator of three reports. ``cell`` is the one compared: the month's if asked, else the stock."""

    indicator: IndicatorDefinition
    cell: str
    now: Decimal | None
    last: Decimal | None
    last_year: Decimal | None

    @property
    def over_last(self) -> Decimal | None:
        """Change against last month, in per cent (points for rates)."""
        return change(self.indicator.growth_kind, self.now, self.last)

    @property
    def over_last_year(self) -> Decimal | None:
        """Change against the same month of last year."""
        return change(self.indicator.growth_kind, self.now, self.last_year)

    @property
    def stands_out(self) -> bool:
        """Whether a reviewer should look twice: a large change, or profit that turned to loss."""
        changes = (self.over_last, self.over_last_year)
        return any(found is not None and abs(found) > STANDS_OUT for found in changes) or self.turned(
            self.last
        )

    def turned(self, before: Decimal | None) -> bool:
        """Whether the figure changed its sign against ``before``."""
        return self.now is not None and before is not None and self.now * before < 0


def change(kind: str, now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Growth to one decimal; None where a figure is missing, the base is zero or the sign differs."""
    if now is None or before is None or kind == "none":
        return None
    if kind == "pp":
        return (now - before).quantize(PLACES, rounding=ROUND_HALF_UP)
    if before == 0 or now * before < 0:
        return None
    return ((now - before) / abs(before) * 100).quantize(PLACES, rounding=ROUND_HALF_UP)


def compare(opened: OpenReport, section: SectionDefinition) -> list[Compared]:
    """The indicators of a section that apply, in the form's order."""
    last = opened.earlier.get(opened.ref.month.previous().key)
    year = opened.last_year
    last_cells = last.cells if last else NO_FIGURES
    year_cells = year.cells if year else NO_FIGURES
    return [
        _beside(indicator, opened.cells, last_cells, year_cells)
        for indicator in section.applicable(
            opened.ref.month.month, industrial=opened.filing.industry.is_industrial
        )
    ]


def compared_figure(
    version: VersionDefinition, indicator: str, reports: Iterable[tuple[int, int]]
) -> Mapping[tuple[int, int], Compared]:
    """One indicator of many reports, as (period, enterprise): one statement for the whole queue."""
    wanted = list(reports)
    found = version.indicator(indicator)
    keys: list[Key] = []
    for period, enterprise_id in wanted:
        month = Month.from_key(period)
        keys += [Key(at.key, enterprise_id) for at in (month, month.previous(), month.last_year())]
    read = figures.read_many(version, keys)

    def cells(at: Month, enterprise_id: int) -> _Cells:
        return read.get(Key(at.key, enterprise_id), NO_FIGURES)

    lines = {}
    for period, enterprise_id in wanted:
        month = Month.from_key(period)
        three = (cells(at, enterprise_id) for at in (month, month.previous(), month.last_year()))
        lines[period, enterprise_id] = _beside(found, *three)
    return lines


def _beside(indicator: IndicatorDefinition, now: _Cells, last: _Cells, year: _Cells) -> Compared:
    """Last year's figure is what this report states; where it states none, what was filed then."""
    cell = "m" if "m" in indicator.cells else "ytd"
    place = (indicator.code, cell)
    before = now.get((indicator.code, f"ly_{cell}"))
    return Compared(
        indicator, cell, now.get(place), last.get(place), year.get(place) if before is None else before
    )
