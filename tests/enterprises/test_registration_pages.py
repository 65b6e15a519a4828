"""Registration over HTTP: drafts and refusals, the size as it is typed, the desk, two tenants."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import ControlType, Enterprise, Industry, RegistrationType
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_page import fact_groups
from app.infra.database import db
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.models import Region
from tests.factories.registrations import applicant, approved, entries, key, returned, submitted
from tests.web.pages import Page

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def tree(model: Any, code: str, **more: str) -> list[int]:
    """Keys from the top of a tree down to an entry."""
    row = db.session.get_one(model, key(model, code, **more))
    found: list[int] = []
    while row is not None and row.code != "000000":
        found.insert(0, row.id)
        row = row.parent
    return found


def form(**changes: object) -> dict[str, object]:
    """The information as a browser sends it."""
    regions, trades = tree(Region, "330109"), tree(Industry, "1711")
    entered = entries()
    values: dict[str, object] = {
        "name": entered.name,
        "uscc": entered.uscc,
        "legal_representative": "陈言知",
        **{f"region-{place}": region for place, region in enumerate(regions, 1)},
        **{f"industry-{place}": trade for place, trade in enumerate(trades, 1)},
        "registration_type": key(RegistrationType, "112", scheme="2023"),
        "control_type": key(ControlType, "3"),
        "revenue": "１２,３４５.６０",
        "employees": "１20",
        "assets": "98,700",
        "address": "示范路1号",
        "opened_on": "2001-05-01",
        "main_products": "棉纱",
        "contact_name": "陈言知",
        "mobile": "10000000001",
        "go": "submit",
    }
    return {**values, **changes}


def row_of(actor: Actor) -> EnterpriseRegistration:
    db.session.expire_all()
    return db.session.scalars(
        select(EnterpriseRegistration).where(EnterpriseRegistration.account_id == actor.account_id)
    ).one()


def test_a_draft_is_left_and_taken_up_again(app: Flask, sign_in: SignIn, now: dt.datetime) -> None:
    actor = applicant(now, "patient")
    first = sign_in("patient")
    first.post("/register/information", data={"go": "save", "name": "杭州半途示范有限公司", "revenue": "12"})

    again = sign_in("patient")
    home, page = again.get("/").text, again.get("/register/information").text

    typed = Page(page).fields
    assert row_of(actor).state == "draft"
    assert (typed["name"], typed["revenue"]) == ("杭州半途示范有限公司", "12.00")
    assert "完善企业注册信息" in home and "草稿" in home


def test_submitting_lists_every_problem_with_a_link_and_keeps_what_was_typed(
    app: Flask, sign_in: SignIn, now: dt.datetime
) -> None:
    applicant(now, "hasty")
    browser = sign_in("hasty")

    page = browser.post(
        "/register/information",
        data=form(revenue="很多", uscc="12", website="x", main_products="", name="", **{"region-3": ""}),
    )
    missing = browser.post("/register/information", data={"go": "submit", "name": "甲乙丙丁有限公司"})

    assert page.status_code == missing.status_code == 422
    assert Page(page.text).fields["revenue"] == "很多" and 'href="#revenue"' in page.text
    for field in ("uscc", "region", "industry", "registration_type", "control_type", "revenue", "phone"):
        assert f'href="#{field}"' in missing.text, field
    assert Page(missing.text).fields["name"] == "甲乙丙丁有限公司"


@pytest.mark.parametrize(
    "entry",
    [
        {"revenue": "9" * 30},
        {"employees": "9" * 17},
        {"employees": "1.5"},
        {"name": "甲\x00乙"},
        {"name": "甲" * 500},
        {"main_products": "棉" * 5000},
        {"opened_on": "31/12/2020"},
        {"registration_type": "9" * 40},
        {"registration_type": "-1"},
        {"control_type": "x"},
        {"website": "javascript:alert(1)"},
        {"phone": "0571" * 50},
        {"email": "a" * 300 + "@x.cn"},
        {"stock_code": "6" * 50, "is_listed": "y"},
        {"region-1": "9" * 40},
        {"industry-1": "-1"},
        {"postcode": "\u0000"},
    ],
)
@pytest.mark.parametrize("go", ["save", "submit"])
def test_bad_input_is_named_and_never_an_error_of_the_server(
    app: Flask, sign_in: SignIn, now: dt.datetime, entry: dict[str, object], go: str
) -> None:
    applicant(now, "hasty")

    answer = sign_in("hasty").post("/register/information", data=form(**{**entry, "go": go}))

    cleared = go == "save" and ("region-1" in entry or "industry-1" in entry)  # a draft without a place
    assert answer.status_code == (302 if cleared else 422)


def test_a_whole_registration_is_submitted_and_then_only_read(
    app: Flask, sign_in: SignIn, now: dt.datetime
) -> None:
    actor = applicant(now, "ready")
    browser = sign_in("ready")

    answer = browser.post("/register/information", data=form())
    page = browser.get("/register/information")

    row = row_of(actor)
    assert answer.status_code == 302, answer.text
    assert (row.state, str(row.revenue), row.employees) == ("pending", "12345.60", 120)
    assert "待审核" in page.text and "小型" in page.text and 'name="uscc"' not in page.text

    withdrawn = browser.post("/register/withdraw", data={"version": row.version})
    assert withdrawn.status_code == 302 and row_of(actor).state == "draft"


def test_the_size_follows_what_is_typed_with_its_working(
    app: Flask, sign_in: SignIn, now: dt.datetime
) -> None:
    applicant(now, "ready")
    browser = sign_in("ready")
    trade = {f"industry-{place}": found for place, found in enumerate(tree(Industry, "1711"), 1)}

    none = browser.get("/register/size").json
    half = browser.get("/register/size", query_string={**trade, "revenue": "很多", "employees": "120"}).json
    full = browser.get(
        "/register/size", query_string={**trade, "revenue": "12,345", "employees": "１２０"}
    ).json

    assert (none["size"], half["size"], full["size"]) == ("未知", "未知", "小型")
    assert any("2017" in line for line in full["working"])


def test_the_lists_give_the_next_level(app: Flask, sign_in: SignIn, now: dt.datetime) -> None:
    applicant(now, "ready")
    browser = sign_in("ready")
    province = key(Region, "330000")

    below = browser.get(f"/register/below/region?of={province}").json["results"]

    assert {"value": str(key(Region, "330100")), "label": "杭州市"} in below
    for wrong in ("/register/below/enterprise?of=1", "/register/below/region?of=x", "/register/below/region"):
        assert browser.get(wrong).status_code == 404


def test_a_draft_saves_itself_and_tells_of_another_window(
    app: Flask, sign_in: SignIn, now: dt.datetime
) -> None:
    actor = applicant(now, "ready")
    browser = sign_in("ready")
    script = {"headers": {"Accept": "application/json"}}
    seen = row_of(actor).version

    saved = browser.post("/register/information", data=form(go="autosave", version=seen), **script)
    stale = browser.post("/register/information", data=form(go="autosave", version=seen), **script)
    wrong = browser.post("/register/information", data=form(go="autosave", uscc="1"), **script)

    assert (saved.status_code, stale.status_code, wrong.status_code) == (200, 409, 422)
    assert saved.json["version"] == row_of(actor).version > seen


def test_a_form_that_another_window_overtook_is_told_so_and_may_then_be_kept(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    newcomer = applicant(now)
    returned(newcomer, actor("county"), now, "请核对")
    clock.advance(minutes=5)
    browser = sign_in(row_of(newcomer).account.username)
    seen = row_of(newcomer).version
    browser.post("/register/information", data=form(go="save", version=seen, address="示范路2号"))

    late = browser.post("/register/information", data=form(version=seen, address="示范路3号"))
    typed = Page(late.text).fields
    again = browser.post("/register/information", data=form(version=typed["version"], address="示范路3号"))

    assert late.status_code == 422 and "其他窗口" in late.text and "2026-11-" in late.text
    assert "执行“退回" not in late.text and typed["address"] == "示范路3号"
    assert again.status_code == 302 and row_of(newcomer).state == "pending"


def test_the_desk_tells_no_figure_apart_that_was_only_written_otherwise(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    newcomer = applicant(now)
    registration = returned(newcomer, actor("county"), now, "请核对")
    sent = form(revenue="12345.0", employees="300", assets="98,700.00", version=registration.version)
    browser = sign_in(registration.account.username)
    step = next(step for step in registration.steps if step.facts)
    stood = {name: step.facts[name] for name in ("revenue", "employees", "assets")}
    sent |= {name: f"{figure}" for name, figure in stood.items()}
    assert browser.post("/register/information", data=sent).status_code == 302

    groups = fact_groups(row_of(newcomer))

    figures = {fact["code"]: fact["before"] for group in groups for fact in group["facts"]}
    assert {name: figures[name] for name in stood} == dict.fromkeys(stood, "")


def test_persons_are_counted_in_whole_numbers(app: Flask, sign_in: SignIn, now: dt.datetime) -> None:
    applicant(now, "hasty")

    page = sign_in("hasty").post("/register/information", data=form(employees="12.5"))

    assert "请填写整数。" in page.text and "0 位小数" not in page.text


def test_the_desk_shows_the_queue_hints_differences_and_reasons(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    taken = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    first = submitted(applicant(now), now, entries(name=f"{taken.name[:-4]}集团股份有限公司"))
    newcomer = applicant(now)
    returned(newcomer, actor("county"), now, "请核对")
    again = submitted(newcomer, now, entries(legal_representative="改名"))
    browser = sign_in("county")

    page = browser.get("/registrations/").text
    second = browser.get(f"/registrations/?registration={again.id}").text

    assert first.name in page and "相近名称" in page and taken.name in page
    assert "rv-accept" in page and "所属行业请选到小类" in page
    assert "退回前：" in second and "曾退回 1 次" in second


def test_a_pass_and_a_return_open_the_next_one(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    rows = [submitted(applicant(now + dt.timedelta(minutes=place)), now) for place in range(3)]
    browser = sign_in("county")

    passed = browser.post(f"/registrations/{rows[0].id}/approve", data={"version": rows[0].version})
    refused = browser.post(f"/registrations/{rows[1].id}/return", data={"version": rows[1].version})
    back = browser.post(
        f"/registrations/{rows[1].id}/return", data={"version": rows[1].version, "comment": "请核对"}
    )
    late = browser.post(f"/registrations/{rows[1].id}/approve", data={"version": rows[1].version})
    last = browser.post(f"/registrations/{rows[2].id}/approve", data={"version": rows[2].version})

    assert passed.location.endswith(f"?registration={rows[1].id}")
    assert refused.status_code == 422 and "rv-problem" in refused.text
    assert back.location.endswith(f"?registration={rows[2].id}")
    assert late.status_code == 409
    assert last.location.endswith("/registrations/")


@pytest.mark.parametrize(
    ("query", "expected"),
    [("", 1), ("mine=all", 3), ("mine=all&state=returned", 1), ("mine=all&keyword=试验", 3),
     ("mine=all&keyword=9133", 3), ("mine=all&submitted_from=2026-11-07", 0)],
)  # fmt: skip
def test_filters_of_the_queue(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime, query: str, expected: int
) -> None:
    submitted(applicant(now), now)
    returned(applicant(now), actor("county"), now)
    approved(applicant(now), actor("county"), now)
    submitted(applicant(now), now, entries("330212"))

    page = sign_in("county").get(f"/registrations/?{query}").text

    assert len(set(re.findall(r'name="key" value="(\d+)"', page))) == expected


def test_a_batch_passes_each_ticked_row_and_leaves_foreign_ones_alone(
    app: Flask, sign_in: SignIn, now: dt.datetime
) -> None:
    own, foreign = submitted(applicant(now), now), submitted(applicant(now), now, entries("330212"))
    browser = sign_in("county")

    browser.post(
        "/registrations/",
        data={"action": "approve", "key": [own.id, foreign.id], "confirmed": "1", "mine": "all", "once": "a"},
    )

    db.session.expire_all()
    states = {row.id: row.state for row in db.session.scalars(select(EnterpriseRegistration))}
    assert states == {own.id: "approved", foreign.id: "pending"}


@pytest.mark.parametrize("role", ["county", "prefecture"])
def test_a_registration_of_a_sibling_prefecture_is_nowhere(
    app: Flask, sign_in: SignIn, now: dt.datetime, role: str
) -> None:
    foreign = submitted(applicant(now), now, entries("330212"))
    browser = sign_in(role)

    asked = [
        browser.get(f"/registrations/?registration={foreign.id}").status_code,
        browser.post(f"/registrations/{foreign.id}/approve", data={"version": foreign.version}).status_code,
        browser.post(f"/registrations/{foreign.id}/return", data={"comment": "原因"}).status_code,
    ]
    listed = browser.get("/registrations/?mine=all").text
    exported = browser.post(
        "/registrations/", data={"format": "csv", "columns": "all", "all": "1", "mine": "all"}
    ).get_data(as_text=True)

    assert asked == [404, 404, 404]
    assert foreign.name not in listed and foreign.name not in exported


def test_hints_name_no_enterprise_outside_the_regions(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    foreign = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    core = foreign.name.removeprefix("宁波").removesuffix("有限公司")
    submitted(applicant(now), now, entries(name=f"杭州{core}集团有限公司"))
    browser = sign_in("county")

    assert foreign.name not in browser.get("/registrations/").text
    assert "相近名称" not in browser.get("/registrations/").text


def test_a_draft_is_nobody_elses_business(app: Flask, sign_in: SignIn, now: dt.datetime) -> None:
    actor = applicant(now, "patient")
    sign_in("patient").post("/register/information", data={"go": "save", "name": "杭州半途示范有限公司"})

    assert sign_in("county").get(f"/registrations/?registration={row_of(actor).id}").status_code == 404


def test_an_account_without_an_enterprise_is_offered_its_registration_only(
    app: Flask, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    applicant(now, "patient")
    waiting, monitored = sign_in("patient").get("/").text, sign_in("enterprise").get("/").text

    assert "/register/information" in waiting and "/filing/" not in waiting
    assert "/register/information" not in monitored and "/filing/" in monitored
    assert (
        sign_in("enterprise")
        .get("/register/information")
        .location.endswith(f"/enterprises/show/{actor('enterprise').enterprise_id}")
    )


def test_a_test_code_let_in_by_an_admin_is_flagged_and_not_counted(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    browser = sign_in("county")
    row = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    chart, home = browser.get("/enterprise-charts/chart/1").text, browser.get("/").text

    row.uscc, row.uscc_exception, row.code_status = "202012030000000002", "试运行", "test"
    db.session.commit()

    assert browser.get("/enterprise-charts/chart/1").text != chart
    assert browser.get("/").text != home
    assert "测试代码" in browser.get(f"/enterprises/show/{row.id}").text
    flagged = browser.get("/enterprises/list/?asked=1&reviewed=all&code_status=test").text
    assert set(re.findall(r"/enterprises/show/(\d+)", flagged)) == {str(row.id)}
