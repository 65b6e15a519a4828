"""Writing a rule with mouse and keyboard, and rules that speak up while an enterprise types."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.periods import Month
from app.reports.form_models import ReportForm
from app.reports.form_service import create_draft
from tests.browser.conftest import PHONE, Visit
from tests.factories.reports import approved, filled, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
GRID = "/filing/sme_monthly/2026-10/main"


@pytest.fixture
def editor(visit: Visit, now: dt.datetime) -> Page:
    """The page of a new rule of a draft."""
    with unit_of_work():
        create_draft(SYSTEM, db.session.scalars(select(ReportForm.id)).one(), now)
    return visit("province").go("/form-rules/add")


def test_names_are_put_into_the_expression_by_click_and_by_keyboard(editor: Page) -> None:
    expression = editor.locator("#expression")
    expression.fill("revenue.ytd >=")

    editor.locator("#rule-name-search").fill("利润总额")
    expect(editor.locator(".rl-name:visible")).to_have_count(4)
    editor.keyboard.press("ArrowDown")
    editor.keyboard.press("ArrowRight")
    editor.keyboard.press("Enter")
    expect(expression).to_have_value("revenue.ytd >= total_profit.ytd")
    expect(expression).to_be_focused()

    editor.locator("#rule-name-search").fill("abs")
    editor.keyboard.press("Enter")
    editor.keyboard.type("1")
    expect(expression).to_have_value("revenue.ytd >= total_profit.ytd abs(1)")

    expression.fill("last.")
    expression.evaluate("box => box.setSelectionRange(5, 5)")
    editor.locator("#rule-name-search").fill("cost.ytd")
    editor.get_by_role("button", name="cost.ytd", exact=True).click()
    expect(expression).to_have_value("last.cost.ytd")


def test_a_search_without_an_answer_says_so_and_enter_sends_nothing(editor: Page) -> None:
    editor.locator("#rule-name-search").fill("no such name")
    editor.keyboard.press("Enter")

    expect(editor.locator("#rule-no-name")).to_have_text("没有符合的名称。")
    expect(editor.locator(".rl-name:visible")).to_have_count(0)
    assert editor.url.endswith("/form-rules/add")


def test_the_expression_is_read_and_its_mistake_marked_as_one_types(editor: Page) -> None:
    below = editor.locator(".rl-reading")

    editor.locator("#expression").fill("revenue.ytd >= total_profits.ytd")
    expect(below.locator("mark")).to_have_text("total_profits.ytd")
    expect(below.locator("p")).to_contain_text("第 16 个字符")

    editor.locator("#expression").fill("revenue.ytd >= total_profit.ytd")
    expect(below.locator("p")).to_have_text("应满足：营业收入（本年1-本月）不小于利润总额（本年1-本月）。")
    expect(below.locator("pre")).to_be_hidden()


def test_a_rule_is_tried_from_its_page_on_a_phone_too(
    visit: Visit, actor: ActorOf, now: dt.datetime, editor: Page
) -> None:
    filled(actor("enterprise"), now)
    phone = visit("province", PHONE)
    page = phone.go("/form-rules/add")
    page.fill("#code", "S20")
    page.select_option("#severity", "soft")
    page.fill("#expression", "revenue.ytd < total_profit.ytd")
    page.fill("#message", "请核实")
    page.fill("[name=message-en]", "Please check")
    page.fill("#trial_month", "2026-10")
    page.click("[formaction]")

    expect(page.locator("#trial-result")).to_contain_text("1 份报表中，1 份会被查出")
    expect(page.locator("#expression")).to_have_value("revenue.ytd < total_profit.ytd")
    assert not phone.overflows()
    assert phone.axe() == []


def test_a_soft_rule_speaks_up_before_anything_is_saved_and_takes_its_explanation(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    approved(owner, now, Month(2026, 9))
    filled(owner, now)
    enterprise = visit("enterprise")
    page = enterprise.go(GRID)
    saves = []
    page.on("request", lambda request: saves.append(request.url) if request.url.endswith("/save") else None)

    page.fill("#c-electricity-m", "1")
    page.keyboard.press("Tab")
    card = page.locator('[data-key="S03:electricity.ytd"]')
    expect(card).to_contain_text("用电量本月止累计应等于本月+上月止累计")
    assert saves == []
    card.locator("textarea").fill("补记上月漏抄读数")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    page.reload()

    expect(card).to_have_attribute("data-kind", "done")
    assert enterprise.axe() == []


def test_the_page_says_what_could_not_be_checked_and_keeps_saying_it_after_a_save(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    submitted(owner, now, Month(2026, 9))
    filled(owner, now)
    page = visit("enterprise").go(GRID)
    silent = page.locator("#silent")

    silent.locator("summary").click()
    expect(silent).to_contain_text("2026-09 的报表尚未审核通过")
    page.fill("#c-export_delivery-m", "")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")

    expect(silent).to_contain_text("2026-09 的报表尚未审核通过")
    expect(silent).to_contain_text("出口交货值")
