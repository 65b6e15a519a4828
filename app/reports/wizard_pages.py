"""The wizard's own steps: enterprise information, one for each section of the form, the confirmation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for

from app.infra.context import current_actor
from app.infra.i18n import language, say
from app.kernel.texts import Message
from app.reports.checking import check, filled_in
from app.reports.definitions import FROM_LAST_YEAR, SectionDefinition
from app.reports.enterprise_facts import KEY_FIELDS, facts
from app.reports.enterprise_step import form_context
from app.reports.filling import MOST_ROWS
from app.reports.findings import standing
from app.reports.forms_input import typed_cells, typed_rows
from app.reports.grid_page import finding_list, given_names, grid_context, page_identity, shown
from app.reports.opening import OpenReport
from app.reports.page_rules import compiled_for_page
from app.reports.silence import silence_notes
from app.reports.steps import submission_problems
from app.reports.wizard import CONFIRM, SENT, Typed, WizardStep, locked, place_of

ENTERPRISE = "enterprise"


def enterprise_steps(opened: OpenReport) -> Sequence[WizardStep]:
    """企业基本信息: what the report is filed with, to be changed while it can be filled, else to be read."""

    def page(opened: OpenReport, now: dt.datetime, typed: Typed | None) -> tuple[str, dict[str, Any]]:
        if locked(opened, now) is None:
            return "reports/enterprise_step.html", form_context(current_actor())
        lines = [
            {"code": code, "label": say(label), "value": value, "key": code in KEY_FIELDS}
            for code, label, value in facts(opened.filing)
        ]
        return "reports/enterprise_step.html", {"facts": lines}

    label = Message("Enterprise information")
    return [WizardStep(ENTERPRISE, label, page, lambda opened: opened.report is not None)]


def section_steps(opened: OpenReport) -> Sequence[WizardStep]:
    """A step for each section of the form's version: grids of indicators and repeating rows."""
    return [_section_step(section) for section in opened.version.sections]


def confirm_steps(opened: OpenReport) -> Sequence[WizardStep]:
    """上报: everything at a glance, and the button that sends it."""
    return [WizardStep(CONFIRM, Message("Submit"), _confirm_page, lambda opened: opened.state in SENT)]


def _section_step(section: SectionDefinition) -> WizardStep:
    def page(opened: OpenReport, now: dt.datetime, typed: Typed | None) -> tuple[str, dict[str, Any]]:
        if section.is_grid:
            return "reports/grid.html", {"grid": grid_context(opened, section, typed_cells(typed or {}))}
        return "reports/products.html", {"rows": rows_context(opened, section, typed)}

    def is_done(opened: OpenReport) -> bool:
        if opened.report is None:
            return False
        found = any(
            finding.severity == "hard" and finding.section == section.code
            for finding in opened.report.findings
        )
        if section.is_grid:
            return not found and bool(opened.cells)
        return not found and (bool(opened.rows.get(section.code)) or opened.state in SENT)

    note = None if section.is_grid else Message("optional")
    return WizardStep(section.code, section.name, page, is_done, note)


def rows_context(opened: OpenReport, section: SectionDefinition, typed: Typed | None) -> dict[str, Any]:
    """The ``rows`` of the page of repeating rows."""
    rules = compiled_for_page(opened.version, opened.case(), language())
    return {
        **page_identity(opened, section),
        "strict": False,
        "optional": True,
        "max_rows": MOST_ROWS,
        "columns": [
            {
                "code": column.code,
                "name": say(column.name),
                "kind": column.kind,
                "decimals": column.scale,
                "max_length": column.max_length,
                "required": column.required,
            }
            for column in section.columns
        ],
        "rows": typed_rows(typed, section) if typed is not None else _stored_rows(opened, section),
        "rules": [_row_rule(rule, section) for rule in rules["rules"] if rule["columns"]],
        "names": given_names(rules),
        "findings": finding_list(standing(opened), section.code),
        "chips": [],
    }


def _stored_rows(opened: OpenReport, section: SectionDefinition) -> list[dict[str, str]]:
    return [
        {
            name: shown(value) if isinstance(value, Decimal) else str(value)
            for name, value in row.items()
            if value is not None
        }
        for row in opened.rows.get(section.code, [])
    ]


def _row_rule(rule: Mapping[str, Any], section: SectionDefinition) -> dict[str, Any]:
    shown = {column.code: column for column in section.columns}
    return {
        "code": rule["code"],
        "severity": rule["severity"],
        "expression": rule["expression"],
        "columns": {
            code: filled_in(rule["message"], shown[code], say)
            for own, code in rule["columns"]
            if own == section.code and code in shown
        },
    }


def _confirm_page(opened: OpenReport, now: dt.datetime, typed: Typed | None) -> tuple[str, dict[str, Any]]:
    outcome = check(opened.version, opened.case())
    filler = (
        (typed or {}).get("filler")
        or (opened.report.filler_name if opened.report else "")
        or _contact(opened)
    )
    problems = submission_problems(opened, filler, now) if typed is None and opened.is_open else []
    return "reports/confirm.html", {
        "confirm": {
            "version": opened.lock,
            "submit_url": url_for(
                "FilingView.submit", form=opened.ref.form_code, month=str(opened.ref.month)
            ),
            "filler": filler,
            "can_submit": opened.report is not None and opened.is_open,
            "obstacles": [
                {"message": say(problem.message), "url": place_of(opened, problem)} for problem in problems
            ],
            "soft": [item for item in finding_list(standing(opened, outcome)) if item["severity"] == "soft"],
            "silenced": silence_notes(opened, outcome.silenced),
            "counts": {"hard": len(outcome.hard), "soft": len(outcome.soft)},
            "sections": [_summary(opened, section) for section in opened.version.sections],
            "reviewer": str(opened.enterprise.direct_reviewer or ""),
        }
    }


def _contact(opened: OpenReport) -> str:
    return opened.filing.version.contact_name or current_actor().name


def _summary(opened: OpenReport, section: SectionDefinition) -> dict[str, Any]:
    """How much of a section is filled."""
    if not section.is_grid:
        return {
            "name": say(section.name),
            "text": say(Message("{count} rows", count=len(opened.rows.get(section.code, [])))),
        }
    industrial = opened.filing.industry.is_industrial
    codes = [found.code for found in section.applicable(opened.ref.month.month, industrial=industrial)]
    begun = {code for code, cell in opened.cells if cell not in FROM_LAST_YEAR}
    filled = sum(1 for code in codes if code in begun)
    words = Message("{filled} of {all} indicators filled in", filled=filled, all=len(codes))
    return {"name": say(section.name), "text": say(words)}
