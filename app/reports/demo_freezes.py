"""Changes of key fields for the demonstration: one that passed, one returned, one that waits for an admin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import select

from app.enterprises import key_changes
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.demo import NAMED
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import Enterprise
from app.enterprises.registrations import FIGURES
from app.infra import context
from app.infra.database import db
from app.organisations.accounts import actor_of_account
from app.organisations.demo import NAMED_ADMINS
from app.organisations.models import Account, Admin
from app.reports.filing_views import DEFAULT_FORM
from app.reports.freezing import save_enterprise
from app.reports.known_forms import find_form
from app.reports.models import Report
from app.reports.opening import calendar_of, ref_of
from app.reports.workflow import EDITING

AGO = dt.timedelta(minutes=30)
"""When the enterprises ask; the automatic review is over by the time that somebody looks."""

Change = Callable[[EnterpriseDraft, Enterprise], EnterpriseDraft]


def build_freezes(now: dt.datetime) -> int:
    """Let enterprises that are filling the current month change who they are; how many did."""
    period = calendar_of(find_form(DEFAULT_FORM)).current(now).key
    changes: tuple[Change, ...] = (_new_name_and_code, _new_name, _taken_name)
    made = 0
    for report, change in zip(_being_filled(period), changes, strict=False):
        enterprise = report.enterprise
        actor = actor_of_account(enterprise.account_id or 0)
        if actor is None:
            raise LookupError(f"the account of enterprise {enterprise.id} is not active")
        entered = change(key_changes.draft_of(enterprise), enterprise)
        with context.acting_as(actor):
            save_enterprise(actor, ref_of(report), entered, None, now - AGO, confirmed=True)
        made += 1
    key_changes.settle_due(now)
    return made


def _being_filled(period: int) -> Iterator[Report]:
    """Reports that are being edited, first those that a named admin reviews; none of named accounts."""
    shown = (
        select(Admin.id)
        .join(Account, Account.id == Admin.account_id)
        .join(User, User.id == Account.user_id)
        .where(User.username.in_(NAMED_ADMINS.values()))
    )
    query = (
        select(Report)
        .join(Enterprise, Enterprise.id == Report.enterprise_id)
        .where(Report.period == period, Report.state == EDITING)
        .where(Enterprise.account_id.is_not(None), Enterprise.state == "active")
        .where(*(getattr(Enterprise, figure).is_not(None) for figure in FIGURES))
        .order_by(Enterprise.direct_reviewer_id.not_in(shown), Report.enterprise_id)
    )
    named = set(NAMED.values())
    return (report for report in db.session.scalars(query).all() if report.enterprise.username not in named)


def _new_name(draft: EnterpriseDraft, _enterprise: Enterprise) -> EnterpriseDraft:
    return replace(draft, name=draft.name.replace("示范", "示范国际", 1))


def _new_name_and_code(draft: EnterpriseDraft, enterprise: Enterprise) -> EnterpriseDraft:
    code = complete_credit_code("91", draft.uscc[2:8], f"MA{enterprise.id:06d}")
    return replace(draft, name=draft.name.replace("示范", "示范联合", 1), uscc=code)


def _taken_name(draft: EnterpriseDraft, enterprise: Enterprise) -> EnterpriseDraft:
    other = select(Enterprise.name).where(Enterprise.id != enterprise.id).order_by(Enterprise.id).limit(1)
    return replace(draft, name=db.session.scalars(other).one())
