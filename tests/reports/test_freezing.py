"""A change of key fields freezes the report; the automatic review or an administrator unfreezes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.enterprises import key_changes
from app.enterprises.key_change_models import KeyChange
from app.enterprises.models import EnterpriseVersion
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.organisations.accounts import actor_of_account
from app.organisations.models import Admin
from app.reports import filling, steps
from app.reports.form_loading import table_for
from app.reports.opening import open_report
from tests.factories.freezes import (
    NEW_NAME,
    change_of,
    enterprise_of,
    frozen,
    industry,
    referred,
    report_of,
    reviewer_of,
    saved,
    verbs,
)
from tests.factories.reports import OCTOBER, filled, ref_for, submitted

ActorOf = Callable[[str], Actor]
TWO_MINUTES = dt.timedelta(seconds=120)


def test_other_facts_are_saved_at_once_and_the_report_is_filed_with_them(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    before = enterprise_of(owner).revision

    kept = saved(owner, now, address="新址一号", employees=3)

    enterprise, report = enterprise_of(owner), report_of(owner)
    assert (kept.changed, kept.frozen, enterprise.revision) == (True, False, before + 1)
    assert report is not None and report.state == "editing"
    assert report.enterprise_version_id == enterprise.current_version_id
    assert (enterprise.address, enterprise.employees) == ("新址一号", 3)


def test_the_size_follows_new_figures_and_so_do_the_dimensions_of_the_report(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    filled(owner, now)

    saved(owner, now, employees=3)

    enterprise = enterprise_of(owner)
    table = table_for("sme_monthly", "main")
    size = db.session.scalar(select(table.c.size).where(table.c.enterprise_id == enterprise.id))
    assert enterprise.size == size == "micro"


def test_the_first_save_of_enterprise_information_begins_the_report(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")

    saved(owner, now, address="新址一号")

    assert verbs(owner) == [("save", "not_filled", "editing")]


def test_nothing_is_saved_where_nothing_changed(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    before = enterprise_of(owner).revision

    kept = saved(owner, now)

    assert not kept.changed and not kept.frozen
    assert enterprise_of(owner).revision == before
    assert report_of(owner) is None


def test_a_key_field_is_asked_about_first_and_nothing_is_saved_meanwhile(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    old = enterprise_of(owner).name

    kept = saved(owner, now, confirmed=False, name=NEW_NAME, address="新址一号")

    enterprise = enterprise_of(owner)
    assert kept.to_confirm == {"name"}
    assert (enterprise.name, enterprise.address == "新址一号") == (old, False)
    assert db.session.scalar(select(func.count(KeyChange.id))) == 0


@pytest.mark.parametrize("begun", [False, True])
def test_a_confirmed_change_is_recorded_and_freezes_the_report(
    actor: ActorOf, now: dt.datetime, begun: bool
) -> None:
    owner = actor("enterprise")
    if begun:
        filled(owner, now)
    old = enterprise_of(owner).name

    change = frozen(owner, now)

    report, enterprise = report_of(owner), enterprise_of(owner)
    assert report is not None and report.state == "frozen"
    assert (change.state, change.route, change.period) == ("pending", "automatic", OCTOBER.key)
    assert (change.old_name, change.new_name, change.due_at - now) == (old, NEW_NAME, TWO_MINUTES)
    assert enterprise.name == old
    assert verbs(owner)[-1][0] == "freeze"
    assert report.steps[-1].comment == f"{old} → {NEW_NAME}"


def test_other_facts_are_saved_with_the_request_and_stand_whatever_comes_of_it(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    frozen(owner, now, name=NEW_NAME, address="新址一号")

    enterprise = enterprise_of(owner)
    assert (enterprise.address, enterprise.name == NEW_NAME) == ("新址一号", False)


def test_a_frozen_report_takes_nothing(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    frozen(owner, now)
    report = report_of(owner)
    assert report is not None
    lock = report.version

    with pytest.raises(Conflict), unit_of_work():
        filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "1"}, lock, now)
    with pytest.raises(Conflict), unit_of_work():
        filling.save_rows(owner, ref_for(owner), "products", [], lock, now)
    with pytest.raises(Conflict), unit_of_work():
        steps.submit(owner, ref_for(owner), lock, "填报员", now)
    with pytest.raises(Conflict), unit_of_work():
        found = report_of(owner)
        assert found is not None
        steps.withdraw(owner, found, lock, now)
    with pytest.raises(Conflict):
        saved(owner, now, address="新址一号")


def test_a_second_change_waits_for_the_first(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    frozen(owner, now)

    with pytest.raises(Conflict):
        saved(owner, now, OCTOBER.previous(), name="再换一名有限公司")
    saved(owner, now, OCTOBER.previous(), address="新址二号")

    assert enterprise_of(owner).address == "新址二号"


def test_nothing_is_decided_before_its_time(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    frozen(owner, now)

    assert key_changes.settle_due(now + TWO_MINUTES - dt.timedelta(seconds=1)) == 0
    assert change_of(owner).state == "pending"


def test_a_change_passes_and_the_enterprise_and_its_report_take_it(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    frozen(owner, now)
    before = enterprise_of(owner).revision

    assert key_changes.settle_due(now + TWO_MINUTES) == 1

    enterprise, report, change = enterprise_of(owner), report_of(owner), change_of(owner)
    assert report is not None
    assert (enterprise.name, enterprise.revision) == (NEW_NAME, before + 1)
    assert enterprise.account is not None and enterprise.account.display_name == NEW_NAME
    assert (change.state, change.decided_at, change.decided_by_id) == ("approved", now + TWO_MINUTES, None)
    assert (report.state, report.enterprise_version.name) == ("unfrozen", NEW_NAME)
    assert verbs(owner)[-2:] == [("freeze", "editing", "frozen"), ("unfreeze", "frozen", "unfrozen")]
    names = db.session.scalars(
        select(EnterpriseVersion.name)
        .where(EnterpriseVersion.enterprise_id == enterprise.id)
        .order_by(EnterpriseVersion.number)
    ).all()
    assert names[-1] == NEW_NAME and names[0] != NEW_NAME


def test_an_unfrozen_report_is_filled_and_sent_like_any_other(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    frozen(owner, now)
    later = now + TWO_MINUTES
    key_changes.settle_due(later)

    report = submitted(owner, later)

    assert report.state == "in_review"
    assert ("submit", "unfrozen", "in_review") in verbs(owner)


def test_a_returned_report_keeps_its_reason_through_a_freeze_until_it_is_sent_again(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    holder = actor_of_account(db.session.get_one(Admin, report.holder_id).account_id)
    assert holder is not None
    with context.acting_as(holder), unit_of_work():
        steps.give_back(holder, report, report.version, "用电量请核对", now)

    frozen(owner, now, name=NEW_NAME)
    key_changes.settle_due(now + TWO_MINUTES)
    unfrozen = report_of(owner)
    assert unfrozen is not None and (unfrozen.state, unfrozen.return_reason) == ("unfrozen", "用电量请核对")

    assert submitted(owner, now + TWO_MINUTES).return_reason == ""


def test_a_name_that_another_has_is_returned_and_the_old_values_stand(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    taken = enterprise_of(actor("enterprise2")).name
    old = enterprise_of(owner).name
    frozen(owner, now, name=f" {taken} ")

    key_changes.settle_due(now + TWO_MINUTES)

    report, change = report_of(owner), change_of(owner)
    assert report is not None
    assert (change.state, enterprise_of(owner).name, report.state) == ("returned", old, "editing")
    assert change.reason is not None and "已" in change.reason.zh and "already" in change.reason.en
    assert report.steps[-1].verb == "refuse_change" and report.steps[-1].comment == change.reason.zh


def test_an_invalid_code_is_refused_at_once(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")

    with pytest.raises(Invalid) as refused:
        saved(owner, now, uscc="913301090000000000", name="", address="")

    fields = {problem.field for problem in refused.value.problems}
    assert {"uscc", "name", "address"} <= fields
    assert report_of(owner) is None


def test_an_industry_that_ended_meanwhile_is_returned(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    frozen(owner, now, industry_id=industry("1712").id)
    with unit_of_work():
        industry("1712").valid_until = now.date()

    key_changes.settle_due(now + TWO_MINUTES)

    assert change_of(owner).state == "returned"


def test_a_trade_out_of_industry_keeps_its_industrial_figures_but_shows_and_checks_none(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    referred(owner, now, industry_id=industry("5132").id)
    change = change_of(owner)
    reviewer = reviewer_of(change)
    with context.acting_as(reviewer), unit_of_work():
        key_changes.approve(reviewer, change.id, change.version, now)

    opened = open_report(owner, ref_for(owner), now)
    table = table_for("sme_monthly", "main")
    row = db.session.execute(
        select(table).where(table.c.enterprise_id == owner.enterprise_id, table.c.period == OCTOBER.key)
    ).one()
    assert not opened.filing.industry.is_industrial and row.is_industrial is False
    assert row.industrial_output_ytd is not None
    assert "industrial_output" not in {indicator for indicator, _cell in opened.cells}
    assert "revenue" in {indicator for indicator, _cell in opened.cells}
