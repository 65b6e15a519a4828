"""What was typed survives: an expired session, a stale record, a database that is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select

from app.infra.database import db
from app.kernel.actor import Actor
from app.organisations.models import Account, Bureau
from tests.conftest import PASSWORD
from tests.factories.reports import submitted
from tests.web.pages import Page

SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]
HOME = {"Origin": "http://localhost"}
TYPED = {
    "display_name": "新名称 <b>&\"'",
    "email": "new@enterprise.example",
    "phone": "0500-00001234",
    "language": "en",
}
SAVE = "/filing/sme_monthly/2026-10/main/save"


@pytest.fixture
def guarded(app: Flask) -> Flask:
    """The application with CSRF as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def token_on(visitor: FlaskClient, path: str) -> str:
    return Page(visitor.get(path).get_data(as_text=True)).fields["csrf_token"]


def sign_in_again(visitor: FlaskClient, username: str) -> None:
    form = {"username": username, "password": PASSWORD, "csrf_token": token_on(visitor, "/login/")}
    assert visitor.post("/login/", data=form, headers=HOME).status_code == 302


def display_name(actor: Actor) -> str:
    db.session.rollback()
    return db.session.scalars(select(Account.display_name).where(Account.id == actor.account_id)).one()


def test_a_form_of_an_expired_session_is_kept_and_sent_again_after_signing_in(
    guarded: Flask, actor: ActorOf
) -> None:
    visitor = guarded.test_client()
    sign_in_again(visitor, "enterprise")
    form = {**TYPED, "csrf_token": token_on(visitor, "/account/")}
    visitor.delete_cookie("session")

    expired = visitor.post("/account/", data=form, headers=HOME)
    kept = Page(expired.get_data(as_text=True)).fields
    sign_in_again(visitor, "enterprise")
    again = visitor.post("/account/", data=kept, headers=HOME)
    resent = Page(again.get_data(as_text=True)).fields
    saved = visitor.post("/account/", data=resent, headers=HOME)

    assert (expired.status_code, again.status_code, saved.status_code) == (400, 400, 302)
    assert {name: kept[name] for name in TYPED} == TYPED
    assert {name: resent[name] for name in TYPED} == TYPED
    assert display_name(actor("enterprise")) == TYPED["display_name"]


def test_a_password_is_never_sent_back(guarded: Flask) -> None:
    form = {"current": PASSWORD, "password": "Secret-Word-2026", "again": "Secret-Word-2026", "phone": "1"}

    answer = guarded.test_client().post("/account/password", data=form, headers=HOME)

    assert answer.status_code == 400
    assert "Secret-Word-2026" not in answer.get_data(as_text=True)
    assert PASSWORD not in answer.get_data(as_text=True)


@pytest.mark.parametrize("origin", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {}], ids=str)
def test_a_post_from_another_site_is_refused_and_not_kept(
    guarded: Flask, actor: ActorOf, origin: dict[str, str]
) -> None:
    visitor = guarded.test_client()
    sign_in_again(visitor, "enterprise")
    before = display_name(actor("enterprise"))

    answer = visitor.post("/account/", data=TYPED, headers=origin)

    assert answer.status_code == 400
    assert "new@enterprise.example" not in answer.get_data(as_text=True)
    assert display_name(actor("enterprise")) == before


def test_a_script_without_a_session_is_told_so_in_words(guarded: Flask) -> None:
    answer = guarded.test_client().post(
        SAVE, json={"version": 0, "cells": {"revenue.ytd": "1"}}, headers=HOME
    )

    assert answer.status_code == 401
    assert answer.get_json()["message"]


def test_a_record_changed_meanwhile_is_not_overwritten_and_the_input_stays(
    sign_in: SignIn, actor: ActorOf
) -> None:
    path = f"/bureaus/edit/{actor('county').bureau_id}"
    first, second = sign_in("province"), sign_in("prefecture")
    seen = Page(second.get(path).get_data(as_text=True)).fields
    fresh = Page(first.get(path).get_data(as_text=True)).fields

    assert first.post(path, data={**fresh, "leader_name": "甲先生"}).status_code == 302
    late = second.post(path, data={**seen, "leader_name": "乙先生"})

    assert late.status_code in {409, 422}
    kept = Page(late.get_data(as_text=True))
    assert kept.fields["leader_name"] == "乙先生"
    db.session.rollback()
    bureau = db.session.get_one(Bureau, actor("county").bureau_id)
    assert bureau.leader_name == "甲先生"


