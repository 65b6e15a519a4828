"""Changes of key fields in any state, made through the services by the accounts of the demonstration."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.enterprises import key_changes
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.key_change_models import KeyChange
from app.enterprises.models import Enterprise, Industry
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import freezing
from app.reports.models import Report
from tests.factories.reports import OCTOBER, ref_for

NEW_NAME = "新名纺织示范有限公司"
OTHER_CODE = complete_credit_code("91", "330109", "MA765432")


def enterprise_of(actor: Actor) -> Enterprise:
    """The enterprise of an account, as the database has it."""
    db.session.rollback()
    return db.session.get_one(Enterprise, actor.enterprise_id, populate_existing=True)


def report_of(actor: Actor, month: Month = OCTOBER) -> Report | None:
    """The report of a month, as the database has it."""
    db.session.rollback()
    query = select(Report).where(Report.enterprise_id == actor.enterprise_id, Report.period == month.key)
    return db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def change_of(actor: Actor) -> KeyChange:
    """The last change of an enterprise."""
    db.session.rollback()
    query = select(KeyChange).where(KeyChange.enterprise_id == actor.enterprise_id)
    query = query.order_by(KeyChange.id.desc()).limit(1).execution_options(populate_existing=True)
    return db.session.scalars(query).one()


def industry(code: str) -> Industry:
    """A trade by its code."""
    return db.session.scalars(select(Industry).where(Industry.code == code)).one()


def saved(
    actor: Actor, now: dt.datetime, month: Month = OCTOBER, *, confirmed: bool = True, **changes: Any
) -> freezing.Kept:
    """Save the enterprise information with some entries changed."""
    with context.acting_as(actor), unit_of_work():
        draft = replace(key_changes.draft_of(enterprise_of(actor)), **changes)
        return freezing.save_enterprise(actor, ref_for(actor, month), draft, None, now, confirmed=confirmed)


def frozen(actor: Actor, now: dt.datetime, **changes: Any) -> KeyChange:
    """A change that waits for the automatic review; of the name where nothing else is said."""
    saved(actor, now, **(changes or {"name": NEW_NAME}))
    return change_of(actor)


def referred(actor: Actor, now: dt.datetime, **changes: Any) -> KeyChange:
    """A change that waits for an administrator."""
    frozen(actor, now, **(changes or {"name": NEW_NAME, "uscc": OTHER_CODE}))
    key_changes.settle_due(now + dt.timedelta(hours=1))
    return change_of(actor)


def verbs(actor: Actor) -> list[tuple[str, str, str]]:
    """Verb, source and target of each step of the report."""
    report = report_of(actor)
    assert report is not None
    return [(step.verb, step.source, step.target) for step in report.steps]


def reviewer_of(change: KeyChange) -> Actor:
    """The administrator who reviews a change."""
    admin = db.session.get_one(Admin, change.reviewer_id)
    found = actor_of_account(admin.account_id)
    assert found is not None
    return found
