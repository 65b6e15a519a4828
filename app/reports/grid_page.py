"""What the grid page shows and what its script needs: the context of ``reports/grid.html``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import select

from app.infra.context import current_actor, now
from app.infra.database import db
from app.infra.i18n import language, say
from app.kernel.errors import Problem
from app.kernel.numbers import format_number
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.reports import prefill
from app.reports.checking import filled_in, required_cells
from app.reports.definitions import Cell, IndicatorDefinition, SectionDefinition
from app.reports.figures import section_table
from app.reports.figures_layout import column
from app.reports.filling import Saved
from app.reports.findings import Explained, explanations_of, standing
from app.reports.opening import OpenReport
from app.reports.outlier_hints import outlier_findings
from app.reports.page_rules import compiled_for_page
from app.reports.silence import silence_notes
from app.reports.windows import local_time
from app.reports.wizard import badge
from app.reports.workflow import FILLABLE, FROZEN

MONTHS_SHOWN = 12
DERIVED = {"flow_monthly": "ytd", "flow_ytd": "m"}
"""Which cell follows from the other one and last month's cumulative figure."""


def grid_context(
    opened: OpenReport, section: SectionDefinition, typed: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The ``grid`` of the page.

    :param typed: texts of a refused form, shown again as they were typed.
    """
    indicators = section.applicable(opened.ref.month.month, industrial=opened.filing.industry.is_industrial)
    history = _history(opened, section, indicators)
    proposals = _proposals(opened)
    rules = compiled_for_page(opened.version, opened.case(), language())
    return {
        **page_identity(opened, section),
        "month": opened.ref.month.month,
        "indicators": [
            _indicator(opened, indicator, history, proposals, typed or {}) for indicator in indicators
        ],
        "last": _last(opened),
        "rules": [_rule(rule, indicators) for rule in rules["rules"] if rule["cells"]],
        "names": given_names(rules),
        "findings": finding_list([*standing(opened), *_outliers(opened)], section.code),
        "silenced": silence_notes(opened),
        "chips": [],
        "glossary_url": "",
    }


def page_identity(opened: OpenReport, section: SectionDefinition) -> dict[str, Any]:
    """What names the draft on this computer and says where to save it; the same for grids and rows."""
    ref = opened.ref
    return {
        "account": str(current_actor().account_id),
        "report": f"{ref.form_code}-{ref.month}-{ref.enterprise_id}",
        "section": section.code,
        "form_version": str(opened.version.id),
        "version": opened.lock,
        "title": say(section.name),
        "saved_at": f"{local_time(opened.report.updated_at):%H:%M}" if opened.report else "",
        "save_url": url_for("FilingView.save", form=ref.form_code, month=str(ref.month), code=section.code),
        "login_url": url_for("SignInView.login"),
        "locked": not opened.is_open,
    }


def finding_list(findings: Iterable[Explained], section: str = "") -> list[dict[str, str]]:
    """Findings as the page shows them; of one section, if named."""
    return [
        {
            "key": one.finding.key,
            "code": one.finding.rule,
            "severity": one.finding.severity,
            "field": one.finding.field,
            "message": say(one.finding.message),
            "explanation": one.explanation,
        }
        for one in findings
        if not section or one.finding.section == section
    ]


def _outliers(opened: OpenReport) -> list[Explained]:
    """Hints at figures that stand out, as they were saved; the page itself does not ask for them."""
    return [Explained(found, "") for found in outlier_findings(opened, now())]


def refused_cells(problems: Iterable[Problem]) -> list[dict[str, str]]:
    """What a form without scripts was refused for, drawn at its cells like hard findings."""
    return [
        {
            "key": f"refused:{problem.field}",
            "code": "",
            "severity": "hard",
            "field": problem.field,
            "message": say(problem.message),
            "explanation": "",
        }
        for problem in problems
        if problem.field
    ]


def plain(value: Decimal | None) -> str | None:
    """A figure as it travels: digits, a point, a sign."""
    return None if value is None else format(value.normalize(), "f") if value else "0"


def shown(value: Decimal) -> str:
    """A figure as it stands in a cell: with separators, with the decimals it has."""
    exponent = value.normalize().as_tuple().exponent
    return format_number(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def _indicator(
    opened: OpenReport,
    indicator: IndicatorDefinition,
    history: Mapping[str, list[dict[str, Any]]],
    proposals: Proposals,
    typed: Mapping[str, str],
) -> dict[str, Any]:
    code = indicator.code
    last = opened.last.cells if opened.last and opened.last.approved else {}
    growth = prefill.growth(indicator.growth_kind, opened.cells, code)
    return {
        "code": code,
        "name": say(indicator.name),
        "unit": say(indicator.unit),
        "decimals": indicator.scale,
        "signed": code not in proposals.never_negative,
        "growth": indicator.growth_kind,
        "growth_text": growth_text(indicator.growth_kind, growth),
        "cells": list(indicator.cells),
        "required": list(required_cells(indicator, is_new=opened.case().opened_since_last_year)),
        **_values(opened, indicator, proposals, typed),
        "derive": DERIVED.get(indicator.nature) if {"m", "ytd"} <= set(indicator.cells) else None,
        "last": {cell: plain(last.get((code, cell))) for cell in ("m", "ytd")},
        "history": history.get(code, []),
    }


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the platform proposes: ``known`` for every cell it knows, ``open`` for those still empty.

    ``never_negative`` are indicators with a hard rule that says so; a phone shows them digits only.
    """

    known: Mapping[Cell, Decimal]
    open: Mapping[Cell, Decimal]
    never_negative: frozenset[str]


def _proposals(opened: OpenReport) -> Proposals:
    known = prefill.prefill(opened.version, opened.case({}))
    proposed = opened.prefilled() if opened.state in FILLABLE | {FROZEN} else {}
    hard = [rule for rule in opened.version.rules if rule.severity == "hard"]
    rules = [rule for rule in hard if rule.expression == "cell >= 0"]
    return Proposals(known, proposed, frozenset(code for rule in rules for code in rule.indicators))


def _values(
    opened: OpenReport, indicator: IndicatorDefinition, proposals: Proposals, typed: Mapping[str, str]
) -> dict[str, Any]:
    """Texts of the cells: what was typed, else what is stored, else what is proposed and not stored yet."""
    values, prefilled, unsaved = {}, {}, []
    for cell in indicator.cells:
        place, field = (indicator.code, cell), f"{indicator.code}.{cell}"
        stored, offered = opened.cells.get(place), proposals.open.get(place)
        if place in proposals.known or offered is not None:
            prefilled[cell] = plain(proposals.known.get(place, offered)) or ""
        if field in typed:
            values[cell] = typed[field]
        elif stored is not None:
            values[cell] = shown(stored)
        elif offered is not None:
            values[cell] = shown(offered)
            unsaved.append(cell)
    return {"values": values, "prefilled": prefilled, "unsaved": unsaved}


def growth_text(kind: str, value: Decimal | None) -> str:
    """Growth with its sign: per cent, or percentage points; a dash where there is none."""
    if value is None:
        return "—"
    number = format_number(value, 1 if kind == "pp" else 2)
    signed = number if value < 0 else f"+{number}" if value > 0 else number
    return say(Message("{value} points", value=signed)) if kind == "pp" else f"{signed}%"


def _last(opened: OpenReport) -> dict[str, Any]:
    month = opened.ref.month.previous()
    approved = bool(opened.last and opened.last.approved)
    note = Message(
        "The report of {month} is not approved yet; cumulative figures are not compared for now.", month=month
    )
    if opened.last is None:
        note = Message("There is no report of {month} to compare with.", month=month)
    return {
        "label": say(Message("month {month}", month=month.month)),
        "approved": approved,
        "note": "" if approved or opened.ref.month.month == 1 else say(note),
    }


def _rule(rule: Mapping[str, Any], indicators: Iterable[IndicatorDefinition]) -> dict[str, Any]:
    shown = {indicator.code: indicator for indicator in indicators}
    return {
        "code": rule["code"],
        "severity": rule["severity"],
        "expression": rule["expression"],
        "fields": {
            f"{code}.{cell}": filled_in(rule["message"], shown[code], say)
            for code, cell in rule["cells"]
            if code in shown
        },
    }


def given_names(rules: Mapping[str, Any]) -> dict[str, Any]:
    """The values of names that the page does not hold itself: earlier reports, month, tolerance."""
    given = dict(rules["context"])
    for report in ("last", "lastyear"):
        given.update({f"{report}.{name}": value for name, value in rules[report].items()})
    return given


def _history(
    opened: OpenReport, section: SectionDefinition, indicators: Iterable[IndicatorDefinition]
) -> dict[str, list[dict[str, Any]]]:
    """The last twelve months of each indicator, with the year before: one statement."""
    months = [opened.ref.month.plus(-back) for back in range(MONTHS_SHOWN - 1, -1, -1)]
    table = section_table(opened.version, section.code)
    cells = {indicator.code: ("m" if "m" in indicator.cells else "ytd") for indicator in indicators}
    columns = [table.c[column(code, kind)] for code, cell in cells.items() for kind in (cell, f"ly_{cell}")
               if column(code, kind) in table.c]  # fmt: skip
    query = select(table.c.period, *columns).where(
        table.c.enterprise_id == opened.ref.enterprise_id, table.c.period.in_([month.key for month in months])
    )
    found = {row.period: row._mapping for row in db.session.execute(query)}
    return {
        code: [
            _bar(month, found.get(month.key), column(code, cell), column(code, f"ly_{cell}"))
            for month in months
        ]
        for code, cell in cells.items()
    }


def _bar(month: Month, row: Mapping[str, Any] | None, this: str, before: str) -> dict[str, Any]:
    return {
        "label": str(month.month),
        "value": plain(row.get(this)) if row else None,
        "last_year": plain(row.get(before)) if row else None,
    }


def save_answer(saved: Saved, section: str) -> dict[str, Any]:
    """What the script reads after a save."""
    opened, outcome = saved.opened, saved.outcome
    report = opened.report
    return {
        "version": opened.lock,
        "saved_at": f"{local_time(report.updated_at):%H:%M}" if report else "",
        "findings": finding_list([*standing(opened, outcome), *_outliers(opened)], section),
        "silenced": silence_notes(opened, outcome.silenced),
        "counts": {"hard": len(outcome.hard), "soft": len(outcome.soft)},
        "state": badge(opened.state),
    }


def conflict_details(opened: OpenReport, section: SectionDefinition) -> dict[str, Any]:
    """The stored figures and who saved them, for the page to compare."""
    report = opened.report
    details: dict[str, Any] = {
        "version": opened.lock,
        "when": f"{local_time(report.updated_at):%H:%M}" if report else "",
        "who": current_actor().name,
    }
    if section.is_grid:
        details["cells"] = {f"{code}.{cell}": plain(value) for (code, cell), value in opened.cells.items()}
        details["explanations"] = explanations_of(report)
    else:
        details["rows"] = row_texts(opened, section)
    return details


def row_texts(opened: OpenReport, section: SectionDefinition) -> list[dict[str, str | None]]:
    """Repeating rows as they travel."""
    return [
        {name: plain(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in opened.rows.get(section.code, [])
    ]
