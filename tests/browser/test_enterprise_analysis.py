"""企业分析 and 异常数据跟踪 in a browser: reached from lists and reports, drawn, on desk, phone and paper."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports.models import Report
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.factories.figures import OCTOBER, put
from tests.factories.reports import approved

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])


@pytest.fixture
def report(actor: ActorOf, now: dt.datetime) -> Report:
    """The approved report of October, with calm months before it and six others of the trade."""
    found = approved(actor("enterprise"), now)
    own = db.session.get_one(Enterprise, found.enterprise_id)
    others = list(db.session.scalars(select(Enterprise).where(Enterprise.id != own.id).limit(6)))
    with unit_of_work():
        for one in others:
            one.industry_id = own.industry_id
    for place, one in enumerate(others):
        put(one, {"revenue.m": str(900 + place), "revenue.ly_m": "800"})
    for back, figure in enumerate((2500, 1060, 990, 1120, 1010, 1050, 980, 1100, 1000)):
        put(
            own,
            {"revenue.m": str(figure), "revenue.ly_m": "900"},
            month=OCTOBER.plus(-back),
            report_id=found.id,
        )
    return found


@SIZES
def test_an_enterprise_reads_its_own_analysis(visit: Visit, report: Report, size: dict[str, int]) -> None:
    enterprise = visit("enterprise", size)

    page = enterprise.go("/queries/enterprises/")

    expect(page).to_have_url(re.compile(f"/queries/enterprises/{report.enterprise_id}/$"))
    expect(page.locator(".qj-chart canvas")).to_have_count(3)  # nobody else of the region reported
    expect(page.locator(".an-strip li")).to_have_count(12)
    assert enterprise.axe() == []
    assert not enterprise.overflows()


def test_the_figures_are_chosen_by_keyboard(visit: Visit, report: Report) -> None:
    page = visit("enterprise").go("/queries/enterprises/")

    page.get_by_label("时间").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="查询", exact=True).focus()
    page.keyboard.press("Enter")

    expect(page.locator(".an-strip li")).to_have_count(24)
    expect(page).to_have_url(re.compile("months=24"))
    page.get_by_role("link", name="2026-10 按时").press("Enter")
    expect(page).to_have_url(re.compile(f"/reports/{report.id}$"))


def test_a_bureau_gets_there_from_the_query_and_from_a_report(visit: Visit, report: Report) -> None:
    page = visit("county").go(f"/reports/{report.id}")
    page.get_by_role("link", name="企业分析").click()
    expect(page).to_have_url(re.compile(f"/queries/enterprises/{report.enterprise_id}/$"))
    page.get_by_role("link", name="企业详情").click()
    page.get_by_role("link", name="企业分析").click()
    expect(page).to_have_url(re.compile(f"/queries/enterprises/{report.enterprise_id}/$"))
    page.goto(page.url.split("/queries/")[0] + "/enterprise-query/")

    page.locator("tbody .acts a", has_text="企业分析").first.click()

    expect(page).to_have_url(re.compile(r"/queries/enterprises/\d+/$"))


@SIZES
def test_an_outlier_leads_to_its_report(visit: Visit, report: Report, size: dict[str, int]) -> None:
    bureau = visit("county", size)

    page = bureau.go("/queries/outliers/")

    expect(page.locator("#ql tbody")).to_contain_text("营业收入")
    assert bureau.axe() == []
    assert not bureau.overflows()
    page.locator("#ql tbody td.head a").first.click()
    expect(page).to_have_url(re.compile(f"/reports/{report.id}$"))


def test_the_analysis_fits_the_width_of_a_sheet(visit: Visit, report: Report) -> None:
    enterprise = visit("enterprise")
    page = enterprise.go("/queries/enterprises/?months=36")

    page.emulate_media(media="print")
    page.set_viewport_size({"width": 1047, "height": 740})

    assert not enterprise.overflows()
    expect(page.locator(".an-ask")).to_be_hidden()
