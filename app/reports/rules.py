"""The rules of the shipped form asked of plain dictionaries: the entry for imports, the API and examples.

Nothing here knows how to check: ``checking.check`` asks, as it does for the page and for submission.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports.checking import Case, EarlierReport, Finding, Silenced, check
from app.reports.definitions import Cell
from app.reports.shipped import shipped_version

APPROVED = "approved"
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
"""A figure as rule H03 and templates want it: digits, a decimal point, a sign."""

ANY_YEAR = 2018
"""The rules look at the month of the year only; a case needs a year all the same."""

Given = Decimal | int | float | str | None
Figures = Mapping[str, Mapping[str, Given]]
"""Indicator code -> cell code (``m``, ``ytd``, ``ly_m``, ``ly_ytd``) -> figure; None and "" are missing."""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule that does not hold at an indicator, at one or more of its cells."""

    rule: str
    indicator: str
    severity: str
    message: LocalText
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules say of a report: each rule at most once for an indicator."""

    findings: tuple[RuleFinding, ...]
    silenced: tuple[Silenced, ...]

    @property
    def hard_pass(self) -> bool:
        """Whether nothing keeps the report from being submitted."""
        return all(found.severity != "hard" for found in self.findings)

    @property
    def screening_pass(self) -> bool:
        """Whether it passes system screening 系统筛查: no soft finding, explained or not."""
        return all(found.severity != "soft" for found in self.findings)


def check_report(
    *, industrial: bool, month: int, cells: Figures, last: Figures | None, last_status: str
) -> Checked:
    """Ask every rule of the shipped monthly form.

    :param industrial: whether the enterprise is industrial; others have no industrial indicators.
    :param month: month of the year, 1 to 12; January has no last month.
    :param last: last month's figures; ``last_status`` is "approved" once they count for comparison.
    :raises ValueError: no such month.
    """
    version = shipped_version()
    figures, unreadable = _read(cells)
    earlier = None
    if last is not None and month != 1:
        earlier = EarlierReport(_read(last)[0], approved=last_status == APPROVED)
    case = Case(
        month=Month(ANY_YEAR, month),
        industrial=bool(industrial),
        cells=figures,
        last=earlier,
        unreadable=unreadable,
    )
    outcome = check(version, case)
    return Checked(_gathered(outcome.findings), outcome.silenced)


def _read(given: Figures) -> tuple[dict[Cell, Decimal | None], frozenset[Cell]]:
    """The figures, and the places of texts that are none."""
    found: dict[Cell, Decimal | None] = {}
    unreadable = set()
    for indicator, figures in given.items():
        for cell, value in figures.items():
            if value is None or value == "":
                continue
            if NUMBER.fullmatch(text := _text(value)):
                found[indicator, cell] = Decimal(text)
            else:
                unreadable.add((indicator, cell))
    return found, frozenset(unreadable)


def _text(value: Decimal | float | str) -> str:
    if isinstance(value, str | bool):
        return str(value).strip()
    # str() of a float is the shortest decimal that stands for it: what was written down
    return format(Decimal(str(value)), "f")


def _gathered(findings: tuple[Finding, ...]) -> tuple[RuleFinding, ...]:
    """One finding for each rule and indicator, with the cells that it was found at."""
    places: dict[tuple[str, str], list[Finding]] = {}
    for found in findings:
        places.setdefault((found.rule, found.indicator), []).append(found)
    return tuple(
        RuleFinding(rule, indicator, of[0].severity, of[0].message, tuple(found.cell for found in of))
        for (rule, indicator), of in places.items()
    )
