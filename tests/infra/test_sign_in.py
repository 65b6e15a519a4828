"""Sign-in: equal answers, a lock that counts every failure, sessions that end when they must."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.account_service import hash_password, set_password
from app.organisations.authentication import FAILURES_BEFORE_LOCK, count_failure
from app.organisations.models import Account
from tests.captcha import solved
from tests.conftest import PASSWORD

SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]
ENDED = "您的登录已结束：密码、角色或状态已变更，或已在别处退出。请重新登录。"
CSRF_TOKEN = re.compile(r'(?<=csrf[-_]token" )(content|value)="[^"]*"')
"""It carries the second in which it was made."""
CAPTCHA = re.compile(r'(?<=captcha-token" value=")[^"]*|data:image/png;base64,[^"]*')
"""It is another one each time."""


def try_sign_in(client: FlaskClient, name: str, password: str) -> tuple[int, str]:
    """Whatever is asked for beside name and password is given."""
    form = {"username": name, "password": password, **solved(client)}
    page = client.post("/login/", data=form)
    return page.status_code, CAPTCHA.sub("", CSRF_TOKEN.sub("", page.get_data(as_text=True)))


def account(username: str, actor: ActorOf) -> Account:
    found = db.session.get(Account, actor(username).account_id)
    assert found is not None
    return found


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(client: FlaskClient) -> None:
    unknown = try_sign_in(client, "nobody", "wrong-password")
    wrong = try_sign_in(client, "county", "wrong-password")

    assert unknown[0] == wrong[0] == 422
    assert unknown[1].replace("nobody", "county") == wrong[1]


def test_a_lock_does_not_tell_whether_somebody_has_the_name(client: FlaskClient) -> None:
    answers = {
        name: [try_sign_in(client, name, "wrong-password") for _try in range(FAILURES_BEFORE_LOCK + 1)]
        for name in ("county", "stranger")
    }

    assert [page.replace("stranger", "county") for _status, page in answers["stranger"]] == [
        page for _status, page in answers["county"]
    ]
    assert answers["county"][0] != answers["county"][-1]


def test_five_failures_lock_an_account_for_a_quarter_of_an_hour(
    client: FlaskClient, clock: MovableClock
) -> None:
    for _try in range(FAILURES_BEFORE_LOCK):
        try_sign_in(client, "county", "wrong-password")

    assert try_sign_in(client, "county", PASSWORD)[0] == 422
    clock.advance(minutes=16)
    assert try_sign_in(client, "county", PASSWORD)[0] == 302


def test_another_captcha_without_scripts_is_a_page_that_has_one(client: FlaskClient) -> None:
    """The way to another captcha leads to a page whose visitor has not been named yet."""
    for _try in range(3):
        try_sign_in(client, "county", "wrong-password")

    assert CAPTCHA.search(client.get("/login/?captcha=question").get_data(as_text=True))
    assert not CAPTCHA.search(client.get("/login/").get_data(as_text=True))


def test_parallel_failures_are_all_counted(app: Flask, actor: ActorOf, clock: MovableClock) -> None:
    def fail() -> None:
        with app.app_context():
            count_failure("county", clock.now())

    threads = [threading.Thread(target=fail) for _number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.expire_all()
    assert account("county", actor).failed_sign_ins == 24


def test_a_sign_in_and_a_failure_are_in_the_audit_trail(client: FlaskClient, app: Flask) -> None:
    try_sign_in(client, "county", "wrong-password")
    try_sign_in(client, "county", PASSWORD)

    lines = db.session.execute(
        select(AuditEntry.action, AuditEntry.outcome)
        .where(AuditEntry.action == "sign_in")
        .order_by(AuditEntry.id)
    ).all()
    assert [tuple(line) for line in lines] == [("sign_in", "refused"), ("sign_in", "done")]


@pytest.mark.parametrize("change", ["password", "roles", "state", "epoch"])
def test_a_session_ends_with_a_change_of(
    change: str, sign_in: SignIn, actor: ActorOf, clock: MovableClock
) -> None:
    client = sign_in("county")
    assert client.get("/").status_code == 200
    found = account("county", actor)
    with unit_of_work():
        db.session.add(found)
        if change == "password":
            set_password(found, hash_password("Another-2026-Word"), clock.now())
        elif change == "roles":
            found.user.roles.append(Role(name="Extra"))
        elif change == "state":
            found.state = "disabled"
        else:
            found.session_epoch += 1

    assert client.get("/").status_code == 302
    assert ENDED in client.get("/login/").text
    assert ENDED not in client.get("/login/").text


def test_an_ended_session_is_told_on_the_sign_in_page_too_and_only_to_its_browser(
    sign_in: SignIn, actor: ActorOf, client: FlaskClient
) -> None:
    browser = sign_in("county")
    with unit_of_work():
        account("county", actor).session_epoch += 1

    assert ENDED in browser.get("/login/").text
    assert browser.get("/").status_code == 302
    assert ENDED not in browser.get("/login/").text
    client.get("/")
    assert ENDED not in client.get("/login/").text


def test_a_script_is_told_of_an_ended_session_and_the_next_page_still_is(
    sign_in: SignIn, actor: ActorOf
) -> None:
    browser = sign_in("county")
    with unit_of_work():
        account("county", actor).session_epoch += 1

    assert browser.get("/inbox/", headers={"Accept": "application/json"}).status_code == 401
    browser.get("/")
    assert ENDED in browser.get("/login/").text


def test_signing_out_ends_the_session(sign_in: SignIn) -> None:
    client = sign_in("county")
    client.get("/logout/")

    assert client.get("/").status_code == 302


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_the_way_back_after_sign_in_never_leaves_the_site(client: FlaskClient, target: str) -> None:
    answer = client.post(
        "/login/", query_string={"next": target}, data={"username": "county", "password": PASSWORD}
    )

    assert answer.location == "/"


def test_too_many_tries_from_one_address_are_refused(app: Flask, client: FlaskClient) -> None:
    app.config["SIGN_IN_LIMIT"] = "3 per minute"
    try:
        answers = [try_sign_in(client, f"name{number}", "wrong")[1] for number in range(4)]
    finally:
        app.config["SIGN_IN_LIMIT"] = "100000 per minute"

    assert answers[3] != answers[2]


def test_a_cookie_is_not_readable_by_scripts_and_not_sent_from_elsewhere(client: FlaskClient) -> None:
    answer = client.post("/login/", data={"username": "county", "password": PASSWORD})

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_signed_in_page_is_never_cached_and_carries_the_policy(sign_in: SignIn) -> None:
    headers = sign_in("county").get("/").headers

    assert headers["Cache-Control"] == "no-store"
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_static_file_needs_no_session_and_carries_no_cookie(sign_in: SignIn) -> None:
    client = sign_in("county")

    answer = client.get("/static/css/qingjian.css?v=1")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "immutable" in answer.headers["Cache-Control"]
