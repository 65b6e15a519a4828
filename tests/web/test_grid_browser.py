"""The step of indicators in a real browser: keys, paste, undo, figures and rules at cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.grid_harness import samples
from tests.web.grid_harness.browser import opened, visitor
from tests.web.grid_harness.hands import cell, expect_state, focused, growth, paste, type_into
from tests.web.grid_harness.server import ReportServer


@pytest.fixture
def page(desk: BrowserContext, server: ReportServer) -> Iterator[Page]:
    found = opened(desk, f"{server.url}/indicators")
    yield found
    assert found.faults == []  # type: ignore[attr-defined]


# ---- keys ----


def test_enter_goes_down_and_skips_cells_that_are_not_filled_in(page: Page) -> None:
    cell(page, "cost.m").click()

    page.keyboard.press("Enter")
    below = focused(page)
    page.keyboard.press("Shift+Enter")

    assert (below, focused(page)) == ("finance_expense.m", "cost.m")


def test_arrows_move_between_cells_until_f2_gives_them_to_the_text(page: Page) -> None:
    cell(page, "revenue.ytd").click()
    page.keyboard.press("ArrowRight")
    moved = focused(page)

    page.keyboard.press("F2")
    page.keyboard.press("ArrowLeft")

    assert (moved, focused(page)) == ("revenue.ly_m", "revenue.ly_m")


def test_tab_goes_right_and_home_and_end_reach_the_edges(page: Page) -> None:
    cell(page, "revenue.m").click()

    page.keyboard.press("Tab")
    right = focused(page)
    page.keyboard.press("End")
    end = focused(page)
    page.keyboard.press("Home")
    home = focused(page)
    page.keyboard.press("Control+End")

    assert (right, end, home, focused(page)) == (
        "revenue.ytd",
        "revenue.ly_ytd",
        "revenue.m",
        "employees.ly_ytd",
    )


def test_escape_restores_what_the_cell_held(page: Page) -> None:
    type_into(page, "revenue.ytd", "5")

    page.keyboard.press("Escape")

    expect(cell(page, "revenue.ytd")).to_have_value("166,380")


def test_typing_replaces_the_cell_and_reads_numbers_as_people_write_them(page: Page) -> None:
    type_into(page, "finance_expense.m", "（１，２３４）")

    page.keyboard.press("Enter")

    expect(cell(page, "finance_expense.m")).to_have_value("−1,234")


def test_a_key_that_an_input_method_uses_does_not_move_on(page: Page) -> None:
    cell(page, "revenue.ytd").click()

    page.evaluate(
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
        "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )

    assert focused(page) == "revenue.ytd"


# ---- figures ----


def test_year_on_year_follows_every_key_and_is_exact(page: Page) -> None:
    before = growth(page, "revenue")

    type_into(page, "revenue.ytd", "154870.00")

    assert (before, growth(page, "revenue")) == ("+7.43%", "0.00%")


def test_rates_grow_in_percentage_points(page: Page) -> None:
    type_into(page, "capacity_utilization.ytd", "78.2")

    assert growth(page, "capacity_utilization").startswith("+0.3 ")


def test_growth_is_blank_where_the_base_is_missing_or_zero(page: Page) -> None:
    type_into(page, "revenue.ly_ytd", "0")
    zero = growth(page, "revenue")
    cell(page, "revenue.ly_ytd").fill("")

    assert (zero, growth(page, "revenue")) == ("—", "—")


def test_the_panel_shows_the_expected_cumulative_and_fills_it_in(page: Page) -> None:
    cell(page, "export_delivery.ytd").click()
    expected = page.locator("#ref-expected-ytd [data-value]").inner_text()

    page.locator("#ref-expected-ytd button").click()

    assert expected == "88,280"
    expect(cell(page, "export_delivery.ytd")).to_have_value("88,280")


# ---- paste and undo ----


def test_a_block_from_excel_lands_cell_by_cell(page: Page) -> None:
    paste(page, "revenue.m", "１８,000\t170,000\r\n15,000\t(140,000)\r\n")

    values = [cell(page, field).input_value() for field in ("revenue.m", "revenue.ytd", "cost.m", "cost.ytd")]
    assert values == ["18,000", "170,000", "15,000", "−140,000"]


def test_a_block_too_wide_and_too_tall_says_how_many_cells_were_left_out(page: Page) -> None:
    paste(page, "taxes_payable.ly_m", "1\t2\t3\n4\t5\t6\n7\t8\t9")

    told = page.locator("#paste-text")
    expect(told).to_contain_text("3 cells pasted")
    expect(told).to_contain_text("1 left out: not filled in here")
    expect(told).to_contain_text("5 left out: outside the table")


def test_a_pasted_block_is_undone_and_redone_in_one_step(page: Page) -> None:
    paste(page, "revenue.m", "1\t2\n3\t4")

    page.keyboard.press("Control+z")
    undone = [cell(page, field).input_value() for field in ("revenue.m", "cost.ytd")]
    page.keyboard.press("Control+y")

    assert undone == ["17,460", "142,610"]
    assert [cell(page, field).input_value() for field in ("revenue.m", "cost.ytd")] == ["1", "4"]


def test_undo_goes_back_across_cells_in_the_order_of_typing(page: Page) -> None:
    type_into(page, "revenue.m", "1")
    page.keyboard.press("Enter")
    page.keyboard.type("2")
    page.keyboard.press("Enter")

    page.keyboard.press("Control+z")
    once = [cell(page, field).input_value() for field in ("revenue.m", "cost.m")]
    page.keyboard.press("Control+z")

    assert once == ["1", "14,980"]
    expect(cell(page, "revenue.m")).to_have_value("17,460")


def test_undo_takes_growth_and_findings_back_too(page: Page) -> None:
    type_into(page, "revenue.ytd", "-5")
    page.keyboard.press("Enter")
    wrong = (growth(page, "revenue"), cell(page, "revenue.ytd").get_attribute("aria-invalid"))

    page.keyboard.press("Control+z")

    assert wrong == ("−100.00%", "true")
    assert growth(page, "revenue") == "+7.43%"
    expect(cell(page, "revenue.ytd")).not_to_have_attribute("aria-invalid", "true")


def test_pasted_text_that_is_no_number_stays_to_be_seen_and_is_marked(
    page: Page, server: ReportServer
) -> None:
    paste(page, "revenue.m", "abc\t12")

    expect(cell(page, "revenue.m")).to_have_value("abc")
    expect(cell(page, "revenue.m")).to_have_attribute("aria-invalid", "true")
    expect_state(page, "partly")
    assert server.saves[-1]["cells"] == {"revenue.ytd": "12"}


# ---- findings ----


def test_a_hard_rule_marks_the_cell_when_it_is_left_and_is_described(page: Page) -> None:
    type_into(page, "revenue.ytd", "-5")
    page.keyboard.press("Enter")

    field = cell(page, "revenue.ytd")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = page.locator(f"#{field.get_attribute('aria-describedby')}")
    expect(described).to_contain_text("营业收入不能为负数")


def test_mending_the_cell_takes_the_finding_away(page: Page) -> None:
    expect(page.locator('[data-key="H02:electricity.m"]')).to_be_visible()

    type_into(page, "electricity.m", "386200")
    page.keyboard.press("Enter")

    expect(page.locator('[data-key="H02:electricity.m"]')).to_have_count(0)
    expect(page.locator(".rp-left")).to_be_hidden()


def test_next_stays_while_a_hard_rule_is_broken_and_moves_on_once_mended(
    page: Page, server: ReportServer
) -> None:
    page.locator('[data-go="next"]').click()
    held = page.evaluate("document.activeElement.id")

    type_into(page, "electricity.m", "386200")
    page.locator('[data-go="next"]').click()
    page.wait_for_url("**/products")

    assert held == "findings"
    assert server.saves[-1]["cells"] == {"electricity.m": "386200"}


def test_a_blank_required_cell_is_no_mistake_before_it_was_visited(
    desk: BrowserContext, server: ReportServer
) -> None:
    def half_filled() -> dict[str, Any]:
        context = samples.grid(findings=[])
        for indicator in context["grid"]["indicators"]:
            indicator["values"] = {}
        return context

    server.pages["/indicators"] = ("reports/grid.html", half_filled)
    page = opened(desk, f"{server.url}/indicators")
    at_first = page.locator('[aria-invalid="true"]').count()
    cell(page, "revenue.ytd").click()
    page.keyboard.press("Enter")
    after_a_visit = page.locator('[aria-invalid="true"]').count()

    page.locator('[data-go="next"]').click()

    assert (at_first, after_a_visit) == (0, 1)
    expect(page.locator('[aria-invalid="true"]')).to_have_count(18)


def test_go_to_cell_moves_the_focus_there(page: Page) -> None:
    page.locator('[data-key="S03:export_delivery.ytd"] [data-locate]').click()

    assert focused(page) == "export_delivery.ytd"


def test_a_link_from_elsewhere_leads_into_the_cell_it_names(
    desk: BrowserContext, server: ReportServer
) -> None:
    page = opened(desk, f"{server.url}/indicators#c-cost-ytd")

    expect(cell(page, "cost.ytd")).to_be_focused()


def test_a_locked_report_can_be_walked_through_but_not_changed(
    desk: BrowserContext, server: ReportServer
) -> None:
    server.pages["/indicators"] = (
        "reports/grid.html",
        lambda: {**samples.grid(locked=True), "locked": "审核中"},
    )
    page = opened(desk, f"{server.url}/indicators")
    expect(cell(page, "cost.ytd")).to_be_disabled()

    page.locator('[data-go="next"]').click()

    page.wait_for_url("**/products")
    assert server.saves == []


def test_a_finding_at_a_figure_that_follows_from_others_is_mended_by_a_click(page: Page) -> None:
    page.locator('[data-key="S03:export_delivery.ytd"] [data-mend]').click()

    expect(cell(page, "export_delivery.ytd")).to_have_value("88,280")


def test_an_explanation_is_saved_with_its_finding(page: Page, server: ReportServer) -> None:
    page.locator('[data-key="S03:export_delivery.ytd"] [data-chip]').first.click()
    page.keyboard.type("，详见附件")

    expect_state(page, "saved")
    assert server.saves[-1]["explanations"] == {"S03:export_delivery.ytd": "更正以前月份数据，详见附件"}
    assert server.saves[-1]["cells"] == {}


# ---- a phone, and no scripts ----


def test_on_a_phone_an_indicator_is_a_card_with_its_findings(browser: Browser, server: ReportServer) -> None:
    context = visitor(browser, phone=True)
    page = opened(context, f"{server.url}/indicators")

    wide = page.evaluate("document.documentElement.scrollWidth")
    height = cell(page, "revenue.m").bounding_box()["height"]
    inside = page.locator('tr[data-code="electricity"] [data-key="H02:electricity.m"]')

    expect(inside).to_be_visible()
    assert (wide, height) == (390, 48)
    context.close()


def test_without_scripts_the_form_posts_every_cell_and_explanation(
    browser: Browser, server: ReportServer
) -> None:
    context = visitor(browser, scripts=False)
    page = opened(context, f"{server.url}/indicators")
    cell(page, "revenue.ytd").fill("1,000")

    page.locator('[data-go="next"]').click()

    path, fields = server.posts[0]
    assert path == "/indicators"
    assert (fields["c-revenue-ytd"], fields["go"], fields["version"]) == (["1,000"], ["next"], ["7"])
    assert fields["csrf_token"] == ["token-1"]
    assert "x-S03:export_delivery.ytd" in fields
    context.close()
