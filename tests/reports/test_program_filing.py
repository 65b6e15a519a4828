"""Months filled in, checked and submitted by programs, and reports reviewed by them: as on the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.organisations.tokens import create_token
from app.reports.models import Report, ReportStep
from app.reports.opening import open_report
from tests.conftest import ActorOf, SignIn
from tests.factories.reports import approved, filled, good_cells, ref_for, submitted

OCTOBER = "/api/v1/filings/sme_monthly/2026-10"
LAST_DAY = dt.date(2026, 12, 31)
PRODUCT = {"product_name": "轴承", "unit": "套", "production": 12, "sales": "10", "closing_stock": 2.5}


class Program:
    """A program that shows the token of an account."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, address: str, body: Any = None, language: str = "en") -> Any:
        headers = {**self.headers, "Accept-Language": language}
        more = {} if body is None else {"json": body}
        return self.client.open(address, method=method, headers=headers, **more)

    def put(self, **body: Any) -> Any:
        return self.ask("PUT", OCTOBER, body)


@pytest.fixture
def program(app: Flask, actor: ActorOf, now: dt.datetime) -> Callable[[str], Program]:
    """``program("enterprise")``: a program of that account."""

    def of(username: str) -> Program:
        with unit_of_work():
            token = create_token(actor(username), "程序", LAST_DAY, now)
        return Program(app.test_client(), token)

    return of


@pytest.fixture
def own(program: Callable[[str], Program]) -> Program:
    """The program of an enterprise."""
    return program("enterprise")


@pytest.fixture
def good(actor: ActorOf, now: dt.datetime) -> dict[str, str]:
    """Figures of October that break no rule."""
    owner = actor("enterprise")
    return good_cells(open_report(owner, ref_for(owner), now))


