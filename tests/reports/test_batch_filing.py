"""Reports of many enterprises filed by one program: as 数据批量上报导入 files them, all of them or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.notifications.models import InboxMessage
from app.organisations.tokens import create_token
from app.reports.models import Report
from app.reports.workflow import EDITING, IN_REVIEW
from tests.conftest import ActorOf
from tests.factories.report_imports import figures_of, importer, opened, products_of
from tests.factories.reports import good_cells, submitted

ADDRESS = "/api/v1/batch-filings/sme_monthly/2026-10"
PRODUCT = {"product_name": "轴承", "unit": "套", "production": 12, "sales": "10", "closing_stock": 2.5}
FILLER = "王会计"
Ask = Callable[..., Any]


@pytest.fixture
def ask(app: Flask, actor: ActorOf, now: dt.datetime) -> Ask:
    """``ask("prefecture", "/check", reports=[…])``: what the program of that account is answered."""

    def send(username: str, path: str = "", **body: Any) -> Any:
        with unit_of_work():
            token = create_token(actor(username), "程序", dt.date(2026, 12, 31), now)
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return app.test_client().post(f"{ADDRESS}{path}", json={"filler": FILLER, **body}, headers=headers)

    return send


@pytest.fixture
def owner(actor: ActorOf, now: dt.datetime) -> Actor:
    return importer(actor("prefecture"), now)


@pytest.fixture
def own(actor: ActorOf) -> Actor:
    return actor("enterprise")


def sent(of: Actor, now: dt.datetime, changes: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A report of October that breaks no rule, with ``changes`` of its figures."""
    found = opened(of, now)
    return {
        "uscc": found.enterprise.uscc,
        "figures": {**good_cells(found), **(changes or {})},
        "rows": {"products": [PRODUCT]},
        **more,
    }


def stored() -> list[Report]:
    db.session.rollback()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


@pytest.mark.usefixtures("owner")
def test_reports_are_submitted_where_nothing_is_left_to_settle(
    ask: Ask, own: Actor, now: dt.datetime
) -> None:
    answer = ask("prefecture", reports=[sent(own, now)], submit=True)

    assert answer.status_code == 200, answer.get_json()
    line = answer.get_json()["result"]["reports"][0]
    assert (line["outcome"], line["problems"]) == ("submitted", [])
    assert line["enterprise"] == opened(own, now).enterprise.name
    (report,) = stored()
    assert (report.state, report.filler_name, report.filled_via) == (IN_REVIEW, FILLER, "batch_import")
    assert products_of(own)[0]["product_name"] == "轴承"
    assert db.session.scalars(select(AuditEntry.source).where(AuditEntry.action == "import")).all() == ["api"]


@pytest.mark.usefixtures("owner")
def test_without_being_asked_to_submit_they_stay_drafts_and_the_enterprise_is_told(
    ask: Ask, own: Actor, now: dt.datetime
) -> None:
    before = db.session.scalar(select(func.count(InboxMessage.id)))

    answer = ask("prefecture", reports=[sent(own, now, filler="李会计")])

    assert [line["outcome"] for line in answer.get_json()["result"]["reports"]] == ["saved"]
    assert [(report.state, report.filler_name) for report in stored()] == [(EDITING, "李会计")]
    assert db.session.scalar(select(func.count(InboxMessage.id))) == (before or 0) + 1


@pytest.mark.usefixtures("owner")
def test_a_report_that_cannot_be_written_keeps_all_of_them_out(
    ask: Ask, own: Actor, actor: ActorOf, now: dt.datetime
) -> None:
    wrong = sent(own, now, {"revenue.ytd": "many"}, rows={"products": [{**PRODUCT, "sales": "few"}]})
    foreign = sent(actor("enterprise2"), now)

    answer = ask("prefecture", reports=[wrong, foreign, {**wrong, "uscc": ""}], submit=True)

    assert answer.status_code == 422
    fields = [problem["field"] for problem in answer.get_json()["problems"]]
    assert fields[:3] == [
        "reports.1.figures.revenue.ytd",
        "reports.1.rows.products.1.sales",
        "reports.2.uscc",
    ]
    assert "reports.3.uscc" in fields
    assert stored() == []


