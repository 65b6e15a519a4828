"""An admin makes a subordinate, who sees nothing but the own county; enterprises and work change hands."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.outbox import OutboxMessage
from app.kernel.actor import Actor
from tests.browser.conftest import PHONE, Visit

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
CHOSEN = "Chosen-2026-Word"


def choose(page: Page, field: str, words: str) -> None:
    """Type into a select and take what it finds."""
    page.locator(f"#{field} + .ts-wrapper .ts-control").click()
    page.locator(f"#{field} + .ts-wrapper input").fill(words)
    page.locator(f"#{field} + .ts-wrapper .ts-dropdown .option", has_text=words).first.click()
    page.keyboard.press("Escape")


def last_link() -> str:
    """The address of the link that was sent last."""
    db.session.rollback()
    body = db.session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id.desc())).first()
    found = re.search(r"/activate/\S+", body or "")
    assert found is not None
    return found[0]


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_a_subordinate_is_made_and_sees_only_the_own_county(visit: Visit, actor: ActorOf, size: Any) -> None:
    boss = visit("prefecture", size)
    page = boss.go("/admins/add")
    for field, entered in {
        "username": "helper",
        "display_name": "周舒书",
        "email": "helper@bureau.example",
        "phone": "0500-12345678",
    }.items():
        page.fill(f"#{field}", entered)
    choose(page, "bureau", "萧山")
    choose(page, "superior", actor("prefecture").name)
    choose(page, "regions", "萧山")
    page.check("#bulk_accept")
    page.click("main form [type=submit], main form button.pri")
    expect(page.locator("h1")).to_contain_text("周舒书")
    assert boss.axe() == [] and not boss.overflows()

    helper = visit("", size)
    page = helper.go(last_link())
    page.fill("[name=password]", CHOSEN)
    page.fill("[name=again]", CHOSEN)
    page.press("[name=again]", "Enter")
    page.wait_for_url("**/login/**")
    page.fill("[name=username]", "helper")
    page.fill("[name=password]", CHOSEN)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_url(re.compile(r".*/$"))
    page = helper.go("/enterprise-query/")

    expect(page.locator("tbody tr")).to_have_count(6)
    assert set(page.locator("tbody td[data-label='所属地区']").all_inner_texts()) == {"浙江省杭州市萧山区"}
    expect(helper.go("/admins/list/").locator("tbody tr")).to_have_count(1)
    foreign = actor("enterprise2").enterprise_id
    answer = page.goto(f"{helper.address}/enterprises/show/{foreign}")
    assert answer is not None and answer.status == 404
    for path in ("/admins/tree/", "/regions/list/", "/enterprise-charts/chart/0"):
        helper.go(path)
        assert "余杭" not in page.locator("main").inner_text(), path
        assert helper.axe() == [] and not helper.overflows(), path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_ticked_enterprises_get_another_reviewer(visit: Visit, actor: ActorOf, language: str) -> None:
    visitor = visit("prefecture")
    visitor.go(f"/preferences/language/{language}")
    page = visitor.go("/enterprises/list/")
    for row in (0, 1):
        page.locator("tbody [name=key]").nth(row).check()
    page.click("#ql-batch button[value=reviewer]")
    assert visitor.axe() == []

    choose(page, "comment", actor("prefecture").name)
    page.click("main form button.pri")

    expect(page.locator("tbody .qj-st.pass")).to_have_count(2)
    db.session.rollback()
    taken = select(Enterprise.id).where(Enterprise.direct_reviewer_id == actor("prefecture").admin_id)
    assert len(db.session.scalars(taken).all()) == 2


def test_a_refused_disabling_leads_to_the_transfer(visit: Visit, actor: ActorOf) -> None:
    visitor = visit("prefecture")
    page = visitor.go(f"/admins/show/{actor('county').admin_id}")
    page.click("button:has-text('禁用')")
    page.click("main form button.danger")
    expect(page.locator("tbody .qj-st.back")).to_have_count(1)
    assert visitor.axe() == []

    page.locator("tbody a", has_text="移交工作").click()
    expect(page.locator("main")).to_contain_text("6 户企业及其各期报表")
    choose(page, "to_admin", actor("prefecture").name)
    page.click("main form button.pri")
    page.click("button:has-text('禁用')")
    page.click("main form button.danger")

    expect(page.locator("tbody .qj-st.pass")).to_have_count(1)
