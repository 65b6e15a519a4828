"""The queue of the review desk as a declared list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g
from sqlalchemy import ColumnElement, Select, and_, select

from app.enterprises.models import Enterprise, EnterpriseVersion
from app.enterprises.size import SIZE_NAMES
from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, keys_in_order
from app.infra.scope import find, scope_of
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.organisations.lists import regions_in_scope
from app.organisations.models import Region
from app.reports import steps
from app.reports.form_loading import definition
from app.reports.lists import (
    SCREENING_LABELS,
    SCREENING_MARKS,
    SHOWN_FIGURE,
    admins_in_scope,
    filed_industry,
    in_region,
    in_section,
    named_like,
    of_size,
    reviewer_now,
    sections,
)
from app.reports.models import Report
from app.reports.return_reasons import suggestions, told
from app.reports.review import Compared, compared_figure
from app.reports.review_detail import change_text
from app.reports.windows import local_time
from app.reports.workflow import APPROVED, IN_REVIEW, RETURNED, STATE_LABELS, STATE_MARKS, STORED_STATES

MOST_WAITING = 2_000
PLACED = frozenset({"period", "sort", "psize", "report", "after", "before"})
"""Words that the address of a tab has once something was asked there."""

MINE, ELSEWHERE = "mine", "elsewhere"
DESKS = {
    MINE: Message("Waiting for me"),
    ELSEWHERE: Message("Waiting at others"),
    APPROVED: STATE_LABELS[APPROVED],
    RETURNED: STATE_LABELS[RETURNED],
}
"""The tabs of the queue."""


def review_list(actor: Actor) -> ListSpec:
    """Reports that were sent, by default those waiting at the actor, the earliest submitted first."""
    return ListSpec(
        name="review",
        title=Message("Review of submitted reports"),
        base=sent_reports,
        key=(Report.id,),
        columns=_columns(),
        filters=_filters(),
        default_sort="submitted",
        size=25,
        row_link="?report={}",
        actions=_actions(),
        unit=Message("{count} reports"),
        empty=Message("No report waits for you."),
        empty_next=(Message("See all reports"), "/reports/"),
    )


def _columns() -> tuple[Column, ...]:
    version = Report.enterprise_version_id
    return (
        Column(
            "enterprise", Message("Enterprise name"), lookup=Lookup(version, EnterpriseVersion),
            note=_where_and_when, always=True,
        ),
        Column(
            "region", Message("Region"), lookup=Lookup(Report.region_id, Region, "name"),
            default=False,
        ),
        Column("industry", Message("Industry"), filed_industry(), "local", default=False),
        Column("period", Message("Report month"), Report.period, "month", sortable=True, default=False),
        Column("figure", Message("Revenue (1,000 yuan)"), kind="number", each=_figures),
        Column("over_last", Message("Over last month"), each=_over_last, css="num"),
        Column("over_last_year", Message("Over last year"), each=_over_last_year, css="num"),
        Column(
            "screening", Message("System screening"), Report.screening, "state",
            words=SCREENING_LABELS, marks=SCREENING_MARKS,
        ),
        Column(
            "submitted", Message("Submitted"), Report.submitted_at, "instant",
            sortable=True, default=False,
        ),
        Column("reviewer", Message("Reviewer now"), reviewer_now(), default=False, css="keep"),
        Column(
            "state", Message("State"), Report.state, "state",
            words=STORED_STATES, marks=STATE_MARKS, default=False,
        ),
    )  # fmt: skip


def _filters() -> tuple[Filter, ...]:
    return (
        Filter("state", Message("State"), "choice", Report.state, words=DESKS, tabs=True, default=MINE,
               clause=_on_desk),
        Filter("period", Message("Report month"), "month", Report.period),
        Filter("region", Message("Region"), "remote", Report.region_id, remote=regions_in_scope(),
               clause=in_region),
        Filter("industry", Message("Industry"), "choice", Enterprise.industry_id, words=sections,
               clause=in_section),
        Filter("screening", Message("System screening"), "choice", Report.screening, words=SCREENING_LABELS),
        Filter("size", Message("Size"), "choice", Enterprise.size, words=SIZE_NAMES, clause=of_size,
               more_conditions=True),
        Filter("reviewer", Message("Reviewer now"), "remote", Report.holder_id, remote=admins_in_scope(),
               more_conditions=True),
        Filter("keyword", Message("Enterprise name"), "text", Enterprise.name_key, clause=named_like),
    )  # fmt: skip


def _actions() -> tuple[Action, ...]:
    return (
        Action(
            "return", Message("Return all ticked"), _return_one, Message("Returned to the enterprise"),
            comment="required", danger=True, confirm=Message("Return the chosen reports?"),
            suggestions=suggestions,
        ),
        Action("accept", Message("Accept all ticked"), _accept_one, Message("Accepted"), primary=True,
               confirm=Message("Accept the chosen reports?")),
    )  # fmt: skip


def sent_reports(actor: Actor, today: dt.date) -> Select[Any]:
    """The scoped select of every report that was sent and not taken back."""
    sent = Report.state.in_((IN_REVIEW, RETURNED, APPROVED))
    return select(Report.id).where(sent, scope_of(Report)(actor, today))


def waiting_at(actor: Actor, today: dt.date) -> Select[Any]:
    """The scoped select of what waits at the actor."""
    return select(Report.id).where(_on_desk(MINE, actor, today), scope_of(Report)(actor, today))


def tab_of(args: Mapping[str, Any]) -> str:
    """The tab that an address means: the actor's own desk until another one is asked for."""
    return str(args.get("state", "" if "asked" in args else MINE))


