"""指标解释: what each indicator of the form in effect asks for, read from the form itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext

from app.infra.i18n import say
from app.kernel.texts import Message
from app.reports.checking import message_of
from app.reports.definitions import ALL, CELL_KINDS, EVERY_MONTH, IndicatorDefinition, VersionDefinition
from app.reports.form_rules import NATURES

HEADINGS = (
    Message("Indicator"),
    Message("Unit"),
    Message("Nature"),
    Message("Months"),
    Message("Who fills it in"),
    Message("Cells"),
    Message("Required cells"),
    Message("Checks"),
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """An indicator in words, for the page and the workbook; ``checks`` are the messages of its rules."""

    name: str
    unit: str
    nature: str
    months: str
    filled_by: str
    cells: str
    required: str
    checks: tuple[str, ...]

    @property
    def row(self) -> tuple[str, ...]:
        """Its line of the workbook."""
        return (
            *(self.name, self.unit, self.nature, self.months, self.filled_by, self.cells, self.required),
            "\n".join(self.checks),
        )


def explanations(version: VersionDefinition) -> Iterator[tuple[str, list[Explanation]]]:
    """(name of the section, its indicators) for each grid of a version."""
    for section in version.grids:
        yield say(section.name), [_explained(one, version) for one in section.indicators]


def _explained(indicator: IndicatorDefinition, version: VersionDefinition) -> Explanation:
    months = gettext("Every month") if indicator.months == EVERY_MONTH else _months(indicator.months)
    return Explanation(
        name=say(indicator.name),
        unit=say(indicator.unit),
        nature=say(NATURES[indicator.nature]),
        months=months,
        filled_by=gettext("Industrial enterprises")
        if indicator.industrial_only
        else gettext("All enterprises"),
        cells=_cells(indicator.cells),
        required=_cells(indicator.required_cells),
        checks=tuple(_checks(indicator, version)),
    )


def _checks(indicator: IndicatorDefinition, version: VersionDefinition) -> Iterator[str]:
    for rule in version.rules:
        if (rule.section in ("", indicator.section) and indicator.code in rule.indicators) or (
            rule.indicators == (ALL,) and rule.section == indicator.section
        ):
            yield say(message_of(rule, indicator))


def _cells(codes: Sequence[str]) -> str:
    return gettext(", ").join(say(kind.name) for code, kind in CELL_KINDS.items() if code in codes)


def _months(months: Sequence[int]) -> str:
    return gettext(", ").join(say(Message("Month {number}", number=month)) for month in months)
