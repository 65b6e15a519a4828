"""Interfaces for scripts of a browser: scope, paging and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.enterprises.scope import visible_enterprises
from app.infra import context
from app.infra.database import db
from tests.conftest import ActorOf, SignIn

ADDRESS = "/api/v1/enterprises/"


@pytest.fixture
def county(sign_in: SignIn) -> FlaskClient:
    """The browser of a county's admin."""
    return sign_in("county")


def pages(visitor: FlaskClient, **asked: Any) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = ""
    while cursor is not None:
        extra = {"after": cursor} if cursor else {}
        answer = visitor.get(ADDRESS, query_string={**asked, **extra}).get_json()
        yield answer["result"]
        cursor = answer["next"]


def test_a_cursor_leads_through_exactly_the_records_in_scope(sign_in: SignIn, actor: ActorOf) -> None:
    acting = actor("prefecture")
    mine = set(db.session.scalars(select(Enterprise.id).where(visible_enterprises(acting, context.today()))))

    found = [row["id"] for page in pages(sign_in("prefecture"), limit=3, sort="-uscc") for row in page]

    assert len(found) == len(set(found)) > 3
    assert set(found) == mine


def test_a_foreign_record_and_a_missing_one_look_the_same(county: FlaskClient, actor: ActorOf) -> None:
    seen = visible_enterprises(actor("county"), context.today())
    foreign = db.session.scalars(select(Enterprise.id).where(~seen)).first()

    answers = [county.get(f"{ADDRESS}{key}") for key in (foreign, 999_999, "abc", "9" * 40)]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.get_json()["message"] for answer in answers}) == 1


def test_one_record_has_the_declared_columns_and_no_other(county: FlaskClient) -> None:
    key = county.get(ADDRESS).get_json()["result"][0]["id"]

    found = county.get(f"{ADDRESS}{key}").get_json()["result"]

    columns = {"id", "name", "uscc", "region", "industry", "control_type", "size", "state", "updated_at"}
    assert set(found) == columns


@pytest.mark.parametrize("limit", ["0", "-1", "1000000", "9" * 30])
def test_a_limit_is_kept_within_bounds_or_refused(county: FlaskClient, limit: str) -> None:
    answer = county.get(ADDRESS, query_string={"limit": limit})

    assert answer.status_code == 400 or 1 <= len(answer.get_json()["result"]) <= 100


@pytest.mark.parametrize(
    "asked",
    [
        "stats=active",
        "filter[state]=active",
        "q=(filters:!((col:name,opr:sw,value:a)))",
        "state=active&state=disabled",
        "state=asleep",
        "sort=password",
        "limit=many",
        "limit=%00",
        "after=xyz",
        "psize=-1",
        "cols=password",
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(county: FlaskClient, asked: str) -> None:
    answer = county.get(f"{ADDRESS}?{asked}")

    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_a_body_is_refused(county: FlaskClient) -> None:
    answer = county.open(ADDRESS, method="GET", json={"state": {"ne": "active"}})

    assert answer.status_code == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_interface_writes_nothing(county: FlaskClient, method: str) -> None:
    key = county.get(ADDRESS).get_json()["result"][0]["id"]

    assert county.open(ADDRESS, method=method, json={"name": "x"}).status_code == 405
    assert county.open(f"{ADDRESS}{key}", method=method, json={"state": "disabled"}).status_code == 405


def test_a_visitor_without_account_and_one_without_the_permission_are_told_apart(
    client: FlaskClient, sign_in: SignIn
) -> None:
    assert client.get(ADDRESS).status_code == 401
    assert sign_in("point").get(ADDRESS).status_code == 403


def test_reports_come_in_the_scope_of_their_enterprises(sign_in: SignIn) -> None:
    enterprise = sign_in("enterprise")
    address = "/filing/sme_monthly/2026-10/main/save"
    enterprise.post(address, json={"cells": {"revenue.ytd": "100"}, "version": 0})

    mine = enterprise.get("/api/v1/reports/?month=2026-10&state=editing").get_json()["result"]

    assert [row["month"] for row in mine] == ["2026-10"]
    whole = enterprise.get(f"/api/v1/reports/{mine[0]['id']}").get_json()["result"]
    assert {name: whole[name] for name in mine[0]} == mine[0]
    assert whole["figures"] == {"revenue.ytd": "100"}
    assert [step["target"] for step in whole["history"]] == ["editing"]
    assert sign_in("province").get(f"/api/v1/reports/{mine[0]['id']}").status_code == 200
    assert sign_in("prefecture2").get(f"/api/v1/reports/{mine[0]['id']}").status_code == 404


@pytest.mark.parametrize("token", ["", "Bearer nobody-has-it"])
def test_without_token_or_session_a_program_is_told_what_it_needs(client: FlaskClient, token: str) -> None:
    answer = client.get(ADDRESS, headers={"Authorization": token} if token else {})

    assert answer.status_code == 401
    assert answer.get_json()["message"] == "需要有效的访问令牌或登录会话。"