def is_fresh_tab(args: Mapping[str, Any]) -> bool:
    """Whether a tab of other desks was just opened: it shows this month until something else is asked."""
    opened = args.get("asked") == "1" and tab_of(args) in {"", *DESKS} - {MINE}
    return opened and not PLACED & set(args)


def queue_of(actor: Actor, args: Mapping[str, Any], today: dt.date) -> list[int]:
    """The reports waiting at the actor, of all pages, as the address narrows and orders them."""
    if tab_of(args) != MINE:
        args = {"state": MINE}
    return [key[0] for key in keys_in_order(review_list(actor), actor, args, today, MOST_WAITING)]


def _on_desk(desk: Any, actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """On whose desk reports are: the actor's, somebody else's, or nobody's any more."""
    mine = and_(Report.holder_id == actor.admin_id, Report.state == IN_REVIEW)
    if desk == MINE:
        return mine
    if desk == ELSEWHERE:
        return and_(Report.state == IN_REVIEW, Report.holder_id != actor.admin_id)
    return Report.state == desk


def _accept_one(actor: Actor, key: Any, comment: str, now: dt.datetime) -> None:
    report = find(Report, key[0], actor, local_date(now), lock=True)
    steps.accept(actor, report, report.version, comment, now)


def _return_one(actor: Actor, key: Any, comment: str, now: dt.datetime) -> None:
    report = find(Report, key[0], actor, local_date(now), lock=True)
    steps.give_back(actor, report, report.version, told(report, comment), now)


def _where_and_when(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, str]:
    """Place, size and time of submission, under the name of each enterprise of a page."""
    query = (
        select(Report.id, Region.name, EnterpriseVersion.size, Report.submitted_at)
        .join(Region, Region.id == Report.region_id)
        .join(EnterpriseVersion, EnterpriseVersion.id == Report.enterprise_version_id)
        .where(Report.id.in_([key[0] for key in keys]))
    )
    return {
        (report_id,): say(
            Message(
                "{place}, {size}, submitted {when}",
                place=place,
                size=SIZE_NAMES[size],
                when=f"{local_time(sent):%m-%d %H:%M}",
            )
        )
        for report_id, place, size, sent in db.session.execute(query)
    }


def _compared(keys: Sequence[Any]) -> dict[Any, Compared]:
    """The figure of the rows of a page, beside last month's and last year's; read once for three columns."""
    memory: dict[tuple[Any, ...], dict[Any, Compared]] = g.setdefault("reports_compared", {})
    if tuple(keys) not in memory:
        memory[tuple(keys)] = _read_compared(keys)
    return memory[tuple(keys)]


def _read_compared(keys: Sequence[Any]) -> dict[Any, Compared]:
    query = select(Report.id, Report.form_version_id, Report.period, Report.enterprise_id).where(
        Report.id.in_([key[0] for key in keys])
    )
    by_version: dict[int, dict[tuple[int, int], int]] = {}
    for report_id, version_id, period, enterprise_id in db.session.execute(query):
        by_version.setdefault(version_id, {})[period, enterprise_id] = report_id
    found = {}
    for version_id, reports in by_version.items():
        lines = compared_figure(definition(version_id), SHOWN_FIGURE[0], reports)
        found.update({(reports[place],): line for place, line in lines.items()})
    return found


def _figures(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, Any]:
    return {key: line.now for key, line in _compared(keys).items()}


def _over_last(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, Any]:
    return {key: change_text(line, line.last, line.over_last) for key, line in _compared(keys).items()}


def _over_last_year(keys: Sequence[Any], _actor: Actor) -> Mapping[Any, Any]:
    return {
        key: change_text(line, line.last_year, line.over_last_year) for key, line in _compared(keys).items()
    }
