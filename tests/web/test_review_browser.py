"""The review desk, the confirmation and the page of a report in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.grid_harness import desk as desk_samples
from tests.web.grid_harness import samples
from tests.web.grid_harness.browser import opened, visitor
from tests.web.grid_harness.server import ReportServer
from tools import assets


@pytest.fixture
def desk_page(browser: Browser, server: ReportServer) -> Iterator[Page]:
    context = visitor(browser)
    found = opened(context, f"{server.url}/review?report=1")
    yield found
    assert found.faults == []  # type: ignore[attr-defined]
    context.close()


def test_j_and_k_open_the_next_and_the_previous_report(desk_page: Page) -> None:
    desk_page.keyboard.press("j")
    desk_page.wait_for_url("**/review?report=2")
    desk_page.keyboard.press("k")
    desk_page.wait_for_url("**/review?report=1")

    expect(desk_page.locator("tr.open")).to_contain_text(desk_samples.QUEUE[1])


def test_a_accepts_the_open_report(desk_page: Page, server: ReportServer) -> None:
    desk_page.keyboard.press("a")
    desk_page.wait_for_url("**/accept")

    path, fields = server.posts[0]
    assert path == "/review/1/accept"
    assert (fields["version"], fields["csrf_token"]) == (["9"], ["token-1"])


def test_r_asks_for_a_reason_first_and_a_number_picks_one(desk_page: Page, server: ReportServer) -> None:
    desk_page.keyboard.press("r")
    asked = desk_page.evaluate("document.activeElement.id")
    desk_page.keyboard.press("Escape")
    desk_page.keyboard.press("2")
    desk_page.keyboard.press("Escape")
    desk_page.keyboard.press("r")
    desk_page.wait_for_url("**/return")

    assert asked == "rv-comment"
    assert server.posts[0][1]["comment"] == ["请核对累计数"]


def test_keys_typed_into_the_reason_are_text(desk_page: Page, server: ReportServer) -> None:
    desk_page.locator("#rv-comment").click()

    desk_page.keyboard.type("ajrk")

    expect(desk_page.locator("#rv-comment")).to_have_value("ajrk")
    assert server.posts == []


def test_the_views_of_the_report_take_turns(desk_page: Page) -> None:
    before = desk_page.locator("[data-part=month]").is_visible()

    desk_page.locator("button[data-view=month]").click()

    assert not before
    expect(desk_page.locator("[data-part=month]")).to_be_visible()
    expect(desk_page.locator("[data-part=compare]")).to_be_hidden()


def test_without_scripts_the_desk_shows_everything_and_posts_the_reason(
    browser: Browser, server: ReportServer
) -> None:
    context = visitor(browser, scripts=False)
    page = opened(context, f"{server.url}/review?report=1")
    expect(page.locator("[data-part=month]")).to_be_visible()
    page.locator("#rv-comment").fill("请核对")

    page.locator("button[form=rv-return]").click()

    assert server.posts[0][1]["comment"] == ["请核对"]
    context.close()


def test_on_a_phone_the_report_stands_alone_with_large_buttons(
    browser: Browser, server: ReportServer
) -> None:
    context = visitor(browser, phone=True)
    page = opened(context, f"{server.url}/review?report=1")

    height = page.locator("button[form=rv-accept]").bounding_box()["height"]

    expect(page.locator(".rv-list")).to_be_hidden()
    expect(page.locator(".rv-cmp .ly").first).to_be_hidden()
    assert (page.evaluate("document.documentElement.scrollWidth"), height) == (390, 48)
    context.close()


def test_the_confirmation_sends_once_for_a_double_click(browser: Browser, server: ReportServer) -> None:
    context = visitor(browser)
    page = opened(context, f"{server.url}/confirm")

    page.locator(".rp-foot .pri").dblclick()
    page.wait_for_url("**/submit")

    assert len(server.posts) == 1
    assert (server.posts[0][1]["filler"], server.posts[0][1]["version"]) == (["李会计"], ["9"])
    context.close()


def test_obstacles_of_the_same_kind_stand_in_one_line_and_hold_the_button(
    browser: Browser, server: ReportServer
) -> None:
    obstacles = [
        {"message": "营业收入不能为空", "url": f"/indicators#c-revenue-{cell}"} for cell in ("ytd", "ly_ytd")
    ]
    server.pages["/confirm"] = ("reports/confirm.html", lambda: samples.confirm(obstacles=obstacles))
    context = visitor(browser)
    page = opened(context, f"{server.url}/confirm")

    expect(page.locator(".rp-stop li")).to_have_count(1)
    expect(page.locator(".rp-stop a")).to_have_attribute("href", "/indicators#c-revenue-ytd")
    expect(page.locator(".rp-foot .pri")).to_be_disabled()
    context.close()


def test_a_report_with_few_rows_prints_on_one_landscape_page(browser: Browser, server: ReportServer) -> None:
    context = visitor(browser)
    page = opened(context, f"{server.url}/report")

    document = page.pdf(prefer_css_page_size=True)

    assert document.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 841.91998 594.95996]" in document
    context.close()


@pytest.fixture(scope="module")
def axe() -> str:
    assets.build(dev=True)
    return (assets.DEV_DIST / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["enterprise", "indicators", "products", "confirm", "report", "review?report=0"]
)
@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_every_page_fits_the_screen_keeps_the_policy_and_satisfies_axe(
    browser: Browser, server: ReportServer, axe: str, path: str, *, phone: bool
) -> None:
    context = visitor(browser, phone=phone)
    page = opened(context, f"{server.url}/{path}")
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    page.evaluate(axe + ";0")
    violations = page.evaluate("axe.run().then(found => found.violations.map(one => one.id))")

    assert (fits, violations, page.faults) == (True, [], [])  # type: ignore[attr-defined]
    context.close()
