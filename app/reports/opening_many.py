"""Many reports of one month as they stand, read in few statements: what ``opening`` reads of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, Industry
from app.enterprises.scope import visible_enterprises
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.periods import Month
from app.organisations.models import Admin
from app.reports import figures
from app.reports.checking import EarlierReport
from app.reports.definitions import VersionDefinition
from app.reports.figures import Key
from app.reports.known_forms import KnownForm
from app.reports.models import Report
from app.reports.opening import Filing, OpenReport, Ref, applying, calendar_of, counts_as_approved
from app.reports.reopenings import reopenings_of
from app.reports.settings import approved_level

CHUNK = 500
"""Enterprises that are read together: few statements, and few rows in hand at a time."""

States = dict[int, dict[int, tuple[str, int]]]
"""Enterprise → month key → state and how many levels have accepted."""


def find_enterprises(actor: Actor, codes: Sequence[str], now: dt.datetime) -> dict[str, Enterprise]:
    """The active enterprises of these credit codes in the actor's territory; others are not there."""
    found: dict[str, Enterprise] = {}
    wanted = iter(sorted(set(codes)))
    while part := list(islice(wanted, CHUNK)):
        query = select(Enterprise).where(
            Enterprise.uscc.in_(part),
            Enterprise.state == "active",
            visible_enterprises(actor, local_date(now)),
        )
        found.update((enterprise.uscc, enterprise) for enterprise in db.session.scalars(query))
    return found


def open_many(
    form: KnownForm,
    version: VersionDefinition,
    month: Month,
    enterprises: Sequence[Enterprise],
    now: dt.datetime,
    *,
    lock: bool = False,
    report: Callable[[int], None] = lambda _done: None,
) -> Iterator[OpenReport]:
    """The reports of enterprises that the actor sees, in their order, each as ``open_report`` gives it.

    One that was begun with another version keeps it, and comes without figures.

    :param lock: keep others from stepping until the commit.
    """
    level = approved_level(now)
    for start in range(0, len(enterprises), CHUNK):
        part = enterprises[start : start + CHUNK]
        yield from _opened(form, version, month, part, level, now, lock=lock)
        report(start + len(part))


def _opened(
    form: KnownForm,
    version: VersionDefinition,
    month: Month,
    enterprises: Sequence[Enterprise],
    level: str,
    now: dt.datetime,
    *,
    lock: bool,
) -> Iterator[OpenReport]:
    ids = [enterprise.id for enterprise in enterprises]
    reports = _reports(form, month, ids, lock=lock)
    filings = _filings([_filed_with(enterprise, reports) for enterprise in enterprises])
    _reviewers(enterprises)
    earlier = _earlier(form, month, ids)
    end = calendar_of(form).end(month)
    reopenings = reopenings_of(form.id, month, ids, end, now) if now >= end.at else {}
    keys = [Key(period, of) for of in ids for period in (month.key, *earlier.get(of, ()))]
    read = figures.read_many(version, keys)
    rows = {
        section.code: figures.read_rows_many(version, section.code, [Key(month.key, of) for of in reports])
        for section in version.row_sections
        if reports
    }
    for enterprise in enterprises:
        states = earlier.get(enterprise.id, {})
        key = Key(month.key, enterprise.id)
        filing = filings[_filed_with(enterprise, reports)]
        yield OpenReport(
            ref=Ref(form.code, month, enterprise.id),
            form=form,
            version=version,
            enterprise=enterprise,
            filing=filing,
            report=reports.get(enterprise.id),
            cells=applying(version, read.get(key, {}), industrial=filing.industry.is_industrial),
            rows={section.code: rows.get(section.code, {}).get(key, []) for section in version.row_sections},
            earlier={
                period: EarlierReport(
                    read.get(Key(period, enterprise.id), {}), counts_as_approved(*state, level)
                )
                for period, state in states.items()
            },
            read_at=now,
            earlier_states={period: state for period, (state, _levels) in states.items()},
            _reopenings=reopenings.get(enterprise.id, ()),
        )


def _filed_with(enterprise: Enterprise, reports: dict[int, Report]) -> int:
    known = reports.get(enterprise.id)
    return known.enterprise_version_id if known else enterprise.current_version_id or 0


def _reports(form: KnownForm, month: Month, ids: Sequence[int], *, lock: bool) -> dict[int, Report]:
    query = (
        select(Report)
        .where(Report.form_id == form.id, Report.period == month.key, Report.enterprise_id.in_(ids))
        .options(selectinload(Report.findings))
    )
    if lock:
        query = query.with_for_update(of=Report).execution_options(populate_existing=True)
    return {report.enterprise_id: report for report in db.session.scalars(query)}


def _filings(ids: Sequence[int]) -> dict[int, Filing]:
    query = (
        select(EnterpriseVersion, Industry, ControlType)
        .join(Industry, Industry.id == EnterpriseVersion.industry_id)
        .join(ControlType, ControlType.id == EnterpriseVersion.control_type_id)
        .where(EnterpriseVersion.id.in_(ids))
    )
    return {version.id: Filing(version, *others) for version, *others in db.session.execute(query)}


def _reviewers(enterprises: Sequence[Enterprise]) -> None:
    """Load the direct reviewers into the session, so that none is fetched by itself afterwards."""
    wanted = {enterprise.direct_reviewer_id for enterprise in enterprises} - {None}
    query = select(Admin).where(Admin.id.in_(wanted)).options(joinedload(Admin.account))
    known = {admin.id: admin for admin in db.session.scalars(query)}
    for enterprise in enterprises:
        # asked by its key, a record that the session has costs no statement
        if enterprise.direct_reviewer_id in known:
            _ = enterprise.direct_reviewer


def _earlier(form: KnownForm, month: Month, ids: Sequence[int]) -> States:
    before = month.previous()
    wanted = [before.key, month.last_year().key, before.last_year().key]
    query = select(Report.enterprise_id, Report.period, Report.state, Report.accepted_levels).where(
        Report.form_id == form.id, Report.enterprise_id.in_(ids), Report.period.in_(wanted)
    )
    found: States = {}
    for enterprise_id, period, state, levels in db.session.execute(query):
        found.setdefault(enterprise_id, {})[period] = (state, levels)
    return found
