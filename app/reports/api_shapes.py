"""What interfaces about reports take and give: shapes, and the report as they tell it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from app.enterprises.key_changes import actor_words
from app.infra.api.shapes import Field, Figure, ListOf, MapOf, Record, Text, Truth, Whole
from app.infra.api.values import instant
from app.infra.i18n import say
from app.kernel.texts import Message
from app.reports.checking import required_cells
from app.reports.definitions import SectionDefinition, plain_number
from app.reports.filling import LONGEST_EXPLANATION, MOST_ROWS
from app.reports.findings import Explained, standing
from app.reports.models import Report, ReportStep
from app.reports.opening import OpenReport
from app.reports.report_page import VERB_LABELS, hints
from app.reports.steps import LONGEST_COMMENT

ROW = MapOf(Figure())
FIGURES = MapOf(Figure())
ROWS = MapOf(ListOf(ROW, MOST_ROWS))
VERSION = Field("version", Message("The version that was read; 0 where nothing was saved yet"), Whole())
EXPLANATIONS = Field(
    "explanations",
    Message("Why the figures are right all the same, by the key of a soft finding"),
    MapOf(Text(LONGEST_EXPLANATION)),
    required=False,
)
GIVEN = (
    Field(
        "figures",
        Message("Figures by indicator and cell, such as revenue.ytd; null empties one, the rest stay"),
        FIGURES,
        required=False,
    ),
    Field(
        "rows",
        Message("Rows by section, such as products; they replace the stored ones"),
        ROWS,
        required=False,
    ),
    EXPLANATIONS,
)
DRAFT_BODY = Record((VERSION, *GIVEN))
CHECK_BODY = Record(GIVEN)
SUBMIT_BODY = Record((VERSION, Field("filler", Message("Who filled in the report"), Text(60)), EXPLANATIONS))
COMMENT = Field("comment", Message("Comment"), Text(LONGEST_COMMENT), required=False, default="")
ACCEPT_BODY = Record((VERSION, COMMENT))
RETURN_BODY = Record((VERSION, Field("comment", Message("Reason"), Text(LONGEST_COMMENT))))

FINDING = Record(
    (
        Field("key", Message("What an explanation is sent under"), Text()),
        Field("rule", Message("Rule"), Text()),
        Field("severity", Message("hard, soft or hint"), Text()),
        Field("field", Message("Figure or column that it belongs to"), Text()),
        Field("message", Message("What it says"), Text()),
        Field("explanation", Message("What was explained; empty where nothing was"), Text()),
    )
)
FINDINGS = Field("findings", Message("What the rules say"), ListOf(FINDING))
STORED = (
    Field("figures", Message("Figures by indicator and cell, exact, as texts"), MapOf(Text())),
    Field("rows", Message("Rows by section"), MapOf(ListOf(MapOf(Text(nullable=True))))),
    FINDINGS,
)
ASKED = Record(
    (
        Field("field", Message("Indicator and cell"), Text()),
        Field("name", Message("Name"), Text()),
        Field("unit", Message("Unit"), Text()),
        Field("decimals", Message("Decimals that are kept"), Whole()),
        Field("required", Message("Whether it must be filled in"), Truth()),
        Field("proposed", Message("What the platform proposes"), Text(nullable=True)),
    )
)
COLUMN = Record(
    (
        Field("section", Message("Section"), Text()),
        Field("column", Message("Column"), Text()),
        Field("name", Message("Name"), Text()),
        Field("number", Message("Whether it holds figures"), Truth()),
        Field("required", Message("Whether it must be filled in"), Truth()),
    )
)
DRAFT = Record(
    (
        Field("form", Message("Form"), Text()),
        Field("month", Message("Report month"), Text()),
        Field(
            "report_id", Message("Number of the report; null where nothing was saved"), Whole(nullable=True)
        ),
        VERSION,
        Field("state", Message("State"), Text()),
        Field("open", Message("Whether it can be filled in now"), Truth()),
        Field(
            "closed_because", Message("Why the month is closed; null while it is open"), Text(nullable=True)
        ),
        Field("due_on", Message("Due on"), Text(form="date")),
        *STORED,
        Field("asked", Message("The figures that the form asks this enterprise for"), ListOf(ASKED)),
        Field("columns", Message("The columns of its rows"), ListOf(COLUMN)),
    )
)
STEP = Record(
    (
        Field("at", Message("When"), Text(form="date-time")),
        Field("who", Message("Who"), Text()),
        Field("bureau", Message("Bureau"), Text()),
        Field("step", Message("Step"), Text()),
        Field("words", Message("What the step is called"), Text()),
        Field("source", Message("State before"), Text()),
        Field("target", Message("State after"), Text()),
        Field("comment", Message("Comment"), Text()),
    )
)
MORE_OF_A_REPORT = (
    VERSION,
    Field("filler", Message("Filled in by"), Text()),
    Field("filled_via", Message("How it came in"), Text()),
    Field("return_reason", Message("Why it was returned"), Text()),
    *STORED,
    Field("history", Message("Every step, the oldest first"), ListOf(STEP)),
)
CHECKED = Record(
    (
        FINDINGS,
        Field("hard", Message("Findings that keep the report from being submitted"), Whole()),
        Field("soft", Message("Findings that ask for an explanation"), Whole()),
        Field("unexplained", Message("Soft findings whose explanation is missing or too short"), Whole()),
    )
)


def draft_of(opened: OpenReport) -> dict[str, Any]:
    """A month's report as its enterprise fills it in."""
    closed = opened.closed(opened.read_at)
    return {
        "form": opened.ref.form_code,
        "month": str(opened.ref.month),
        "report_id": opened.report.id if opened.report else None,
        "version": opened.lock,
        "state": opened.state,
        "open": opened.is_open,
        "closed_because": say(closed) if closed else None,
        "due_on": opened.calendar.due_on(opened.ref.month).isoformat(),
        **_stored(opened, standing(opened)),
        "asked": _asked(opened),
        "columns": [found for section in opened.version.row_sections for found in _columns(section)],
    }


