"""The names that an expression of a version may use, for the page on which rules are written."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.expressions.functions import SIGNATURES
from app.kernel.texts import LocalText, Message
from app.reports.definitions import CELL_KINDS, SectionDefinition, VersionDefinition
from app.reports.form_rules import CELL, EARLIER, READABLE


@dataclass(frozen=True, slots=True)
class NameGroup:
    """Names that belong together, and what they stand for."""

    title: Message | LocalText
    names: tuple[tuple[tuple[str, ...], Message | LocalText | str], ...]


GENERAL = NameGroup(
    Message("In every rule"),
    (
        ((CELL,), Message("the figure at which the rule is asked")),
        ((READABLE,), Message("whether that figure could be read")),
        *(((kind.code,), kind.name) for kind in CELL_KINDS.values()),
        (("month",), Message("the month of the report, 1 to 12")),
        (("industrial",), Message("whether the enterprise is industrial")),
        (("tolerance",), Message("within which two figures count as equal")),
        *zip(
            ((f"{report}.…",) for report in EARLIER),
            (Message("the report of last month"), Message("the same month of last year")),
            strict=True,
        ),
    ),
)
FUNCTIONS = NameGroup(
    Message("Functions and words"),
    ((tuple(f"{name}()" for name in SIGNATURES), ""), (("and", "or", "not", "in"), "")),
)


def usable_names(version: VersionDefinition) -> list[NameGroup]:
    """Names by section, with those that every rule has."""
    return [*(_of_section(section) for section in version.sections), GENERAL, FUNCTIONS]


def _of_section(section: SectionDefinition) -> NameGroup:
    columns = tuple(((column.code,), column.name) for column in section.columns)
    indicators = tuple(
        (tuple(f"{indicator.code}.{cell}" for cell in indicator.cells), indicator.name)
        for indicator in section.indicators
    )
    return NameGroup(section.name, indicators or columns)