def draft(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.ask("GET", OCTOBER).get_json()["result"]
    return found


def test_a_month_without_a_report_tells_what_the_form_asks_for(own: Program, good: dict[str, str]) -> None:
    found = draft(own)

    assert (found["version"], found["state"], found["report_id"]) == (0, "not_filled", None)
    assert found["open"] and found["closed_because"] is None
    assert found["due_on"] == "2026-11-15"
    assert {one["field"] for one in found["asked"]} == set(good)
    assert "production" in {one["column"] for one in found["columns"]}


def test_figures_rows_and_explanations_are_kept_together(own: Program, good: dict[str, str]) -> None:
    answer = own.put(version=0, figures=good, rows={"products": [PRODUCT]})

    assert answer.status_code == 200, answer.get_json()
    found = answer.get_json()["result"]
    assert found["state"] == "editing"
    assert found["figures"]["revenue.ytd"] == good["revenue.ytd"]
    assert [row["closing_stock"] for row in found["rows"]["products"]] == ["2.5"]
    assert found["findings"] == []
    assert db.session.scalars(select(Report.filled_via)).all() == ["api"]


def test_what_is_wrong_is_told_at_its_place_and_nothing_is_kept(own: Program, good: dict[str, str]) -> None:
    figures = {**good, "revenue.ytd": "many", "no_such.m": "1"}

    wrong = own.put(version=0, figures=figures).get_json()
    unknown = own.put(version=0, rows={"products": [{"colour": "red"}], "secrets": []})

    assert [problem["field"] for problem in wrong["problems"]] == ["revenue.ytd"]
    assert unknown.status_code == 422
    fields = [problem["field"] for problem in unknown.get_json()["problems"]]
    assert fields == ["products.1.colour", "secrets"]
    assert db.session.scalar(select(func.count(Report.id))) == 0


def test_a_wrong_row_takes_its_figures_back(own: Program, good: dict[str, str]) -> None:
    rows = {"products": [{**PRODUCT, "sales": "few"}]}

    answer = own.put(version=0, figures=good, rows=rows)

    assert answer.status_code == 422
    assert draft(own)["figures"] == {}
    assert db.session.scalar(select(func.count(Report.id))) == 0


def test_an_older_version_is_refused_with_what_is_stored(
    own: Program, actor: ActorOf, now: dt.datetime
) -> None:
    report = filled(actor("enterprise"), now)

    answer = own.put(version=0, figures={"revenue.ytd": "7"})

    assert answer.status_code == 409
    current = answer.get_json()["current"]
    assert current["version"] == report.version
    assert current["figures"]["revenue.ytd"] != "7"


def test_the_same_draft_sent_again_is_answered_as_done(own: Program, good: dict[str, str]) -> None:
    first = own.put(version=0, figures=good, rows={"products": [PRODUCT]}).get_json()

    again = own.put(version=0, figures=good, rows={"products": [PRODUCT]})

    assert again.status_code == 200
    assert again.get_json() == first
    assert db.session.scalar(select(func.count(ReportStep.id))) == 1


def test_a_check_asks_the_rules_and_writes_nothing(own: Program, good: dict[str, str]) -> None:
    body = {"figures": {**good, "revenue.ytd": None}}

    checked = own.ask("POST", f"{OCTOBER}/check", body).get_json()["result"]
    clean = own.ask("POST", f"{OCTOBER}/check", {"figures": good}).get_json()["result"]

    assert checked["hard"] > 0
    assert "revenue.ytd" in {one["field"] for one in checked["findings"]}
    assert (clean["hard"], clean["soft"], clean["findings"]) == (0, 0, [])
    assert db.session.scalar(select(func.count(Report.id))) == 0


def test_a_report_is_submitted_and_told_in_the_trail_as_of_an_interface(
    own: Program, good: dict[str, str], actor: ActorOf
) -> None:
    version = own.put(version=0, figures=good).get_json()["result"]["version"]

    sent = own.ask("POST", f"{OCTOBER}/submit", {"version": version, "filler": "王会计"})

    assert sent.status_code == 200, sent.get_json()
    assert sent.get_json()["result"]["state"] == "in_review"
    sources = select(AuditEntry.source).where(AuditEntry.entity == "report").distinct()
    assert db.session.scalars(sources).all() == ["api"]
    assert db.session.scalars(select(Report.filler_name)).one() == "王会计"


def test_a_soft_finding_is_explained_with_the_submission(
    own: Program, good: dict[str, str], actor: ActorOf, clock: MovableClock
) -> None:
    approved(actor("enterprise"), clock.now(), Month(2026, 9))
    kept = own.put(version=0, figures={**good, "electricity.m": "1"}).get_json()["result"]
    keys = [one["key"] for one in kept["findings"] if one["severity"] == "soft"]
    body = {"version": kept["version"], "filler": "王会计"}
    clock.set(clock.now() + dt.timedelta(minutes=5))

    bare = own.ask("POST", f"{OCTOBER}/submit", body)
    told = {**body, "explanations": dict.fromkeys(keys, "订单集中在本月交付")}
    sent = [own.ask("POST", f"{OCTOBER}/submit", told) for _time in range(2)]

    assert keys == ["S03:electricity.ytd"]
    assert bare.status_code == 422
    assert [answer.status_code for answer in sent] == [200, 200]
    verbs = select(ReportStep.verb).join(Report).where(Report.period == 202610).order_by(ReportStep.id)
    assert db.session.scalars(verbs).all() == ["save", "submit"]


def test_hard_findings_keep_a_program_from_submitting_as_they_do_a_person(own: Program) -> None:
    version = own.put(version=0, figures={"revenue.ytd": "5"}).get_json()["result"]["version"]

    answer = own.ask("POST", f"{OCTOBER}/submit", {"version": version, "filler": "王会计"})

    assert answer.status_code == 422
    assert len(answer.get_json()["problems"]) > 1
    assert draft(own)["state"] == "editing"


def test_a_closed_month_is_closed_for_programs_too(own: Program) -> None:
    address = "/api/v1/filings/sme_monthly/2025-09"

    found = own.ask("GET", address).get_json()["result"]
    answer = own.ask("PUT", address, {"version": 0, "figures": {"revenue.ytd": "5"}})

    assert not found["open"] and found["closed_because"]
    assert answer.status_code == 403
    assert answer.get_json()["message"] == found["closed_because"]
    assert db.session.scalar(select(func.count(Report.id))) == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "version"),
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": -1}, "version"),
        ({"version": 0, "state": "approved"}, "state"),
        ({"version": 0, "figures": []}, "figures"),
        ({"version": 0, "figures": {"revenue.ytd": {"ne": 1}}}, "figures.revenue.ytd"),
        ({"version": 0, "figures": {"revenue.ytd": True}}, "figures.revenue.ytd"),
        ({"version": 0, "rows": {"products": {}}}, "rows.products"),
        ({"version": 0, "rows": {"products": ["x"]}}, "rows.products.1"),
        ({"version": 0, "explanations": {"k": 1}}, "explanations.k"),
        ({"version": 0, "explanations": {"k": "x" * 501}}, "explanations.k"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused_at_its_field(own: Program, body: Any, field: str) -> None:
    answer = own.put(**body)

    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.get_json()["problems"]] == [field]


