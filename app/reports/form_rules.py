"""What a draft version of a form must satisfy: pure functions that name every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.kernel.errors import Problem
from app.kernel.expressions import ExpressionError, Kind, parse
from app.kernel.texts import LocalText, Message
from app.reports.definitions import (
    ALL,
    CELL_KINDS,
    EVERY_MONTH,
    REQUIRED,
    RuleDefinition,
    SectionDefinition,
    VersionDefinition,
)
from app.reports.figures_layout import CODE, MAX_COLUMNS, RESERVED, TEXT_LENGTH, layout_of

NATURES = {
    "flow_monthly": Message("Flow, by month"),
    "flow_ytd": Message("Flow, cumulative"),
    "stock": Message("Stock"),
    "rate": Message("Rate"),
}
GROWTH_KINDS = {
    "pct": Message("Per cent"),
    "pp": Message("Percentage points"),
    "none": Message("Not computed"),
}
SEVERITIES = {"hard": Message("Mandatory"), "soft": Message("To be explained"), "hint": Message("Hint")}
APPLIES_TO = {
    "all": Message("All enterprises"),
    "industrial": Message("Industrial enterprises"),
    "visible": Message("Whoever sees the indicator"),
}
SECTION_KINDS = {"grid": Message("Grid of indicators"), "rows": Message("Repeating rows")}
COLUMN_KINDS = {"text": Message("Text"), "number": Message("Number")}
MAX_SCALE = 6
LONGEST_CLOSING = 366

CELL, READABLE = "cell", "cell.readable"
EARLIER = ("last", "lastyear")
"""Reports that an expression may name: last month's, and that of the same month of last year."""
WORDS = frozenset(
    {
        CELL,
        *EARLIER,
        "month",
        "tolerance",
        "industrial",
        *CELL_KINDS,
        "and",
        "or",
        "not",
        "in",
        "true",
        "false",
    }
)
"""Names with a meaning of their own in expressions, which no indicator may take."""


@dataclass(frozen=True, slots=True)
class FormInput:
    """A form as typed: ``due_day`` and ``opens_day`` are days of the month after the period.

    ``closes_after_days`` counts from the due date; None never closes.
    """

    code: str
    name: LocalText
    make_up_months: int = 12
    opens_day: int = 1
    due_day: int = 15
    closes_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class SectionInput:
    """A section as typed."""

    code: str
    kind: str
    name: LocalText
    ord: int = 0


@dataclass(frozen=True, slots=True)
class IndicatorInput:
    """An indicator as typed; ``scale`` is the number of decimals kept."""

    section: str
    code: str
    name: LocalText
    unit: LocalText
    nature: str
    scale: int = 4
    months: tuple[int, ...] = EVERY_MONTH
    industrial_only: bool = False
    cells: tuple[str, ...] = tuple(CELL_KINDS)
    required_cells: tuple[str, ...] = ()
    growth_kind: str = "pct"
    ord: int = 0


