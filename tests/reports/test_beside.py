"""Last month's report beside this one: all three tables, with what differs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import EnterpriseVersion
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports import filling
from app.reports.beside import facts_beside, last_month, rows_beside
from app.reports.models import Report
from app.reports.opening import OpenReport, open_report, ref_of
from tests.factories.reports import OCTOBER, filled, ref_for, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
LAST = OCTOBER.previous()


def product(name: str, sales: str, code: str = "") -> dict[str, str]:
    """A row of products."""
    return {"code": code, "product_name": name, "unit": "台", "production": "10", "sales": sales,
            "closing_stock": "1"}  # fmt: skip


def with_products(owner: Actor, report: Report, rows: list[dict[str, str]], now: dt.datetime) -> None:
    """Type the products of a report."""
    with context.acting_as(owner), unit_of_work():
        found = db.session.get_one(Report, report.id)
        filling.save_rows(owner, ref_of(found), "products", rows, found.version, now)


def opened_of(owner: Actor, now: dt.datetime) -> OpenReport:
    """October's report of an enterprise."""
    return open_report(owner, ref_for(owner), now)


@pytest.fixture
def owner(actor: ActorOf, now: dt.datetime) -> Actor:
    """An enterprise with reports of September and October."""
    found = actor("enterprise")
    filled(found, now, LAST)
    filled(found, now)
    return found


def test_last_months_report_is_as_it_was_filed(owner: Actor, now: dt.datetime) -> None:
    whole = open_report(owner, ref_for(owner, LAST), now)

    found = last_month(opened_of(owner, now))

    assert found is not None
    assert (found.cells, found.rows, found.ref) == (whole.cells, whole.rows, whole.ref)
    assert found.filing.version.id == whole.filing.version.id


def test_without_a_report_of_last_month_there_is_nothing_beside(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    opened = opened_of(owner, now)

    assert last_month(opened) is None
    assert {fact["last"] for fact in facts_beside(opened, None)} == {""}


def test_products_are_matched_by_code_or_name(owner: Actor, now: dt.datetime) -> None:
    before = db.session.scalars(select(Report).where(Report.period == LAST.key)).one()
    this = db.session.scalars(select(Report).where(Report.period == OCTOBER.key)).one()
    with_products(
        owner, before, [product("电钻", "100", "A1"), product("电锯", "100"), product("锤", "5")], now
    )
    with_products(
        owner, this, [product("电锯", "120"), product("冲击钻", "150", "A1"), product("锉", "5")], now
    )
    opened = opened_of(owner, now)

    (section,) = rows_beside(opened, last_month(opened))

    def told(line: dict[str, Any]) -> tuple[str, str, bool, tuple[str, str]]:
        return line["name"], line["kind"], line["stands_out"], line["cells"][1]

    assert [told(line) for line in section["lines"]] == [
        ("电锯 台", "", False, ("120", "100")),
        ("A1 冲击钻 台", "", True, ("150", "100")),
        ("锉 台", "new", True, ("5", "—")),
        ("锤 台", "gone", True, ("—", "5")),
    ]


def test_a_fact_that_differs_from_last_month_is_marked_with_what_it_was(
    owner: Actor, now: dt.datetime
) -> None:
    this = db.session.scalars(select(Report).where(Report.period == OCTOBER.key)).one()
    version = db.session.get_one(EnterpriseVersion, this.enterprise_version_id)
    kept = {column.key: getattr(version, column.key) for column in EnterpriseVersion.__table__.columns}
    del kept["id"]
    known = {**kept, "number": version.number + 1, "revenue": Decimal(987_654)}
    with unit_of_work():
        newer = EnterpriseVersion(**known)
        db.session.add(newer)
        db.session.flush()
        db.session.get_one(Report, this.id).enterprise_version_id = newer.id
    opened = opened_of(owner, now)

    facts = facts_beside(opened, last_month(opened))

    (changed,) = [fact for fact in facts if fact["changed"]]
    assert changed["code"] == "revenue"
    assert "987,654" in changed["value"]
    assert "987,654" not in changed["last"]
    assert all(fact["last"] == fact["value"] for fact in facts if not fact["changed"])


def test_the_desk_shows_last_month_in_full(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    before = filled(owner, now, LAST)
    with_products(owner, before, [product("上月独有产品", "1")], now)
    submitted(owner, now)

    body = sign_in("county").get("/review/").get_data(as_text=True)

    shown = body[body.index('data-part="last"') : body.index('data-part="facts"')]
    assert "2026 年 9 月报表" in shown
    assert "上月独有产品" in shown
    assert ">编辑</span>" in shown
