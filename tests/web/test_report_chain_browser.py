"""A month in a real browser on the real application: filled in, sent, accepted at three levels, returned."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.reports.opening import open_report
from tests.conftest import PASSWORD
from tests.factories.reports import good_cells, ref_for, submitted
from tests.web.grid_harness.browser import opened, visitor
from tests.web.grid_harness.hands import cell, expect_state

SignIn = Callable[[str], Page]
ActorOf = Callable[[str], Actor]
GRID = "/filing/sme_monthly/2026-10/main"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def seat(browser: Browser, address: str) -> Iterator[SignIn]:
    """``seat("county")``: a page of a browser in which that account is signed in."""
    contexts = []

    def take(username: str) -> Page:
        contexts.append(visitor(browser))
        page = opened(contexts[-1], f"{address}/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda found: "/login/" not in found)
        return page

    yield take
    for context in contexts:
        context.close()


def block_of(page: Page, cells: dict[str, str]) -> str:
    """Figures as a block from Excel, in the order of the sheet's rows and columns."""
    fields = page.evaluate(
        "[...document.querySelectorAll('table[data-grid] tbody tr')]"
        ".map(row => [...row.querySelectorAll('[data-slot]')].map(slot => slot.dataset.at || ''))"
    )
    return "\n".join("\t".join(cells.get(field, "") for field in row) for row in fields)


def test_a_month_is_pasted_sent_and_accepted_at_three_levels_by_keyboard(
    seat: SignIn, address: str, actor: ActorOf, clock: MovableClock
) -> None:
    owner = actor("enterprise")
    cells = good_cells(open_report(owner, ref_for(owner), clock.now()))
    page = seat("enterprise")
    page.goto(address + GRID)
    page.evaluate("text => navigator.clipboard.writeText(text)", block_of(page, cells))
    cell(page, "industrial_output.m").click()
    page.keyboard.press("Control+v")
    expect_state(page, "saved")
    for step in ("products", "confirm"):
        page.locator('[data-go="next"]').click()
        page.wait_for_url(f"**/{step}")
    page.locator(".rp-foot .pri").click()
    page.wait_for_url("**/reports/*")

    for username in ("county", "prefecture", "province"):
        reviewer = seat(username)
        reviewer.goto(f"{address}/review/")
        reviewer.keyboard.press("a")
        expect(reviewer.locator("#rv-detail")).to_have_count(0)

    page.reload()
    expect(page.locator("h1 .qj-st.pass")).to_be_visible()
    expect(page.locator(".rp-history li")).to_have_count(5)


def test_a_returned_report_tells_the_enterprise_why(
    seat: SignIn, address: str, actor: ActorOf, clock: MovableClock
) -> None:
    report = submitted(actor("enterprise"), clock.now())
    reviewer = seat("county")
    reviewer.goto(f"{address}/review/")
    reviewer.keyboard.press("r")
    reviewer.keyboard.type("请核对用电量")
    reviewer.keyboard.press("Enter")
    expect(reviewer.locator("#rv-detail")).to_have_count(0)

    page = seat("enterprise")
    page.goto(f"{address}/reports/{report.id}")

    expect(page.locator(".rp-notice.back")).to_contain_text("请核对用电量")
    expect(page.locator("h1 .qj-st.back")).to_be_visible()


def test_two_people_who_fill_different_cells_both_keep_theirs(seat: SignIn, address: str) -> None:
    first = seat("enterprise")
    second = seat("enterprise")  # another browser: no word passes between the two
    for page in (first, second):
        page.goto(address + GRID)
    cell(first, "revenue.ytd").click()
    first.keyboard.type("1000")
    first.keyboard.press("Control+s")
    expect_state(first, "saved")

    cell(second, "cost.ytd").click()
    second.keyboard.type("900")
    second.keyboard.press("Control+s")

    expect_state(second, "saved")
    expect(cell(second, "revenue.ytd")).to_have_value("1,000")
    first.reload()
    expect(cell(first, "cost.ytd")).to_have_value("900")
