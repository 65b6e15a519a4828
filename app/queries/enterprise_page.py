"""What the page of an enterprise's analysis shows: the context of ``queries/analysis.html``."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import url_for
from markupsafe import Markup

from app.enterprises.key_change_workflow import STATE_LABELS as CHANGE_LABELS
from app.enterprises.key_changes import actor_words
from app.enterprises.size import SIZE_NAMES
from app.infra.i18n import listed, say
from app.infra.security import current_permissions
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message
from app.queries.enterprise_charts import Own, charts, figure_name, growth_unit, own_growth
from app.queries.enterprise_course import (
    CODE,
    FREEZES,
    INDUSTRY,
    NAME,
    REMINDER,
    RETURNS,
    Event,
    Finding,
    events_of,
    findings_of,
    industry_names,
)
from app.queries.enterprise_figures import NOTHING, Compared, Others, compared_months, others, own_months
from app.queries.enterprise_question import FIGURES, SPANS, Question
from app.queries.punctuality import WORDS, Filed, Punctuality, punctuality
from app.queries.series import block
from app.queries.spread import LEAST, Spread
from app.reports.grid_page import growth_text
from app.reports.lists import reports_of
from app.reports.reminder_rules import CHANNEL_LABELS
from app.reports.resubmission import text_of
from app.reports.windows import local_time
from app.reports.wizard import badge

SHORT = {
    Punctuality.ON_TIME: Message("on time"),
    Punctuality.LATE: Message("late"),
    Punctuality.MISSING: Message("missing"),
    Punctuality.DUE: Message("not due"),
    Punctuality.NOT_OWED: Message("not owed"),
}
STYLES = {
    Punctuality.ON_TIME: "pass",
    Punctuality.LATE: "back",
    Punctuality.MISSING: "late",
    Punctuality.DUE: "wait",
    Punctuality.NOT_OWED: "none",
}
EVENT_WORDS = {
    **dict.fromkeys(RETURNS, Message("Returned")),
    "freeze": Message("Frozen"),
    "unfreeze": Message("Unfrozen"),
    "refuse_change": Message("Unfreeze: the change was returned"),
    NAME: Message("Change of the name"),
    CODE: Message("Change of the credit code"),
    INDUSTRY: Message("Change of the industry"),
    REMINDER: Message("Reminded"),
}
EVENT_STYLES = {**dict.fromkeys(RETURNS, "back"), **dict.fromkeys(FREEZES, "ice"), REMINDER: "wait"}


def analysis_context(actor: Actor, question: Question, now: dt.datetime) -> dict[str, Any]:
    """Everything on the page; five statements."""
    today = local_date(now)
    own, beside = own_months(actor, question, today), others(question)
    subject = question.subject
    return {
        "enterprise": subject.enterprise,
        "sub": listed((say(subject.trade), say(SIZE_NAMES[subject.enterprise.size]), subject.region)),
        "asked": _asked(question),
        "figure": figure_name(question),
        "unit": say(question.indicator.unit),
        "charts": [(chart, block(chart)) for chart in charts(question, own, beside)],
        "notes": _notes(question, beside),
        "headings": _headings(question),
        "rows": [_row(question, month, own, beside) for month in reversed(question.months)],
        "strip": _strip(question, own, now),
        "findings": _findings(findings_of(actor, question, today)),
        "events": _events(events_of(actor, question, today)),
        "links": _links(actor, question),
        "export_url": url_for("EnterpriseAnalysisView.figures", **_address(question)),
    }


def _links(actor: Actor, question: Question) -> list[tuple[str, str]]:
    """The reports of the enterprise and, for a bureau, its record."""
    if actor.kind is Kind.ENTERPRISE:
        return [(say(Message("My reports")), url_for("ReportPageView.list"))]
    enterprise = question.subject.enterprise
    found = reports_of(enterprise)
    if ("can_show", "EnterpriseView") in current_permissions():
        found.append((say(Message("Enterprise record")), url_for("EnterpriseView.show", pk=enterprise.id)))
    return found


def _asked(question: Question) -> dict[str, Any]:
    """What can be chosen and what is chosen, as the form shows it."""
    return {
        "indicators": [(one.code, say(one.name)) for one in question.offered],
        "indicator": question.indicator.code,
        "figures": [
            (code, say(words)) for code, words in FIGURES.items() if code in question.indicator.cells
        ],
        "cell": question.cell,
        "spans": [(str(span), say(Message("{count} months", count=span))) for span in SPANS],
        "span": str(len(question.months)),
    }


def _address(question: Question) -> dict[str, Any]:
    return {
        "asked": "1",
        "enterprise": question.subject.enterprise.id,
        "indicator": question.indicator.code,
        "figure": question.cell,
        "months": len(question.months),
    }


def _notes(question: Question, beside: Others) -> list[str]:
    """How the comparison is made, and where it is not shown for want of enterprises."""
    months = compared_months(question)
    found = [
        say(
            Message(
                "Others are the enterprises of the same division in the province, and those of the region, "
                "without this one. Their figures are rounded to three digits, for the latest {count} months.",
                count=len(months),
            )
        )
    ]
    groups = ((say(Message("trade")), beside.trade), (say(Message("region")), beside.region))
    for name, group in groups:
        lacking = sum(group.get(month.key, NOTHING).figure is None for month in months)
        if lacking:
            words = Message(
                "{group}: in {count} of {all} months fewer than {least} others reported this figure; "
                "they are not shown.",
                group=name, count=lacking, all=len(months), least=LEAST,
            )  # fmt: skip
            found.append(say(words))
    return found


def _headings(question: Question) -> list[tuple[str, bool]]:
    points, unit = growth_unit(question), say(question.indicator.unit)
    words = (
        (Message("Report month"), False),
        (Message("State"), False),
        (Message("This year ({unit})", unit=unit), True),
        (Message("Last year ({unit})", unit=unit), True),
        (Message("Growth"), True),
        (Message("Trade: median (quartiles)"), True),
        (Message("Trade: growth ({unit})", unit=points), True),
        (Message("Region: median (quartiles)"), True),
        (Message("Region: growth ({unit})", unit=points), True),
    )
    return [(say(one), is_number) for one, is_number in words]


def _row(question: Question, month: Month, own: Own, beside: Others) -> tuple[Any, ...]:
    found = own.get(month.key)
    mark = badge(found.state if found else "not_filled")
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    kind = question.indicator.growth_kind
    return (
        _linked(month, found.report_id if found else None),
        state,
        text_of(found.this if found else None),
        text_of(found.last if found else None),
        growth_text(kind, own_growth(question, month, own)),
        *_told(beside.trade.get(month.key, NOTHING), kind),
        *_told(beside.region.get(month.key, NOTHING), kind),
    )


def _linked(month: Month, report_id: int | None) -> Any:
    if report_id is None:
        return str(month)
    address = url_for("ReportPageView.page_of", report_id=report_id)
    return Markup('<a href="{}">{}</a>').format(address, month)


def _told(compared: Compared, kind: str) -> tuple[str, str]:
    """Median with quartiles, and growth, of others; a dash where too few are known."""
    figure, growth = (one.coarse() if one else None for one in (compared.figure, compared.growth))
    return _between(figure), growth_text(kind, growth.middle if growth else None)


def _between(found: Spread | None) -> str:
    if found is None:
        return text_of(None)
    return f"{text_of(found.middle)} ({text_of(found.low)} ~ {text_of(found.high)})"


def _strip(question: Question, own: Own, now: dt.datetime) -> dict[str, Any]:
    """A cell for each month, oldest first, and how many there are of each kind."""
    entered = question.subject.enterprise.created_at
    cells, counts = [], Counter[Punctuality]()
    for month in question.months:
        found = own.get(month.key)
        filed = Filed(found.first_submitted_at, found.late) if found else None
        kind = punctuality(month, filed, question.calendar, entered, now)
        counts[kind] += 1
        cells.append(
            {
                "month": str(month),
                "short": say(SHORT[kind]),
                "words": say(WORDS[kind]),
                "style": STYLES[kind],
                "url": url_for("ReportPageView.page_of", report_id=found.report_id) if found else "",
            }
        )
    counted = [(say(WORDS[kind]), counts[kind], STYLES[kind]) for kind in Punctuality if counts[kind]]
    return {"cells": cells, "counts": counted}


def _findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Month by month, the newest first; what a rule says of several cells in the same words stands once."""
    return [
        {
            "month": str(Month.from_key(period)),
            "url": url_for("ReportPageView.page_of", report_id=report_id),
            "findings": [
                {
                    "severity": one.severity,
                    "rule": one.rule,
                    "message": say(one.message),
                    "explanation": one.explanation,
                }
                for one in dict.fromkeys(of_month)
            ],
        }
        for (period, report_id), of_month in groupby(found, key=lambda one: (one.period, one.report_id))
    ]