@dataclass(frozen=True, slots=True)
class ColumnInput:
    """A column of repeating rows as typed."""

    section: str
    code: str
    name: LocalText
    kind: str
    scale: int = 0
    max_length: int = 100
    required: bool = False
    ord: int = 0


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as typed; see ``RuleDefinition`` for what the fields mean."""

    code: str
    severity: str
    expression: str
    message: LocalText
    indicators: tuple[str, ...] = (ALL,)
    cells: tuple[str, ...] = (ALL,)
    applies_to: str = "visible"
    section: str = ""
    months: tuple[int, ...] = EVERY_MONTH
    ord: int = 0


def form_problems(given: FormInput) -> list[Problem]:
    """What is wrong with a form."""
    found = [*_code_problems(given.code, 20), *_name_problems(given.name)]
    if not 0 <= given.make_up_months <= 120:
        found.append(Problem(Message("Enter a number of months from 0 to 120."), "make_up_months"))
    for field, day in (("opens_day", given.opens_day), ("due_day", given.due_day)):
        if not 1 <= day <= 28:
            found.append(Problem(Message("Enter a day from 1 to 28."), field))
    if given.due_day < given.opens_day:
        found.append(Problem(Message("The due date is before the opening."), "due_day"))
    if given.closes_after_days is not None and not 0 <= given.closes_after_days <= LONGEST_CLOSING:
        words = Message("Enter a number of days from 0 to {limit}.", limit=LONGEST_CLOSING)
        found.append(Problem(words, "closes_after_days"))
    return found


def section_problems(given: SectionInput) -> list[Problem]:
    """What is wrong with a section by itself."""
    found = [*_code_problems(given.code, 20), *_name_problems(given.name)]
    if "_" in given.code:
        # figures_<form>_<section> must not be another form's table
        found.append(Problem(Message("Enter a code without _."), "code"))
    return [*found, *_choice_problem("kind", given.kind, SECTION_KINDS)]


def indicator_problems(given: IndicatorInput) -> list[Problem]:
    """What is wrong with an indicator by itself."""
    found = [*_code_problems(given.code, 41), *_name_problems(given.name)]
    if given.code in WORDS or given.code.endswith("_ly"):
        # sales_ly + m and sales + ly_m would be one column
        found.append(Problem(Message("This code has a meaning of its own. Choose another one."), "code"))
    found += _choice_problem("nature", given.nature, NATURES)
    found += _choice_problem("growth_kind", given.growth_kind, GROWTH_KINDS)
    found += _scale_problems(given.scale)
    found += _month_problems(given.months)
    if not given.cells or not set(given.cells) <= CELL_KINDS.keys():
        found.append(Problem(Message("Choose at least one of the four cells."), "cells"))
    if not set(given.required_cells) <= set(given.cells):
        found.append(
            Problem(Message("A required cell must be among the cells of the indicator."), "required_cells")
        )
    return found


def column_problems(given: ColumnInput) -> list[Problem]:
    """What is wrong with a column of repeating rows by itself."""
    found = [*_code_problems(given.code, 41), *_name_problems(given.name)]
    if given.code in WORDS | RESERVED:
        found.append(Problem(Message("This code has a meaning of its own. Choose another one."), "code"))
    found += _choice_problem("kind", given.kind, COLUMN_KINDS)
    found += _scale_problems(given.scale)
    if not 1 <= given.max_length <= TEXT_LENGTH:
        found.append(Problem(Message("Enter a length from 1 to {limit}.", limit=TEXT_LENGTH), "max_length"))
    return found


def rule_of(given: RuleInput) -> RuleDefinition:
    """A rule as typed, as it would stand in its version."""
    return RuleDefinition(
        code=given.code,
        severity=given.severity,
        applies_to=given.applies_to,
        section=given.section,
        months=given.months,
        indicators=given.indicators,
        cells=given.cells,
        expression=given.expression,
        message=given.message,
    )


def rule_problems(given: RuleInput, version: VersionDefinition) -> list[Problem]:
    """What is wrong with a rule, given the indicators of its version."""
    rule = rule_of(given)
    found = [*_name_problems(given.message, "message")]
    if not given.code or len(given.code) > 20 or not given.code.isascii() or not given.code.isalnum():
        found.append(Problem(Message("Enter a code of letters and digits."), "code"))
    found += _choice_problem("severity", given.severity, SEVERITIES)
    found += _choice_problem("applies_to", given.applies_to, APPLIES_TO)
    return [*found, *_month_problems(given.months), *_target_problems(rule, version)]


def version_problems(version: VersionDefinition) -> list[Problem]:
    """What keeps a draft from being published, its rules included."""
    found = []
    if not any(section.indicators or section.columns for section in version.sections):
        found.append(Problem(Message("The form has no indicator yet.")))
    for section in version.sections:
        layout = layout_of(version.form_code, section)
        if len(layout.numbers) + len(layout.texts) > MAX_COLUMNS:
            words = Message(
                "{section} has more than {limit} figures.", section=section.name, limit=MAX_COLUMNS
            )
            found.append(Problem(words))
    for rule in version.rules:
        for problem in _target_problems(rule, version):
            words = Message("Rule {code}: {reason}", code=rule.code, reason=problem.message)
            found.append(Problem(words, f"rule.{rule.code}"))
    return found


def _target_problems(rule: RuleDefinition, version: VersionDefinition) -> Iterator[Problem]:
    sections = target_sections(rule, version)
    if not sections:
        yield Problem(Message("The form has no section {code}.", code=rule.section), "section")
        return
    known = {found.code for section in sections for found in section.indicators}
    known |= {found.code for section in sections for found in section.columns}
    for code in rule.indicators:
        if code != ALL and code not in known:
            yield Problem(Message("The form has no indicator {code}.", code=code), "indicators")
    for cell in rule.cells:
        if cell not in CELL_KINDS and cell not in (ALL, REQUIRED):
            yield Problem(Message("There is no cell {code}.", code=cell), "cells")
    if not rule.indicators or not rule.cells:
        yield Problem(Message("Choose the indicators and cells that the rule is about."), "indicators")
    yield from _expression_problems(rule.expression, known_names(sections, version))


def _expression_problems(expression: str, known: Mapping[str, Kind]) -> Iterator[Problem]:
    try:
        kind = parse(expression, known).kind
    except ExpressionError as error:
        yield Problem(place_words(error), "expression")
        return
    if kind not in (Kind.TRUTH, Kind.ANY):
        yield Problem(Message("The expression must be something that holds or does not hold."), "expression")


def place_words(error: ExpressionError) -> Message:
    """Where an expression is wrong and what to do, counted from 1; the line only where there are several."""
    if error.line == 1:
        return Message("Column {column}: {reason}", column=error.column, reason=error.message)
    return Message(
        "Line {line}, column {column}: {reason}",
        line=error.line,
        column=error.column,
        reason=error.message,
    )


def target_sections(rule: RuleDefinition, version: VersionDefinition) -> Sequence[SectionDefinition]:
    """The sections that a rule is asked in: the one that it names, or every grid."""
    if not rule.section:
        return version.grids
    return [section for section in version.sections if section.code == rule.section]


def known_names(sections: Sequence[SectionDefinition], version: VersionDefinition) -> dict[str, Kind]:
    """The names that an expression may use in these sections, with the kind of each."""
    known = {CELL: Kind.ANY, READABLE: Kind.TRUTH, "month": Kind.NUMBER, "tolerance": Kind.NUMBER}
    known["industrial"] = Kind.TRUTH
    if not sections[0].is_grid:
        columns = sections[0].columns
        return known | {column.code: Kind.NUMBER if column.is_number else Kind.TEXT for column in columns}
    cells = [*CELL_KINDS, *(f"{found.code}.{cell}" for found in version.indicators for cell in found.cells)]
    for report in ("", *(f"{name}." for name in EARLIER)):
        known |= {f"{report}{cell}": Kind.NUMBER for cell in cells}
    return known | {CELL: Kind.NUMBER}


def _code_problems(code: str, longest: int) -> Iterator[Problem]:
    if not CODE.fullmatch(code) or len(code) > longest:
        yield Problem(
            Message(
                "Enter a code of at most {limit} small letters, digits and _, a letter first.", limit=longest
            ),
            "code",
        )


def _name_problems(name: LocalText, field: str = "name") -> Iterator[Problem]:
    if not name.zh.strip() or not name.en.strip():
        yield Problem(Message("Enter the text in Chinese and in English."), field)


def _choice_problem(field: str, value: str, choices: Iterable[str]) -> list[Problem]:
    return [] if value in choices else [Problem(Message("Choose one of the values offered."), field)]


def _scale_problems(scale: int) -> Iterator[Problem]:
    if not 0 <= scale <= MAX_SCALE:
        yield Problem(Message("Enter a number of decimals from 0 to {limit}.", limit=MAX_SCALE), "scale")


def _month_problems(months: Sequence[int]) -> Iterator[Problem]:
    if not months or not set(months) <= set(EVERY_MONTH):
        yield Problem(Message("Choose at least one month, from 1 to 12."), "months")


def tolerance_problems(tolerance: Decimal) -> list[Problem]:
    """What is wrong with the tolerance of equalities."""
    if tolerance.is_finite() and 0 <= tolerance < 1_000_000:
        return []
    return [Problem(Message("Enter a number from 0 to 999999."), "tolerance")]
