"""The frame in a real browser: keys alone, a phone, questions before deeds, nothing that axe objects to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.web.grid_harness.browser import opened, visitor
from tests.web.look_app import PASSWORD, LookServer
from tools import assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # FAB's forms, in the words of WTForms 3.3
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.LegacyAPIWarning"),  # FAB asks by Query.get
]

START = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)
PAGES = (
    "/home",
    "/users/list/",
    "/users/list/?_flt_0_username=user",
    "/users/add",
    "/users/show/1",
    "/users/edit/1",
    "/users/userinfo/",
    "/resetmypassword/form",
    "/roles/list/",
    "/roles/show/1",
    "/permissionviews/list/",
    "/userchart/chart/",
    "/fields/form",
    "/refused/404",
    "/refused/409",
    "/broken/503",
    "/broken/500",
    "/resend",
)


@pytest.fixture(scope="module")
def axe() -> str:
    assets.build(dev=True)
    return (assets.DEV_DIST / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(axe: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LookServer]:
    with LookServer(tmp_path_factory.mktemp("look")) as running:
        yield running


@pytest.fixture(params=[False, True], ids=["desk", "phone"])
def anywhere(request: pytest.FixtureRequest, browser: Browser, server: LookServer) -> Iterator[Page]:
    yield from signed_in(visitor(browser, phone=request.param), server)


@pytest.fixture
def desk(browser: Browser, server: LookServer) -> Iterator[Page]:
    yield from signed_in(visitor(browser), server)


@pytest.fixture
def phone(browser: Browser, server: LookServer) -> Iterator[Page]:
    yield from signed_in(visitor(browser, phone=True), server)


def signed_in(context: BrowserContext, server: LookServer) -> Iterator[Page]:
    page = opened(context, f"{server.url}/login/")
    foreign: list[str] = []
    page.on(
        "request",
        lambda sent: foreign.append(sent.url) if not sent.url.startswith((server.url, "data:")) else None,
    )
    page.fill("#username", "user1")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "/login/" not in address)
    yield page
    assert page.faults == []  # type: ignore[attr-defined]
    assert foreign == []
    context.close()


def objections(page: Page, axe: str) -> list[Any]:
    page.evaluate(axe + ";0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_axe_objects_to_nothing_and_no_page_is_wider_than_its_window(
    anywhere: Page, server: LookServer, axe: str
) -> None:
    found = {}
    for address in PAGES:
        anywhere.goto(server.url + address)
        wider = anywhere.evaluate("document.documentElement.scrollWidth > innerWidth")
        if (worst := objections(anywhere, axe)) or wider:
            found[address] = (worst, wider)

    assert found == {}


def test_axe_objects_to_nothing_on_the_sign_in_page(browser: Browser, server: LookServer, axe: str) -> None:
    context = visitor(browser)
    page = opened(context, f"{server.url}/login/")

    assert objections(page, axe) == []
    context.close()


def test_the_drawer_of_a_phone_works_by_keyboard_alone(phone: Page, server: LookServer) -> None:
    phone.goto(f"{server.url}/users/list/")
    burger = phone.locator(".qj-burger")
    expect(burger).to_have_attribute("aria-expanded", "false")
    expect(phone.locator("#qj-side a").first).not_to_be_visible()

    burger.focus()
    phone.keyboard.press("Enter")

    expect(burger).to_have_attribute("aria-expanded", "true")
    assert focused(phone) == "工作台"
    phone.keyboard.press("Shift+Tab")
    assert focused(phone) == "角色"  # Tab stays inside
    phone.keyboard.press("Escape")
    expect(burger).to_have_attribute("aria-expanded", "false")
    expect(burger).to_be_focused()


def test_a_group_of_the_menu_opens_and_closes_by_keyboard(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/users/list/")
    group = desk.locator("button.qj-zone")
    expect(group).to_have_attribute("aria-expanded", "true")

    group.focus()
    desk.keyboard.press("Space")

    expect(group).to_have_attribute("aria-expanded", "false")
    expect(desk.locator("#qj-side .sub a").first).not_to_be_visible()


def test_the_icon_bar_of_a_narrow_window_opens_its_groups_beside_it(desk: Page, server: LookServer) -> None:
    desk.set_viewport_size({"width": 1100, "height": 800})
    desk.goto(f"{server.url}/users/list/")
    expect(desk.locator("#qj-side .sub")).not_to_be_visible()

    desk.locator("button.qj-zone").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator("#qj-side .sub a").first).to_be_visible()
    desk.keyboard.press("Escape")

    expect(desk.locator("#qj-side .sub")).not_to_be_visible()
    expect(desk.locator("button.qj-zone")).to_be_focused()


def test_a_menu_of_the_top_bar_closes_with_escape_and_gives_the_focus_back(
    desk: Page, server: LookServer
) -> None:
    desk.goto(f"{server.url}/users/list/")
    account = desk.locator(".qj-me summary")

    account.focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".qj-me a[href='/logout/']")).to_be_visible()
    desk.keyboard.press("Escape")

    expect(desk.locator(".qj-me a[href='/logout/']")).not_to_be_visible()
    expect(account).to_be_focused()


def test_the_first_tab_offers_to_skip_to_the_content(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/users/list/")

    desk.keyboard.press("Tab")

    expect(desk.locator(".qj-skip")).to_be_focused()


def test_a_delete_asks_and_no_means_no(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/users/list/")
    posts: list[str] = []
    desk.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)

    desk.locator("[formaction='/users/delete/9']").click()
    dialog = desk.locator("#qj-confirm")
    expect(dialog).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    assert posts == []

    desk.locator("[formaction='/users/delete/9']").click()
    with desk.expect_navigation():
        desk.locator("[data-answer='yes']").click()
    assert posts == [f"{server.url}/users/delete/9"]
    expect(desk.locator("[formaction='/users/delete/9']")).to_have_count(0)


def test_ticked_rows_bring_up_the_bar_that_counts_them(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/roles/list/")
    bar = desk.locator("[data-batch]")
    expect(bar).not_to_be_visible()

    desk.locator("[data-tick-all]").check()

    expect(bar).to_be_visible()
    expect(bar.locator("[data-count]")).to_have_text(str(desk.locator("[data-tick]").count()))
    bar.locator("[data-untick]").click()
    expect(bar).not_to_be_visible()


def test_a_filter_leaves_nothing_blank_in_the_address_and_comes_back(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/users/list/")
    desk.locator("form[data-filters] summary").click()
    desk.fill("#flt-username", "user7")

    with desk.expect_navigation():
        desk.locator("form[data-filters] button").click()

    assert desk.url.endswith("/users/list/?_flt_0_username=user7")
    expect(desk.locator("#flt-username")).to_have_value("user7")
    expect(desk.locator(".qj-t tbody tr")).to_have_count(1)


def test_a_long_list_is_searched_by_typing(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/fields/form")

    desk.locator("#trade + .ts-wrapper .ts-control").click()
    desk.keyboard.type("行业37")
    expect(desk.locator(".ts-dropdown .option.active")).to_contain_text(
        "行业37"
    )  # it waits for a pause in typing
    desk.keyboard.press("Enter")

    expect(desk.locator("#trade")).to_have_value("37")


def test_errors_take_the_focus_and_lead_to_their_field(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/fields/form")
    desk.fill("#staff", "十二人")

    desk.locator(".qj-form button[type=submit]").click()

    expect(desk.locator(".qj-summary")).to_be_focused()
    expect(desk.locator("#staff")).to_have_value("十二人")
    desk.locator(".qj-summary a[href='#staff']").click()
    expect(desk.locator("#staff")).to_be_focused()


def test_leaving_unsaved_input_is_asked_about(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/fields/form")
    asked: list[str] = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    desk.locator("#name").press_sequentially("甲公司")
    desk.goto(f"{server.url}/home")

    assert asked == ["beforeunload"]


def test_a_chart_is_drawn(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/userchart/chart/")

    expect(desk.locator(".qj-chart canvas")).to_have_count(1)


def test_an_ended_session_is_told_without_losing_the_page(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/fields/form")
    desk.route("**/gone", lambda route: route.fulfill(status=401, body="{}"))
    desk.fill("#name", "甲公司")

    desk.evaluate("qj.request('/gone').then(() => qj.request('/gone'))")

    expect(desk.locator("#qj-alerts .qj-note")).to_have_count(1)
    expect(desk.locator("#qj-alerts a")).to_have_attribute("target", "_blank")
    expect(desk.locator("#name")).to_have_value("甲公司")


def test_the_progress_line_shows_only_when_an_answer_is_slow(desk: Page, server: LookServer) -> None:
    desk.goto(f"{server.url}/home")
    line = desk.locator("#qj-progress")
    desk.clock.install(time=START)
    desk.clock.pause_at(START + dt.timedelta(seconds=1))

    desk.evaluate("() => { window.end = qj.begin(); }")
    desk.clock.run_for(300)
    expect(line).to_be_hidden()
    desk.clock.run_for(200)
    expect(line).to_be_visible()
    desk.evaluate("() => window.end()")

    expect(line).to_be_hidden()


def test_the_largest_text_fits_the_window(desk: Page, server: LookServer) -> None:
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.goto(f"{server.url}/users/list/")
    desk.locator(".qj-menu summary").first.click()
    with desk.expect_navigation():
        desk.locator("button[value='larger']").click()

    assert desk.evaluate("document.documentElement.dataset.size") == "xl"
    assert not desk.evaluate("document.documentElement.scrollWidth > innerWidth")
