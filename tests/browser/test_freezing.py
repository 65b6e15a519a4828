"""An enterprise changes its name in the first step: asked, frozen, counted down, unfrozen, filled on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from tests.access import set_value
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories.freezes import NEW_NAME, OTHER_CODE, change_of, referred, report_of

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
STEP = "/filing/sme_monthly/2026-10/enterprise"
SECONDS = 4


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_changed_name_is_asked_about_frozen_and_taken(
    visit: Visit, actor: ActorOf, now: dt.datetime, clock: MovableClock, size: dict[str, int]
) -> None:
    set_value("report.freeze_seconds", SECONDS, now)
    visitor = visit("enterprise", size)
    page = visitor.go(STEP)
    page.locator("#name").fill(NEW_NAME)
    page.locator("#address").fill("新址一号")

    page.locator(".rp-foot .next").click()
    expect(page.locator("#ask-title")).to_contain_text("确认变更关键信息")
    expect(page.locator("#address")).to_have_value("新址一号")
    assert visitor.axe() == [] and not visitor.overflows()

    page.get_by_role("button", name="确认变更并冻结").click()
    expect(page.locator(".rp-notice.locked")).to_contain_text("报表已冻结")
    expect(page.locator("[data-countdown]")).to_be_visible()
    expect(page.locator("#name")).to_have_count(0)
    assert visitor.axe() == [] and not visitor.overflows()

    clock.advance(seconds=SECONDS)
    expect(page.locator(".rp-steps .qj-st.thaw")).to_have_count(1, timeout=30_000)  # the page looks by itself
    expect(page.locator("#name")).to_have_value(NEW_NAME)
    page.locator(".rp-foot .next").click()
    cell = page.locator("#c-revenue-ytd")
    cell.fill("120")
    cell.press("Enter")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    report = report_of(actor("enterprise"))
    assert report is not None and report.state == "unfrozen"


def test_a_case_is_passed_by_keyboard(visit: Visit, actor: ActorOf, now: dt.datetime) -> None:
    referred(actor("enterprise"), now)
    visitor = visit("county")
    page = visitor.go("/key-changes/")
    expect(page.locator("#rv-detail")).to_contain_text(OTHER_CODE)
    assert visitor.axe() == [] and not visitor.overflows()

    page.keyboard.press("a")

    expect(page.locator("body")).to_contain_text("没有待您审核的变更")
    assert change_of(actor("enterprise")).state == "approved"
