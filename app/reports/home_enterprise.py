"""The home page of an enterprise: the report of now with the next step, its months, and whom to ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import func, select

from app.enterprises.models import Enterprise
from app.infra import settings
from app.infra.database import db
from app.infra.display import MISSING
from app.infra.i18n import say
from app.infra.panels import Panel
from app.infra.settings.shipped import HOTLINE, SERVICE_GROUPS, SERVICE_HOURS
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.kernel.texts import Message
from app.organisations.models import Account, Admin, Bureau
from app.reports.known_forms import KnownForm
from app.reports.models import FILLED_VIA, Report, ReportFinding, ReportStep
from app.reports.next_step import Standing, next_step
from app.reports.opening import Ref, calendar_of, closed_reasons
from app.reports.settings import COUNTDOWN_DAYS
from app.reports.windows import TimeLeft, local_time
from app.reports.wizard import badge, start_url
from app.reports.workflow import EDITING, FILLABLE, IN_REVIEW, NOT_FILLED, UNFROZEN


def enterprise_panels(actor: Actor, form: KnownForm, now: dt.datetime) -> list[Panel]:
    """The panels of an enterprise's account; at most five statements."""
    current = calendar_of(form).current(now)
    months = (current, current.previous(), current.last_year())
    reports = _reports(actor, form, months)
    admins = _admins(actor, reports.get(current.key))
    return [
        _now(actor, form, current, reports.get(current.key), admins, now),
        _months(actor, form, months, reports, now),
        *_administrator(admins),
        *_service(now),
    ]


def _reports(actor: Actor, form: KnownForm, months: tuple[Month, ...]) -> dict[int, Report]:
    query = select(Report).where(
        Report.form_id == form.id,
        Report.enterprise_id == actor.enterprise_id,
        Report.period.in_([month.key for month in months]),
    )
    return {report.period: report for report in db.session.scalars(query)}


def _now(
    actor: Actor,
    form: KnownForm,
    month: Month,
    report: Report | None,
    admins: Mapping[int | None, Any],
    now: dt.datetime,
) -> Panel:
    """The report that is due, with the time left and what comes next."""
    calendar, state = calendar_of(form), report.state if report else NOT_FILLED
    left = TimeLeft.until(calendar.deadline(month), now)
    open_now = state in FILLABLE
    urgent = left.overdue or left.days < settings.value(COUNTDOWN_DAYS, now)
    closed = _closed(actor, form, month, now) if open_now else None
    return Panel(
        name="current",
        title=say(Message("{form}, {month}", form=form.name, month=month)),
        template="home/current.html",
        values={
            "state": badge(state),
            "next": say(next_step(_standing(report, admins, closed))),
            "due": say(Message("due on {day}", day=calendar.due_on(month))),
            "left": say(left.words) if open_now else "",
            "urgent": urgent,
            "shortcuts": _shortcuts(Ref(form.code, month, actor.enterprise_id or 0), report),
        },
    )


def _closed(actor: Actor, form: KnownForm, month: Month, now: dt.datetime) -> Message | None:
    enterprise_id = actor.enterprise_id or 0
    return closed_reasons(form, month, [enterprise_id], now).get(enterprise_id)


def _standing(report: Report | None, admins: Mapping[int | None, Any], closed: Message | None) -> Standing:
    if report is None:
        return Standing(NOT_FILLED, closed=closed)
    holder = admins.get(report.holder_id)
    return Standing(
        state=report.state,
        hard=report.hard_count,
        unexplained=_unexplained(report) if report.state in {EDITING, UNFROZEN} else 0,
        holder=f"{holder.bureau} {holder.person}" if holder else "",
        since=_waiting_since(report) if report.state == IN_REVIEW else "",
        reason=report.return_reason,
        closed=closed,
    )


def _unexplained(report: Report) -> int:
    query = select(func.count()).where(
        ReportFinding.report_id == report.id,
        ReportFinding.severity == "soft",
        ReportFinding.explanation == "",
    )
    return db.session.scalar(query) or 0


def _waiting_since(report: Report) -> str:
    last = db.session.scalar(select(func.max(ReportStep.at)).where(ReportStep.report_id == report.id))
    return f"{local_time(last or report.updated_at):%m-%d %H:%M}"


