"""Signing in with a second step: no session before the last one, and nothing that tells who exists."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.access_settings import CAPTCHA_ALWAYS, PASSWORD_DAYS, SECOND_FACTOR
from app.organisations.account_service import hash_password, set_password
from app.organisations.models import Account
from tests.access import MOBILE, OTHER_MOBILE, give_mobile, last_code, messages, set_value
from tests.captcha import solved, solved_on
from tests.conftest import PASSWORD

ActorOf = Callable[[str], Actor]
FRESH = "Fresh-2026-Word"


@pytest.fixture
def with_code(app: Flask, clock: MovableClock) -> None:
    """Staff and enterprises enter a code."""
    set_value(SECOND_FACTOR, ["bureau", "enterprise"], clock.now())


def enter(client: FlaskClient, name: str = "county", password: str = PASSWORD, **more: str) -> str:
    """Name and password; the way on."""
    answer = client.post("/login/", data={"username": name, "password": password, **more})
    return answer.location if answer.status_code == 302 else str(answer.status_code)


def test_the_code_comes_between_password_and_session(
    with_code: None, client: FlaskClient, actor: ActorOf
) -> None:
    give_mobile(actor("county").account_id)

    assert enter(client) == "/login/code"
    assert client.get("/").location.startswith("/login/")
    assert client.get("/api/v1/reports/").status_code == 401
    page = client.get("/login/code").get_data(as_text=True)
    assert "100****0001" in page and MOBILE not in page
    assert '<button class="qj-btn pri" type="submit">继续登录</button>' in page
    wrong = client.post("/login/code", data={"code": "000000" if last_code() != "000000" else "1"})
    assert wrong.status_code == 422
    done = client.post("/login/code", data={"code": last_code()})
    assert (done.status_code, done.location) == (302, "/")
    assert client.get("/").status_code == 200


def test_the_way_wanted_is_kept_through_the_steps(
    with_code: None, client: FlaskClient, actor: ActorOf
) -> None:
    give_mobile(actor("county").account_id)
    client.post("/login/?next=/review/", data={"username": "county", "password": PASSWORD})

    assert client.post("/login/code", data={"code": last_code()}).location == "/review/"


def test_a_sign_in_is_one_line_of_the_trail_after_the_last_step(
    with_code: None, client: FlaskClient, actor: ActorOf
) -> None:
    give_mobile(actor("county").account_id)
    enter(client)
    before = db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "sign_in")).all()
    client.post("/login/code", data={"code": last_code()})

    db.session.rollback()
    after = db.session.scalars(select(AuditEntry.id).where(AuditEntry.action == "sign_in")).all()
    assert (before, len(after)) == ([], 1)


@pytest.mark.parametrize("change", ["password", "state", "epoch"])
def test_an_unfinished_sign_in_ends_with_a_change_of(
    change: str, with_code: None, client: FlaskClient, actor: ActorOf, clock: MovableClock
) -> None:
    account_id = actor("county").account_id
    give_mobile(account_id)
    enter(client)
    with unit_of_work():
        account = db.session.get_one(Account, account_id)
        if change == "password":
            set_password(account, hash_password(FRESH), clock.now())
        elif change == "state":
            account.state = "disabled"
        else:
            account.session_epoch += 1

    assert client.post("/login/code", data={"code": last_code()}).location == "/login/"
    assert client.get("/").status_code == 302


def test_an_unfinished_sign_in_runs_out(
    with_code: None, client: FlaskClient, actor: ActorOf, clock: MovableClock
) -> None:
    give_mobile(actor("county").account_id)
    enter(client)
    clock.advance(minutes=16)

    assert client.get("/login/code").location == "/login/"


def test_another_code_is_sent_by_the_button_after_a_minute(
    with_code: None, client: FlaskClient, actor: ActorOf, clock: MovableClock
) -> None:
    give_mobile(actor("county").account_id)
    enter(client)

    soon = client.post("/login/code", data={"send": "sign_in"})
    clock.advance(seconds=61)
    later = client.post("/login/code", data={"send": "sign_in"})

    assert (soon.status_code, later.status_code, len(messages())) == (422, 200, 2)
    assert 'data-wait="60"' in later.get_data(as_text=True)


def test_an_account_without_a_mobile_binds_one_first(
    with_code: None, client: FlaskClient, actor: ActorOf
) -> None:
    assert enter(client) == "/login/phone"
    assert client.post("/login/phone", data={"send": "bind_phone", "phone": "123"}).status_code == 422
    sent = client.post("/login/phone", data={"send": "bind_phone", "phone": MOBILE})
    assert sent.status_code == 200 and f'value="{MOBILE}"' in sent.get_data(as_text=True)
    stolen = client.post("/login/phone", data={"phone": OTHER_MOBILE, "code": last_code()})
    assert stolen.status_code == 422
    done = client.post("/login/phone", data={"phone": MOBILE, "code": last_code()})

    assert done.location == "/"
    account = db.session.get_one(Account, actor("county").account_id)
    assert account.phone == MOBILE
    assert client.get("/").status_code == 200


def test_the_step_that_is_not_due_leads_on(with_code: None, client: FlaskClient, actor: ActorOf) -> None:
    give_mobile(actor("county").account_id)
    enter(client)

    assert client.get("/login/phone").location == "/login/code"
    assert client.get("/login/password").location == "/login/code"
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("path", ["/login/code", "/login/phone", "/login/password"])
def test_no_step_without_a_password(path: str, client: FlaskClient) -> None:
    assert client.get(path).location.startswith("/login/")
    assert client.post(path, data={"code": "123456"}).location.startswith("/login/")


def test_an_old_password_is_changed_before_anything_else(
    app: Flask, client: FlaskClient, actor: ActorOf, clock: MovableClock
) -> None:
    set_value(PASSWORD_DAYS, 90, clock.now())

    assert enter(client) == "/login/password"
    assert client.get("/").status_code == 302
    same = client.post("/login/password", data={"password": PASSWORD, "again": PASSWORD})
    assert same.status_code == 422
    done = client.post("/login/password", data={"password": FRESH, "again": FRESH})
    assert done.location == "/"
    assert client.get("/").status_code == 200


def test_a_password_that_an_admin_set_is_changed_at_the_first_sign_in(
    sign_in: Callable[[str], FlaskClient], client: FlaskClient, actor: ActorOf
) -> None:
    path = f"/accounts/reset/{actor('county').account_id}"
    form = {"password": FRESH, "again": FRESH}
    assert sign_in("admin").post(path, data=form).status_code == 302

    assert enter(client, password=FRESH) == "/login/password"
    assert client.post("/login/password", data=form).status_code == 422
    form = {"password": "Mine-Alone-2026", "again": "Mine-Alone-2026"}
    assert client.post("/login/password", data=form).location == "/"
    assert enter(client.application.test_client(), password="Mine-Alone-2026") == "/"


def test_a_captcha_is_due_after_two_failures_for_every_name(client: FlaskClient) -> None:
    for name in ("county", "stranger"):
        assert [enter(client, name, "wrong") for _try in range(2)] == ["422", "422"]
        page = client.post("/login/", data={"username": name, "password": "wrong"}).get_data(as_text=True)
        assert "captcha-token" in page

    assert enter(client, "county") == "422"
    assert enter(client, "county", **solved(client)) == "/"
    assert "captcha-token" not in client.application.test_client().get("/login/").get_data(as_text=True)


def test_a_missing_captcha_is_no_failure_of_the_password(client: FlaskClient, actor: ActorOf) -> None:
    for _try in range(8):
        enter(client, "county", "wrong")

    db.session.rollback()
    account = db.session.get_one(Account, actor("county").account_id)
    assert (account.failed_sign_ins, account.locked_until) == (2, None)


def test_where_one_kind_always_enters_a_captcha_everybody_does(
    app: Flask, client: FlaskClient, clock: MovableClock
) -> None:
    set_value(CAPTCHA_ALWAYS, ["enterprise"], clock.now())

    assert enter(client, "county") == "422"
    page = client.get("/login/").get_data(as_text=True)
    assert enter(client, "county", **solved_on(page)) == "/"


def test_the_sign_in_page_leads_to_every_other_way(client: FlaskClient) -> None:
    page = client.get("/login/").get_data(as_text=True)

    for words, path in (
        ("绑定手机号", "/login/phone"),
        ("忘记密码", "/recover/password"),
        ("账号找回", "/recover/name"),
        ("手机号修改", "/account/phone"),
    ):
        assert f'<a href="{path}">{words}</a>' in page
