"""A change of key fields that waits for an administrator, and whom each outcome is told to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.enterprises import key_changes, service
from app.enterprises.key_change_handover import waiting_changes
from app.enterprises.key_change_models import KeyChange
from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications.models import InboxMessage
from app.organisations import admin_service as organisations
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import freezing
from app.reports.demo_freezes import build_freezes
from tests.access import set_value
from tests.factories.freezes import (
    NEW_NAME,
    OTHER_CODE,
    change_of,
    enterprise_of,
    frozen,
    referred,
    report_of,
    reviewer_of,
    saved,
)
from tests.factories.reports import OCTOBER, filled, ref_for, submitted

ActorOf = Callable[[str], Actor]
TWO_MINUTES = dt.timedelta(seconds=120)


def test_name_and_code_together_wait_for_an_administrator(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    change = referred(owner, now)

    report = report_of(owner)
    assert report is not None and report.state == "frozen"
    assert (change.state, change.route) == ("pending", "manual")
    assert reviewer_of(change).level == "county"
    assert key_changes.settle_due(now + dt.timedelta(days=9)) == 0


@pytest.mark.parametrize("who", ["county", "prefecture", "province"])
def test_the_reviewer_and_those_above_let_it_pass(actor: ActorOf, now: dt.datetime, who: str) -> None:
    owner, reviewer = actor("enterprise"), actor(who)
    change = referred(owner, now)

    with context.acting_as(reviewer), unit_of_work():
        key_changes.approve(reviewer, change.id, change.version, now)

    report, enterprise = report_of(owner), enterprise_of(owner)
    assert report is not None and report.state == "unfrozen"
    assert (enterprise.name, enterprise.uscc) == (NEW_NAME, OTHER_CODE)
    assert change_of(owner).decided_by_id == reviewer.account_id
    assert report.steps[-1].actor_name == reviewer.name


def test_the_reviewer_returns_it_with_a_reason(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    change = referred(owner, now)
    reviewer = reviewer_of(change)
    with pytest.raises(Invalid), unit_of_work():
        key_changes.give_back(reviewer, change.id, change.version, "  ", now)
    with pytest.raises(Invalid), unit_of_work():
        key_changes.give_back(reviewer, change.id, change.version, "长" * 151, now)

    with context.acting_as(reviewer), unit_of_work():
        key_changes.give_back(reviewer, change.id, change.version, "请附证明", now)

    report, after = report_of(owner), change_of(owner)
    assert report is not None and report.state == "editing"
    assert after.reason is not None and (after.state, after.reason.zh) == ("returned", "请附证明")
    assert enterprise_of(owner).name != NEW_NAME


def test_nobody_else_decides_and_to_strangers_it_does_not_exist(actor: ActorOf, now: dt.datetime) -> None:
    change = referred(actor("enterprise"), now)

    for username, refusal in (
        ("county2", NotFound),
        ("prefecture2", NotFound),
        ("enterprise2", NotFound),
        ("admin", NotFound),
        ("enterprise", Forbidden),
    ):
        with pytest.raises(refusal), unit_of_work():
            key_changes.approve(actor(username), change.id, change.version, now)


def test_the_slower_of_two_administrators_is_told_who_did_what(actor: ActorOf, now: dt.datetime) -> None:
    change = referred(actor("enterprise"), now)
    shown, reviewer = change.version, reviewer_of(change)
    with unit_of_work():
        key_changes.approve(reviewer, change.id, shown, now)

    with pytest.raises(Conflict) as refused, unit_of_work():
        key_changes.give_back(actor("prefecture"), change.id, shown, "迟了", now)

    assert reviewer.name in str(refused.value.message)


def test_what_was_taken_meanwhile_no_longer_passes(actor: ActorOf, now: dt.datetime) -> None:
    change = referred(actor("enterprise"), now)
    other = actor("enterprise2")
    saved(other, now, name=NEW_NAME)
    key_changes.settle_due(now + TWO_MINUTES)
    assert enterprise_of(other).name == NEW_NAME
    reviewer = reviewer_of(change)

    with pytest.raises(Invalid), unit_of_work():
        key_changes.approve(reviewer, change.id, None, now)


def test_of_two_that_ask_for_one_name_the_first_gets_it(actor: ActorOf, now: dt.datetime) -> None:
    first, second = actor("enterprise"), actor("enterprise2")
    frozen(first, now)
    frozen(second, now)

    assert key_changes.settle_due(now + TWO_MINUTES) == 2

    assert (change_of(first).state, change_of(second).state) == ("approved", "returned")


def test_a_case_that_nobody_could_review_is_returned(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    frozen(owner, now, name=NEW_NAME, uscc=OTHER_CODE)
    with unit_of_work():
        for admin in db.session.scalars(select(Admin)):
            admin.state = "disabled"

    key_changes.settle_due(now + TWO_MINUTES)

    report = report_of(owner)
    assert report is not None and report.state == "editing"
    assert change_of(owner).state == "returned"


def test_the_delay_is_a_setting(actor: ActorOf, now: dt.datetime, clock: MovableClock) -> None:
    set_value("report.freeze_seconds", 5, now)

    change = frozen(actor("enterprise"), now)

    assert change.due_at - now == dt.timedelta(seconds=5)


def test_a_report_that_is_reviewed_cannot_be_frozen(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    submitted(owner, now)

    with pytest.raises(Conflict):
        frozen(owner, now)


def test_who_opened_the_page_before_somebody_else_changed_it_is_told(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    with pytest.raises(Conflict), unit_of_work():
        enterprise = db.session.get_one(Enterprise, owner.enterprise_id)
        draft = key_changes.draft_of(enterprise)
        freezing.save_enterprise(owner, ref_for(owner), draft, enterprise.version - 1, now, confirmed=False)


@pytest.mark.parametrize("outcome", ["approved", "returned", "referred"])
def test_each_outcome_is_told_to_the_enterprise(actor: ActorOf, now: dt.datetime, outcome: str) -> None:
    owner = actor("enterprise")
    if outcome == "referred":
        referred(owner, now)
    else:
        name = NEW_NAME if outcome == "approved" else enterprise_of(actor("enterprise2")).name
        frozen(owner, now, name=name)
        key_changes.settle_due(now + TWO_MINUTES)

    told = db.session.scalars(
        select(InboxMessage).where(InboxMessage.account_id == owner.account_id).order_by(InboxMessage.id)
    ).all()
    assert len(told) == 1 and told[0].kind == "report"


def test_the_administrator_is_told_of_a_case(actor: ActorOf, now: dt.datetime) -> None:
    change = referred(actor("enterprise"), now)

    told = db.session.scalars(
        select(InboxMessage).where(InboxMessage.account_id == reviewer_of(change).account_id)
    ).all()
    assert [message.url for message in told] == [f"/key-changes/?change={change.id}"]


def test_an_old_code_that_was_let_in_stays_until_a_valid_one_takes_its_place(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, county = actor("enterprise"), actor("county")
    draft = replace(key_changes.draft_of(enterprise_of(owner)), uscc="330109OLD", uscc_exception="旧登记号")
    with context.acting_as(county), unit_of_work():
        service.edit_enterprise(county, owner.enterprise_id or 0, draft, None, now)

    saved(owner, now, address="新址一号")
    assert enterprise_of(owner).uscc_exception == "旧登记号"
    frozen(owner, now, uscc=OTHER_CODE)
    assert enterprise_of(owner).uscc == "330109OLD"
    key_changes.settle_due(now + TWO_MINUTES)

    enterprise = enterprise_of(owner)
    assert (enterprise.uscc, enterprise.uscc_exception, enterprise.code_status) == (OTHER_CODE, "", "valid")


def test_what_an_administrator_enters_is_among_the_changes_and_freezes_nothing(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, county = actor("enterprise"), actor("county")
    filled(owner, now)
    enterprise = enterprise_of(owner)
    draft = replace(key_changes.draft_of(enterprise), name=NEW_NAME, address="新址一号")
    with context.acting_as(county), unit_of_work():
        service.edit_enterprise(county, enterprise.id, draft, None, now)
    with context.acting_as(county), unit_of_work():
        service.edit_enterprise(county, enterprise.id, replace(draft, address="新址二号"), None, now)

    change, report = change_of(owner), report_of(owner)
    assert report is not None and report.state == "editing"
    assert (change.state, change.route, change.new_name) == ("approved", "direct", NEW_NAME)
    assert (change.decided_by_id, change.period) == (county.account_id, OCTOBER.key)
    assert db.session.scalar(select(func.count(KeyChange.id))) == 1


def test_the_demonstration_shows_every_outcome(actor: ActorOf, now: dt.datetime) -> None:
    others = select(Enterprise.account_id).where(Enterprise.account_id.is_not(None)).order_by(Enterprise.id)
    for account_id in db.session.scalars(others.offset(10).limit(3)).all():
        owner = actor_of_account(account_id)
        assert owner is not None
        filled(owner, now)

    with unit_of_work():
        made = build_freezes(now)

    changes = db.session.scalars(select(KeyChange).order_by(KeyChange.id)).all()
    assert made == 3
    assert [(change.state, change.route) for change in changes] == [
        ("pending", "manual"),
        ("approved", "automatic"),
        ("returned", "automatic"),
    ]


def test_a_case_follows_the_enterprise_to_its_new_reviewer(actor: ActorOf, now: dt.datetime) -> None:
    owner, prefecture = actor("enterprise"), actor("prefecture")
    referred(owner, now)
    with context.acting_as(prefecture), unit_of_work():
        service.change_reviewer(prefecture, [owner.enterprise_id or 0], prefecture.admin_id or 0, now)

    change = change_of(owner)
    assert change.reviewer_id == prefecture.admin_id
    assert change.steps[-1].verb == "hand_over"
    with context.acting_as(prefecture), unit_of_work():
        key_changes.approve(prefecture, change.id, change.version, now)
    assert change_of(owner).state == "approved"


def test_a_case_passes_on_with_the_work_and_keeps_its_admin_from_being_disabled(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, province, county = actor("enterprise"), actor("province"), actor("county")
    referred(owner, now)
    admin = db.session.get_one(Admin, county.admin_id)
    assert waiting_changes(admin) is not None

    with context.acting_as(province), unit_of_work():
        organisations.transfer_work(province, county.admin_id or 0, actor("prefecture").admin_id or 0, now)

    assert change_of(owner).reviewer_id == actor("prefecture").admin_id
    assert waiting_changes(admin) is None
