"""Running a form's rules over a report: the same functions for page, import and API."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from app.kernel.expressions import MISSING, Expression, Given, parse
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.reports.definitions import (
    ALL,
    CELL_KINDS,
    REQUIRED,
    Cell,
    Cells,
    ColumnDefinition,
    IndicatorDefinition,
    Row,
    RuleDefinition,
    SectionDefinition,
    VersionDefinition,
)
from app.reports.form_rules import CELL, READABLE, SEVERITIES, target_sections

_PLACE = re.compile(r"\{(name|unit)\}")


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """The figures of another month; they count only once that report is approved."""

    cells: Cells
    approved: bool


@dataclass(frozen=True, slots=True)
class Case:
    """A report as it stands: what the rules are asked about.

    ``industrial`` is the enterprise's as of the version that the report is filed with.
    ``unreadable`` are grid cells, as (indicator, cell), and cells of rows, as
    (section, row from 1, column), whose text is no number. Rows that are wholly empty do not count.
    """

    month: Month
    industrial: bool
    cells: Cells
    opened_on: dt.date | None = None
    last: EarlierReport | None = None
    last_year: EarlierReport | None = None
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    unreadable: frozenset[tuple[str, str] | tuple[str, int, str]] = frozenset()

    @property
    def kind(self) -> tuple[int, bool, bool]:
        """What decides where rules are asked: month of the year, industrial, opened since last year."""
        return self.month.month, self.industrial, self.opened_since_last_year

    @property
    def opened_since_last_year(self) -> bool:
        """Whether there was no such enterprise yet in the same month of last year."""
        return self.opened_on is not None and self.opened_on > self.month.last_year().last_day


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and where it is shown. ``row_no`` counts from 1 and is 0 in a grid."""

    rule: str
    severity: str
    section: str
    indicator: str
    cell: str
    message: LocalText
    row_no: int = 0

    @property
    def field(self) -> str:
        """Name of the input that it belongs to: ``revenue.ytd`` or ``products.1.sales``."""
        if not self.row_no:
            return f"{self.indicator}.{self.cell}"
        return f"{self.section}.{self.row_no}.{self.indicator}"

    @property
    def key(self) -> str:
        """What an explanation is kept under."""
        return f"{self.rule}:{self.field}"


class Reason(StrEnum):
    """Why a rule was silent."""

    MISSING = "missing"  # a figure of this report, or of an approved earlier one, is not there
    NO_REPORT = "no_report"  # the earlier report was never filed, or January asks for an earlier month
    NOT_APPROVED = "not_approved"  # the earlier report does not count as approved yet


