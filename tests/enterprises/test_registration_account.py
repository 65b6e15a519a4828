"""账号注册 over HTTP: the agreement, the code of the text message, names and passwords."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra.database import db
from app.infra.outbox import OutboxMessage
from app.infra.sign_in import KNOWN
from app.organisations.models import Account
from tests.captcha import solved
from tests.web.pages import Page

PHONE = "10012345678"
GOOD_PASSWORD = "Registration-2026"


def sent_code() -> str:
    """The code of the last text message."""
    body = db.session.scalars(
        select(OutboxMessage.body).where(OutboxMessage.secret).order_by(OutboxMessage.id.desc())
    ).first()
    found = re.search(r"\d{6}", body or "")
    assert found is not None
    return found[0]


def account_form(**changes: str) -> dict[str, str]:
    values = {"username": "newmill", "password": GOOD_PASSWORD, "again": GOOD_PASSWORD}
    return {**values, "email": "newmill@enterprise.example", "phone": PHONE, "go": "register", **changes}


def agreed(app: Flask) -> FlaskClient:
    visitor = app.test_client()
    assert visitor.post("/register/", data={"answer": "agree"}).location.endswith("/register/account")
    return visitor


def with_code(app: Flask) -> tuple[FlaskClient, str]:
    """A visitor who agreed and got a code."""
    visitor = agreed(app)
    answer = visitor.post(
        "/register/account",
        data={"phone": PHONE, "go": "code", **solved(visitor)},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200, answer.json
    return visitor, sent_code()


def test_without_the_agreement_there_is_no_account(app: Flask, client: FlaskClient) -> None:
    straight = client.post("/register/account", data=account_form())
    refused = client.post("/register/", data={"answer": "disagree"})

    assert straight.location.endswith("/register/")
    assert refused.location.endswith("/login/")


def test_an_account_is_made_with_the_code_of_the_text_message_and_signed_in(app: Flask) -> None:
    visitor, code = with_code(app)

    answer = visitor.post("/register/account", data=account_form(code=code))
    page = visitor.get(answer.location)

    account = db.session.scalars(select(Account).where(Account.phone == PHONE)).one()
    assert answer.status_code == 302 and answer.location.endswith("/register/information")
    assert page.status_code == 200 and "企业注册" in page.text
    assert (account.kind, account.username) == ("enterprise", "newmill")
    assert visitor.get("/register/").status_code == 302


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        ({"code": "000000"}, "code"),
        ({"username": "enterprise"}, "username"),
        ({"username": "a"}, "username"),
        ({"password": "short", "again": "short"}, "password"),
        ({"again": "Something-else-2026"}, "again"),
        ({"email": "nobody"}, "email"),
        ({"email": "enterprise@enterprise.example"}, "email"),
        ({"phone": "12"}, "phone"),
        ({"username": ""}, "username"),
        ({"username": "甲\x00"}, "username"),
    ],
)
def test_a_refused_account_keeps_what_was_typed_but_the_passwords(
    app: Flask, entry: dict[str, str], field: str
) -> None:
    visitor, code = with_code(app)

    answer = visitor.post("/register/account", data={**account_form(code=code), **entry})

    typed = Page(answer.text).fields
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert typed["email"] == entry.get("email", "newmill@enterprise.example")
    assert GOOD_PASSWORD not in answer.text
    assert db.session.scalars(select(Account).where(Account.phone == PHONE)).first() is None


def test_everything_wrong_with_an_account_is_told_in_one_round(app: Flask) -> None:
    visitor = agreed(app)
    wrong = {
        "username": "enterprise",
        "password": "short",
        "again": "other",
        "phone": "12",
        "email": "nobody",
    }

    answer = visitor.post("/register/account", data=account_form(**wrong))

    for field in ("username", "password", "again", "email", "phone", "code"):
        assert f'href="#{field}"' in answer.text, field
    assert answer.status_code == 422


def test_an_account_with_errors_counts_as_a_try_before_it_is_told_what_is_taken(app: Flask) -> None:
    visitor = agreed(app)
    before = app.config["REGISTRATION_LIMIT"]
    app.config["REGISTRATION_LIMIT"] = "1 per hour"
    known = account_form(again="other", email="enterprise@enterprise.example")
    try:
        first, second = (visitor.post("/register/account", data=known) for _try in range(2))
    finally:
        app.config["REGISTRATION_LIMIT"] = before

    assert 'href="#email"' in first.text and 'href="#again"' in second.text
    assert 'href="#email"' not in second.text


@pytest.mark.parametrize(
    "name", ["ｃｏｕｎｔｙ", "cou\u200bnty", "еnterprise", "<b>", "甲乙丙", "ab", "a b c", "a" * 65]
)
def test_a_login_name_that_looks_like_another_is_refused(app: Flask, name: str) -> None:
    visitor, code = with_code(app)

    answer = visitor.post("/register/account", data=account_form(code=code, username=name))

    assert answer.status_code == 422 and 'href="#username"' in answer.text


def test_a_full_width_login_name_is_kept_plain(app: Flask) -> None:
    visitor, code = with_code(app)

    answer = visitor.post("/register/account", data=account_form(code=code, username="Ｎｅｗ_mill"))

    account = db.session.scalars(select(Account).where(Account.phone == PHONE)).one()
    assert answer.status_code == 302 and account.username == "New_mill"


def test_a_code_is_sent_only_for_a_solved_captcha_and_a_mobile(app: Flask) -> None:
    visitor = agreed(app)
    ask = {"headers": {"Accept": "application/json"}}

    no_captcha = visitor.post("/register/account", data={"phone": PHONE, "go": "code"}, **ask)
    no_mobile = visitor.post(
        "/register/account", data={"phone": "0571-1234567", "go": "code", **solved(visitor)}, **ask
    )
    plain = visitor.post("/register/account", data={**account_form(), "go": "code", **solved(visitor)})

    assert (no_captcha.status_code, no_mobile.status_code, plain.status_code) == (422, 422, 200)
    assert Page(plain.text).fields["username"] == "newmill"
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_what_an_identity_provider_knows_is_filled_in_already(app: Flask) -> None:
    visitor, code = with_code(app)
    with visitor.session_transaction() as session:
        session[KNOWN] = {
            "name": "杭州外来示范有限公司",
            "uscc": "9133 0100 7996 5505 8b",
            "legal_person": "长" * 100,
            "contact": "陈言知",
            "mobile": PHONE,
            "email": "outside@enterprise.example",
        }

    account = Page(visitor.get("/register/account").text).fields
    answer = visitor.post("/register/account", data=account_form(code=code))
    facts = Page(visitor.get(answer.location).text).fields

    assert (account["email"], account["phone"]) == ("outside@enterprise.example", PHONE)
    assert (facts["name"], facts["uscc"]) == ("杭州外来示范有限公司", "91330100799655058B")
    assert (facts["legal_representative"], facts["contact_name"]) == ("", "陈言知")


def test_too_many_registrations_from_one_address_wait(app: Flask) -> None:
    visitor, _code = with_code(app)
    before = app.config["REGISTRATION_LIMIT"]
    app.config["REGISTRATION_LIMIT"] = "2 per hour"
    try:
        answers = [visitor.post("/register/account", data=account_form(code="000000")) for _try in range(3)]
    finally:
        app.config["REGISTRATION_LIMIT"] = before

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert "稍" in answers[2].text or "几分钟" in answers[2].text
