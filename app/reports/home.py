"""What reports show on the home page: for a bureau how the month goes, for an enterprise its own months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import url_for
from markupsafe import Markup
from sqlalchemy import and_, func, select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.display import MISSING
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.scope import scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.models import Region
from app.reports.filing_views import DEFAULT_FORM
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.opening import Ref, calendar_of
from app.reports.windows import local_time
from app.reports.wizard import badge, start_url
from app.reports.workflow import APPROVED, EDITING, IN_REVIEW, NOT_FILLED, RETURNED, STATE_LABELS, STATE_MARKS

SHOWN_STATES = (APPROVED, IN_REVIEW, RETURNED, EDITING, NOT_FILLED)
FILED = (APPROVED, IN_REVIEW)


def report_panels(actor: Actor, now: dt.datetime) -> list[Panel]:
    """The panels of an actor's home page."""
    form = db.session.scalars(select(ReportForm).where(ReportForm.code == DEFAULT_FORM)).one_or_none()
    if form is None:
        return []
    month = calendar_of(form).current(now)
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return _of_bureau(actor, form.id, month, local_date(now))
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return [_own_months(actor, form, month)]
    return []


def _of_bureau(actor: Actor, form_id: int, month: Month, today: dt.date) -> list[Panel]:
    """Progress of the month and the same by place: one statement for both."""
    place = {"county": Enterprise.county_id, "prefecture": Enterprise.county_id}.get(
        actor.level or "", Enterprise.prefecture_id
    )
    filed = and_(Report.enterprise_id == Enterprise.id, Report.form_id == form_id, Report.period == month.key)
    query = (
        select(place, Region.name, Report.state, func.count())
        .select_from(Enterprise)
        .join(Region, Region.id == place)
        .outerjoin(Report, filed)
        .where(scope_of(Enterprise)(actor, today), Enterprise.state == "active")
        .group_by(place, Region.name, Region.code, Report.state)
        .order_by(Region.code)
    )
    places: dict[int, tuple[str, dict[str, int]]] = {}
    for place_id, name, state, number in db.session.execute(query):
        places.setdefault(place_id, (name, {}))[1][state or NOT_FILLED] = number
    return [_places(places, month), _progress([counts for _name, counts in places.values()], month)]


def _progress(counts: Sequence[Mapping[str, int]], month: Month) -> Panel:
    total = {state: sum(found.get(state, 0) for found in counts) for state in SHOWN_STATES}
    due, filed = sum(total.values()), sum(total[state] for state in FILED)
    return Panel(
        name="progress",
        title=say(Message("Progress of {month}", month=month)),
        template="home/figure.html",
        values={
            "figure": _rate(filed, due),
            "unit": "%",
            "lead": say(Message("{filed} filed of {due} due", filed=filed, due=due)),
            "parts": [(say(STATE_LABELS[state]), total[state], STATE_MARKS[state]) for state in SHOWN_STATES],
        },
        links=[(say(Message("Enterprise reports")), url_for("ReportPageView.list"))],
        aside=True,
    )


def _places(places: Mapping[int, tuple[str, Mapping[str, int]]], month: Month) -> Panel:
    heads = [
        Message("Region"),
        Message("Due"),
        Message("Filed"),
        Message("Filing rate (%)"),
        *(STATE_LABELS[state] for state in SHOWN_STATES),
    ]
    rows = [_row(name, counts) for name, counts in places.values()]
    total = {state: sum(counts.get(state, 0) for _name, counts in places.values()) for state in SHOWN_STATES}
    return Panel(
        name="places",
        title=say(Message("{month} by place", month=month)),
        template="home/table.html",
        values={
            "headings": [(say(head), at > 0) for at, head in enumerate(heads)],
            "rows": rows,
            "foot": _row(say(Message("Total")), total) if len(rows) > 1 else None,
        },
    )


def _row(name: str, counts: Mapping[str, int]) -> tuple[str | int, ...]:
    due, filed = sum(counts.values()), sum(counts.get(state, 0) for state in FILED)
    return (name, due, filed, _rate(filed, due), *(counts.get(state, 0) for state in SHOWN_STATES))


def _rate(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}" if whole else MISSING


def _own_months(actor: Actor, form: ReportForm, current: Month) -> Panel:
    """This month, last month and the same month of last year, as the enterprise's home page shows them."""
    months = (current, current.previous(), current.last_year())
    query = select(Report).where(
        Report.form_id == form.id,
        Report.enterprise_id == actor.enterprise_id,
        Report.period.in_([month.key for month in months]),
    )
    found = {report.period: report for report in db.session.scalars(query)}
    heads = (
        Message("Report month"),
        Message("State"),
        Message("Submitted"),
        Message("Filled in by"),
        Message("Action"),
    )
    return Panel(
        name="months",
        title=say(form.name),
        template="home/table.html",
        values={
            "headings": [(say(head), False) for head in heads],
            "rows": [_own_row(actor, form, month, found.get(month.key)) for month in months],
        },
        links=[(say(Message("My reports")), url_for("ReportPageView.list"))],
    )


def _own_row(actor: Actor, form: ReportForm, month: Month, report: Report | None) -> tuple[object, ...]:
    mark = badge(report.state if report else NOT_FILLED)
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    sent = f"{local_time(report.submitted_at):%Y-%m-%d %H:%M}" if report and report.submitted_at else MISSING
    if report is None or report.state in {EDITING, RETURNED}:
        ref = Ref(form.code, month, actor.enterprise_id or 0)
        address, words = start_url(ref), Message("Fill in reports")
    else:
        address, words = url_for("ReportPageView.page_of", report_id=report.id), Message("View")
    action = Markup('<a href="{}">{}</a>').format(address, say(words))
    return (str(month), state, sent, (report.filler_name if report else "") or MISSING, action)
