"""Lists in a real browser: ticks, keys, remembered columns, looked-up conditions, a file, a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

Visit = Callable[..., Any]
LIST = "/enterprises/list/"


def test_rows_are_walked_and_ticked_by_keys(visit: Visit) -> None:
    page = visit("province").go(LIST)
    second = page.locator("tbody tr").nth(1)

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")

    expect(second.locator("[name=key]")).to_be_checked()
    expect(second.locator("td a").first).to_be_focused()


def test_chosen_columns_are_remembered(visit: Visit) -> None:
    page = visit("province").go(LIST)
    heads = page.locator("thead th")
    before = heads.count()

    page.click("details:has(#ql-columns) > summary")
    page.locator("#ql-columns input:not([disabled]):checked").first.uncheck()
    page.click("#ql-columns button")
    expect(heads).to_have_count(before - 1)
    page.goto(page.url.split("?")[0])

    expect(heads).to_have_count(before - 1)


def test_a_query_leaves_nothing_blank_in_the_address(visit: Visit) -> None:
    page = visit("province").go(LIST)

    page.fill("#f-keyword", "公司")
    page.click("form.qj-filters .ql-go button")

    asked = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    assert asked["keyword"] == ["公司"]
    assert [""] not in asked.values()
    expect(page.locator("#f-keyword")).to_have_value("公司")


def test_ticked_rows_are_exported(visit: Visit, tmp_path: Path) -> None:
    page = visit("province").go(LIST)
    page.locator("tbody [name=key]").nth(0).check()
    page.locator("tbody [name=key]").nth(2).check()

    page.click("details:has([name=format]) > summary")
    with page.expect_download() as waiting:
        page.click("button[value=xlsx]")
    waiting.value.save_as(tmp_path / "list.xlsx")

    assert waiting.value.suggested_filename.endswith(".xlsx")
    assert openpyxl.load_workbook(tmp_path / "list.xlsx").active.max_row == 3


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_window(visit: Visit, size: Any) -> None:
    visitor = visit("province", size)

    for path in (LIST, "/reports/", "/jobs/", f"{LIST}?keyword=zzz", f"{LIST}?state=x"):
        visitor.go(path)
        visitor.faults[:] = [fault for fault in visitor.faults if "status of 400" not in fault]
        assert visitor.axe() == [], path
        assert not visitor.overflows(), path


@pytest.mark.parametrize("size", [None, PHONE])
def test_conditions_in_groups_are_built_and_can_be_used_by_everybody(visit: Visit, size: Any) -> None:
    visitor = visit("province", size=size) if size else visit("province")
    page = visitor.go(LIST)
    if size:
        page.click(".ql-fold")
    page.click(".ql-where > summary")
    page.select_option("[name='where.1.new']", "employees")
    page.click(".ql-add button")

    box = page.locator("#f-where-1-1")
    expect(box).to_be_focused()
    expect(page.locator(".ql-second")).to_be_hidden()
    page.select_option("[name='where.1.1.op']", "between")
    expect(page.locator(".ql-second")).to_be_visible()
    box.fill("100")
    page.fill("[name='where.1.1.to']", "500")
    page.select_option("[name='where.2.new']", "region")
    page.locator(".ql-add button").last.click()

    expect(page.locator(".ql-cond")).to_have_count(2)
    expect(page.locator(".ql-cond .ts-control input")).to_be_focused()
    expect(page.locator(".ql-cond .ts-dropdown .option").first).to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["where"] == [
        "any(all(employees.between(100,500)),all(region.in()))"
    ]
    assert visitor.axe() == []
    assert not visitor.overflows()


def test_a_view_is_kept_from_the_menu_and_opened_from_it(visit: Visit) -> None:
    visitor = visit("province")
    page = visitor.go(f"{LIST}?size=large&asked=1")

    page.click(".ql-views > summary")
    page.fill("#ql-view-name", "大型企业")
    assert visitor.axe() == []
    page.click(".ql-views button[value=save]")
    expect(page.locator(".ql-views > summary")).to_contain_text("大型企业")
    page.goto(page.url.split("?")[0])
    page.click(".ql-views > summary")
    page.click(".ql-kept a >> text=大型企业")

    expect(page.locator(".ql-views > summary")).to_contain_text("大型企业")
    assert parse_qs(urlsplit(page.url).query)["size"] == ["large"]
