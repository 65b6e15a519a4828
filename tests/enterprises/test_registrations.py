"""Registrations through the services: drafts, checks, duplicates, review, messages, races, handing over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.enterprises import registrations
from app.enterprises.models import Enterprise, EnterpriseVersion, Industry
from app.enterprises.registration_home import registration_panels, registration_todos
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_page import facts_before_return
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.jobs import sweeper
from app.infra.outbox import Channel, OutboxMessage
from app.infra.shell import Todo, queued
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock, local_date
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.notifications.models import InboxMessage
from app.organisations import admin_service
from app.organisations.accounts import actor_of_account
from app.organisations.models import Account, Admin, AdminRegion, Region
from tests.factories.registrations import applicant, approved, entries, key, returned, submitted

ActorOf = Callable[[str], Actor]


def refused_at(work: Callable[[], object]) -> dict[str, str]:
    """Field → message of what a service refuses."""
    with pytest.raises(Invalid) as refused, unit_of_work():
        work()
    return {problem.field: str(problem.message) for problem in refused.value.problems}


def todos(app: Flask, actor: Actor, now: dt.datetime) -> list[Todo]:
    """What waits in registrations, for whom it reviews and for whom it registers."""
    with app.test_request_context():
        found = [todo for todo in queued(actor, local_date(now)) if todo.name.startswith("enterprises.")]
        return [*found, *registration_todos(actor, now)]


def kept(actor: Actor) -> EnterpriseRegistration:
    db.session.expire_all()
    return db.session.scalars(
        select(EnterpriseRegistration).where(EnterpriseRegistration.account_id == actor.account_id)
    ).one()


EMPTY: dict[str, Any] = {
    **dict.fromkeys(("name", "uscc", "legal_representative", "address", "main_products"), ""),
    **dict.fromkeys(("contact_name", "mobile", "phone"), ""),
    **dict.fromkeys(("region_id", "industry_id", "registration_type_id", "control_type_id"), 0),
    **dict.fromkeys(("opened_on", "revenue", "employees", "assets")),
}


def test_a_draft_is_kept_however_incomplete(now: dt.datetime) -> None:
    actor = applicant(now)

    with context.acting_as(actor), unit_of_work():
        registrations.save(actor, entries(**EMPTY), None, now)
        registrations.save(actor, entries(**{**EMPTY, "name": " Ａ公司\u200b "}), None, now)

    row = kept(actor)
    assert (row.state, row.name, row.name_key, row.region_id) == ("draft", "Ａ公司", "a公司", None)
    assert row.steps == []


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"uscc": "91330100799655058C"}, "uscc"),
        ({"uscc": "202012030000000002"}, "uscc"),
        ({"website": "示范.example"}, "website"),
        ({"phone": "87654321"}, "phone"),
        ({"mobile": "23456"}, "mobile"),
        ({"email": "nobody"}, "email"),
        ({"postcode": "31"}, "postcode"),
        ({"revenue": -1}, "revenue"),
        ({"opened_on": dt.date(2030, 1, 1)}, "opened_on"),
        ({"name": "甲" * 121}, "name"),
        ({"name": "㍿" * 100}, "name"),
    ],
)
def test_a_draft_is_checked_for_the_form_of_what_is_there(
    now: dt.datetime, entry: dict[str, Any], field: str
) -> None:
    actor = applicant(now)

    problems = refused_at(lambda: registrations.save(actor, entries(**{**EMPTY, **entry}), None, now))

    assert set(problems) == {field}
    assert kept(actor).name == ""


def test_submitting_names_everything_that_is_missing_at_once(now: dt.datetime) -> None:
    actor = applicant(now)

    problems = refused_at(lambda: registrations.submit(actor, entries(**EMPTY), None, now))

    assert set(problems) == {
        *("name", "uscc", "legal_representative", "region", "industry", "registration_type"),
        *("control_type", "revenue", "employees", "assets", "opened_on", "main_products", "address"),
        *("contact_name", "phone"),
    }
    assert kept(actor).state == "draft"


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"is_listed": True}, "stock_code"),
        ({"stock_code": "600000"}, "is_listed"),
        ({"employees": None}, "employees"),
    ],
)
def test_submitting_checks_what_a_draft_may_leave_open(
    now: dt.datetime, entry: dict[str, Any], field: str
) -> None:
    actor = applicant(now)

    assert set(refused_at(lambda: registrations.submit(actor, entries(**entry), None, now))) == {field}


def test_the_lowest_admin_who_covers_the_place_gets_it_and_is_told(
    app: Flask, now: dt.datetime, actor: ActorOf
) -> None:
    county = actor("county")

    registration = submitted(applicant(now), now)

    told = db.session.scalars(select(InboxMessage).where(InboxMessage.account_id == county.account_id)).one()
    assert registration.reviewer_id == county.admin_id
    assert (registration.state, registration.figures_year) == ("pending", 2025)
    assert told.kind == "registration" and told.url == f"/registrations/?registration={registration.id}"
    assert [todo.count for todo in todos(app, county, now)] == [1]
    assert todos(app, actor("prefecture"), now) == []


def test_where_nobody_covers_the_place_the_applicant_is_told_so(now: dt.datetime) -> None:
    actor = applicant(now)
    db.session.execute(update(Admin).values(state="disabled"))
    db.session.commit()

    problems = refused_at(lambda: registrations.submit(actor, entries(), None, now))

    assert set(problems) == {"region"} and "No administrator" in problems["region"]


@pytest.mark.parametrize("change", ["same", "full width", "Cyrillic", "brackets", "zero width"])
def test_a_name_that_looks_like_a_registered_one_is_refused_and_says_whom_to_ask(
    now: dt.datetime, actor: ActorOf, change: str
) -> None:
    other = approved(applicant(now), actor("county"), now)
    db.session.execute(
        update(Enterprise)
        .where(Enterprise.id == other.enterprise_id)
        .values(name="杭州ABC（中国）示范有限公司", name_key="杭州abc(中国)示范有限公司")
    )
    db.session.commit()
    spelled = {
        "same": "杭州ABC（中国）示范有限公司",
        "full width": "杭州ＡＢＣ（中国）示范有限公司",
        "Cyrillic": "杭州АВС（中国）示范有限公司",
        "brackets": "杭州abc【中国】示范有限公司",
        "zero width": "杭州A\u200bB C(中国)示范有限公司",
    }[change]
    newcomer = applicant(now)

    problems = refused_at(lambda: registrations.submit(newcomer, entries(name=spelled), None, now))

    county = db.session.get_one(Account, actor("county").account_id)
    assert set(problems) == {"name"}
    assert county.display_name in problems["name"] and county.phone in problems["name"]


def test_a_code_that_is_registered_says_whom_to_ask(now: dt.datetime, actor: ActorOf) -> None:
    other = approved(applicant(now), actor("county"), now)
    newcomer = applicant(now)

    problems = refused_at(
        lambda: registrations.submit(newcomer, entries("330110", uscc=f" {other.uscc.lower()} "), None, now)
    )

    assert set(problems) == {"uscc"} and actor("county").bureau_name in problems["uscc"]


def test_two_that_wait_cannot_have_one_name_or_one_code(now: dt.datetime) -> None:
    first = submitted(applicant(now), now)
    newcomer = applicant(now)

    name = refused_at(lambda: registrations.submit(newcomer, entries(name=first.name), None, now))
    code = refused_at(lambda: registrations.submit(newcomer, entries(uscc=first.uscc), None, now))
    second = submitted(newcomer, now)
    with pytest.raises(IntegrityError):
        db.session.execute(
            update(EnterpriseRegistration)
            .where(EnterpriseRegistration.id == second.id)
            .values(uscc=first.uscc)
        )
    db.session.rollback()

    assert (set(name), set(code)) == ({"name"}, {"uscc"})


def test_on_pass_the_enterprise_is_made_with_its_reviewer_and_told_by_sms(
    app: Flask, now: dt.datetime, actor: ActorOf
) -> None:
    newcomer, county = applicant(now), actor("county")

    registration = approved(newcomer, county, now)

    enterprise = db.session.get_one(Enterprise, registration.enterprise_id)
    version = db.session.get_one(EnterpriseVersion, enterprise.current_version_id)
    sent = db.session.scalars(select(OutboxMessage).where(OutboxMessage.account_id == newcomer.account_id))
    messages = [(one.channel, one.recipient, one.purpose) for one in sent]
    account = db.session.get_one(Account, newcomer.account_id)
    assert (enterprise.account_id, enterprise.direct_reviewer_id) == (newcomer.account_id, county.admin_id)
    assert (enterprise.size, version.number, version.name) == ("small", 1, registration.name)
    assert messages == [(Channel.SMS, account.phone, "registration_approved")]
    assert account.display_name == enterprise.name
    assert (registration.state, registration.reviewer_id) == ("approved", None)
    found = actor_of_account(account.id)
    assert found is not None and found.enterprise_id == enterprise.id
    assert todos(app, found, now) == [] and registration_panels(found, now) == []


def test_on_return_there_is_a_mail_and_a_message_and_no_sms(
    app: Flask, now: dt.datetime, actor: ActorOf
) -> None:
    newcomer = applicant(now)

    registration = returned(newcomer, actor("county"), now, "所属行业请选到小类")

    sent = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.account_id == newcomer.account_id)
    ).all()
    inbox = db.session.scalars(
        select(InboxMessage).where(InboxMessage.account_id == newcomer.account_id)
    ).one()
    todo = todos(app, newcomer, now)[0]
    assert [(one.channel, one.purpose) for one in sent] == [(Channel.EMAIL, "registration_returned")]
    assert "所属行业请选到小类" in sent[0].body and "企业注册被退回" in sent[0].subject
    assert inbox.url == "/register/information"
    assert (registration.state, registration.return_reason) == ("returned", "所属行业请选到小类")
    assert todo.hot and todo.note == "所属行业请选到小类"


@pytest.mark.parametrize("reason", ["", "   ", "长" * 151])
def test_a_return_needs_a_reason_of_at_most_150_characters(
    now: dt.datetime, actor: ActorOf, reason: str
) -> None:
    registration, county = submitted(applicant(now), now), actor("county")

    problems = refused_at(lambda: registrations.give_back(county, registration.id, None, reason, now))

    assert set(problems) == {"comment"}
    with unit_of_work():
        assert registrations.give_back(county, registration.id, None, "长" * 150, now).state == "returned"


def test_what_was_mended_after_a_return_is_told_apart(now: dt.datetime, actor: ActorOf) -> None:
    newcomer = applicant(now)
    first = returned(newcomer, actor("county"), now)
    draft = replace(registrations.draft_of(first), industry_id=key(Industry, "1829"))

    again = submitted(newcomer, now, draft)

    before = facts_before_return(again.steps)
    assert before is not None and before["industry_id"] == key(Industry, "1711")
    assert [step.verb for step in again.steps] == ["submit", "return", "submit"]
    assert again.return_reason == ""


def test_a_withdrawn_registration_is_a_draft_that_no_admin_sees(now: dt.datetime, actor: ActorOf) -> None:
    newcomer, county = applicant(now), actor("county")
    registration = submitted(newcomer, now)

    with unit_of_work():
        registrations.withdraw(newcomer, registration.version, now)

    with pytest.raises(NotFound):
        registrations.find(county, registration.id, now)
    assert (registration.state, registration.reviewer_id) == ("draft", None)


def test_a_superior_sees_it_and_may_act_a_sibling_does_not_see_it(now: dt.datetime, actor: ActorOf) -> None:
    registration = submitted(applicant(now), now)

    for stranger in ("prefecture2", "county2", "enterprise", "admin", "auditor", "provider"):
        with pytest.raises(NotFound), unit_of_work():
            registrations.approve(actor(stranger), registration.id, None, now)
    with context.acting_as(actor("province")), unit_of_work():
        registrations.approve(actor("province"), registration.id, None, now)

    enterprise = db.session.get_one(Enterprise, registration.enterprise_id)
    assert enterprise.direct_reviewer_id == actor("county").admin_id


def test_a_colleague_of_the_same_place_sees_it_but_it_is_not_theirs(now: dt.datetime, actor: ActorOf) -> None:
    registration, colleague = submitted(applicant(now), now), actor("county2")
    db.session.execute(
        update(AdminRegion)
        .where(AdminRegion.admin_id == colleague.admin_id)
        .values(region_id=key(Region, "330109"))
    )
    db.session.commit()

    with pytest.raises(Forbidden), unit_of_work():
        registrations.approve(actor("county2"), registration.id, None, now)


def test_two_reviewers_at_once_take_one_step_and_the_second_learns_of_the_first(
    now: dt.datetime, actor: ActorOf
) -> None:
    registration, county, province = submitted(applicant(now), now), actor("county"), actor("province")
    seen = registration.version
    with context.acting_as(province), unit_of_work():
        registrations.give_back(province, registration.id, seen, "请核对", now)

    for work in (
        lambda: registrations.approve(county, registration.id, seen, now),
        lambda: registrations.give_back(county, registration.id, seen, "再核对", now),
    ):
        with pytest.raises(Conflict) as refused, unit_of_work():
            work()
        assert province.name in str(refused.value.message)

    assert [step.verb for step in kept_by(registration.id).steps] == ["submit", "return"]
    assert db.session.scalar(select(func.count(Enterprise.id))) == 60


def kept_by(registration_id: int) -> EnterpriseRegistration:
    db.session.expire_all()
    return db.session.get_one(EnterpriseRegistration, registration_id)


def test_an_older_window_neither_saves_nor_submits(now: dt.datetime) -> None:
    actor = applicant(now)
    seen = kept(actor).version
    with unit_of_work():
        registrations.save(actor, entries(), seen, now)

    for work in (registrations.save, registrations.submit):
        with pytest.raises(Conflict), unit_of_work():
            work(actor, entries(), seen, now)


def test_a_submitted_registration_is_no_longer_changed(now: dt.datetime) -> None:
    actor = applicant(now)
    submitted(actor, now)

    for work in (registrations.save, registrations.submit):
        with pytest.raises(Conflict), unit_of_work():
            work(actor, entries(), None, now)


def test_a_duplicate_that_came_meanwhile_is_refused_at_the_pass_and_nothing_is_made(
    now: dt.datetime, actor: ActorOf
) -> None:
    newcomer, county = applicant(now), actor("county")
    registration = submitted(newcomer, now)
    enterprise = db.session.scalars(select(Enterprise).limit(1)).one()
    enterprise.uscc = registration.uscc
    db.session.commit()

    problems = refused_at(lambda: registrations.approve(county, registration.id, None, now))

    assert set(problems) == {"uscc"}
    assert kept(newcomer).state == "pending"
    assert db.session.scalar(select(func.count(Enterprise.id))) == 60


def test_every_write_leaves_a_line_in_the_audit_trail(now: dt.datetime, actor: ActorOf) -> None:
    approved(applicant(now), actor("county"), now)

    query = select(AuditEntry.entity, AuditEntry.action, AuditEntry.actor_name).where(
        AuditEntry.entity.in_(("enterprise_registration", "enterprise"))
    )
    found = {(entity, action) for entity, action, _name in db.session.execute(query)}
    assert {
        ("enterprise_registration", "create"),
        ("enterprise_registration", "change"),
        ("enterprise", "create"),
    } <= found


def test_an_admin_with_registrations_to_review_is_not_disabled_and_hands_them_over(
    now: dt.datetime, actor: ActorOf
) -> None:
    registration = submitted(applicant(now), now)
    prefecture, county = actor("prefecture"), actor("county")
    admin = db.session.get_one(Admin, county.admin_id)
    reasons = [str(problem.message) for problem in admin_service.pending_work(admin)]

    with context.acting_as(prefecture), unit_of_work(), pytest.raises(DomainError):
        admin_service.transfer_work(prefecture, county.admin_id or 0, actor("county2").admin_id or 0, now)
    with context.acting_as(actor("province")), unit_of_work():
        admin_service.transfer_work(actor("province"), county.admin_id or 0, prefecture.admin_id or 0, now)

    row = kept_by(registration.id)
    assert "1 registrations to review" in reasons
    assert row.reviewer_id == prefecture.admin_id
    assert [step.verb for step in row.steps] == ["submit", "hand_over"]


def test_what_was_never_submitted_is_given_up_after_a_time_and_its_names_are_free(
    now: dt.datetime, clock: MovableClock, actor: ActorOf
) -> None:
    given_up, waiting = applicant(now, "forgotten"), applicant(now, "patient")
    submitted(waiting, now)
    clock.advance(days=31)

    with unit_of_work():
        released = registrations.release_abandoned(clock.now())
    again = applicant(clock.now(), "forgotten")

    account = db.session.get_one(Account, given_up.account_id)
    assert released == 1 and again.account_id != given_up.account_id
    assert (account.state, account.phone, account.user.active) == ("disabled", "", False)
    assert actor_of_account(given_up.account_id or 0) is None
    assert db.session.scalars(select(User.username).where(User.id == account.user_id)).one() != "forgotten"


def test_who_registers_takes_over_the_name_of_a_registration_that_was_given_up(
    now: dt.datetime, clock: MovableClock
) -> None:
    applicant(now, "forgotten")
    applicant(now, "another")
    clock.advance(days=29)
    with unit_of_work():
        assert registrations.release_abandoned(clock.now(), "FORGOTTEN") == 0
    clock.advance(days=2)

    with unit_of_work():
        assert registrations.release_abandoned(clock.now(), "FORGOTTEN") == 1


def test_the_worker_tidies_up_in_its_slow_rounds(app: Flask, now: dt.datetime, clock: MovableClock) -> None:
    given_up = applicant(now)
    clock.advance(days=31)

    sweeper.tidy(app.extensions["jobs"])

    assert actor_of_account(given_up.account_id or 0) is None
    line = select(AuditEntry.actor_kind).where(AuditEntry.entity == "account").order_by(AuditEntry.id.desc())
    assert db.session.scalars(line.limit(1)).one() == "system"