def test_a_report_reviewed_meanwhile_is_told_and_stays_as_it_is(
    sign_in: SignIn, actor: ActorOf, now: Any
) -> None:
    report = submitted(actor("enterprise"), now)
    path, version = f"/review/{report.id}/accept", report.version
    county = sign_in("county")

    assert county.post(path, data={"version": version}).status_code == 302
    twice = county.post(path, data={"version": version})

    assert twice.status_code == 409
    assert "刷新" in twice.get_data(as_text=True)


@pytest.fixture
def away(app: Flask, sign_in: SignIn) -> Iterator[dict[str, FlaskClient]]:
    """Visitors with and without a session, while nobody answers where the database was."""
    visitors = {"county": sign_in("county"), "public": app.test_client()}
    db.session.remove()
    engines = db.engines
    living = engines[None]
    engines[None] = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    try:
        yield visitors
    finally:
        db.session.remove()
        engines[None].dispose()
        engines[None] = living


@pytest.mark.parametrize("path", ["/", "/reports/", "/review/", "/enterprises/list/", "/enterprises/show/1"])
def test_without_its_database_a_page_says_so_without_the_frame(
    away: dict[str, FlaskClient], path: str
) -> None:
    answer = away["county"].get(path)

    body = answer.get_data(as_text=True)
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "<h1>数据库暂时连不上</h1>" in body and "qj-side" not in body
    assert answer.headers["Content-Security-Policy"]


def test_without_its_database_a_script_gets_words_and_a_form_is_not_lost_in_silence(
    away: dict[str, FlaskClient],
) -> None:
    api = away["county"].get("/api/v1/reports/")
    save = away["county"].post("/account/", data=TYPED)
    sign_in = away["public"].post("/login/", data={"username": "county", "password": PASSWORD})

    assert (api.status_code, save.status_code, sign_in.status_code) == (503, 503, 503)
    assert api.get_json()["message"]


def test_pages_answer_again_once_the_database_is_back(app: Flask, sign_in: SignIn) -> None:
    county = sign_in("county")
    db.session.remove()
    living, dead = db.engines[None], create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    db.engines[None] = dead
    assert county.get("/reports/").status_code == 503
    db.engines[None] = living

    assert county.get("/reports/").status_code == 200


@pytest.mark.parametrize("blank", [" ", "\u3000", "\t"])
def test_a_blank_where_a_record_is_chosen_counts_as_nothing_chosen(
    sign_in: SignIn, actor: ActorOf, blank: str
) -> None:
    province = sign_in("province")
    path = f"/admins/edit/{actor('county').admin_id}"
    seen = Page(province.get(path).get_data(as_text=True)).fields

    answer = province.post(path, data={**seen, "superior": blank})

    assert answer.status_code == 422
    assert Page(answer.get_data(as_text=True)).fields["version"] == seen["version"]


def test_a_day_left_out_is_asked_for_and_never_stored_empty(sign_in: SignIn) -> None:
    province = sign_in("province")
    seen = Page(province.get("/report-forms/edit/1").get_data(as_text=True)).fields

    answer = province.post("/report-forms/edit/1", data={**seen, "due_day": "", "opens_day": "3"})

    assert answer.status_code == 422
    assert Page(answer.get_data(as_text=True)).fields["opens_day"] == "3"


def test_a_place_left_out_becomes_the_usual_one(sign_in: SignIn) -> None:
    admin = sign_in("admin")
    seen = Page(admin.get("/control-types/edit/1").get_data(as_text=True)).fields

    assert admin.post("/control-types/edit/1", data={**seen, "position": ""}).status_code == 302