@pytest.mark.usefixtures("owner")
def test_names_that_the_form_has_not_are_refused_at_their_place(
    ask: Ask, own: Actor, now: dt.datetime
) -> None:
    report = sent(own, now, {"no_such.m": "1"}, rows={"products": [{"colour": "red"}], "secrets": [], "": []})

    answer = ask("prefecture", reports=[report])

    assert answer.status_code == 422
    assert {problem["field"] for problem in answer.get_json()["problems"]} == {
        "reports.1.figures.no_such.m",
        "reports.1.rows.products.1.colour",
        "reports.1.rows.secrets",
        "reports.1.rows.",
    }
    assert stored() == []


@pytest.mark.usefixtures("owner")
def test_a_check_says_what_would_become_of_each_and_writes_nothing(
    ask: Ask, own: Actor, actor: ActorOf, now: dt.datetime
) -> None:
    hard = sent(own, now, {"revenue.ytd": "-1"})

    answer = ask("prefecture", "/check", reports=[hard, sent(actor("enterprise2"), now)], submit=True)

    assert answer.status_code == 200, answer.get_json()
    mine, theirs = answer.get_json()["result"]["reports"]
    assert (mine["outcome"], theirs["outcome"]) == ("fits", "refused")
    assert "reports.1.figures.revenue.ytd" in {remark["field"] for remark in mine["remarks"]}
    assert [problem["field"] for problem in theirs["problems"]] == ["reports.2.uscc"]
    assert stored() == []


@pytest.mark.usefixtures("owner")
def test_the_same_request_sent_again_changes_nothing(ask: Ask, own: Actor, now: dt.datetime) -> None:
    body = {"reports": [sent(own, now)], "submit": True}
    ask("prefecture", **body)
    before = [(report.version, report.state) for report in stored()]

    again = ask("prefecture", **body)

    assert [line["outcome"] for line in again.get_json()["result"]["reports"]] == ["unchanged"]
    assert [(report.version, report.state) for report in stored()] == before


@pytest.mark.usefixtures("owner")
def test_an_empty_figure_leaves_what_is_stored(ask: Ask, own: Actor, now: dt.datetime) -> None:
    ask("prefecture", reports=[sent(own, now)])
    kept = figures_of(own)

    ask("prefecture", reports=[{"uscc": opened(own, now).enterprise.uscc, "figures": {"revenue.ytd": None}}])

    assert figures_of(own) == kept


@pytest.mark.usefixtures("owner")
def test_a_report_that_waits_for_review_cannot_be_filed_over(ask: Ask, own: Actor, now: dt.datetime) -> None:
    submitted(own, now)

    answer = ask("prefecture", reports=[sent(own, now, {"revenue.ytd": "5"})])

    assert answer.status_code == 422
    assert answer.get_json()["problems"][0]["field"] == "reports.1.uscc"


@pytest.mark.parametrize("username", ["county", "enterprise"])
def test_who_was_not_given_the_right_files_for_nobody(
    ask: Ask, own: Actor, now: dt.datetime, username: str
) -> None:
    answers = [ask(username, path, reports=[sent(own, now)]) for path in ("", "/check")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert stored() == []


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reports"),
        ({"reports": {}}, "reports"),
        ({"reports": [{}]}, "reports.1.uscc"),
        ({"reports": [], "submit": "yes"}, "submit"),
        ({"reports": [{"uscc": "x", "state": "approved"}]}, "reports.1.state"),
        ({"reports": [{"uscc": "x"}] * 501}, "reports"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused_at_its_field(ask: Ask, body: Any, field: str) -> None:
    answer = ask("prefecture", **body)

    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.get_json()["problems"]] == [field]


@pytest.mark.usefixtures("owner")
def test_who_filled_in_is_named(ask: Ask) -> None:
    answer = ask("prefecture", filler=" ", reports=[])

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.get_json()["problems"]] == ["filler"]
