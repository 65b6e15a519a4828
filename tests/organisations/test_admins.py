"""下级管理员维护: who gives what to whom, what waits at an admin, the hierarchy, the transfer of work."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra import scope
from app.infra.database import db
from app.infra.outbox import OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Forbidden, Invalid, NotFound
from app.organisations import service
from app.organisations.accounts import actor_for
from app.organisations.admin_service import work_to_pass_on
from app.organisations.admin_tree import admin_tree
from app.organisations.models import Account, Admin, Bureau, Region
from tests.factories.reports import approved, submitted
from tests.organisations.test_service import account_draft, admin_draft, fields, region

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
TODAY = dt.date(2026, 11, 6)
CHOSEN = "Chosen-2026-Word"


def held(actor: Actor) -> Admin:
    """The record of an acting admin."""
    return db.session.get_one(Admin, actor.admin_id)


def draft_of(admin: Admin, **changes: Any) -> service.AdminDraft:
    """An admin as it is, with changes."""
    same = service.AdminDraft(
        admin.bureau_id, [one.id for one in admin.regions], admin.superior_id, admin.rights
    )
    return replace(same, **changes)


def form(superior: Actor, **changes: object) -> dict[str, object]:
    """A filled form for a new admin of Xiaoshan."""
    xiaoshan = region("330109").id
    entered: dict[str, object] = {
        "username": "helper",
        "display_name": "周舒书",
        "email": "helper@bureau.example",
        "phone": "0500-12345678",
        "bureau": db.session.scalars(select(Bureau.id).where(Bureau.region_id == xiaoshan)).one(),
        "superior": superior.admin_id,
        "regions": [xiaoshan],
    }
    return {**entered, **changes}


# Who gives what to whom


def test_nobody_gives_a_permission_that_he_does_not_have(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    prefecture = replace(actor("prefecture"), rights=frozenset({"bulk_accept"}))
    draft = admin_draft(prefecture, rights={"bulk_accept", "batch_import"})

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_admin(prefecture, draft, now)

    assert fields(refusal) == {"batch_import"}


def test_a_permission_that_somebody_above_gave_stays(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    county = held(actor("county"))
    with unit_of_work():
        service.edit_admin(SYSTEM, county.id, draft_of(county, rights={"batch_import"}), None, now)
    giver = replace(actor("prefecture"), rights=frozenset())

    with unit_of_work():
        service.edit_admin(giver, county.id, draft_of(county), None, now)

    assert county.rights == {"batch_import"}


def test_the_platform_gives_every_permission_that_fits_the_level(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    with unit_of_work():
        made = service.create_admin(
            actor("admin"), admin_draft(actor("prefecture"), rights={"bulk_accept", "batch_import"}), now
        )

    assert made.rights == {"bulk_accept", "batch_import"}


@pytest.mark.parametrize("step", ["edit", "disable", "enable", "transfer"])
def test_nobody_touches_the_own_record(app: Flask, actor: ActorOf, now: dt.datetime, step: str) -> None:
    who = actor("prefecture")
    steps: dict[str, Callable[[], object]] = {
        "edit": lambda: service.edit_admin(who, held(who).id, draft_of(held(who)), None, now),
        "disable": lambda: service.disable_admin(who, held(who).id, now),
        "enable": lambda: service.enable_admin(who, held(who).id, now),
        "transfer": lambda: service.transfer_work(who, held(who).id, held(actor("county")).id, now),
    }

    with pytest.raises(Forbidden), unit_of_work():
        steps[step]()


@pytest.mark.parametrize("step", ["edit", "disable", "transfer"])
def test_a_superior_is_not_there_for_a_subordinate(
    app: Flask, actor: ActorOf, now: dt.datetime, step: str
) -> None:
    who, above = actor("county"), held(actor("prefecture"))
    steps: dict[str, Callable[[], object]] = {
        "edit": lambda: service.edit_admin(who, above.id, draft_of(above), None, now),
        "disable": lambda: service.disable_admin(who, above.id, now),
        "transfer": lambda: service.transfer_work(who, above.id, who.admin_id or 0, now),
    }

    with pytest.raises(NotFound), unit_of_work():
        steps[step]()


def test_no_admin_comes_to_stand_below_a_subordinate(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    prefecture, county = held(actor("prefecture")), held(actor("county"))

    with pytest.raises(Invalid) as below, unit_of_work():
        service.edit_admin(SYSTEM, prefecture.id, draft_of(prefecture, superior_id=county.id), None, now)
    with pytest.raises(Invalid) as lowered, unit_of_work():
        changed = draft_of(prefecture, bureau_id=county.bureau_id)
        service.edit_admin(SYSTEM, prefecture.id, changed, None, now)

    assert "superior" in fields(below)
    assert "bureau" in fields(lowered)


def test_a_subordinate_sees_the_own_county_only(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    prefecture = actor("prefecture")
    with unit_of_work():
        made = service.create_admin(prefecture, admin_draft(prefecture), now)
    who = actor_for(made.account.user_id)
    assert who is not None

    seen = {
        model: db.session.scalars(scope.visible(model, who, TODAY)).all()
        for model in (Admin, Region, Enterprise)
    }

    assert [one.id for one in seen[Admin]] == [made.id]
    assert {one.code for one in seen[Region] if one.level != "county"} == set()
    assert "330109" in {one.code for one in seen[Region]}
    assert {one.county.code for one in seen[Enterprise]} == {"330109"}
    assert len(seen[Enterprise]) == 6


# Accounts


def test_an_account_without_an_admin_is_taken_by_its_login_name(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    with unit_of_work():
        account = service.create_account(SYSTEM, account_draft("waiting"), now)
    prefecture = actor("prefecture")

    with unit_of_work():
        made = service.create_admin(
            prefecture, admin_draft(prefecture, account=None, account_name=" WAITING "), now
        )

    assert made.account_id == account.id


@pytest.mark.parametrize("name", ["nobody", "county2", "enterprise", "admin"])
def test_an_account_that_cannot_be_taken_is_told_from_one_that_does_not_exist_by_nothing(
    app: Flask, actor: ActorOf, now: dt.datetime, name: str
) -> None:
    prefecture = actor("prefecture")

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_admin(prefecture, admin_draft(prefecture, account=None, account_name=name), now)

    assert [(problem.field, str(problem.message)[:30]) for problem in refusal.value.problems] == [
        ("account_name", "There is no account of a burea")
    ]


def test_a_new_admin_gets_a_link_and_chooses_the_password(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    answer = sign_in("prefecture").post("/admins/add", data=form(actor("prefecture"), bulk_accept="y"))

    message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert message is not None and message.recipient == "helper@bureau.example" and message.secret
    link = re.search(r"(/activate/\S+)", message.body)
    assert link is not None
    visitor = app.test_client()
    chosen = visitor.post(link[1], data={"password": CHOSEN, "again": CHOSEN})
    entered = visitor.post("/login/", data={"username": "helper", "password": CHOSEN})
    assert (chosen.status_code, entered.status_code) == (302, 302)


# Pages


def test_everything_wrong_is_told_in_one_round(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    before = len(db.session.scalars(select(Account.id)).all())
    wrong = form(actor("prefecture"), bureau="", username="county", phone="12", leapfrog_accept="y")

    answer = sign_in("prefecture").post("/admins/add", data={**wrong, "display_name": "名" * 120})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for field in ("bureau", "display_name", "username", "phone", "leapfrog_accept"):
        assert f'id="{field}-error"' in page, field
    assert 'value="helper@bureau.example"' in page
    assert len(db.session.scalars(select(Account.id)).all()) == before


def test_the_own_record_has_no_buttons(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    own, below = actor("prefecture").admin_id, actor("county").admin_id
    browser = sign_in("prefecture")

    mine = browser.get(f"/admins/show/{own}").get_data(as_text=True)
    theirs = browser.get(f"/admins/show/{below}").get_data(as_text=True)

    assert 'value="disable"' not in mine and f"/admins/transfer/{own}" not in mine
    assert 'value="disable"' in theirs and f"/admins/transfer/{below}" in theirs
    assert browser.get(f"/admins/edit/{own}").status_code == 409
    assert browser.get(f"/admins/transfer/{own}").status_code == 409


def test_who_still_has_work_is_not_disabled_and_the_way_to_transfer_it_is_shown(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    submitted(actor("enterprise"), now)
    key = actor("county").admin_id
    browser = sign_in("prefecture")

    shown = browser.get(f"/admins/show/{key}").get_data(as_text=True)
    answer = browser.post("/admins/list/", data={"action": "disable", "key": key, "confirmed": "1"})

    page = answer.get_data(as_text=True)
    for text in (shown, page):
        assert "6" in text and f"/admins/transfer/{key}" in text
    assert db.session.get_one(Admin, key).state == "active"


def test_the_transfer_tells_what_passes_on(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    approved(actor("enterprise"), now)
    moves = [str(line) for line in work_to_pass_on(held(actor("province")))]

    answer = sign_in("admin").get(f"/admins/transfer/{actor('province').admin_id}")

    assert moves == [
        "11 subordinate admins",
        "0 reports to review, and the say over 1 approved reports",
    ]
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).count("<li>") >= 2


def test_an_admin_may_take_the_work_of_a_subordinate_upon_himself(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    prefecture, county = actor("prefecture"), actor("county")

    with unit_of_work():
        service.transfer_work(prefecture, county.admin_id or 0, prefecture.admin_id or 0, now)

    reviewed = db.session.scalars(
        select(Enterprise.id).where(Enterprise.direct_reviewer_id == prefecture.admin_id)
    ).all()
    assert len(reviewed) == 6
    assert work_to_pass_on(held(county)) == []


def test_an_admin_comes_back_only_within_the_regions_of_the_superior(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    prefecture = actor("prefecture")
    zone = service.RegionDraft("Z330199", "示范开发区", "county", region("330100").id, kind="functional_zone")
    with unit_of_work():
        made_zone = service.create_region(prefecture, zone, now)
        made = service.create_admin(prefecture, admin_draft(prefecture, region_ids=[made_zone.id]), now)
        service.disable_admin(prefecture, made.id, now)
        elsewhere = replace(zone, parent_id=region("330200").id)
        service.edit_region(SYSTEM, made_zone.id, elsewhere, None, now)

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.enable_admin(SYSTEM, made.id, now)

    assert fields(refusal) == {"regions"}


# Hierarchy


def test_the_hierarchy_has_everybody_below_the_own_superior(app: Flask, actor: ActorOf) -> None:
    roots = admin_tree(actor("province"), TODAY)

    assert [(root.level, root.name) for root in roots] == [("province", actor("province").name)]
    assert {node.level for node in roots[0].below} == {"prefecture"}
    assert {leaf.level for node in roots[0].below for leaf in node.below} == {"county"}
    assert roots[0].total == sum(1 + node.total for node in roots[0].below)


def test_the_hierarchy_begins_at_the_actor_and_knows_no_sibling(
    app: Flask, sign_in: SignIn, actor: ActorOf, count: Any
) -> None:
    browser = sign_in("prefecture")
    browser.get("/admins/tree/")

    with count() as statements:
        page = browser.get("/admins/tree/").get_data(as_text=True)

    assert actor("prefecture").name in page and "萧山" in page
    assert "宁波" not in page
    assert len(statements) <= 8, statements


def test_a_chosen_set_of_columns_stays_with_the_account(app: Flask, sign_in: SignIn) -> None:
    first, second, other = sign_in("province"), sign_in("province"), sign_in("prefecture")
    heads = re.compile(r"<th scope=\"col\"")

    kept = first.post("/admins/list/", data={"choose": "shown", "cols": ["level", "state", "nonsense"]})
    narrow = heads.findall(second.get("/admins/list/").get_data(as_text=True))
    usual = heads.findall(other.get("/admins/list/").get_data(as_text=True))
    back = first.post("/admins/list/", data={"choose": "usual"})

    assert kept.status_code == back.status_code == 303
    assert len(narrow) == 3
    assert len(usual) == 9
    assert len(heads.findall(second.get("/admins/list/").get_data(as_text=True))) == 9


def test_kinds_of_accounts_that_are_no_bureau_make_no_admins(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    point = actor("point")
    assert point.kind is Kind.POINT

    with pytest.raises((Forbidden, NotFound)), unit_of_work():
        service.create_admin(point, admin_draft(actor("prefecture")), now)


def test_the_link_is_sent_again_until_there_is_a_password(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    with unit_of_work():
        fresh = service.create_admin(actor("prefecture"), admin_draft(actor("prefecture")), now)
    browser = sign_in("prefecture")

    shown = browser.get(f"/admins/show/{fresh.id}").get_data(as_text=True)
    sent = {"action": "invite", "key": [fresh.id, actor("county").admin_id]}
    answer = browser.post("/admins/list/", data=sent).get_data(as_text=True)

    messages = db.session.scalars(select(OutboxMessage.recipient)).all()
    assert 'value="invite"' in shown
    assert messages == ["newcomer@bureau.example"]
    assert answer.count('class="qj-st pass"') == answer.count('class="qj-st back"') == 1
