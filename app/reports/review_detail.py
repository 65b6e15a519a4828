"""A report on the review desk: this month beside last month and last year, all three tables, what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from flask import url_for

from app.infra.i18n import language_mark, listed, say
from app.infra.security import current_permissions
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.numbers import format_number
from app.kernel.texts import Message
from app.reports import review
from app.reports.beside import facts_beside, last_month, rows_beside
from app.reports.definitions import CELL_KINDS, Cell
from app.reports.opening import OpenReport
from app.reports.report_page import report_context, section_view, stored_report
from app.reports.resubmission import Change, text_of
from app.reports.return_reasons import filled, reasons_for, values_for
from app.reports.wizard import badge


def detail_context(opened: OpenReport, actor: Actor, now: dt.datetime) -> dict[str, Any]:
    """Everything that the desk shows of a report, without its place in the queue."""
    report = stored_report(opened)
    context = report_context(opened, actor, now)
    change: Change | None = context["changes"][-1] if context["changes"] else None
    last = last_month(opened)
    values = values_for(report)
    editable = ("can_list", "ReturnReasonView") in current_permissions()
    return {
        **context,
        "comparison": comparison(opened, change.cells if change else {}),
        "months": _months(opened),
        "last": None if last is None else _last(last),
        "facts": _facts(opened, last, change),
        "products": rows_beside(opened, last),
        "reasons": [filled(text, values) for text in reasons_for(actor, local_date(now))],
        "reasons_url": url_for("ReturnReasonView.list") if editable else "",
        "report_url": url_for("ReportPageView.page_of", report_id=report.id),
    }


def _months(opened: OpenReport) -> dict[str, str]:
    month = opened.ref.month
    last_year = Message("{month}/{year}", year=month.last_year().year, month=month.month)
    return {
        "now": say(Message("month {month}", month=month.month)),
        "last": say(Message("month {month}", month=month.previous().month)),
        "last_year": say(last_year),
    }


def _last(last: OpenReport) -> dict[str, Any]:
    """查看上月: last month's report as it was filed."""
    month = last.ref.month
    return {
        "title": say(Message("Report of {month}/{year}", year=month.year, month=month.month)),
        "state": badge(last.state),
        "sections": [section_view(last, section) for section in last.version.sections],
    }


def _facts(opened: OpenReport, last: OpenReport | None, change: Change | None) -> list[dict[str, Any]]:
    former = change.facts if change else {}
    return [{**fact, "was": former.get(fact["code"], "")} for fact in facts_beside(opened, last)]


def comparison(
    opened: OpenReport, changed: Mapping[Cell, Any] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """This month beside last month and last year, for the review desk.

    :param changed: cells that changed after the last return, with what they were.
    """
    return [
        {**_compared(line), **_was(line, changed)}
        for section in opened.version.grids
        for line in review.compare(opened, section)
    ]


def _was(line: review.Compared, changed: Mapping[Cell, Any]) -> dict[str, Any]:
    """What the cells of a line were when the report was returned; those that are not shown by their name."""
    told = [
        say(Message("was {value}", value=text_of(before)))
        if cell == line.cell
        else say(Message("{cell} was {value}", cell=CELL_KINDS[cell].name, value=text_of(before)))
        for (code, cell), (before, _now) in changed.items()
        if code == line.indicator.code
    ]
    return {"changed": bool(told), "was": listed(told)}


def _compared(line: review.Compared) -> dict[str, Any]:
    return {
        "name": say(line.indicator.name),
        "unit": say(line.indicator.unit),
        "lang": language_mark(line.indicator.name),
        "now": text_of(line.now),
        "last": text_of(line.last),
        "over_last": change_text(line, line.last, line.over_last),
        "last_year": text_of(line.last_year),
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
