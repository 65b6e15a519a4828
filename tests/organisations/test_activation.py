"""Activation links: sent instead of a password, used once, gone after a week."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.infra.database import db
from app.infra.outbox import Channel, OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.clock import MovableClock
from app.kernel.errors import Invalid
from app.organisations.account_service import AccountDraft, create_account, switch_off
from app.organisations.activation import LinkSpent, account_of_link, activate, invite
from app.organisations.models import Account

CHOSEN = "Chosen-2026-Word"
MOBILE = "10000000003"


def new_account(now: dt.datetime, **changes: str) -> Account:
    drafted = {"username": "fresh", "email": "fresh@bureau.example", "display_name": "新用户", **changes}
    return create_account(SYSTEM, AccountDraft(kind=Kind.POINT, **drafted), now)  # type: ignore[arg-type]


def last_message() -> OutboxMessage:
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def last_path() -> str:
    found = re.search(r"https?://[^/]+(/activate/\S+)", last_message().body)
    assert found is not None
    return found[1]


@pytest.fixture
def path(app: Flask, now: dt.datetime) -> str:
    """The address of a link for a new account."""
    with unit_of_work():
        invite(new_account(now), now)
    return last_path()


def test_the_link_goes_by_mail_and_is_a_secret(path: str) -> None:
    message = last_message()

    assert (message.channel, message.recipient, message.secret) == (
        Channel.EMAIL,
        "fresh@bureau.example",
        True,
    )
    kept = str(db.session.execute(text("SELECT * FROM activation_link")).all())
    assert path.rsplit("/", 1)[1] not in kept


def test_the_link_goes_by_sms_where_there_is_no_mail(app: Flask, now: dt.datetime) -> None:
    with unit_of_work():
        account = new_account(now, phone=MOBILE)
        account.user.email = ""
        invite(account, now)

    assert (last_message().channel, last_message().recipient) == (Channel.SMS, MOBILE)


def test_without_mail_and_mobile_there_is_no_way(app: Flask, now: dt.datetime) -> None:
    with pytest.raises(Invalid), unit_of_work():
        account = new_account(now, phone="0500-12345678")
        account.user.email = ""
        invite(account, now)


def test_the_owner_chooses_a_password_and_signs_in(path: str, client: FlaskClient) -> None:
    page = client.get(path)
    done = client.post(path, data={"password": CHOSEN, "again": CHOSEN})

    assert "fresh" in page.get_data(as_text=True)
    assert (done.status_code, done.location) == (302, "/login/")
    entered = client.post("/login/", data={"username": "fresh", "password": CHOSEN})
    assert (entered.status_code, entered.location) == (302, "/")
    assert client.get(path).status_code == 410


def test_a_weak_password_leaves_the_link_good(path: str, client: FlaskClient) -> None:
    weak = client.post(path, data={"password": "weak", "again": "weak"})
    differing = client.post(path, data={"password": CHOSEN, "again": "Other-2026-Word"})

    assert weak.status_code == differing.status_code == 422
    assert client.get(path).status_code == 200


def test_a_link_runs_out(path: str, client: FlaskClient, clock: MovableClock) -> None:
    clock.advance(days=7)

    assert client.get(path).status_code == 410
    assert client.post(path, data={"password": CHOSEN, "again": CHOSEN}).status_code == 410


def test_a_new_link_ends_the_one_before(path: str, client: FlaskClient, now: dt.datetime) -> None:
    account = account_of_link(path.rsplit("/", 1)[1], now)
    with unit_of_work():
        db.session.add(account)
        invite(account, now)

    assert client.get(path).status_code == 410
    assert client.get(last_path()).status_code == 200


def test_a_disabled_account_is_not_activated(
    path: str, now: dt.datetime, actor: Callable[[str], Actor]
) -> None:
    token = path.rsplit("/", 1)[1]
    account = account_of_link(token, now)
    with unit_of_work():
        db.session.add(account)
        switch_off(SYSTEM, account, now)

    with pytest.raises(LinkSpent), unit_of_work():
        activate(token, CHOSEN, now)


def test_the_address_is_that_of_the_installation(app: Flask, now: dt.datetime) -> None:
    app.config["PUBLIC_URL"] = "https://platform.example"
    try:
        with unit_of_work():
            invite(new_account(now), now)
    finally:
        app.config["PUBLIC_URL"] = ""

    assert "https://platform.example/activate/" in last_message().body
