"""A rule as its editor reads it: in words, and with the place where its expression is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.kernel.expressions import ExpressionError, Kind, parse
from app.kernel.texts import LocalText, Message
from app.reports.checking import split_name
from app.reports.definitions import CELL_KINDS, VersionDefinition
from app.reports.form_rules import CELL, EARLIER, READABLE, known_names, place_words

Words = Message | LocalText | str

_PART = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|[0-9.]+|\S")
_GENERAL: Mapping[str, Words] = {
    CELL: Message("the figure"),
    READABLE: Message("the figure is a number"),
    "month": Message("the month of the year"),
    "tolerance": Message("the tolerance"),
    "industrial": Message("the enterprise is industrial"),
}
_REPORTS = dict(zip(EARLIER, (Message("last month's"), Message("last year's")), strict=True))


@dataclass(frozen=True, slots=True)
class Reading:
    """An expression understood (``words``) or not (``problem``, and the text around its place).

    ``line`` and ``column`` count from 1; ``offset`` counts characters from 0. ``marked`` is the part that
    the problem is about, empty where something is missing at the end.
    """

    words: Words = ""
    problem: Message | None = None
    line: int = 0
    column: int = 0
    offset: int = 0
    before: str = ""
    marked: str = ""
    after: str = ""


def read_expression(text: str, section: str, version: VersionDefinition) -> Reading:
    """What an expression of a rule says, in the section that the rule names ("" for every grid)."""
    sections = [one for one in version.sections if one.code == section] if section else list(version.grids)
    if not text.strip() or not sections:
        return Reading()
    try:
        expression = parse(text, known_names(sections, version))
    except ExpressionError as error:
        return _refused(text, error)
    if expression.kind not in (Kind.TRUTH, Kind.ANY):
        words = Message("The expression must be something that holds or does not hold.")
        return Reading(problem=words, line=1, column=1, marked=text)
    return Reading(words=expression.to_words(lambda name: name_words(name, version)))


def _refused(text: str, error: ExpressionError) -> Reading:
    lines = text.split("\n")
    offset = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
    part = _PART.match(text, offset)
    end = part.end() if part else offset
    return Reading(
        problem=place_words(error),
        line=error.line,
        column=error.column,
        offset=offset,
        before=text[:offset],
        marked=text[offset:end],
        after=text[end:],
    )


def name_words(name: str, version: VersionDefinition) -> Words:
    """What a name of an expression stands for."""
    if name in _GENERAL:
        return _GENERAL[name]
    columns = {column.code: column.name for one in version.row_sections for column in one.columns}
    if name in columns:
        return columns[name]
    report, (indicator, cell) = split_name(name, "")
    figure: Words = CELL_KINDS[cell].name
    if indicator:
        named = version.indicator(indicator).name
        figure = Message("{indicator} ({cell})", indicator=named, cell=figure)
    return Message("{report} {figure}", report=_REPORTS[report], figure=figure) if report else figure