def _events(found: Sequence[Event]) -> list[dict[str, Any]]:
    """The newest first; a reminder by several channels is one."""
    names = industry_names(found)
    lines = []
    for _key, same in groupby(found, key=lambda one: (one.kind, one.at, one.period)):
        events = list(same)
        first = events[0]
        lines.append(
            {
                "at": f"{local_time(first.at):%Y-%m-%d %H:%M}",
                "words": say(EVENT_WORDS[first.kind]),
                "style": EVENT_STYLES.get(first.kind, ""),
                "month": str(Month.from_key(first.period)),
                "url": url_for("ReportPageView.page_of", report_id=first.report_id)
                if first.report_id
                else "",
                "who": listed(filter(None, (say(actor_words(first.who, first.account_id)), first.unit))),
                "text": _event_text(events, names),
            }
        )
    return lines


def _event_text(events: Sequence[Event], names: Mapping[str, LocalText]) -> str:
    first = events[0]
    if first.kind == REMINDER:
        return listed(say(CHANNEL_LABELS[one.text]) for one in events)
    if first.kind in (NAME, CODE, INDUSTRY):
        before, after = (_named(code, names) for code in (first.before, first.text))
        return say(
            Message(
                "{before} → {after}: {state}", before=before, after=after, state=CHANGE_LABELS[first.state]
            )
        )
    return first.text


def _named(code: str, names: Mapping[str, LocalText]) -> str:
    return f"{code} {say(names[code])}" if code in names else code
