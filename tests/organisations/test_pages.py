"""Pages of organisations: forms keep what was typed, sub-pages work, foreign records are not there."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import PermissionView, Role
from sqlalchemy import select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.organisations.accounts import actor_for
from app.organisations.models import Account, Admin, Bureau, Region

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
PASSWORD = "Test-2026-Trade"
OTHER_PASSWORD = "Another-2026-Pass"


def region(code: str) -> int:
    """The id of a region."""
    return db.session.scalars(select(Region.id).where(Region.code == code)).one()


def bureau_at(code: str) -> int:
    """The id of the bureau of a region."""
    return db.session.scalars(select(Bureau.id).where(Bureau.region_id == region(code))).one()


def admin_form(**changes: object) -> dict[str, object]:
    """A filled form for a new admin of Xiaoshan."""
    entered: dict[str, object] = {
        "username": "helper",
        "display_name": "周舒书",
        "email": "helper@bureau.example",
        "phone": "0500-12345678",
        "bureau": bureau_at("330109"),
        "regions": [region("330109")],
        "bulk_accept": "y",
    }
    return {**entered, **changes}


def test_a_role_that_only_reads_a_list_does_no_batch_there(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    prefecture, county = actor("prefecture"), actor("county")
    with unit_of_work():
        listing = select(PermissionView).where(
            PermissionView.permission.has(name="can_list"), PermissionView.view_menu.has(name="AdminView")
        )
        user = db.session.get_one(Account, prefecture.account_id).user
        reader = Role(name="Reader", permissions=list(db.session.scalars(listing)))
        db.session.add(reader)
        user.roles = [reader]
    browser = sign_in("prefecture")

    page = browser.get("/admins/list/")
    answer = browser.post("/admins/list/", data={"action": "disable", "key": str(county.admin_id)})

    assert page.status_code == 200
    assert 'value="disable"' not in page.get_data(as_text=True)
    assert answer.status_code == 404


def test_a_refused_form_keeps_what_was_typed_and_saves_nothing(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    before = len(db.session.scalars(select(Account.id)).all())
    browser = sign_in("prefecture")
    form = admin_form(superior=actor("prefecture").admin_id, phone="12", username="county")

    answer = browser.post("/admins/add", data=form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'value="周舒书"' in page and "0500-12345678" in page
    assert len(db.session.scalars(select(Account.id)).all()) == before


def test_regions_and_superiors_of_a_sibling_cannot_be_chosen(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    browser = sign_in("prefecture")
    superior = actor("prefecture").admin_id

    for form in (
        admin_form(superior=superior, regions=[region("330212")]),
        admin_form(superior=actor("prefecture2").admin_id),
        admin_form(superior=superior, bureau=bureau_at("330212")),
    ):
        assert browser.post("/admins/add", data=form).status_code == 422
    offered = browser.get("/admins/choices/regions?q=鄞州").get_json()["results"]

    assert offered == []


@pytest.mark.parametrize("path", ["show", "edit", "transfer"])
@pytest.mark.parametrize(("base", "field"), [("admins", "admin_id"), ("bureaus", "bureau_id")])
def test_a_foreign_record_answers_404(
    app: Flask, sign_in: SignIn, actor: ActorOf, base: str, field: str, path: str
) -> None:
    key = getattr(actor("county2"), field)

    assert sign_in("prefecture").get(f"/{base}/{path}/{key}").status_code == 404


def test_work_is_transferred_on_its_page(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    browser = sign_in("province")
    giver, taker = actor("county").admin_id, actor("prefecture").admin_id

    refused = browser.post(f"/admins/transfer/{giver}", data={"to_admin": actor("prefecture2").admin_id})
    done = browser.post(f"/admins/transfer/{giver}", data={"to_admin": taker})
    disabled = browser.post("/admins/list/", data={"action": "disable", "key": giver, "confirmed": "1"})

    assert refused.status_code == 422
    assert done.status_code == 302
    assert disabled.status_code in (200, 302)
    assert actor_for(db.session.get_one(Admin, giver).account.user_id) is None


def test_a_bureau_gets_contacts_from_its_form(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    browser = sign_in("prefecture")
    form = {
        "name": "杭州示范主管部门",
        "level": "county",
        "region": region("330109"),
        "superior": actor("prefecture").bureau_id,
        "handler_name": "周舒书",
        "handler_phone": "0500-12345678",
    }

    answer = browser.post("/bureaus/add", data=form)

    made = db.session.scalars(select(Bureau).where(Bureau.name == "杭州示范主管部门")).one()
    assert answer.status_code == 302
    assert (made.handler_name, made.handler_phone, made.leader_name) == ("周舒书", "0500-12345678", "")


def test_a_zone_is_added_on_its_page(app: Flask, sign_in: SignIn) -> None:
    form = {"code": "Z330188", "name": "示范新区", "level": "county", "kind": "functional_zone"}
    browser = sign_in("prefecture")

    answer = browser.post("/regions/add", data={**form, "parent": region("330100")})
    foreign = browser.post("/regions/add", data={**form, "code": "Z330189", "parent": region("330200")})

    assert answer.status_code == 302
    assert foreign.status_code == 422


def test_everybody_changes_the_own_password_and_goes_on_while_other_sessions_end(
    app: Flask, sign_in: SignIn
) -> None:
    one, other = sign_in("enterprise"), sign_in("enterprise")
    form = {"current": PASSWORD, "password": OTHER_PASSWORD, "again": OTHER_PASSWORD}

    wrong = one.post("/account/password", data={**form, "again": "x"})
    done = one.post("/account/password", data=form)

    assert wrong.status_code == 422
    assert done.status_code == 302
    assert one.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302


def test_everybody_changes_the_own_data(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    form = {
        "display_name": "新名称",
        "email": "new@point.example",
        "phone": "0500-12345678",
        "language": "en",
    }
    browser = sign_in("point")

    done = browser.post("/account/", data=form)
    wrong = browser.post("/account/", data={**form, "phone": "1", "email": "county@bureau.example"})

    account = db.session.get_one(Account, actor("point").account_id)
    assert (done.status_code, wrong.status_code) == (302, 422)
    assert (account.display_name, account.email, account.language) == ("新名称", "new@point.example", "en")


def test_roles_are_granted_by_the_security_administrator_only(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    target = actor("admin").account_id

    auditor = actor("auditor").account_id

    refused = sign_in("admin").post(f"/accounts/grant/{auditor}", data={"roles": "Point"})
    both = sign_in("security").post(f"/accounts/grant/{target}", data={"roles": ["PlatformAdmin", "Auditor"]})

    assert refused.status_code == 422
    assert both.status_code == 422
    assert actor("admin").roles == {"PlatformAdmin"}


def test_a_shipped_role_is_not_changed(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("security")
    listed = browser.get("/roles/list/").get_data(as_text=True)
    key = re.search(r"/roles/show/(\d+)", listed)
    assert key is not None

    answer = browser.post(f"/roles/edit/{key[1]}", data={"name": "mine"})
    gone = browser.post(f"/roles/delete/{key[1]}")

    assert answer.status_code in (409, 422)
    assert gone.status_code in (302, 409)
    assert browser.get(f"/roles/show/{key[1]}").status_code == 200


@pytest.mark.parametrize("name", ["enterprise", "point", "provider", "auditor"])
@pytest.mark.parametrize("base", ["regions", "bureaus", "admins", "accounts", "roles"])
def test_other_kinds_of_account_have_no_such_pages(app: Flask, sign_in: SignIn, base: str, name: str) -> None:
    assert sign_in(name).get(f"/{base}/list/").status_code == 403


@pytest.mark.parametrize("base", ["regions", "bureaus", "admins"])
def test_a_list_takes_eight_statements_at_most(app: Flask, sign_in: SignIn, count: object, base: str) -> None:
    browser = sign_in("province")
    browser.get(f"/{base}/list/")

    with count() as statements:  # type: ignore[operator]
        answer = browser.get(f"/{base}/list/")

    assert answer.status_code == 200
    assert len(statements) <= 8, statements
