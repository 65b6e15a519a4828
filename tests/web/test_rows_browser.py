"""The step of products in a real browser: rows that come and go, and what of them is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.grid_harness import samples
from tests.web.grid_harness.browser import opened, visitor
from tests.web.grid_harness.server import ReportServer


@pytest.fixture
def page(browser: Browser, server: ReportServer) -> Iterator[Page]:
    context = visitor(browser)
    found = opened(context, f"{server.url}/products")
    yield found
    assert found.faults == []  # type: ignore[attr-defined]
    context.close()


def at(page: Page, row: int, column: str) -> Locator:
    return page.locator(f"table tbody tr:nth-child({row}) input[data-column={column}]")


def names(page: Page) -> list[str]:
    return [found.input_value() for found in page.locator("input[data-column=name]").all()]


def saved(page: Page, server: ReportServer) -> Any:
    expect(page.locator("#save-state")).to_have_attribute("data-state", "saved")
    return server.saves[-1]["rows"]


def paste(page: Page, into: Locator, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    into.click()
    page.keyboard.press("Control+v")


def test_one_blank_row_waits_at_the_end_and_another_follows_once_it_is_used(page: Page) -> None:
    before = names(page)

    at(page, 3, "name").click()
    page.keyboard.type("砂轮")

    assert before == ["手持式电动冲击钻", "充电式角磨机", ""]
    assert names(page) == ["手持式电动冲击钻", "充电式角磨机", "砂轮", ""]


def test_a_row_travels_without_separators_and_blank_rows_stay_home(page: Page, server: ReportServer) -> None:
    at(page, 1, "output").click()
    page.keyboard.type("12700")
    page.keyboard.press("Control+s")

    rows = saved(page, server)

    assert rows[0] == {**samples.PRODUCTS[0], "output": "12700", "sales": "11840", "stock": "3120"}
    assert len(rows) == 2


def test_a_removed_row_comes_back_by_undo(page: Page) -> None:
    page.locator("[data-remove]").first.click()
    without = names(page)

    page.locator("[data-undo]").click()

    assert without == ["充电式角磨机", ""]
    assert names(page) == ["手持式电动冲击钻", "充电式角磨机", ""]


def test_a_tall_block_grows_the_table_up_to_its_limit_and_is_undone_at_once(page: Page) -> None:
    block = "\n".join(f"P{i}\t产品{i}\t台\t{i}\t{i}\t{i}" for i in range(1, 9))
    paste(page, at(page, 3, "code"), block)
    grown = names(page)
    told = page.locator("#paste-text").inner_text()

    page.keyboard.press("Control+z")

    assert grown == ["手持式电动冲击钻", "充电式角磨机"] + [f"产品{i}" for i in range(1, 7)]
    assert "12 left out: outside the table" in told
    assert names(page)[:3] == ["手持式电动冲击钻", "充电式角磨机", ""]


def test_a_missing_figure_of_a_row_is_marked_once_it_was_visited(page: Page) -> None:
    at(page, 3, "name").click()
    page.keyboard.type("砂轮")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    expect(at(page, 3, "unit")).to_have_attribute("aria-invalid", "true")
    expect(at(page, 3, "output")).not_to_have_attribute("aria-invalid", "true")


def test_next_names_every_missing_figure_of_the_rows(page: Page) -> None:
    at(page, 3, "name").click()
    page.keyboard.type("砂轮")

    page.locator('[data-go="next"]').click()

    expect(page.locator("#finding-list [data-key]")).to_have_count(4)
    expect(page.locator("#findings")).to_be_focused()


def test_what_the_server_refuses_is_marked_at_the_row_it_names(page: Page, server: ReportServer) -> None:
    server.answers.append((422, {"problems": [{"field": "products.2.sales", "message": "太大"}]}))
    at(page, 2, "sales").click()
    page.keyboard.type("99999999999999999999")

    page.keyboard.press("Control+s")

    expect(at(page, 2, "sales")).to_have_attribute("aria-invalid", "true")


def test_rows_that_somebody_else_added_and_removed_are_taken_over(page: Page, server: ReportServer) -> None:
    theirs = [
        {**samples.PRODUCTS[1], "output": "8450.50", "sales": "8900", "stock": "1260"},
        {"code": None, "name": "砂轮", "unit": "片", "output": "1", "sales": "1", "stock": "1"},
    ]
    server.answers.append((409, {"message": "Changed.", "when": "10:40", "version": 11, "rows": theirs}))
    at(page, 2, "sales").click()
    page.keyboard.type("8901")
    page.keyboard.press("Control+s")

    rows = saved(page, server)

    assert names(page) == ["充电式角磨机", "砂轮", ""]
    assert [row["sales"] for row in rows] == ["8901", "1"]


def test_without_scripts_rows_post_by_number(browser: Browser, server: ReportServer) -> None:
    context = visitor(browser, scripts=False)
    page = opened(context, f"{server.url}/products")
    page.locator("#r-3-name").fill("砂轮")

    page.locator('[data-go="save"]').click()

    fields = server.posts[0][1]
    assert (fields["r-1-output"], fields["r-3-name"], fields["go"]) == (["12,600"], ["砂轮"], ["save"])
    context.close()