def more_of(report: Report, opened: OpenReport, now: dt.datetime) -> dict[str, Any]:
    """What one report tells beside its columns of the list."""
    return {
        "version": report.version,
        "filler": report.filler_name,
        "filled_via": report.filled_via,
        "return_reason": report.return_reason,
        **_stored(opened, [*standing(opened), *hints(opened, now)]),
        "history": [_step(step) for step in report.steps],
    }


def finding_records(findings: Iterable[Explained]) -> list[dict[str, str]]:
    """Findings in the language of this request."""
    return [
        {
            "key": one.finding.key,
            "rule": one.finding.rule,
            "severity": one.finding.severity,
            "field": one.finding.field,
            "message": say(one.finding.message),
            "explanation": one.explanation,
        }
        for one in findings
    ]


def _stored(opened: OpenReport, findings: Iterable[Explained]) -> dict[str, Any]:
    return {
        "figures": {
            f"{indicator}.{cell}": plain_number(value) for (indicator, cell), value in opened.cells.items()
        },
        "rows": {
            section: [{name: _text(value) for name, value in row.items()} for row in rows]
            for section, rows in opened.rows.items()
        },
        "findings": finding_records(findings),
    }


def _text(value: Decimal | str | None) -> str | None:
    return plain_number(value) if isinstance(value, Decimal) else value


def _asked(opened: OpenReport) -> list[dict[str, Any]]:
    proposed, case = opened.prefilled(), opened.case()
    return [
        {
            "field": f"{indicator.code}.{cell}",
            "name": say(indicator.name),
            "unit": say(indicator.unit),
            "decimals": indicator.scale,
            "required": cell in required_cells(indicator, is_new=case.opened_since_last_year),
            "proposed": _text(proposed.get((indicator.code, cell))),
        }
        for section in opened.version.grids
        for indicator in section.applicable(case.month.month, industrial=case.industrial)
        for cell in indicator.cells
    ]


def _columns(section: SectionDefinition) -> list[dict[str, Any]]:
    return [
        {
            "section": section.code,
            "column": column.code,
            "name": say(column.name),
            "number": column.is_number,
            "required": column.required,
        }
        for column in section.columns
    ]


def _step(step: ReportStep) -> dict[str, Any]:
    return {
        "at": instant(step.at),
        "who": say(actor_words(step.actor_name, step.account_id)),
        "bureau": step.bureau_name,
        "step": step.verb,
        "words": say(VERB_LABELS.get(step.verb, Message(step.verb))),
        "source": step.source,
        "target": step.target,
        "comment": step.comment,
    }
