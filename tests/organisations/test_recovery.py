"""Forgotten passwords and login names: the same answers and the same work for names that nobody has."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.models import Account
from tests.access import MOBILE, give_mobile, last_code, messages
from tests.captcha import solved
from tests.conftest import PASSWORD

ActorOf = Callable[[str], Actor]
FRESH = "Fresh-2026-Word"


@pytest.fixture
def person(actor: ActorOf) -> str:
    """The user name of an account with a mobile."""
    county = actor("county")
    give_mobile(county.account_id)
    return county.name


def ask(client: FlaskClient, username: str, name: str) -> Any:
    form = {"username": username, "display_name": name, **solved(client)}
    return client.post("/recover/password", data=form)


def renew(client: FlaskClient, code: str, password: str = FRESH) -> Any:
    return client.post("/recover/code", data={"code": code, "password": password, "again": password})


def test_a_password_is_recovered_by_both_names_and_a_code(
    person: str, client: FlaskClient, sign_in: Callable[[str], FlaskClient]
) -> None:
    other = sign_in("county")

    assert ask(client, "county", f" {person} ").location == "/recover/code"
    assert renew(client, last_code()).location == "/login/"

    assert other.get("/").status_code == 302
    entered = client.post("/login/", data={"username": "county", "password": FRESH})
    assert entered.location == "/"


def test_a_login_name_is_read_in_any_width_and_case(person: str, client: FlaskClient) -> None:
    entered = client.post("/login/", data={"username": " ＣｏＵｎｔｙ ", "password": PASSWORD})
    client.get("/logout/")

    assert entered.location == "/"
    assert ask(client, "ｃｏｕｎｔＹ", person).location == "/recover/code"
    assert renew(client, last_code()).location == "/login/"


def test_a_weak_password_leaves_the_code_good(person: str, client: FlaskClient) -> None:
    ask(client, "county", person)

    assert renew(client, last_code(), "weak").status_code == 422
    assert renew(client, last_code(), PASSWORD).status_code == 422
    assert renew(client, last_code()).location == "/login/"


def test_a_captcha_stands_before_every_message(person: str, client: FlaskClient) -> None:
    form = {"username": "county", "display_name": person, "phone": MOBILE}

    assert client.post("/recover/password", data=form).status_code == 422
    assert client.post("/recover/name", data=form).status_code == 422
    assert messages() == []


def plain(answer: Any) -> tuple[int, str, str]:
    body = re.sub(r'(csrf[-_]token" (content|value)|data-wait)="[^"]*"', "", answer.get_data(as_text=True))
    return answer.status_code, answer.location or "", body


def test_answers_do_not_tell_whether_somebody_has_the_names(
    app: Flask, person: str, client: FlaskClient
) -> None:
    answers = {}
    for username, name in (("county", person), ("stranger", person), ("county", "别人")):
        visitor = app.test_client()
        first = plain(ask(visitor, username, name))
        again = plain(visitor.post("/recover/code", data={"send": "recover_password"}))
        guesses = [plain(renew(visitor, "1")) for _try in range(6)]
        answers[username, name] = (first, again, guesses, plain(renew(visitor, "1", "weak")))

    found = list(answers.values())
    assert found[0] == found[1] == found[2]
    assert len(messages()) == 1


def test_the_work_is_the_same_too(person: str, client: FlaskClient, count: Callable[[], Any]) -> None:
    known, unknown = (
        {**solved(client), "display_name": person, "username": name} for name in ("county", "x1")
    )

    with count() as for_known:
        client.post("/recover/password", data=known)
    with count() as for_unknown:
        client.post("/recover/password", data=unknown)

    assert len(for_known) == len(for_unknown)


def test_the_login_names_go_to_the_mobile_and_are_not_shown(
    person: str, client: FlaskClient, clock: MovableClock
) -> None:
    form = {"phone": MOBILE, "display_name": person}

    known = client.post("/recover/name", data={**form, **solved(client)}, follow_redirects=True)
    page = known.get_data(as_text=True)
    told = messages()
    other = client.post(
        "/recover/name", data={**form, "display_name": "别人", **solved(client)}, follow_redirects=True
    )

    assert [(message.recipient, "county" in message.body) for message in told] == [(MOBILE, True)]
    assert "如有与该手机号" in page
    assert plain(other)[2] == plain(known)[2]
    assert len(messages()) == 1


def test_the_login_names_of_a_mobile_are_not_sent_without_end(person: str, client: FlaskClient) -> None:
    form = {"phone": MOBILE, "display_name": person}

    answers = [client.post("/recover/name", data={**form, **solved(client)}).status_code for _try in range(6)]

    assert answers == [302] * 5 + [422]


def test_a_disabled_account_is_not_recovered(person: str, client: FlaskClient, actor: ActorOf) -> None:
    account = db.session.get_one(Account, actor("county").account_id)
    account.state = "disabled"
    db.session.commit()

    ask(client, "county", person)

    assert messages() == []
