"""What the page of one report shows: the context of ``reports/report.html``, shared with the review desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import url_for

from app.enterprises.key_changes import actor_words
from app.infra.i18n import say
from app.infra.security import current_permissions
from app.kernel.actor import Actor, Kind
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from app.organisations.reviewers import chain_above
from app.reports import prefill
from app.reports.changes import Pair
from app.reports.definitions import CELL_KINDS, SectionDefinition
from app.reports.enterprise_facts import facts
from app.reports.findings import Explained, standing
from app.reports.freeze_notice import freeze_notice
from app.reports.grid_page import finding_list, growth_text, shown
from app.reports.models import Report, ReportStep
from app.reports.opening import OpenReport
from app.reports.outlier_hints import outlier_findings
from app.reports.resubmission import Change, changes_after_returns, text_of
from app.reports.silence import silence_notes
from app.reports.steps import facts_of
from app.reports.unfreeze_words import unfreeze_lines
from app.reports.windows import local_time
from app.reports.wizard import badge, deadline, head, step_url
from app.reports.workflow import APPROVED, BY_FILLING, FROZEN, STATE_LABELS, WORKFLOW

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
    "leapfrog": "",
    "leapfrog_approve": "",
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
    changes = changes_after_returns(opened)
    return {
        "report": head(opened, now),
        "version": report.version,
        "form_title": say(opened.form.name),
        "deadline": deadline(opened, now),
        "facts": [
            {"code": code, "label": say(label), "value": value} for code, label, value in facts(opened.filing)
        ],
        "sections": [
            section_view(opened, section, changes[-1] if changes else None)
            for section in opened.version.sections
        ],
        "findings": finding_list([*standing(opened), *hints(opened, now)]),
        "since": since_return(changes),
        "changes": changes,
        "silenced": silence_notes(opened),
        "freeze": freeze_notice(report.enterprise_id, now) if report.state == FROZEN else None,
        "steps": timeline(report.steps, changes),
        "waits_at": waits_at(report),
        "who_returns": who_returns(report, actor),
        "return_reason": report.return_reason,
        "unfreezes": unfreeze_lines(report, now),
        "actions": actions(opened, actor),
        "export_url": url_for("ReportPageView.workbook", report_id=report.id) if _may("export") else "",
        "back_url": url_for("ReportPageView.list"),
    }


def hints(opened: OpenReport, now: dt.datetime) -> list[Explained]:
    """What stands out against the enterprise's history and its trade; asks for no explanation."""
    return [Explained(found, "") for found in outlier_findings(opened, now)]


def section_view(
    opened: OpenReport, section: SectionDefinition, since: Change | None = None
) -> dict[str, Any]:
    """A section read-only: a grid with its four figures, changed pre-fills flagged (spec 20), or rows.

    :param since: what changed after the last return; each such figure tells what it was.
    """
    view: dict[str, Any] = {"code": section.code, "kind": section.kind, "title": say(section.name)}
    if not section.is_grid:
        return {**view, **_rows_view(opened, section, since)}
    applicable = section.applicable(opened.ref.month.month, industrial=opened.filing.industry.is_industrial)
    changed = prefill.changed_prefills(opened.version, opened.case())
    view["indicators"] = [
        {
            "name": say(indicator.name),
            "unit": say(indicator.unit),
            "cells": {
                cell: text_of(opened.cells.get((indicator.code, cell))) if cell in indicator.cells else None
                for cell in CELL_KINDS
            },
            "changed": {
                cell: say(Message("Filled in by the system: {value}", value=shown(value)))
                for (code, cell), value in changed.items()
                if code == indicator.code
            },
            "was": {
                cell: text_of(before)
                for (code, cell), (before, _now) in (since.cells if since else {}).items()
                if code == indicator.code
            },
            "growth": growth_text(
                indicator.growth_kind, prefill.growth(indicator.growth_kind, opened.cells, indicator.code)
            ),
        }
        for indicator in applicable
    ]
    view["lines"] = len(applicable)
    return view


def _rows_view(opened: OpenReport, section: SectionDefinition, since: Change | None) -> dict[str, Any]:
    """The rows of a section; ``was`` tells by column what a row said when the report was returned."""
    rows = opened.rows.get(section.code, [])
    pairs = since.rows[section.code] if since else [Pair(row, row) for row in rows]
    return {
        "columns": [{"name": say(column.name), "kind": column.kind} for column in section.columns],
        "rows": [[text_of(row.get(column.code)) for column in section.columns] for row in rows],
        "was": [
            {
                place: text_of(pair.before.get(column.code))
                for place, column in enumerate(section.columns)
                if pair.before is not None and column.code in pair.columns
            }
            for pair in pairs[: len(rows)]
        ],
        "new": [pair.before is None for pair in pairs[: len(rows)]],
        "lines": len(rows),
    }


def since_return(changes: Sequence[Change]) -> dict[str, Any] | None:
    """What changed after the last return, for the head of the page; None where it was never returned."""
    if not changes:
        return None
    last = changes[-1]
    return {
        "when": last.when,
        "who": last.step.actor_name,
        "reason": last.step.comment,
        "lines": last.lines,
        "facts": last.facts,
    }


def who_returns(report: Report, actor: Actor) -> str:
    """Who can return a report now, for an admin who cannot; empty where the reader can, or nobody may."""
    holder = report.holder
    if actor.kind is not Kind.BUREAU or holder is None or holder.id == actor.admin_id:
        return ""
    if report.state == APPROVED and chain_above(holder):
        return ""
    who = {"name": holder.account.display_name, "bureau": holder.bureau.name}
    if phone := holder.account.phone:
        return say(Message("Only {name} ({bureau}, {phone}) can return it now.", **who, phone=phone))
    return say(Message("Only {name} ({bureau}) can return it now.", **who))


def timeline(steps: Sequence[ReportStep], changes: Sequence[Change] = ()) -> list[dict[str, Any]]:
    """Every step, the newest first: who, when, from where to where, with which comment.

    :param changes: what changed after each return, told at its step.
    """
    after = {change.step.id: change.lines for change in changes}
    return [
        {
            "at": f"{local_time(step.at):%Y-%m-%d %H:%M}",
            "who": say(actor_words(step.actor_name, step.account_id)),
            "unit": step.bureau_name,
            "label": say(VERB_LABELS.get(step.verb, Message(step.verb))),
            "source": say(STATE_LABELS[step.source]),
            "target": say(STATE_LABELS[step.target]),
            "style": badge(step.target)["style"],
            "comment": step.comment,
            "next": str(step.holder_after) if step.holder_after and step.verb != "approve" else "",
            "changes": after.get(step.id),
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
        if edge.verb in BY_FILLING or (edge.verb == "withdraw" and opened.closed(opened.read_at)):
            continue
        address = {
            "withdraw": ("ReportPageView.withdraw", "withdraw"),
            "accept": ("ReviewView.accept", "accept"),
            "approve": ("ReviewView.accept", "accept"),
            "leapfrog": ("ReviewView.leapfrog", "leapfrog"),
            "leapfrog_approve": ("ReviewView.leapfrog", "leapfrog"),
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
    if opened.is_open and actor.enterprise_id == report.enterprise_id:
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


def _may(permission: str) -> bool:
    return (f"can_{permission}", "ReportPageView") in current_permissions()
