"""Pages of enterprises: the list with its default, forms, versions, charts, and two sibling prefectures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.models import ControlType, Enterprise, Industry, RegistrationType
from app.infra.database import db
from app.kernel.actor import Actor
from app.organisations.models import Region

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def key(model: Any, code: str, **more: str) -> int:
    """The id of a dictionary entry or region."""
    query = select(model.id).where(model.code == code)
    for name, value in more.items():
        query = query.where(getattr(model, name) == value)
    return int(db.session.scalars(query).one())


def form(**changes: object) -> dict[str, object]:
    """A filled form of a new enterprise."""
    entered: dict[str, object] = {
        "name": "杭州新织示范有限公司",
        "uscc": complete_credit_code("91", "330109", "00009999"),
        "legal_representative": "陈言知",
        "region": key(Region, "330109"),
        "industry": key(Industry, "1711"),
        "registration_type": key(RegistrationType, "112", scheme="2023"),
        "control_type": key(ControlType, "3"),
        "figures_year": "2025",
        "revenue": "１２,３４５.６０",
        "employees": "120",
        "assets": "(不适用)",
        "address": "示范路1号",
        "opened_on": "2001-05-01",
        "main_products": "棉纱",
        "contact_name": "陈言知",
        "mobile": "10000000001",
        "email": "new@enterprise.example",
        "username": "newmill",
    }
    return {**entered, "assets": "98,700", **changes}


def rows(page: str) -> set[int]:
    """Keys of the enterprises that a page links to."""
    return {int(found) for found in re.findall(r"/enterprises/show/(\d+)", page)}


def test_an_enterprise_is_added_with_its_account_and_its_size(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("county")

    answer = browser.post("/enterprises/add", data=form())

    made = db.session.scalars(select(Enterprise).order_by(Enterprise.id.desc())).first()
    shown = browser.get(answer.location).get_data(as_text=True)
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert made is not None and made.account is not None
    assert (made.size, str(made.revenue), made.account.username) == ("small", "12345.60", "newmill")
    assert "统计上大中小微型企业划分办法" in shown


def test_wrong_entries_come_back_with_what_was_typed(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    taken = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    browser = sign_in("county")

    page = browser.post(
        "/enterprises/add", data=form(revenue="很多", assets="-1", uscc=taken.uscc, website="x")
    )
    again = browser.post("/enterprises/add", data=form(uscc=taken.uscc, website="x", phone="1"))

    assert page.status_code == again.status_code == 422
    assert "很多" in page.get_data(as_text=True)
    text = again.get_data(as_text=True)
    assert "12,345.60" in text or "１２,３４５.６０" in text
    assert taken.direct_reviewer.account.display_name in text


@pytest.mark.parametrize(
    "entry",
    [
        {"revenue": "9" * 30},
        {"revenue": "1e5"},
        {"employees": "9" * 30},
        {"employees": "1.5"},
        {"name": "甲\x00乙"},
        {"name": "甲" * 500},
        {"opened_on": "31/12/2020"},
        {"region": "9" * 40},
        {"industry": "-1"},
        {"figures_year": "99999"},
        {"postcode": "\u0000"},
    ],
)
def test_bad_input_is_named_and_never_an_error_of_the_server(
    app: Flask, sign_in: SignIn, entry: dict[str, object]
) -> None:
    answer = sign_in("county").post("/enterprises/add", data=form(**entry))

    assert answer.status_code == 422


def test_the_list_shows_whom_the_admin_or_a_subordinate_reviews(
    app: Flask, sign_in: SignIn, actor: ActorOf
) -> None:
    moved = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    moved.direct_reviewer_id = actor("province").admin_id
    db.session.commit()
    browser = sign_in("prefecture")

    usual = rows(browser.get("/enterprises/list/").get_data(as_text=True))
    everything = rows(browser.get("/enterprises/list/?reviewed=all").get_data(as_text=True))

    assert len(usual) == 29
    assert everything - usual == {moved.id}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("keyword=enterprise", 1),
        ("size=large", 4),
        ("state=disabled", 0),
        ("keyword=杭州云", 3),
    ],
)
def test_filters_of_the_list(app: Flask, sign_in: SignIn, query: str, expected: int) -> None:
    page = sign_in("prefecture").get(f"/enterprises/list/?{query}").get_data(as_text=True)

    assert len(rows(page)) == expected


def test_the_list_is_filtered_by_a_region_and_by_a_trade_with_all_below(app: Flask, sign_in: SignIn) -> None:
    browser = sign_in("province")

    city = rows(browser.get(f"/enterprises/list/?region={key(Region, '330200')}").get_data(as_text=True))
    makers = rows(browser.get(f"/enterprises/list/?industry={key(Industry, 'C')}").get_data(as_text=True))

    codes = set(
        db.session.scalars(select(Industry.section).join(Enterprise).where(Enterprise.id.in_(makers)))
    )
    assert len(city) == 30
    assert codes == {"C"}


@pytest.mark.parametrize("path", ["show", "edit"])
def test_an_enterprise_of_a_sibling_prefecture_answers_404(
    app: Flask, sign_in: SignIn, actor: ActorOf, path: str
) -> None:
    foreign = actor("enterprise2").enterprise_id

    assert sign_in("prefecture").get(f"/enterprises/{path}/{foreign}").status_code == 404
    assert sign_in("enterprise").get(f"/enterprises/show/{foreign}").status_code == 404


def test_batches_and_exports_leave_foreign_rows_alone(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    foreign = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    browser = sign_in("prefecture")

    browser.post(
        "/enterprises/list/",
        data={"action": "disable", "key": foreign.id, "confirmed": "1", "reviewed": "all"},
    )
    listed = browser.get("/enterprises/list/?reviewed=all").get_data(as_text=True)

    db.session.refresh(foreign)
    assert foreign.state == "active"
    assert foreign.name not in listed


def test_a_change_shows_the_version_before(app: Flask, sign_in: SignIn, actor: ActorOf) -> None:
    enterprise = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
    name = enterprise.name
    browser = sign_in("county")
    opened = browser.get(f"/enterprises/edit/{enterprise.id}").get_data(as_text=True)
    version = re.search(r'name="version"[^>]*value="(\d+)"', opened)
    assert version is not None
    entered = form(name="杭州改名有限公司", uscc=enterprise.uscc, version=version[1])

    saved = browser.post(f"/enterprises/edit/{enterprise.id}", data=entered)
    stale = browser.post(f"/enterprises/edit/{enterprise.id}", data={**entered, "name": "又改名有限公司"})
    versions = browser.get(f"/enterprise-versions/list/?enterprise={enterprise.id}").get_data(as_text=True)

    assert saved.status_code == 302, saved.get_data(as_text=True)
    assert stale.status_code == 422 and "又改名有限公司" in stale.get_data(as_text=True)
    assert name in versions and "杭州改名有限公司" in versions


@pytest.mark.parametrize("number", range(5))
def test_each_chart_counts_what_is_in_scope(app: Flask, sign_in: SignIn, number: int) -> None:
    one = sign_in("prefecture").get(f"/enterprise-charts/chart/{number}").get_data(as_text=True)

    assert "宁波" not in one
    assert "30" in one or number in (0, 1, 2, 3)


def test_dictionaries_are_read_by_bureaus_and_kept_by_the_platform(app: Flask, sign_in: SignIn) -> None:
    county, platform = sign_in("county"), sign_in("admin")
    one = key(ControlType, "9")

    assert county.get("/control-types/list/").status_code == 200
    assert county.get(f"/control-types/edit/{one}").status_code == 403
    assert platform.get(f"/control-types/edit/{one}").status_code == 200
    assert platform.get("/enterprises/list/").status_code == 403


def test_the_list_takes_eight_statements_at_most(app: Flask, sign_in: SignIn, count: Any) -> None:
    browser = sign_in("province")
    browser.get("/enterprises/list/")

    with count() as statements:
        browser.get("/enterprises/list/")

    assert len(statements) <= 8, statements