@pytest.mark.parametrize("text", ["", "[]x", '{"version": NaN}', '{"version": 1e999999999999}', "[" * 9000])
def test_what_is_no_json_is_refused(own: Program, text: str) -> None:
    headers = {**own.headers, "Content-Type": "application/json"}

    answer = own.client.put(OCTOBER, headers=headers, data=text)

    assert answer.status_code == 400
    assert answer.get_json()["message"]


def test_exact_numbers_are_kept_exactly(own: Program) -> None:
    headers = {**own.headers, "Content-Type": "application/json"}
    text = '{"version": 0, "figures": {"revenue.ytd": 1234567890123.25, "revenue.m": 1e3}}'

    answer = own.client.put(OCTOBER, headers=headers, data=text)

    figures = answer.get_json().get("result", answer.get_json())
    assert answer.status_code == 200, figures
    assert figures["figures"] == {"revenue.ytd": "1234567890123.25", "revenue.m": "1000"}


def test_nobody_else_fills_in_by_program(program: Callable[[str], Program]) -> None:
    county = program("county")

    assert county.ask("GET", OCTOBER).status_code == 403
    assert county.ask("PUT", OCTOBER, {"version": 0}).status_code == 403


def test_a_reviewer_accepts_and_returns_by_program_as_on_the_desk(
    program: Callable[[str], Program], actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    address, county = f"/api/v1/reports/{report.id}", program("county")
    version = county.ask("GET", address).get_json()["result"]["version"]

    early = program("prefecture").ask("POST", f"{address}/accept", {"version": version})
    bare = county.ask("POST", f"{address}/return", {"version": version, "comment": " "})
    accepted = county.ask("POST", f"{address}/accept", {"version": version})
    again = county.ask("POST", f"{address}/accept", {"version": version})

    assert early.status_code == 403
    assert bare.status_code == 422
    assert accepted.status_code == 200, accepted.get_json()
    assert [step["step"] for step in accepted.get_json()["result"]["history"]][-1] == "accept"
    assert again.status_code == 409
    assert "Accept" in again.get_json()["message"]


def test_a_report_is_returned_by_program_with_its_reason(
    program: Callable[[str], Program], actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    body = {"version": report.version, "comment": "请核对营业收入"}

    answer = program("county").ask("POST", f"/api/v1/reports/{report.id}/return", body)

    assert answer.status_code == 200
    assert answer.get_json()["result"]["return_reason"] == "请核对营业收入"


@pytest.mark.parametrize("verb", ["accept", "return"])
def test_a_foreign_report_is_not_there_for_a_program(
    program: Callable[[str], Program], actor: ActorOf, now: dt.datetime, verb: str
) -> None:
    report = submitted(actor("enterprise2"), now)
    body = {"version": report.version, "comment": "原因"}

    answer = program("county").ask("POST", f"/api/v1/reports/{report.id}/{verb}", body)

    assert answer.status_code == 404
    assert db.session.scalar(select(func.count(ReportStep.id))) == 2


def test_a_session_that_writes_needs_its_token_against_forged_requests(
    app: Flask, sign_in: SignIn, own: Program
) -> None:
    browser = sign_in("enterprise")
    app.config["WTF_CSRF_ENABLED"] = True
    body = {"version": 0, "figures": {"revenue.ytd": "5"}}

    forged = browser.put(OCTOBER, json=body)
    pretended = browser.put(OCTOBER, json=body, headers={"Authorization": "Bearer tem_nobody"})
    by_program = own.put(**body)

    assert forged.status_code == 400
    assert pretended.status_code == 401
    assert by_program.status_code == 200


def test_a_refusal_speaks_the_language_that_is_asked_for(own: Program) -> None:
    body = {"version": 0, "figures": {"revenue.ytd": "many"}}

    english = own.ask("PUT", OCTOBER, body, "en-GB").get_json()["problems"][0]["message"]
    chinese = own.ask("PUT", OCTOBER, body, "zh-CN").get_json()["problems"][0]["message"]

    assert english.startswith("Enter a number")
    assert english != chinese
