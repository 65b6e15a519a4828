"""A month as its people live it: filled, submitted, accepted at three levels, returned, exported."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports import steps
from app.reports.opening import open_report
from tests.browser.conftest import PHONE, Visit
from tests.conftest import PASSWORD
from tests.factories.reports import accepted, good_cells, holder_of, ref_for, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]

PASTE = """text => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    const options = {clipboardData: data, bubbles: true, cancelable: true};
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', options));
}"""


def block_of(actor: Actor, now: dt.datetime) -> str:
    """The month as a block of Excel cells: a row for each indicator, four columns."""
    opened = open_report(actor, ref_for(actor), now)
    texts = good_cells(opened)
    section = opened.version.section("main")
    applicable = section.applicable(10, industrial=opened.filing.industry.is_industrial)
    return "\n".join(
        "\t".join(texts.get(f"{found.code}.{cell}", "") for cell in ("m", "ytd", "ly_m", "ly_ytd"))
        for found in applicable
    )


def test_a_month_is_pasted_submitted_and_accepted_up_to_the_top(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    enterprise = visit("enterprise")
    page = enterprise.go("/filing/sme_monthly/2026-10/main")
    page.locator("#c-industrial_output-m").focus()
    page.evaluate(
        PASTE,
        block_of(actor("enterprise"), now),
    )
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    page.click("[data-go=next]")
    page.wait_for_url("**/products")
    page.click("[data-go=next]")
    page.wait_for_url("**/confirm")
    page.fill("[name=filler]", "示范填报员")
    page.click(".qj-foot button.next")
    page.wait_for_url("**/reports/*")
    assert "审核中" in page.content()

    for level in ("county", "prefecture", "province"):
        reviewer = visit(level)
        desk = reviewer.go("/review/")
        assert "云溯" in desk.content()
        desk.keyboard.press("a")
        desk.wait_for_load_state()
        expect(desk.locator("body")).to_contain_text("已接收")

    page.reload()
    assert "审核通过" in page.content()
    with page.expect_download() as download:
        page.click("a[href$='/workbook']")
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert "主要经济指标" in book.sheetnames
    assert download.value.suggested_filename.startswith("中小企业主要经济指标")


def test_a_report_is_returned_from_the_phone_with_a_reason_that_the_enterprise_reads(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    submitted(actor("enterprise"), now)
    county = visit("county", PHONE)
    page = county.go("/review/")
    page.locator("a[href*='report=']").first.click()
    page.fill("[name=comment]", "用电量请核对")
    page.click("button[form=rv-return]")
    expect(page.locator("body")).to_contain_text("已退回")
    assert not county.overflows()

    enterprise = visit("enterprise")
    home = enterprise.go("/")
    assert "退回" in home.content()
    home.goto(enterprise.address + "/reports/")
    home.locator("tbody a").first.click()
    expect(home.locator("body")).to_contain_text("用电量请核对")


def test_what_was_typed_survives_a_session_that_ends_and_is_saved_after_signing_in_again(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    enterprise = visit("enterprise")
    page = enterprise.go("/filing/sme_monthly/2026-10/main")
    enterprise.context.clear_cookies()
    page.fill("#c-revenue-ytd", "4321")
    page.keyboard.press("Control+s")
    with enterprise.context.expect_page() as opened:
        page.locator("#save-notices a, #save-notices button").filter(has_text="登录").click()
    tab = opened.value
    tab.fill("[name=username]", "enterprise")
    tab.fill("[name=password]", PASSWORD)
    tab.click("form:has([name=password]) [type=submit]")
    tab.wait_for_load_state()
    tab.close()
    page.bring_to_front()

    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    expect(page.locator("#c-revenue-ytd")).to_have_value("4,321")
    owner = actor("enterprise")
    assert open_report(owner, ref_for(owner), now).cells["revenue", "ytd"] == 4321


def test_two_reviewers_at_once_take_one_step_and_one_clear_refusal(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    county = visit("county")
    page = county.go("/review/")
    other = holder_of(report)
    with context.acting_as(other), unit_of_work():
        steps.accept(other, report, report.version, "", now)

    page.keyboard.press("a")
    page.wait_for_load_state()

    expect(page.locator("body")).to_contain_text(other.name)
    accepted(report, now)
    assert holder_of(report).level == "province"
