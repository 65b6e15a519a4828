"""What the page of one report shows: the context of ``reports/report.html``, shared with the review desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import url_for

from app.infra.i18n import language_mark, say
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.kernel.numbers import format_number
from app.kernel.texts import Message
from app.organisations.reviewers import chain_above
from app.reports import prefill, review
from app.reports.definitions import CELL_KINDS, SectionDefinition
from app.reports.enterprise_facts import facts
from app.reports.grid_page import finding_list, growth_text, shown
from app.reports.models import Report, ReportStep
from app.reports.opening import OpenReport
from app.reports.steps import facts_of
from app.reports.windows import local_time
from app.reports.wizard import badge, deadline, head, step_url
from app.reports.workflow import STATE_LABELS, WORKFLOW

VERB_LABELS = {
    **{edge.verb: edge.label for edge in WORKFLOW.transitions},
    "hand_over": Message("Handed to another reviewer"),
}
STYLES = {
    "withdraw": "",
    "return": "danger",
    "reopen": "danger",
    "accept": "pri",
    "approve": "pri",
    "submit": "pri",
}


def stored_report(opened: OpenReport) -> Report:
    """The report of a page that only reports have which were saved once.

    :raises NotFound: nothing was saved yet.
    """
    if opened.report is None:
        raise NotFound
    return opened.report


def report_context(opened: OpenReport, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """Everything about one report."""
    report = stored_report(opened)
    return {
        "report": head(opened, now),
        "version": report.version,
        "form_title": say(opened.form.name),
        "deadline": deadline(opened, now),
        "facts": [
            {"code": code, "label": say(label), "value": value} for code, label, value in facts(opened.filing)
        ],
        "sections": [section_view(opened, section) for section in opened.version.sections],
        "findings": finding_list(report.findings),
        "steps": timeline(report.steps),
        "waits_at": waits_at(report),
        "return_reason": report.return_reason,
        "actions": actions(opened, actor),
        "export_url": url_for("ReportPageView.workbook", report_id=report.id) if _may("export") else "",
        "back_url": url_for("ReportPageView.list"),
    }


def section_view(opened: OpenReport, section: SectionDefinition) -> dict[str, Any]:
    """A section read-only: a grid with its four figures, changed pre-fills flagged (spec 20), or rows."""
    view: dict[str, Any] = {"code": section.code, "kind": section.kind, "title": say(section.name)}
    if not section.is_grid:
        view["columns"] = [{"name": say(column.name), "kind": column.kind} for column in section.columns]
        view["rows"] = [
            [_text(row.get(column.code)) for column in section.columns]
            for row in opened.rows.get(section.code, [])
        ]
        return view
    applicable = section.applicable(opened.ref.month.month, industrial=opened.filing.industry.is_industrial)
    changed = prefill.changed_prefills(opened.version, opened.case())
    view["indicators"] = [
        {
            "name": say(indicator.name),
            "unit": say(indicator.unit),
            "cells": {
                cell: _text(opened.cells.get((indicator.code, cell))) if cell in indicator.cells else None
                for cell in CELL_KINDS
            },
            "changed": {
                cell: say(Message("Filled in by the system: {value}", value=shown(value)))
                for (code, cell), value in changed.items()
                if code == indicator.code
            },
            "growth": growth_text(
                indicator.growth_kind, prefill.growth(indicator.growth_kind, opened.cells, indicator.code)
            ),
        }
        for indicator in applicable
    ]
    return view


def _text(value: Decimal | str | None) -> str:
    if value is None:
        return "—"
    return shown(value) if isinstance(value, Decimal) else value


def timeline(steps: Sequence[ReportStep]) -> list[dict[str, Any]]:
    """Every step, the newest first: who, when, from where to where, with which comment."""
    return [
        {
            "at": f"{local_time(step.at):%Y-%m-%d %H:%M}",
            "who": step.actor_name,
            "unit": step.bureau_name,
            "label": say(VERB_LABELS.get(step.verb, Message(step.verb))),
            "source": say(STATE_LABELS[step.source]),
            "target": say(STATE_LABELS[step.target]),
            "style": badge(step.target)["style"],
            "comment": step.comment,
            "next": str(step.holder_after) if step.holder_after and step.verb != "approve" else "",
        }
        for step in reversed(steps)
    ]


def waits_at(report: Report) -> str:
    """Who has the report now and how many levels are still above; empty where nobody has."""
    holder = report.holder
    if holder is None or report.state != "in_review":
        return ""
    here = {"name": holder.account.display_name, "bureau": holder.bureau.name}
    above = len(chain_above(holder))
    if not above:
        return say(Message("Waits at {name} ({bureau}), the last level", **here))
    return say(Message("Waits at {name} ({bureau}); {count} levels above", **here, count=above))


def actions(opened: OpenReport, actor: Actor) -> list[dict[str, Any]]:
    """The buttons of the workflow for this actor; what is done by filling leads to the wizard."""
    report = stored_report(opened)
    found = []
    for edge in WORKFLOW.offered(facts_of(report), report.state, actor):
        if edge.verb in {"save", "submit"}:
            continue
        address = {
            "withdraw": ("ReportPageView.withdraw", "withdraw"),
            "accept": ("ReviewView.accept", "accept"),
            "approve": ("ReviewView.accept", "accept"),
            "return": ("ReviewView.give_back", "return"),
            "reopen": ("ReviewView.give_back", "return"),
        }[edge.verb]
        found.append(
            {
                "verb": edge.verb,
                "label": say(edge.label),
                "url": url_for(address[0], report_id=report.id),
                "style": STYLES[edge.verb],
                "comment_required": edge.comment_required,
            }
        )
    if opened.is_fillable and actor.enterprise_id == report.enterprise_id:
        first = step_url(opened.ref, opened.version.sections[0].code)
        found.insert(
            0,
            {
                "verb": "edit",
                "label": say(Message("Edit")),
                "url": first,
                "style": "pri",
                "comment_required": False,
            },
        )
    return found


def comparison(opened: OpenReport) -> list[dict[str, Any]]:
    """This month beside last month and last year, for the review desk."""
    return [_compared(line) for section in opened.version.grids for line in review.compare(opened, section)]


def _compared(line: review.Compared) -> dict[str, Any]:
    return {
        "name": say(line.indicator.name),
        "unit": say(line.indicator.unit),
        "lang": language_mark(line.indicator.name),
        "now": _text(line.now),
        "last": _text(line.last),
        "over_last": change_text(line, line.last, line.over_last),
        "last_year": _text(line.last_year),
        "over_last_year": change_text(line, line.last_year, line.over_last_year),
        "stands_out": line.stands_out,
    }


def change_text(line: review.Compared, before: Decimal | None, change: Decimal | None) -> str:
    """A change with its sign, or that profit turned to loss, or a dash."""
    if line.turned(before):
        return say(
            Message("turned to loss")
            if line.now is not None and line.now < 0
            else Message("turned to profit")
        )
    if change is None:
        return "—"
    sign = "+" if change > 0 else ""
    unit = say(Message(" points")) if line.indicator.growth_kind == "pp" else "%"
    return f"{sign}{format_number(change, 1)}{unit}"


def _may(permission: str) -> bool:
    return (f"can_{permission}", "ReportPageView") in current_permissions()
