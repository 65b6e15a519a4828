"""A report filled and reviewed on a phone: touched, not clicked; all within 390 px and large enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.reports import filling
from app.reports.opening import open_report
from tests.browser.conftest import PHONE, Visit, Visitor
from tests.factories.reports import filled, good_cells, ref_for, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]

LEFT_OPEN = ("electricity.m", "electricity.ytd", "employees.ytd")
"""What the enterprise of these tests has not filled in yet."""

TOO_SMALL = """() => Array.from(document.querySelectorAll('a[href], button, input, textarea, summary'))
    .map(node => node.type === 'checkbox' && node.labels[0] || node).filter(node => {
        const box = node.getBoundingClientRect();
        const drawn = box.width > 2 && box.height > 2 && box.right > 0;
        const seen = drawn && getComputedStyle(node).visibility !== 'hidden';
        return seen && (box.height < 44 || box.width < 40);
    }).map(node => node.textContent.trim() || node.name || node.id)"""
"""What can be touched and is smaller than a finger: the design language asks for 44 px.

A box to tick is as large as its label, which ticks it too.
"""


def nearly_filled(actor: Actor, now: dt.datetime) -> dict[str, str]:
    """Leave two indicators of a complete report open; gives what belongs there."""
    filled(actor, now)
    opened = open_report(actor, ref_for(actor), now)
    texts = good_cells(opened)
    with context.acting_as(actor), unit_of_work():
        filling.save_cells(actor, ref_for(actor), dict.fromkeys(LEFT_OPEN, ""), opened.lock, now)
    return {field: texts[field] for field in LEFT_OPEN}


def cell(page: Page, field: str) -> str:
    """The input of a field such as ``electricity.m``."""
    return "#c-" + field.replace(".", "-")


def usable(visitor: Visitor) -> None:
    """What every page of the phone keeps: nothing sideways, nothing too small, no serious finding of axe."""
    assert not visitor.overflows()
    assert visitor.page.evaluate(TOO_SMALL) == []
    assert visitor.axe() == []


def test_an_enterprise_fills_two_indicators_saves_goes_on_and_submits(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    texts = nearly_filled(actor("enterprise"), now)
    enterprise = visit("enterprise", PHONE, touch=True)
    page = enterprise.go("/filing/sme_monthly/2026-10/enterprise")
    expect(page.locator(".qj-top")).to_be_hidden()
    usable(enterprise)
    page.tap(".rp-foot .next")
    page.wait_for_url("**/main")

    # a mistake is told in the card of its indicator, and the counter above the buttons leads to it
    electricity = page.locator("tr[data-code=electricity]")
    page.tap(cell(page, "electricity.m"))
    page.fill(cell(page, "electricity.m"), "-" + texts["electricity.m"])
    page.keyboard.press("Enter")  # the key of the phone's keyboard passes what the system filled in
    expect(page.locator(cell(page, "electricity.ytd"))).to_be_focused()
    page.fill(cell(page, "electricity.ytd"), texts["electricity.ytd"])
    page.fill(cell(page, "employees.ytd"), texts["employees.ytd"])
    expect(electricity.locator(".rp-isu[data-kind=hard]")).to_contain_text("不能为负数")
    page.tap("[data-jump]")
    expect(page.locator(cell(page, "electricity.m"))).to_be_focused()
    usable(enterprise)

    page.tap("[data-go=next]")  # which a mandatory check refuses, at the cell again
    expect(page.locator(cell(page, "electricity.m"))).to_be_focused()
    assert page.url.endswith("/main")
    page.fill(cell(page, "electricity.m"), texts["electricity.m"])
    page.tap("[data-go=save]")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(page.locator(".rp-left")).to_be_hidden()

    page.tap("[data-go=next]")
    page.wait_for_url("**/products")
    usable(enterprise)
    page.tap("[data-go=previous]")
    page.wait_for_url("**/main")
    page.tap("[data-go=next]")
    page.wait_for_url("**/products")
    page.tap("[data-go=next]")
    page.wait_for_url("**/confirm")
    usable(enterprise)
    page.fill("[name=filler]", "示范填报员")
    page.tap(".rp-foot button.next")
    page.wait_for_url("**/reports/*")
    expect(page.locator("h1")).to_contain_text("审核中")
    assert not enterprise.overflows()


def test_a_row_that_is_not_complete_says_so_in_its_own_card(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    filled(actor("enterprise"), now)
    enterprise = visit("enterprise", PHONE, touch=True)
    page = enterprise.go("/filing/sme_monthly/2026-10/products")
    row = page.locator("[data-rows] tbody tr").first
    row.locator("input[data-column=product_name]").fill("棉布")
    page.tap("[data-go=next]")

    findings = row.locator("[data-findings] .rp-isu[data-kind=hard]")
    expect(findings.first).to_be_visible()
    count = findings.count()
    expect(page.locator("[data-jump]")).to_contain_text(str(count))
    usable(enterprise)
    row.locator("[data-remove]").tap()
    expect(page.locator(".rp-isu")).to_have_count(0)


def test_a_county_accepts_one_report_and_returns_the_next_with_a_reason(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    for month in (Month(2026, 9), Month(2026, 10)):
        submitted(actor("enterprise"), now, month)
    county = visit("county", PHONE, touch=True)
    page = county.go("/review/")
    expect(page.locator("#ql-filters")).to_be_hidden()  # the queue comes first
    page.tap(".ql-fold")
    expect(page.locator("#ql-filters")).to_be_visible()
    page.tap(".ql-fold")
    assert not county.overflows() and county.axe() == []

    card = page.locator(".rv-list tbody tr").first
    card.locator("td").last.tap(force=True)  # anywhere in the card leads to its report
    expect(page.locator(".rv-act")).to_be_in_viewport()
    expect(page.locator(".rv-list")).to_be_hidden()
    expect(page.locator(".rv-move")).to_contain_text("1 / 2")
    usable(county)
    page.tap("[data-view=compare-year]")
    expect(page.locator(".rv-cmp th.ly").last).to_be_visible()
    expect(page.locator(".rv-cmp th.lm").last).to_be_hidden()

    page.tap("button[form=rv-accept]")
    expect(page.locator("body")).to_contain_text("已接收")
    expect(page.locator(".rv-move")).to_contain_text("1 / 1")
    page.tap("button[form=rv-return]")  # without a reason
    expect(page.locator("#rv-comment")).to_be_focused()
    assert page.locator("#rv-problem").is_visible()
    usable(county)
    page.fill("#rv-comment", "用电量请核对")
    page.tap("button[form=rv-return]")
    expect(page.locator("body")).to_contain_text("已退回")
    assert not county.overflows()
