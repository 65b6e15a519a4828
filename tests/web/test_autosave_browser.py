"""How the step of indicators saves, in a real browser: nothing typed is ever lost."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.grid_harness import samples
from tests.web.grid_harness.browser import opened
from tests.web.grid_harness.hands import cell, choose, drafts, expect_state, type_into
from tests.web.grid_harness.server import ReportServer

START = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)


@pytest.fixture
def page(desk: BrowserContext, server: ReportServer) -> Iterator[Page]:
    found = opened(desk, f"{server.url}/indicators")
    yield found
    assert found.faults == []  # type: ignore[attr-defined]


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


def stop_clock(page: Page) -> None:
    """From here on no time passes for the page but what the test lets pass."""
    page.clock.install(time=START)
    page.clock.pause_at(START + dt.timedelta(seconds=1))


def test_control_s_saves_at_once(page: Page, server: ReportServer) -> None:
    stop_clock(page)
    type_into(page, "revenue.ytd", "166400")

    page.keyboard.press("Control+s")

    expect(page.locator("#save-state")).to_contain_text("10:43")
    assert len(server.saves) == 1


def test_a_link_within_the_page_saves_before_it_leaves_and_asks_nothing(
    page: Page, server: ReportServer
) -> None:
    warnings: list[str] = []
    page.on("dialog", lambda dialog: (warnings.append(dialog.type), dialog.accept()))
    type_into(page, "revenue.ytd", "166400")

    page.locator(".rp-steps a").first.click()
    page.wait_for_url("**/enterprise")

    assert server.saves[0]["cells"] == {"revenue.ytd": "166400"}
    assert warnings == []


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

    with page.expect_event("dialog"):
        page.close(run_before_unload=True)

    assert warnings == ["beforeunload"]
    # the page stays, and answers once it has closed the dialog
    expect(cell(page, "revenue.ytd")).to_have_value("166400")


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
    stop_clock(page)
    cell(page, "revenue.ly_m").click()
    page.keyboard.press("Enter")
    page.clock.run_for("01:00")
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
