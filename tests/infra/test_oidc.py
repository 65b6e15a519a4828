"""Sign-in by an identity provider: a real one in another process, behaving and misbehaving."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy import select

import config as configuration
from app.infra.database import db
from app.infra.oidc import claim_names, fields_of, known_fields
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.access_models import ExternalIdentity
from app.organisations.access_settings import SECOND_FACTOR
from app.organisations.models import Account
from tests.access import set_value
from tests.conftest import PASSWORD
from tests.oidc_provider import CLIENT, SECRET

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The address of a provider in a process of its own."""
    command = [sys.executable, "-m", "tests.oidc_provider", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


@pytest.fixture
def provider(app: Flask, issuer: str) -> Iterator[Callable[..., None]]:
    """``provider(forged=True)`` says how it misbehaves from here on."""

    def behave(**mode: Any) -> None:
        body = json.dumps(mode).encode()
        urllib.request.urlopen(f"{issuer}/mode", body, timeout=5).close()  # noqa: S310 - the test's own server
        app.extensions.pop("oidc", None)

    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_LABEL")
    before = {name: app.config[name] for name in names}
    app.config.update(zip(names, (issuer, CLIENT, SECRET, "政务服务平台"), strict=True))
    behave()
    yield behave
    app.config.update(before)
    app.extensions.pop("oidc", None)


def come(client: FlaskClient, path: str = "/login/oidc/") -> Any:
    """To the provider and back; the platform's answer."""
    away = client.get(path)
    assert away.status_code == 302, away.get_data(as_text=True)
    back = httpx.get(away.location)
    assert back.status_code == 302, back.text
    parts = urlsplit(back.headers["Location"])
    return client.get(f"{parts.path}?{parts.query}")


def bound() -> list[tuple[int, str]]:
    db.session.rollback()
    rows = db.session.execute(select(ExternalIdentity.account_id, ExternalIdentity.subject))
    return [tuple(row) for row in rows]


def test_without_configuration_there_is_no_such_way(app: Flask, client: FlaskClient) -> None:
    assert client.get("/login/oidc/").status_code == 404
    assert client.get("/login/oidc/callback").status_code == 404
    assert "/login/oidc" not in client.get("/login/").get_data(as_text=True)


def test_the_first_time_binds_by_the_local_password(
    provider: Callable[..., None], client: FlaskClient, actor: Callable[[str], Actor]
) -> None:
    page = client.get("/login/").get_data(as_text=True)
    assert "政务服务平台" in page

    assert come(client).location.startswith("/login/")
    assert "首次" in client.get("/login/").get_data(as_text=True)
    assert client.get("/").status_code == 302
    assert client.post("/login/", data={"username": "county", "password": PASSWORD}).location == "/"
    assert bound() == [(actor("county").account_id, "subject-1")]

    later = client.application.test_client()
    assert come(later, "/login/oidc/?next=/review/").location == "/review/"
    assert later.get("/").status_code == 200


def test_a_wrong_password_binds_nothing(provider: Callable[..., None], client: FlaskClient) -> None:
    come(client)
    client.post("/login/", data={"username": "county", "password": "wrong"})

    assert bound() == []


def test_who_does_not_want_it_signs_in_without_binding(
    provider: Callable[..., None], client: FlaskClient
) -> None:
    come(client)
    client.get("/login/oidc/forget")
    client.post("/login/", data={"username": "county", "password": PASSWORD})

    assert bound() == []


def test_an_identity_that_waited_too_long_is_not_bound(
    provider: Callable[..., None], client: FlaskClient, clock: MovableClock
) -> None:
    come(client)
    clock.advance(minutes=31)
    client.post("/login/", data={"username": "county", "password": PASSWORD})

    assert bound() == []


def bind(client: FlaskClient) -> None:
    come(client)
    client.post("/login/", data={"username": "county", "password": PASSWORD})
    assert len(bound()) == 1


def test_the_provider_stands_for_the_second_factor(
    provider: Callable[..., None], client: FlaskClient, clock: MovableClock
) -> None:
    bind(client)
    set_value(SECOND_FACTOR, ["bureau"], clock.now())

    assert come(client.application.test_client()).location == "/"


def test_an_identity_is_taken_away_by_the_owner(provider: Callable[..., None], client: FlaskClient) -> None:
    bind(client)
    assert "政务服务平台" in client.get("/account/sessions").get_data(as_text=True)

    assert client.post("/account/sessions/unbind").status_code == 302
    assert bound() == []
    assert come(client.application.test_client()).location.startswith("/login/")


def test_a_disabled_account_is_not_opened(
    provider: Callable[..., None], client: FlaskClient, actor: Callable[[str], Actor]
) -> None:
    account_id = actor("county").account_id
    bind(client)
    with unit_of_work():
        db.session.get_one(Account, account_id).state = "disabled"
    visitor = client.application.test_client()

    assert come(visitor).location.startswith("/login/")
    assert visitor.get("/").status_code == 302


def test_known_fields_are_there_for_a_registration(
    app: Flask, provider: Callable[..., None], client: FlaskClient
) -> None:
    provider(claims={"enterprise_name": "示范进出口公司", "name": "周舒书", "phone_number": 7, "email": ""})
    come(client)

    with client.session_transaction() as kept:
        noted = dict(kept)
    with app.test_request_context():
        assert known_fields() == {}
        session.update(noted)
        assert known_fields() == {"name": "示范进出口公司", "contact": "周舒书"}


@pytest.mark.parametrize(
    "mode",
    [
        {"forged": True},
        {"silent": True},
        {"denies": True},
        {"algorithms": ["none"]},
        {"algorithms": ["HS256"]},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"exp": 1}},
        {"claims": {"sub": ""}},
    ],
    ids=str,
)
def test_an_identity_that_does_not_hold_is_refused_in_words(
    mode: dict[str, Any], provider: Callable[..., None], client: FlaskClient
) -> None:
    bind(client)
    provider(**mode)
    visitor = client.application.test_client()

    answer = come(visitor)

    assert (answer.status_code, answer.location) == (302, "/login/")
    assert "政务服务平台" in visitor.get("/login/").get_data(as_text=True)
    assert visitor.get("/").status_code == 302


