"""The wizard over HTTP: drafts as scripts send them, forms as pages without scripts send them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.reports import figures, steps
from app.reports.figures import Key
from app.reports.form_loading import definition
from app.reports.models import Report
from app.reports.opening import open_report
from tests.factories.reports import OCTOBER, good_cells, ref_for, submitted

SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]
GRID = "/filing/sme_monthly/2026-10/main"
SAVE = f"{GRID}/save"


def stored(owner: Actor) -> dict[tuple[str, str], Decimal]:
    db.session.remove()
    report = db.session.scalars(select(Report).where(Report.enterprise_id == owner.enterprise_id)).one()
    return figures.read(definition(report.form_version_id), Key(report.period, report.enterprise_id))


@pytest.mark.parametrize("step", ["enterprise", "main", "products", "confirm"])
def test_every_step_opens(sign_in: SignIn, step: str) -> None:
    answer = sign_in("enterprise").get(f"/filing/sme_monthly/2026-10/{step}")

    assert answer.status_code == 200


def test_a_draft_is_saved_and_the_answer_carries_the_next_version_and_the_findings(sign_in: SignIn) -> None:
    answer = sign_in("enterprise").post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "-12.5"}})

    assert answer.status_code == 200
    body = answer.get_json()
    assert body["version"] > 0
    assert body["state"] == {"label": "编辑", "style": "edit"}
    assert "revenue.ytd" in {finding["field"] for finding in body["findings"]}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１２３４．５", "1234.5"),
        ("1,234,567", "1234567"),
        ("(120)", "-120"),
        ("−7", "-7"),
        ("9999999999999.9999", "9999999999999.9999"),
        (" 15 ", "15"),
    ],
)
def test_numbers_are_understood_as_people_write_them_and_kept_exactly(
    sign_in: SignIn, actor: ActorOf, typed: str, kept: str
) -> None:
    answer = sign_in("enterprise").post(SAVE, json={"version": 0, "cells": {"total_profit.ytd": typed}})

    assert answer.status_code == 200, answer.get_json()
    assert stored(actor("enterprise"))["total_profit", "ytd"] == Decimal(kept)


@pytest.mark.parametrize("typed", ["abc", "1e9", "12\u00003", "9" * 30, "1.23456", "--1", "=1+1", "∞", "NaN"])
def test_what_is_no_number_is_named_at_its_cell_and_nothing_is_saved(sign_in: SignIn, typed: str) -> None:
    client = sign_in("enterprise")

    answer = client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": typed, "cost.ytd": "5"}})

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.get_json()["problems"]] == ["revenue.ytd"]
    assert db.session.scalar(select(func.count(Report.id))) == 0


@pytest.mark.parametrize(
    "body", [[], "x", {"cells": []}, {"cells": {"a": {"b": 1}}}, {"version": {}, "cells": {}}, {"rows": [1]}]
)
def test_a_body_that_no_page_sends_is_refused(sign_in: SignIn, body: object) -> None:
    answer = sign_in("enterprise").post(SAVE, json=body)

    assert answer.status_code in {400, 409, 422}


@pytest.mark.parametrize("step", ["main", "enterprise", "confirm", "nothing"])
def test_rows_are_saved_by_the_step_of_their_section_only(sign_in: SignIn, step: str) -> None:
    address = f"/filing/sme_monthly/2026-10/{step}/save"

    answer = sign_in("enterprise").post(address, json={"version": 0, "rows": [{"unit": "t"}]})

    assert answer.status_code == 404
    assert db.session.scalar(select(func.count(Report.id))) == 0


def test_half_a_character_is_refused_and_nothing_is_saved(sign_in: SignIn) -> None:
    address, body = (
        "/filing/sme_monthly/2026-10/products/save",
        r'{"version": 0, "rows": [{"product_name": "\ud800"}]}',
    )

    answer = sign_in("enterprise").post(address, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert db.session.scalar(select(func.count(Report.id))) == 0


def test_an_explanation_of_nothing_found_is_neither_kept_nor_told(sign_in: SignIn) -> None:
    sign_in("enterprise").post(
        SAVE, json={"version": 0, "cells": {"revenue.ytd": "1"}, "explanations": {"S99:x": "words"}}
    )

    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "fill")).one()

    assert told.after == {"revenue.ytd": "1"}


def test_a_cell_that_the_form_does_not_take_is_refused(sign_in: SignIn) -> None:
    answer = sign_in("enterprise").post(
        SAVE, json={"version": 0, "cells": {"receivables.m": "1", "nothing.ytd": "2"}}
    )

    assert answer.status_code == 422


def test_a_second_tab_gets_the_stored_figures_to_compare(sign_in: SignIn) -> None:
    client = sign_in("enterprise")
    client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "10"}})

    answer = client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "11"}})

    assert answer.status_code == 409
    assert answer.get_json()["cells"]["revenue.ytd"] == "10"
    assert answer.get_json()["version"] > 0


def test_saving_the_same_again_changes_nothing(sign_in: SignIn) -> None:
    client = sign_in("enterprise")
    first = client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "10"}}).get_json()["version"]

    again = client.post(SAVE, json={"version": first, "cells": {"revenue.ytd": "10.00"}}).get_json()[
        "version"
    ]

    assert again == first


def test_an_expired_session_is_told_so_in_a_way_that_the_page_understands(client: FlaskClient) -> None:
    answer = client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "10"}})

    assert answer.status_code == 401


def test_a_page_without_scripts_saves_and_goes_on(sign_in: SignIn, actor: ActorOf) -> None:
    client = sign_in("enterprise")

    answer = client.post(GRID, data={"version": "0", "c-revenue-ytd": "1,200", "go": "next"})

    assert answer.status_code == 302
    assert answer.location.endswith("/products")
    assert stored(actor("enterprise"))["revenue", "ytd"] == 1200


def test_a_refused_form_comes_back_with_what_was_typed(sign_in: SignIn) -> None:
    answer = sign_in("enterprise").post(
        GRID, data={"version": "0", "c-revenue-ytd": "12 apples", "c-cost-ytd": "7"}
    )

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "12 apples" in page
    assert 'value="7"' in page
    assert "营业收入 本年1-本月：请填写数字" in page


def test_a_returned_report_says_why_where_it_is_corrected(
    sign_in: SignIn, actor: ActorOf, acting: Any, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    with acting("county") as reviewer, unit_of_work():
        steps.give_back(reviewer, report, report.version, "请核对用电量", now)

    page = sign_in("enterprise").get(GRID).get_data(as_text=True)

    assert "请核对用电量" in page


def test_products_are_rows_that_replace_each_other(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    client = sign_in("enterprise")
    row = {
        "code": "",
        "product_name": "示范轴承",
        "unit": "套",
        "production": "1,200",
        "sales": "900",
        "closing_stock": "300",
    }
    address = "/filing/sme_monthly/2026-10/products/save"

    first = client.post(address, json={"version": 0, "rows": [row, {"product_name": ""}]})
    client.post(address, json={"version": first.get_json()["version"], "rows": [{**row, "sales": "905"}]})

    owner = actor("enterprise")
    rows = open_report(owner, ref_for(owner), now).rows["products"]
    assert [(line["product_name"], line["sales"]) for line in rows] == [("示范轴承", Decimal(905))]


def test_a_whole_month_is_filled_and_submitted(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    client = sign_in("enterprise")
    cells = good_cells(open_report(owner, ref_for(owner), now))
    version = client.post(SAVE, json={"version": 0, "cells": cells}).get_json()["version"]

    answer = client.post(
        "/filing/sme_monthly/2026-10/submit", data={"version": version, "filler": "示范填报员"}
    )

    assert answer.status_code == 302, answer.get_data(as_text=True)
    page = client.get(answer.location).get_data(as_text=True)
    assert "示范填报员" in page


def test_a_confirmation_that_was_overtaken_by_a_save_is_shown_anew(
    sign_in: SignIn, actor: ActorOf, clock: MovableClock, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    client = sign_in("enterprise")
    cells = good_cells(open_report(owner, ref_for(owner), now))
    version = client.post(SAVE, json={"version": 0, "cells": cells}).get_json()["version"]
    clock.advance(seconds=1)
    newer = client.post(SAVE, json={"version": version, "cells": {"revenue.ytd": "98.5"}}).get_json()[
        "version"
    ]
    sent = {"version": version, "filler": "示范填报员"}

    answer = client.post("/filing/sme_monthly/2026-10/submit", data=sent)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert f'name="version" value="{newer}"' in page and 'value="示范填报员"' in page
    assert "请核对后再次上报" in page


def test_an_incomplete_report_stays_and_the_page_lists_what_is_missing(sign_in: SignIn) -> None:
    client = sign_in("enterprise")
    version = client.post(SAVE, json={"version": 0, "cells": {"revenue.ytd": "1"}}).get_json()["version"]

    answer = client.post("/filing/sme_monthly/2026-10/submit", data={"version": version, "filler": "某"})

    assert answer.status_code == 422
    assert "#c-cost-ytd" in answer.get_data(as_text=True)


@pytest.mark.parametrize("month", ["2026-13", "26-10", "9999-99", "abc", "2026-10%00"])
def test_a_month_that_is_none_is_not_found(sign_in: SignIn, month: str) -> None:
    assert sign_in("enterprise").get(f"/filing/sme_monthly/{month}/main").status_code in {400, 404}


def test_a_submitted_report_is_shown_but_takes_no_figures(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now, OCTOBER)
    client = sign_in("enterprise")

    assert client.get(GRID).status_code == 200
    assert (
        client.post(SAVE, json={"version": report.version, "cells": {"revenue.ytd": "1"}}).status_code == 409
    )