@dataclass(frozen=True, slots=True)
class Silenced:
    """A rule that could not be asked, and the operands that it lacked."""

    rule: str
    severity: str
    indicator: str
    reason: Reason
    operands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that a check says."""

    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...]

    @property
    def hard(self) -> tuple[Finding, ...]:
        """The findings that keep a report from being submitted."""
        return tuple(found for found in self.findings if found.severity == "hard")

    @property
    def soft(self) -> tuple[Finding, ...]:
        """The findings that ask for an explanation; system screening 系统筛查 passes when there is none."""
        return tuple(found for found in self.findings if found.severity == "soft")


@dataclass(frozen=True, slots=True)
class Target:
    """A place where a rule is asked; ``cell`` is empty in rows."""

    section: SectionDefinition
    subject: IndicatorDefinition | ColumnDefinition
    cell: str
    row_no: int = 0
    values: Row | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule at a place, with what reads the value of each of its names off a report."""

    target: Target
    values: tuple[tuple[str, Callable[[Case], Given]], ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule as it is asked of reports of one kind; ``asked`` are its places in grids."""

    rule: RuleDefinition
    expression: Expression
    about_readability: bool
    asked: tuple[_Asked, ...]
    row_sections: tuple[SectionDefinition, ...]


class _Same:
    """A version as a key: itself, whatever is in it. Comparing two by their parts costs more than a check."""

    __slots__ = ("version",)

    def __init__(self, version: VersionDefinition) -> None:
        self.version = version

    def __hash__(self) -> int:
        return id(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.version is other.version


def check(version: VersionDefinition, case: Case, severities: Iterable[str] = tuple(SEVERITIES)) -> Outcome:
    """Ask every rule of these severities; findings in the order of the form's rules."""
    findings: list[Finding] = []
    silenced: list[Silenced] = []
    wanted = frozenset(severities)
    for found in _rules(_Same(version), *case.kind):
        rule, expression = found.rule, found.expression
        if rule.severity not in wanted or (found.about_readability and not case.unreadable):
            continue
        for asked in (*found.asked, *_asked_of_rows(found, version, case)):
            target = asked.target
            if case.unreadable and _is_unreadable(target, case) != found.about_readability:
                continue
            names = {name: value(case) for name, value in asked.values}
            answer = expression.evaluate(names)
            if answer is False:
                findings.append(_finding(rule, target))
            elif answer is MISSING and names.get(CELL, ...) is not None:
                silenced.extend(_silenced(rule, target, names, case))
    return Outcome(tuple(findings), tuple(silenced))


def rules_for(version: VersionDefinition, case: Case) -> list[RuleDefinition]:
    """The rules that are asked of a report, in the order of the form."""
    return [found.rule for found in _rules(_Same(version), *case.kind)]


@lru_cache(maxsize=64)
def _rules(same: _Same, month: int, industrial: bool, is_new: bool) -> tuple[_Rule, ...]:  # noqa: FBT001 - a key
    """The rules that are asked of all reports of a kind: a version, a month of the year, an enterprise."""
    version, found = same.version, []
    for rule in version.rules:
        if month not in rule.months or (rule.applies_to == "industrial" and not industrial):
            continue
        expression = parse(rule.expression)
        sections = target_sections(rule, version)
        places = _grid_targets(sections, rule, month, industrial=industrial, is_new=is_new)
        asked = tuple(
            _Asked(target, tuple((name, _reader(name, version, target)) for name in expression.names))
            for target in places
        )
        rows = tuple(section for section in sections if not section.is_grid)
        found.append(_Rule(rule, expression, READABLE in expression.names, asked, rows))
    return tuple(found)


def _asked_of_rows(found: _Rule, version: VersionDefinition, case: Case) -> Iterator[_Asked]:
    for section in found.row_sections:
        for target in _row_targets(section, found.rule, case, per_cell=_is_per_cell(found.rule)):
            readers = ((name, _reader(name, version, target)) for name in found.expression.names)
            yield _Asked(target, tuple(readers))


def targets(version: VersionDefinition, rule: RuleDefinition, case: Case) -> Iterator[Target]:
    """Where a rule is asked of a report: only at indicators that the enterprise sees in the month."""
    sections = target_sections(rule, version)
    new = case.opened_since_last_year
    yield from _grid_targets(sections, rule, case.month.month, industrial=case.industrial, is_new=new)
    for section in sections:
        if not section.is_grid:
            yield from _row_targets(section, rule, case, per_cell=_is_per_cell(rule))


def _is_per_cell(rule: RuleDefinition) -> bool:
    return bool({CELL, READABLE} & parse(rule.expression).names)


def _grid_targets(
    sections: Sequence[SectionDefinition], rule: RuleDefinition, month: int, *, industrial: bool, is_new: bool
) -> Iterator[Target]:
    per_cell = _is_per_cell(rule)
    for section in sections:
        if section.is_grid:
            for indicator in section.applicable(month, industrial=industrial):
                if ALL in rule.indicators or indicator.code in rule.indicators:
                    cells = _cells_of(rule, indicator, is_new=is_new)
                    yield from (
                        Target(section, indicator, cell) for cell in (cells if per_cell else cells[:1])
                    )


def required_cells(indicator: IndicatorDefinition, *, is_new: bool) -> tuple[str, ...]:
    """The cells that must be filled; last year's need not be by who opened since then (spec 20).

    :param is_new: ``opened_since_last_year`` of the report's case.
    """
    return tuple(
        cell
        for cell in indicator.cells
        if cell in indicator.required_cells and not (CELL_KINDS[cell].last_year and is_new)
    )


def _cells_of(rule: RuleDefinition, indicator: IndicatorDefinition, *, is_new: bool) -> list[str]:
    wanted = set(indicator.cells if ALL in rule.cells else rule.cells)
    if REQUIRED in rule.cells:
        wanted |= set(required_cells(indicator, is_new=is_new))
    return [cell for cell in indicator.cells if cell in wanted]


def _row_targets(
    section: SectionDefinition, rule: RuleDefinition, case: Case, *, per_cell: bool
) -> Iterator[Target]:
    columns = [
        column
        for column in section.columns
        if (ALL in rule.indicators or column.code in rule.indicators)
        and (column.required or REQUIRED not in rule.cells)
    ]
    for number, row in enumerate(case.rows.get(section.code, ()), start=1):
        unread = any((section.code, number, column.code) in case.unreadable for column in section.columns)
        if unread or any(value not in (None, "") for value in row.values()):
            for column in columns if per_cell else columns[:1]:
                yield Target(section, column, "", number, row)


def _is_unreadable(target: Target, case: Case) -> bool:
    if target.values is None:
        return (target.subject.code, target.cell) in case.unreadable
    return (target.section.code, target.row_no, target.subject.code) in case.unreadable


def value_of(name: str, version: VersionDefinition, target: Target, case: Case) -> Given:
    """The value of a name of an expression at a target; None where it is missing."""
    return _reader(name, version, target)(case)


def _reader(name: str, version: VersionDefinition, target: Target) -> Callable[[Case], Given]:
    """What reads the value of a name at a target off a report."""
    match name:
        case "month":
            return lambda case: case.month.month
        case "tolerance":
            return lambda case: version.tolerance
        case "industrial":
            return lambda case: case.industrial
        case "cell.readable":
            return lambda case: not _is_unreadable(target, case)
    if target.values is not None:
        values, column = target.values, target.subject.code if name == CELL else name
        return lambda case: values.get(column)
    if name == CELL:
        own = (target.subject.code, target.cell)
        return lambda case: case.cells.get(own)
    report, cell = split_name(name, target.subject.code)
    if report == "last":
        return lambda case: _approved_figure(case.last, cell)
    if report:
        return lambda case: _approved_figure(case.last_year, cell)
    if cell[0] == target.subject.code:  # a rule is asked only where its own indicator is visible
        return lambda case: case.cells.get(cell)
    return lambda case: case.cells.get(cell) if _is_visible(version, cell[0], case) else None


def _approved_figure(report: EarlierReport | None, cell: Cell) -> Given:
    return report.cells.get(cell) if report is not None and report.approved else None


def split_name(name: str, indicator: str) -> tuple[str, Cell]:
    """Which report ("" is this one) and which figure a name means; a bare cell is this indicator's."""
    report, parts = "", name.split(".")
    if parts[0] in ("last", "lastyear"):
        report, *parts = parts
    return report, (parts[0], parts[1]) if len(parts) == 2 else (indicator, parts[0])


def _is_visible(version: VersionDefinition, indicator: str, case: Case) -> bool:
    return any(
        found.code == indicator and found.applies(case.month.month, industrial=case.industrial)
        for found in version.indicators
    )


def _finding(rule: RuleDefinition, target: Target) -> Finding:
    return Finding(
        rule=rule.code,
        severity=rule.severity,
        section=target.section.code,
        indicator=target.subject.code,
        cell=target.cell,
        message=message_of(rule, target.subject),
        row_no=target.row_no,
    )


def message_of(rule: RuleDefinition, subject: IndicatorDefinition | ColumnDefinition) -> LocalText:
    """The rule's message about an indicator: ``{name}`` and ``{unit}`` stand for its own."""

    def told(to: str) -> str:
        return filled_in(rule.message.in_language(to), subject, lambda text: text.in_language(to))

    return LocalText(told("zh"), told("en"))


def filled_in(
    message: str, subject: IndicatorDefinition | ColumnDefinition, say: Callable[[LocalText], str]
) -> str:
    """A message in one language, with the indicator's name and unit as ``say`` tells them."""
    unit = subject.unit if isinstance(subject, IndicatorDefinition) else LocalText("")
    words = {"name": say(subject.name), "unit": say(unit)}
    # not str.format: the message is typed by an administrator and must not reach into objects
    return _PLACE.sub(lambda found: words[found[1]], message)


def _silenced(
    rule: RuleDefinition, target: Target, names: Mapping[str, Given], case: Case
) -> Iterator[Silenced]:
    """That the rule was silent; nothing where all that it lacked is not for this report to have."""
    lacking = tuple(
        sorted(name for name, value in names.items() if value is None and _is_due(name, target, case))
    )
    if lacking:
        reasons = {_reason(name, case) for name in lacking}
        worst = next((r for r in (Reason.NOT_APPROVED, Reason.NO_REPORT) if r in reasons), Reason.MISSING)
        yield Silenced(rule.code, rule.severity, target.subject.code, worst, lacking)


def _is_due(name: str, target: Target, case: Case) -> bool:
    """Whether a figure could be expected: not a cell that the indicator does not take, such as the month of
    a stock, and not last year's of an enterprise that did not exist then.
    """
    if not isinstance(target.subject, IndicatorDefinition) or name == CELL:
        return True
    report, (indicator, cell) = split_name(name, target.subject.code)
    if indicator == target.subject.code and cell not in target.subject.cells:
        return False
    asks_last_year = report == "lastyear" or (cell in CELL_KINDS and CELL_KINDS[cell].last_year)
    return not (asks_last_year and case.opened_since_last_year)


def _reason(name: str, case: Case) -> Reason:
    report = name.split(".", 1)[0]
    if report not in ("last", "lastyear"):
        return Reason.MISSING
    earlier = case.last if report == "last" else case.last_year
    if earlier is None:
        return Reason.NO_REPORT
    return Reason.MISSING if earlier.approved else Reason.NOT_APPROVED
