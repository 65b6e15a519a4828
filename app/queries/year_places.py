"""The reports of a year counted by place and month.

A report counts at the place where its enterprise is today, as on the workbench, and an abolished
place at the one that took it over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, case, func, literal, select, union_all

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.lists import Column, Lookup
from app.infra.lists.asked import Args
from app.infra.scope import among, scope_of
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.texts import Message
from app.organisations.models import Region
from app.organisations.scope import region_subtree
from app.queries.year_months import ReportYear, read_year
from app.reports.due import FILED, owing
from app.reports.figure_rows import of_counted
from app.reports.models import Report
from app.reports.summary_columns import SUMS, group_key, group_link, of_sums
from app.reports.summary_groups import Asked, Grouping, by_region
from app.reports.summary_question import numbers_of
from app.reports.summary_sql import fixed
from app.reports.workflow import APPROVED, STATE_MARKS, STORED_STATES

MEASURES = {"reported": Message("Reported"), "approved": Message("Approved")}
"""What is counted of a month."""
STATES = {"reported": FILED, "approved": (APPROVED,)}


@dataclass(frozen=True, slots=True)
class YearPlaces:
    """A year and the places that its reports are counted at."""

    year: ReportYear
    region_ids: tuple[int, ...]
    where: str
    grouping: Grouping

    def rows(self, actor: Actor, today: dt.date) -> Select[Any]:
        """Reports in sight that statistics count."""
        seen = scope_of(Report)(actor, today), of_counted(Report.enterprise_id, actor, today)
        return select(Report.id).where(*seen, self.year.of_form())

    def grouped(self, rows: Select[Any], actor: Actor, today: dt.date) -> Select[Any]:
        """The places of the reports, and those whose enterprises have reported nothing."""
        counts = (func.sum(_one_if(Report.state.in_(states))).label(name) for name, states in STATES.items())
        reports = rows.where(self.year.in_year()).with_only_columns(
            Report.region_id.label("dimension"), Report.period.label("period"), *counts
        )
        none = (literal(0, Integer) for _column in ("period", *STATES))
        places = select(Enterprise.region_id, *none).where(owing(actor, today)).distinct()
        if self.region_ids:
            places = places.where(among(Enterprise.region_id, region_subtree(self.region_ids, today)))
        sums = union_all(reports.group_by(Report.region_id, Report.period), places).subquery(SUMS)
        found = select(sums.c.period).select_from(self.grouping.joined(sums, sums.c.dimension))
        return found.group_by(group_key(self.grouping), group_link(self.grouping))

    def columns(self, behind: str) -> Iterator[Column]:
        """How many reported each month and how many of these are approved; each leads to ``behind``."""
        for month in self.year.months:
            over = Message("Month {month}", month=month.month)
            for name, words in MEASURES.items():
                found = func.sum(
                    _one_if(of_sums("period", Integer()) == month.key, of_sums(name, BigInteger()))
                )
                yield Column(
                    f"m{month.month}_{name}", Message("{over}, {what}", over=over, what=words),
                    found, "number", sortable=True, nullable=False, total=func.sum(found).over(), css="count",
                    band=(over, words), link=f"{behind}&period={month}&counted={name}&group={{}}",
                )  # fmt: skip


def _one_if(condition: ColumnElement[bool], found: Any = None) -> Any:
    return case((condition, fixed(1) if found is None else found), else_=fixed(0))


def read_places(actor: Actor, args: Args) -> YearPlaces:
    """The year and the region of an address."""
    year, region_ids = read_year(args), numbers_of(args, "region")
    asked = Asked(actor, local_date(context.now()), year.months[-1].key, region_ids)
    return YearPlaces(year, region_ids, args.get("where", ""), by_region(Report.__table__, asked))


def address(path: str, asked: YearPlaces, **changes: str) -> str:
    """A page with the conditions of this one and changes; a change may be ``{}``, to be filled in."""
    kept = {"asked": "1", "year": asked.year.year, "region": asked.region_ids, "where": asked.where} | changes
    return f"{path}?{urlencode({name: kept[name] for name in kept if kept[name]}, doseq=True, safe='{}')}"


def report_facts() -> tuple[Column, ...]:
    """Whose report it is and what became of it."""
    return (
        Column(
            "enterprise", Message("Enterprise name"), lookup=Lookup(Report.enterprise_id, Enterprise),
            sortable=True, always=True,
        ),
        Column(
            "region", Message("Region"), lookup=Lookup(Report.region_id, Region, "full_name"), css="place"
        ),
        Column("period", Message("Report month"), Report.period, "month"),
        Column("state", Message("State"), Report.state, "state", words=STORED_STATES, marks=STATE_MARKS),
        Column("submitted", Message("Submitted"), Report.submitted_at, "instant", sortable=True),
        Column("approved", Message("Approved"), Report.approved_at, "instant", sortable=True),
        Column("late", Message("Late"), Report.late, "bool"),
    )  # fmt: skip