@pytest.mark.parametrize("query", ["", "?code=x", "?code=x&state=forged", "?error=access_denied", "?state=x"])
def test_a_forged_way_back_is_refused(provider: Callable[..., None], client: FlaskClient, query: str) -> None:
    assert client.get(f"/login/oidc/callback{query}").location == "/login/"


def test_a_way_back_is_good_in_its_own_browser_only(
    provider: Callable[..., None], client: FlaskClient
) -> None:
    bind(client)
    attacker, victim = client.application.test_client(), client.application.test_client()
    back = httpx.get(attacker.get("/login/oidc/").location).headers["Location"]
    parts = urlsplit(back)

    assert victim.get(f"{parts.path}?{parts.query}").location == "/login/"
    assert victim.get("/").status_code == 302


def test_a_provider_that_is_away_is_told_in_words(
    app: Flask, provider: Callable[..., None], client: FlaskClient
) -> None:
    app.config["OIDC_ISSUER"] = "http://127.0.0.1:9"

    assert client.get("/login/oidc/").location == "/login/"


def test_claims_are_mapped_as_configured() -> None:
    names = claim_names("name=corp mobile=tel nonsense=x uscc=")

    assert names == {"name": "corp", "mobile": "tel"}
    assert fields_of({"corp": " 公司 ", "tel": 5, "x": "y"}, names) == {"name": "公司"}


@pytest.mark.parametrize(
    "env",
    [
        {"OIDC_ISSUER": "https://id.example"},
        {
            "OIDC_ISSUER": "http://id.example",
            "OIDC_CLIENT_ID": "a",
            "OIDC_CLIENT_SECRET": "b",
            "APP_ENV": "production",
            "SECRET_KEY": "k" * 40,
        },
    ],
)
def test_half_or_unsafe_settings_are_refused_at_the_start(env: dict[str, str]) -> None:
    with pytest.raises(configuration.ConfigurationError, match="OIDC"):
        configuration.load(env=env)