def _shortcuts(ref: Ref, report: Report | None) -> list[tuple[str, str]]:
    """当期报送, 上报导入, 历史报送, as far as this installation has them; the first is what comes next."""
    if report is None or report.state in FILLABLE:
        found = [(Message("Fill in this month"), start_url(ref))]
        address = url_for("OwnImportView.upload", form=ref.form_code, month=str(ref.month))
        found.append((Message("Import this month"), address))
    else:
        found = [
            (Message("View this month's report"), url_for("ReportPageView.page_of", report_id=report.id))
        ]
    found.append((Message("My reports"), url_for("ReportPageView.list")))
    return [(say(words), address) for words, address in found]


def _months(
    actor: Actor, form: KnownForm, months: tuple[Month, ...], reports: Mapping[int, Report], now: dt.datetime
) -> Panel:
    """This month, last month and the same month of last year (spec 20, 'Enterprise home page')."""
    heads = (
        Message("Report month"),
        Message("Kind of report"),
        Message("Filled in on"),
        Message("Way of filling in"),
        Message("State"),
        Message("Action"),
    )
    return Panel(
        name="months",
        title=say(Message("This month, last month, a year ago")),
        template="home/table.html",
        values={
            "headings": [(say(head), False) for head in heads],
            "rows": [_row(actor, form, month, reports.get(month.key), now) for month in months],
        },
        links=[(say(Message("More")), url_for("ReportPageView.list"))],
    )


def _row(
    actor: Actor, form: KnownForm, month: Month, report: Report | None, now: dt.datetime
) -> tuple[object, ...]:
    mark = badge(report.state if report else NOT_FILLED)
    state = Markup('<span class="qj-st {}">{}</span>').format(mark["style"], mark["label"])
    sent = f"{local_time(report.submitted_at):%Y-%m-%d %H:%M}" if report and report.submitted_at else MISSING
    via = say(FILLED_VIA[report.filled_via]) if report else MISSING
    return str(month), say(form.name), sent, via, state, _action(actor, form, month, report, now)


def _action(actor: Actor, form: KnownForm, month: Month, report: Report | None, now: dt.datetime) -> str:
    if report is not None and report.state not in FILLABLE:
        address, words = url_for("ReportPageView.page_of", report_id=report.id), Message("View")
    elif _closed(actor, form, month, now) is not None:
        if report is None:
            return MISSING
        address, words = url_for("ReportPageView.page_of", report_id=report.id), Message("View")
    else:
        ref = Ref(form.code, month, actor.enterprise_id or 0)
        address, words = start_url(ref), Message("Fill in reports")
    return Markup('<a href="{}" aria-label="{}: {}">{}</a>').format(address, say(words), month, say(words))


def _admins(actor: Actor, report: Report | None) -> dict[int | None, Any]:
    """Person, bureau and phone of the direct reviewer (under None) and of who holds the report."""
    reviewer = select(Enterprise.direct_reviewer_id).where(Enterprise.id == actor.enterprise_id)
    query = (
        select(
            Admin.id,
            Account.display_name.label("person"),
            Bureau.name.label("bureau"),
            Account.phone.label("phone"),
            (Admin.id == reviewer.scalar_subquery()).label("direct"),
        )
        .join(Account, Account.id == Admin.account_id)
        .join(Bureau, Bureau.id == Admin.bureau_id)
        .where(Admin.id.in_(reviewer) | (Admin.id == (report.holder_id if report else None)))
    )
    found: dict[int | None, Any] = {}
    for row in db.session.execute(query):
        found[row.id] = row
        if row.direct:
            found[None] = row
    return found


def _administrator(admins: Mapping[int | None, Any]) -> list[Panel]:
    """Whom to ask: the direct reviewer with bureau and phone."""
    row = admins.get(None)
    if row is None:
        return []
    facts = [(Message("Person"), row.person), (Message("Bureau"), row.bureau), (Message("Phone"), row.phone)]
    return [_facts("administrator", Message("My administrator"), facts)]


def _service(now: dt.datetime) -> list[Panel]:
    """Hotline, user groups and hours, as the settings say; no panel where they say nothing."""
    facts = [
        (Message("Service hotline"), settings.value(HOTLINE, now)),
        (Message("User groups"), settings.value(SERVICE_GROUPS, now)),
        (Message("Service hours"), settings.value(SERVICE_HOURS, now)),
    ]
    return (
        [_facts("service", Message("Service and user groups"), facts)]
        if any(words for _n, words in facts)
        else []
    )


def _facts(name: str, title: Message, facts: list[tuple[Message, str]]) -> Panel:
    shown = [(say(label), words) for label, words in facts if words]
    return Panel(name=name, title=say(title), template="home/facts.html", values={"facts": shown}, aside=True)
