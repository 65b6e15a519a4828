"""The rules of a form for the page: the same expressions, asked while one types. The server decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.expressions import Expression, parse
from app.reports.checking import Case, EarlierReport, rules_for, targets
from app.reports.definitions import Row, RuleDefinition, VersionDefinition, plain_number


def compiled_for_page(version: VersionDefinition, case: Case, language: str) -> dict[str, Any]:
    """The rules for live checking in the page, as JSON.

    ``rules``: code, severity, message (with ``{name}`` and ``{unit}`` left in), expression for
    ``Expressions.evaluate``,
    ``cells`` of the grid as [indicator, cell] and ``columns`` of rows as [section, column].
    ``context``: values of the names that the page does not hold itself; ``last`` and
    ``lastyear``: figures of the approved earlier reports, as decimal texts by ``indicator.cell``.
    The server decides; the page only tells earlier.
    """
    return {
        "rules": [_compiled(version, rule, case, language) for rule in rules_for(version, case)],
        "context": {
            "month": str(case.month.month),
            "tolerance": plain_number(version.tolerance),
            "industrial": case.industrial,
        },
        "last": _approved_texts(case.last),
        "lastyear": _approved_texts(case.last_year),
    }


def _compiled(version: VersionDefinition, rule: RuleDefinition, case: Case, language: str) -> dict[str, Any]:
    expression: Expression = parse(rule.expression)
    # one row that is not empty shows at which columns the rule is asked
    probe = {s.code: [{c.code: "?" for c in s.columns}] for s in version.row_sections}
    asked = list(targets(version, rule, _with_rows(case, probe)))
    return {
        "code": rule.code,
        "severity": rule.severity,
        "message": rule.message.in_language(language),
        "expression": expression.to_json(),
        "cells": [[target.subject.code, target.cell] for target in asked if target.values is None],
        "columns": [
            [target.section.code, target.subject.code] for target in asked if target.values is not None
        ],
    }


def _with_rows(case: Case, rows: Mapping[str, Sequence[Row]]) -> Case:
    return Case(case.month, case.industrial, case.cells, opened_on=case.opened_on, rows=rows)


def _approved_texts(report: EarlierReport | None) -> dict[str, str]:
    if report is None or not report.approved:
        return {}
    return {f"{i}.{c}": plain_number(value) for (i, c), value in report.cells.items() if value is not None}
