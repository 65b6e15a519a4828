"""The outbox of the product: delivered at once without a worker, read by the administrator, tried again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.outbox import Channel, Delivery, OutboxMessage, post
from app.infra.outbox.setup import init_outbox
from app.infra.transactions import unit_of_work

SignIn = Callable[[str], FlaskClient]
Post = Callable[..., int]
CODE = "验证码 482913，10 分钟内有效。"


@pytest.fixture
def posted(app: Flask, now: dt.datetime) -> Post:
    """``posted(secret=True)``: a message, as a service posts it; gives its key."""

    def made(**changes: Any) -> int:
        given = {"purpose": "code.registration", "now": now, **changes}
        with unit_of_work():
            return post(Channel.SMS, given.pop("recipient", "00000000000"), CODE, **given).id

    return made


@pytest.fixture
def outside(app: Flask) -> Iterator[Flask]:
    """The application with a gateway for SMS, which nobody may reach in a test."""
    app.config["SMS"] = {"url": "http://127.0.0.1:9/", "template": {"text": "{body}"}}
    init_outbox(app)
    yield app
    app.config["SMS"] = None
    init_outbox(app)


def message(key: int) -> OutboxMessage:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(OutboxMessage, key)


def fail(key: int) -> None:
    with unit_of_work():
        db.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == key)
            .values(state=Delivery.FAILED, error="550 no such number", attempts=12, adapter="sms")
        )


def test_without_a_gateway_a_message_is_there_as_soon_as_it_is_committed(posted: Post) -> None:
    found = message(posted(secret=True))

    assert (found.state, found.adapter, found.body, found.attempts) == (Delivery.SENT, "local", CODE, 1)
    assert found.sent_at is not None


def test_with_a_gateway_no_page_waits_for_it(outside: Flask, posted: Post) -> None:
    assert message(posted()).state == Delivery.WAITING


def test_a_visitor_of_a_demonstration_reads_the_newest_codes(client: FlaskClient, posted: Post) -> None:
    posted(secret=True)
    posted(secret=True, recipient="00000000001")

    everything, one = client.get("/outbox/local"), client.get("/outbox/local?receiver=000001")

    assert everything.text.count(CODE) == 2
    assert "00000000001" in one.text and one.text.count(CODE) == 1
    assert "/outbox/local" in client.get("/login/").text


def test_who_is_signed_in_finds_the_local_outbox_in_the_menu_of_the_account(sign_in: SignIn) -> None:
    page = BeautifulSoup(sign_in("county").get("/todos/").data, "html.parser")

    assert page.select_one(".qj-me a[href='/outbox/local']") is not None


def test_yesterdays_messages_are_no_longer_shown(client: FlaskClient, posted: Post) -> None:
    key = posted()
    with unit_of_work():
        long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
        db.session.execute(update(OutboxMessage).where(OutboxMessage.id == key).values(sent_at=long_ago))

    assert CODE not in client.get("/outbox/local").text


def test_what_a_gateway_carries_is_never_shown_there(
    outside: Flask, client: FlaskClient, posted: Post
) -> None:
    posted(secret=True)

    assert CODE not in client.get("/outbox/local").text


def test_elsewhere_the_page_is_not_there(app: Flask, client: FlaskClient, posted: Post) -> None:
    posted()
    app.config["DEMO"] = False
    try:
        assert client.get("/outbox/local").status_code == 404
        assert "/outbox/local" not in client.get("/login/").text
    finally:
        app.config["DEMO"] = True


@pytest.mark.parametrize(
    ("demo", "environment", "secret", "shown"),
    [
        (True, "development", True, True),
        (False, "development", True, True),
        (False, "production", True, False),
        (False, "production", False, True),
    ],
)
def test_a_secret_is_shown_to_the_administrator_only_where_things_are_tried_out(
    app: Flask, sign_in: SignIn, posted: Post, demo: bool, environment: str, secret: bool, shown: bool
) -> None:
    key = posted(secret=secret)
    visitor = sign_in("admin")
    kept = app.config["DEMO"], app.config["APP_ENV"]
    app.config["DEMO"], app.config["APP_ENV"] = demo, environment
    try:
        page = visitor.get(f"/outbox/show/{key}").text
        exported = visitor.post("/outbox/list/", data={"format": "csv", "columns": "all", "all": "1"}).text
    finally:
        app.config["DEMO"], app.config["APP_ENV"] = kept

    assert (CODE in page) is shown
    assert "482913" not in exported


def test_the_list_is_narrowed_by_channel_state_purpose_and_receiver(sign_in: SignIn, posted: Post) -> None:
    posted(), fail(posted(recipient="00000000001", purpose="activation"))
    visitor = sign_in("admin")

    def rows(query: str) -> int:
        return len(
            BeautifulSoup(visitor.get(f"/outbox/list/?{query}").data, "html.parser").select("tbody tr")
        )

    asked = ("", "state=failed", "channel=sms", "channel=email", "purpose=activation", "recipient=001")
    assert [rows(query) for query in asked] == [2, 1, 2, 0, 1, 1]


def test_a_failed_message_is_sent_again_once_and_the_trail_says_so(sign_in: SignIn, posted: Post) -> None:
    key = posted()
    fail(key)
    visitor = sign_in("admin")
    (todo,) = BeautifulSoup(visitor.get("/todos/").data, "html.parser").select(".qj-todo li")
    listed = BeautifulSoup(visitor.get(todo.select_one("a")["href"]).data, "html.parser")
    assert todo.select_one(".count").text == "1" == str(len(listed.select("tbody tr")))

    answers = [visitor.post(f"/outbox/again/{key}").status_code for _ in range(2)]

    assert answers == [302, 409]
    assert (message(key).state, message(key).error) == (Delivery.SENT, "")
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "send_again")).one()
    assert line.before == {"error": "550 no such number"}


def test_ticked_failures_are_sent_again_and_the_rest_is_told_why_not(sign_in: SignIn, posted: Post) -> None:
    failed, sent = posted(), posted()
    fail(failed)
    form = {"action": "again", "key": [str(failed), str(sent)], "confirmed": "1", "once": "one-key"}

    page = sign_in("admin").post("/outbox/list/", data=form)

    assert page.status_code == 200 and message(failed).state == Delivery.SENT
    assert "只有未送达的消息才能重新发送" in page.text
