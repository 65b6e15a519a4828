"""Summary, history and print in a browser: reached from the menu, on a desk and a phone, on one sheet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports.models import Report
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories.reports import approved, filled, submitted

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
SHEET = re.compile(rb"/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]")
LEAF = re.compile(rb"/Type\s*/Page\b")
POINTS = 25.4 / 72


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_a_number_of_the_summary_leads_to_its_reports(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    report = approved(actor("enterprise"), now)
    bureau = visit("province", size)

    page = bureau.go("/summaries/")
    assert bureau.axe() == []
    assert not bureau.overflows()
    expect(page.locator("tfoot")).to_contain_text("合计")
    page.locator("tbody td.num a").first.click()
    expect(page).to_have_url(re.compile("/summaries/reports"))
    assert bureau.axe() == []
    assert not bureau.overflows()
    page.locator("tbody td.head a").first.click()

    expect(page).to_have_url(re.compile(f"/reports/{report.id}$"))


def test_the_summary_is_asked_by_hand(visit: Visit, actor: ActorOf, now: dt.datetime) -> None:
    approved(actor("enterprise"), now)
    page = visit("province").go("/summaries/")

    page.get_by_role("link", name="所属行业").click()
    page.locator("summary", has_text="已选 2 项").click()
    page.uncheck("input[name=indicator][value=cost]")
    page.check("input[name=indicator][value=total_profit]")
    page.get_by_role("button", name="查询", exact=True).click()

    expect(page.locator("thead")).to_contain_text("利润总额")
    expect(page.locator("thead")).not_to_contain_text("营业成本")
    page.locator("tbody td.head a").first.click()
    expect(page).to_have_url(re.compile("industry=C"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_history_leads_to_what_can_be_done(
    visit: Visit, actor: ActorOf, now: dt.datetime, size: dict[str, int]
) -> None:
    submitted(actor("enterprise"), now)
    enterprise = visit("enterprise", size)

    page = enterprise.go("/reports/")
    assert enterprise.axe() == []
    assert not enterprise.overflows()
    page.get_by_role("link", name="补报").first.click()

    expect(page).to_have_url(re.compile("/filing/sme_monthly/2026-09/"))


@pytest.mark.parametrize("month", [Month(2026, 10), Month(2026, 8)], ids=["13 indicators", "18 indicators"])
def test_a_report_is_printed_on_one_sheet_of_a4_across(
    visit: Visit, actor: ActorOf, clock: MovableClock, month: Month
) -> None:
    report: Report = submitted(actor("enterprise"), clock.now(), month)
    page = visit("enterprise").go(f"/reports/{report.id}")

    printed = page.pdf(prefer_css_page_size=True)

    sheets = [tuple(round(float(side) * POINTS) for side in found) for found in SHEET.findall(printed)]
    assert set(sheets) == {(297, 210)}
    assert len(LEAF.findall(printed)) == 1
    page.emulate_media(media="print")
    expect(page.locator(".rp-print-foot")).to_be_visible()
    expect(page.locator(".rp-print-head .unsent")).to_have_count(0)


def test_what_is_printed_before_it_is_submitted_says_so(
    visit: Visit, actor: ActorOf, now: dt.datetime
) -> None:
    report = filled(actor("enterprise"), now)
    page = visit("enterprise").go(f"/reports/{report.id}")

    expect(page.locator(".rp-print-head")).to_be_hidden()
    page.emulate_media(media="print")

    expect(page.locator(".rp-print-head .unsent")).to_have_text("未上报（编辑），不作为正式报表")
