"""The OpenAPI document and the queries: whole, valid, for whoever asks; who asks, and how often."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from app.infra.api.document import ARGUMENT
from app.infra.security import API
from app.infra.transactions import unit_of_work
from app.organisations.tokens import create_token
from app.wiring import LISTS, QUERIES
from tests.conftest import ActorOf, SignIn
from tests.factories.reports import approved

DOCUMENT = "/api/v1/openapi.json"
SUMMARY = "/api/v1/queries/summary/"
ROLES = ("province", "county", "enterprise")


@pytest.fixture
def bearer(app: Flask, actor: ActorOf, now: dt.datetime) -> Callable[[str], dict[str, str]]:
    """``bearer("county")``: the header of a token of that account."""

    def make(username: str) -> dict[str, str]:
        with unit_of_work():
            token = create_token(actor(username), "程序", dt.date(2026, 12, 31), now)
        return {"Authorization": f"Bearer {token}"}

    return make


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, found) for path, item in document["paths"].items() for method, found in item.items()
    ]


@pytest.mark.parametrize("role", ROLES)
def test_the_document_is_valid(sign_in: SignIn, role: str) -> None:
    document = sign_in(role).get(DOCUMENT).get_json()

    schemathesis.openapi.from_dict(document).validate()
    found = operations(document)
    assert len({one["operationId"] for _path, _method, one in found}) == len(found) > 5
    for path, method, one in found:
        content = [answer["content"]["application/json"] for answer in one["responses"].values()]
        assert {"200", "400", "401", "403", "429"} <= set(one["responses"]), (path, method)
        assert ("requestBody" in one) == (method != "get"), (path, method)
        for described in [*content, *one.get("requestBody", {}).get("content", {}).values()]:
            Draft202012Validator.check_schema(described["schema"])


def test_every_address_for_programs_is_described_to_somebody(app: Flask, sign_in: SignIn) -> None:
    served = {
        (ARGUMENT.sub(r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(API)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documents = [sign_in(role).get(DOCUMENT).get_json() for role in ROLES]

    described = {(path, method) for document in documents for path, method, _one in operations(document)}

    queries = {(f"/api/v1/queries/{name}/", "get") for name in QUERIES}
    assert queries <= described
    assert described - queries == served - {("/api/v1/queries/{name}/", "get")}


def test_the_document_tells_what_its_reader_may_do(sign_in: SignIn) -> None:
    mine, theirs = (set(sign_in(role).get(DOCUMENT).get_json()["paths"]) for role in ("enterprise", "county"))

    assert "/api/v1/filings/{form}/{month}" in mine - theirs
    assert {SUMMARY, "/api/v1/reports/{key}/accept"} <= theirs - mine


def test_filing_for_many_is_described_to_who_has_the_right(sign_in: SignIn) -> None:
    filing = "/api/v1/batch-filings/{form}/{month}"

    with_right, without = (set(sign_in(role).get(DOCUMENT).get_json()["paths"]) for role in ROLES[:2])

    assert {filing, f"{filing}/check"} <= with_right
    assert not {filing, f"{filing}/check"} & without


@pytest.mark.parametrize("role", ["point", "admin", "auditor"])
def test_who_has_no_interface_gets_no_document(sign_in: SignIn, role: str) -> None:
    assert sign_in(role).get(DOCUMENT).status_code == 403


def test_the_document_and_its_page_speak_the_language_of_the_reader(sign_in: SignIn) -> None:
    browser = sign_in("county")

    chinese, page = browser.get(DOCUMENT).get_json(), browser.get("/interfaces/").get_data(as_text=True)
    browser.get("/preferences/language/en")
    english = browser.get(DOCUMENT).get_json()

    summaries = [
        found["paths"]["/api/v1/reports/{key}/accept"]["post"]["summary"] for found in (chinese, english)
    ]
    assert summaries == ["接收待本账号审核的月报", "Accept a report that waits at this account"]
    assert summaries[0] in page
    assert "/api/v1/queries/summary/" in page


def test_each_query_is_a_list_whose_page_there_is(app: Flask) -> None:
    views = {type(view).__name__ for view in app.extensions["appbuilder"].baseviews}

    assert set(QUERIES) <= set(LISTS)
    assert set(QUERIES.values()) <= views


def test_the_queries_of_an_account_are_those_whose_pages_it_may_open(sign_in: SignIn) -> None:
    def names(role: str) -> set[str]:
        return {one["name"] for one in sign_in(role).get("/api/v1/queries/").get_json()["result"]}

    assert names("province") == set(QUERIES)
    assert names("enterprise") == {"key_change_query"}
    assert sign_in("enterprise").get(SUMMARY).status_code == 403
    assert sign_in("province").get("/api/v1/queries/jobs/").status_code == 404


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_each_query_answers_what_is_described(sign_in: SignIn, actor: ActorOf, name: str) -> None:
    approved(actor("enterprise"), dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC))
    browser = sign_in("province")
    described = browser.get(DOCUMENT).get_json()["paths"][f"/api/v1/queries/{name}/"]["get"]

    answer = browser.get(f"/api/v1/queries/{name}/").get_json()

    schema = described["responses"]["200"]["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(answer)


def test_a_summary_has_the_numbers_and_totals_of_its_page(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    approved(actor("enterprise"), now)
    approved(actor("enterprise2"), now)

    def summed(role: str) -> dict[str, Any]:
        found: dict[str, Any] = sign_in(role).get(f"{SUMMARY}?period=2026-10&by=region").get_json()
        return found

    whole, part = summed("province"), summed("prefecture")

    assert [row["enterprises"] for row in whole["result"]] == [1, 1]
    assert whole["totals"]["enterprises"] == 2
    assert [row["enterprises"] for row in part["result"]] == [1]
    revenues = [Decimal(row["revenue_ytd"]) for row in whole["result"]]
    assert whole["totals"]["revenue_ytd"] == str(sum(revenues))
    assert Decimal(part["totals"]["revenue_ytd"]) in revenues


@pytest.mark.parametrize("asked", ["period=", "period=2026-13", "by=colour", "colour=red", "sort=", "after="])
def test_a_query_refuses_what_its_page_would_not_read(sign_in: SignIn, asked: str) -> None:
    answer = sign_in("county").get(f"{SUMMARY}?{asked}")

    assert answer.status_code == 400
    assert answer.get_json()["problems"]


def test_a_token_says_who_asks_whatever_session_comes_with_it(
    sign_in: SignIn, bearer: Callable[[str], dict[str, str]]
) -> None:
    browser = sign_in("province")

    alone = browser.get("/api/v1/enterprises/").get_json()["count"]
    shown = browser.get("/api/v1/enterprises/", headers=bearer("enterprise")).get_json()["count"]
    wrong = browser.get("/api/v1/enterprises/", headers={"Authorization": "Bearer tem_nobody"})

    assert (shown, wrong.status_code) == (1, 401)
    assert alone > 1


def test_requests_are_counted_for_the_account(
    app: Flask, bearer: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    headers, client = [bearer("county"), bearer("county"), bearer("prefecture")], app.test_client()
    monkeypatch.setitem(app.config, "API_LIMIT", "2 per minute")

    answers = [client.get("/api/v1/queries/", headers=headers[place]) for place in (0, 1, 0, 2)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200]
    assert answers[2].headers["Retry-After"] == "60"
    assert answers[2].get_json()["problems"] == []


def test_tokens_cannot_be_guessed_for_long(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "API_LIMIT", "3 per minute")

    tried = [
        client.get("/api/v1/queries/", headers={"Authorization": f"Bearer tem_{number}"}).status_code
        for number in range(5)
    ]

    assert tried == [401, 401, 401, 429, 429]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/reports/abc", "/api/v1/queries/nothing/"])
def test_every_refusal_has_the_same_shape(sign_in: SignIn, path: str) -> None:
    answer = sign_in("county").get(path)

    assert answer.status_code == 404
    assert set(answer.get_json()) == {"message", "problems"}
