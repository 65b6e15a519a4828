"""The step of indicators in a real browser: keys, paste, undo, rules at cells and the way it saves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.grid_harness import samples
from tests.web.grid_harness.browser import chromium, opened, visitor
from tests.web.grid_harness.server import ReportServer

SLOW = 6000  # ms that the page may take to save by itself: two seconds of rest and a request


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def server() -> Iterator[ReportServer]:
    with ReportServer() as running:
        yield running


@pytest.fixture
def desk(browser: Browser) -> Iterator[BrowserContext]:
    context = visitor(browser)
    yield context
    context.close()


@pytest.fixture
def page(desk: BrowserContext, server: ReportServer) -> Iterator[Page]:
    found = opened(desk, f"{server.url}/indicators")
    yield found
    assert found.faults == []  # type: ignore[attr-defined]


def cell(page: Page, field: str) -> Any:
    return page.locator(f'input[data-field="{field}"]')


def focused(page: Page) -> str | None:
    return page.evaluate("document.activeElement.dataset.field || null")


def type_into(page: Page, field: str, text: str) -> None:
    cell(page, field).click()
    page.keyboard.type(text)


def paste(page: Page, field: str, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    cell(page, field).click()
    page.keyboard.press("Control+v")


def growth(page: Page, code: str) -> str:
    return page.locator(f'[data-at="{code}.growth"] [data-growth]').inner_text()


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#save-state")).to_have_attribute("data-state", state, timeout=SLOW)


def drafts(page: Page) -> list[dict[str, Any]]:
    texts = page.evaluate("Object.values(localStorage)")
    return [json.loads(text) for text in texts]


def choose(page: Page, field: str, side: str) -> None:
    page.locator(f'dialog.cmp input[name="pick-{field}"][value="{side}"]').check()


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


def test_an_explanation_is_saved_with_its_finding(page: Page, server: ReportServer) -> None:
    page.locator('[data-key="S03:export_delivery.ytd"] [data-chip]').first.click()
    page.keyboard.type("，详见附件")

    expect_state(page, "saved")
    assert server.saves[-1]["explanations"] == {"S03:export_delivery.ytd": "更正以前月份数据，详见附件"}
    assert server.saves[-1]["cells"] == {}


# ---- saving ----


def test_only_changed_cells_are_saved_two_seconds_after_the_last_key(
    page: Page, server: ReportServer
) -> None:
    type_into(page, "revenue.ytd", "166400")

    expect_state(page, "saved")
    assert server.saves == [
        {
            "version": 7,
            "base": {"revenue.ytd": "166380"},
            "cells": {"revenue.ytd": "166400"},
            "explanations": {},
        }
    ]
    assert server.tokens == ["token-1"]
    expect(page.locator("#save-state")).to_contain_text("10:43")


def test_control_s_saves_at_once(page: Page, server: ReportServer) -> None:
    type_into(page, "revenue.ytd", "166400")

    page.keyboard.press("Control+s")

    expect(page.locator("#save-state")).to_contain_text("10:43", timeout=1000)
    assert len(server.saves) == 1


def test_a_link_within_the_page_saves_before_it_leaves(page: Page, server: ReportServer) -> None:
    type_into(page, "revenue.ytd", "166400")

    page.locator(".rp-steps a").first.click()
    page.wait_for_url("**/enterprise")

    assert server.saves[0]["cells"] == {"revenue.ytd": "166400"}


def test_figures_that_somebody_else_saved_in_other_cells_are_taken_over(
    page: Page, server: ReportServer
) -> None:
    theirs = {"revenue.ytd": "166380", "cost.ytd": "150000.0"}
    server.answers.append(
        (409, {"message": "Changed meanwhile.", "version": 11, "cells": _server_cells(theirs)})
    )

    type_into(page, "revenue.ytd", "166400")

    expect_state(page, "saved")
    expect(cell(page, "cost.ytd")).to_have_value("150,000")
    assert (server.saves[-1]["version"], server.saves[-1]["cells"]) == (11, {"revenue.ytd": "166400"})


def test_the_same_cell_changed_twice_is_chosen_cell_by_cell(page: Page, server: ReportServer) -> None:
    theirs = _server_cells({"revenue.ytd": "170000", "cost.ytd": "150000"})
    server.answers.append(
        (409, {"message": "Changed.", "who": "王会计", "when": "10:40", "version": 11, "cells": theirs})
    )
    type_into(page, "cost.ytd", "1")
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")

    choose(page, "cost.ytd", "theirs")
    page.locator("dialog.cmp .pri").click()

    expect_state(page, "saved")
    expect(cell(page, "cost.ytd")).to_have_value("150,000")
    assert (server.saves[-1]["version"], server.saves[-1]["cells"]) == (11, {"revenue.ytd": "166400"})


def test_putting_the_choice_off_loses_nothing(page: Page, server: ReportServer) -> None:
    theirs = _server_cells({"revenue.ytd": "170000"})
    server.answers.append(
        (409, {"message": "Changed.", "who": "王会计", "when": "10:40", "version": 11, "cells": theirs})
    )
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")

    page.locator("dialog.cmp .qj-btn:not(.pri)").click()

    expect(cell(page, "revenue.ytd")).to_have_value("166,400")
    expect(page.locator('[data-notice="conflict"]')).to_be_visible()
    assert drafts(page)[0]["values"] == {"revenue.ytd": "166400"}


def test_nothing_typed_is_lost_when_the_session_has_expired(page: Page, server: ReportServer) -> None:
    server.signed_in = False
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")
    expect(page.locator('[data-notice="signed-out"] a')).to_have_attribute("target", "_blank")
    kept = drafts(page)[0]["values"]

    server.signed_in = True
    server.token = "token-2"
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect_state(page, "saved")
    assert kept == {"revenue.ytd": "166400"}
    assert server.tokens[-1] == "token-2"
    assert drafts(page) == []


def test_another_account_does_not_save_what_the_first_one_typed(page: Page, server: ReportServer) -> None:
    server.signed_in = False
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")
    expect(page.locator('[data-notice="signed-out"]')).to_be_visible()
    server.signed_in = True
    server.pages["/indicators"] = ("reports/grid.html", lambda: samples.grid(account="18"))

    page.evaluate("window.dispatchEvent(new Event('focus'))")

    expect(page.locator('[data-notice="signed-out"]')).to_contain_text("Another account")
    assert len(server.saves) == 1
    assert drafts(page)[0]["values"] == {"revenue.ytd": "166400"}


def test_an_expired_form_token_is_renewed_without_a_word(page: Page, server: ReportServer) -> None:
    server.token = "token-2"
    type_into(page, "revenue.ytd", "166400")

    page.keyboard.press("Control+s")

    expect_state(page, "saved")
    assert server.tokens == ["token-1", "token-2"]
    expect(page.locator("#save-notices")).to_be_empty()


def test_an_unreachable_server_is_tried_again_until_it_answers(page: Page, server: ReportServer) -> None:
    server.answers.append((503, "<h1>Unavailable</h1>"))
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")
    expect_state(page, "unsaved")
    kept = drafts(page)[0]["values"]

    expect_state(page, "saved")

    assert kept == {"revenue.ytd": "166400"}
    assert [save["cells"] for save in server.saves] == [{"revenue.ytd": "166400"}] * 2


def test_what_the_server_refuses_is_marked_and_the_rest_is_saved(page: Page, server: ReportServer) -> None:
    server.answers.append((422, {"problems": [{"field": "cost.ytd", "message": "太大"}]}))
    type_into(page, "cost.ytd", "99999999999999999")
    type_into(page, "revenue.ytd", "166400")

    page.keyboard.press("Control+s")

    expect(cell(page, "cost.ytd")).to_have_attribute("aria-invalid", "true")
    expect_state(page, "partly")
    assert server.saves[-1]["cells"] == {"revenue.ytd": "166400"}
    assert drafts(page)[0]["values"] == {"cost.ytd": "99999999999999999"}


def test_a_refusal_says_why_and_keeps_what_was_typed(page: Page, server: ReportServer) -> None:
    server.answers.append((403, {"message": "The report has been submitted."}))
    type_into(page, "revenue.ytd", "166400")

    page.keyboard.press("Control+s")

    expect(page.locator('[data-notice="refused"]')).to_contain_text("The report has been submitted.")
    assert drafts(page)[0]["values"] == {"revenue.ytd": "166400"}


def test_unsaved_input_is_offered_again_after_a_reload(page: Page, server: ReportServer) -> None:
    server.answers.extend([(503, "")] * 3)
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")
    expect_state(page, "unsaved")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    server.answers.clear()

    page.locator('[data-notice="draft"] button').first.click()

    expect(cell(page, "revenue.ytd")).to_have_value("166,400")
    expect_state(page, "saved")
    assert server.saves[-1]["cells"] == {"revenue.ytd": "166400"}


def test_an_offered_draft_is_compared_when_the_report_has_changed_since(
    page: Page, server: ReportServer
) -> None:
    draft = {
        "version": 5,
        "at": 4102444800000,
        "values": {"revenue.ytd": "1", "cost.ytd": "2"},
        "base": {"revenue.ytd": "0", "cost.ytd": "0"},
    }
    page.goto(f"{server.url}/login/")
    page.evaluate("text => localStorage.setItem('draft:17:55:main:3', text)", json.dumps(draft))
    page.goto(f"{server.url}/indicators")
    page.locator('[data-notice="draft"] button').first.click()

    choose(page, "cost.ytd", "theirs")
    page.locator("dialog.cmp .pri").click()

    expect(cell(page, "revenue.ytd")).to_have_value("1")
    expect(cell(page, "cost.ytd")).to_have_value("142,610")


def test_leaving_with_unsaved_input_warns(page: Page, server: ReportServer) -> None:
    server.answers.extend([(503, "")] * 5)
    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")
    expect_state(page, "unsaved")
    warnings: list[str] = []
    page.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.dismiss()))

    page.close(run_before_unload=True)

    page.wait_for_timeout(300)
    assert warnings == ["beforeunload"]


def test_a_second_tab_is_told_and_takes_over_what_the_first_one_saved(
    page: Page, desk: BrowserContext, server: ReportServer
) -> None:
    second = opened(desk, f"{server.url}/indicators")
    expect(page.locator('[data-notice="tabs"]')).to_be_visible()

    type_into(page, "revenue.ytd", "166400")
    page.keyboard.press("Control+s")

    expect(cell(second, "revenue.ytd")).to_have_value("166,400")
    expect(second.locator('[data-notice="tabs"]')).to_be_visible()


def test_what_the_system_proposed_is_saved_along_but_is_no_reason_to_save(
    desk: BrowserContext, server: ReportServer
) -> None:
    def proposed() -> dict[str, Any]:
        context = samples.grid()
        context["grid"]["indicators"][4]["unsaved"] = ["ly_m", "ly_ytd"]
        return context

    server.pages["/indicators"] = ("reports/grid.html", proposed)
    page = opened(desk, f"{server.url}/indicators")
    cell(page, "revenue.ly_m").click()
    page.keyboard.press("Enter")
    page.wait_for_timeout(2500)
    untouched = list(server.saves)

    type_into(page, "cost.m", "15000")
    page.keyboard.press("Control+s")

    expect_state(page, "saved")
    assert untouched == []
    assert server.saves[0]["cells"] == {
        "cost.m": "15000",
        "revenue.ly_m": "16240",
        "revenue.ly_ytd": "154870",
    }
    assert server.saves[0]["base"]["revenue.ly_m"] == ""


def test_a_corrected_proposal_is_flagged_with_what_it_was(page: Page) -> None:
    type_into(page, "revenue.ly_m", "16000")
    page.keyboard.press("Enter")

    expect(page.locator('[data-at="revenue.ly_m"]')).to_have_class(re.compile("changed"))
    expect(cell(page, "revenue.ly_m")).to_have_attribute("title", re.compile("16,240"))


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


def _server_cells(changes: dict[str, str]) -> dict[str, str | None]:
    """All cells of the sample as the server would send them, with some changed."""
    cells = {
        f"{indicator['code']}.{code}": samples.plain(indicator["values"][code])
        if code in indicator["values"]
        else None
        for indicator in samples.indicators()
        for code in indicator["cells"]
    }
    return {**cells, **changes}
