"""Reports in any state, made through the services by the accounts of the demonstration."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import filling, steps
from app.reports.demo_figures import Scale, cells_of
from app.reports.models import Report
from app.reports.opening import OpenReport, Ref, open_report

FORM = "sme_monthly"
OCTOBER = Month(2026, 10)


def ref_for(actor: Actor, month: Month = OCTOBER) -> Ref:
    """The report of an enterprise's account."""
    assert actor.enterprise_id is not None
    return Ref(FORM, month, actor.enterprise_id)


def good_cells(opened: OpenReport) -> dict[str, str]:
    """Texts for every cell that applies, which break no rule."""
    scale = Scale("test", Decimal(12_000), 240)
    industrial = opened.filing.industry.is_industrial
    month = opened.ref.month
    return {
        f"{indicator.code}.{cell}": str(abs(value))
        for section in opened.version.grids
        for indicator in section.applicable(month.month, industrial=industrial)
        for cell, value in cells_of(scale, indicator, month).items()
    }


def filled(actor: Actor, now: dt.datetime, month: Month = OCTOBER) -> Report:
    """A report whose figures are complete, still with the enterprise."""
    with context.acting_as(actor), unit_of_work():
        ref = ref_for(actor, month)
        opened = open_report(actor, ref, now)
        saved = filling.save_cells(actor, ref, good_cells(opened), opened.lock, now)
        assert saved.opened.report is not None
        return saved.opened.report


def submitted(actor: Actor, now: dt.datetime, month: Month = OCTOBER) -> Report:
    """A report that waits at the direct reviewer."""
    report = filled(actor, now, month)
    with context.acting_as(actor), unit_of_work():
        return steps.submit(actor, ref_for(actor, month), report.version, "填报员", now)


def holder_of(report: Report) -> Actor:
    """The actor at whom a report waits."""
    account_id = db.session.scalars(select(Admin.account_id).where(Admin.id == report.holder_id)).one()
    actor = actor_of_account(account_id)
    assert actor is not None
    return actor


def accepted(report: Report, now: dt.datetime, times: int = 1) -> Report:
    """The report after so many levels accepted it."""
    for _time in range(times):
        actor = holder_of(report)
        with context.acting_as(actor), unit_of_work():
            found = db.session.get(Report, report.id)
            assert found is not None
            steps.accept(actor, found, found.version, "", now)
    return report


def approved(actor: Actor, now: dt.datetime, month: Month = OCTOBER) -> Report:
    """A report that the top of the chain has approved."""
    return accepted(submitted(actor, now, month), now, times=3)
