"""The builder of questionnaires in a browser: saved by itself, moved by hand, and nothing typed lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from app.kernel.actor import Actor
from app.questionnaires import drafts
from tests.browser.conftest import PHONE, Visit
from tests.questionnaires.drafted import draft, stored

pytestmark = pytest.mark.browser
ActorOf = Callable[[str], Actor]


@pytest.fixture
def key(actor: ActorOf, now: dt.datetime) -> int:
    """A draft of the prefecture."""
    return draft(actor("prefecture"), now)


def texts(key: int) -> list[str]:
    return [question.text.in_language("zh") for question in drafts.definition_of(stored(key))]


def saved(page: Page) -> None:
    expect(page.locator("#qb-saved")).to_have_attribute("data-state", "saved")


def test_what_is_typed_is_saved_without_a_click(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/questions?at=q2")
    page.fill("[name='text.zh']", "为什么变化")
    expect(page.locator("#qb-saved")).to_have_attribute("data-state", "typing")
    saved(page)
    expect(page.locator("#qb-outline")).to_contain_text("为什么变化")
    expect(page.locator("#qb-saved")).to_contain_text("12:00")  # by the clock of the server
    assert texts(key)[1] == "为什么变化"
    page.locator("#qb-undo [value=undo]").click()
    expect(page.locator("#qb-outline")).not_to_contain_text("为什么变化")
    expect(page.locator("[name='text.zh']")).to_have_value("原因")
    page.locator("#qb-undo [value=redo]").click()
    expect(page.locator("[name='text.zh']")).to_have_value("为什么变化")


def test_questions_are_added_pasted_into_and_deleted(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/questions?at=q1")
    page.click("button[value='add:multiple']")
    expect(page.locator("[name='text.zh']")).to_be_focused()
    page.keyboard.type("主要市场")
    page.fill("[name=new_options]", "欧盟\n东盟\n美国")
    page.locator("[name='hint.zh']").focus()
    expect(page.locator(".qb-part")).to_have_count(5)
    saved(page)
    assert texts(key) == ["题目q1", "主要市场", "原因", "预计订单"]
    page.click("button[value='part:options:o1:remove']")
    expect(page.locator(".qb-part")).to_have_count(4)
    page.click("button[value=delete]")
    expect(page.locator("#qb-outline li")).to_have_count(3)
    assert texts(key) == ["题目q1", "原因", "预计订单"]


def test_questions_are_moved_by_hand(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/questions?at=q1")
    hand = page.locator("#qb-outline li[data-code=q3] .hand").bounding_box()
    goal = page.locator("#qb-outline li[data-code=q1]").bounding_box()
    assert hand is not None
    assert goal is not None
    page.mouse.move(hand["x"] + 8, hand["y"] + 20)
    page.mouse.down()
    page.mouse.move(hand["x"] + 12, hand["y"], steps=4)
    page.mouse.move(goal["x"] + 12, goal["y"] + 4, steps=12)
    page.mouse.up()
    expect(page.locator("#qb-outline li").first).to_contain_text("预计订单")
    saved(page)
    assert texts(key) == ["预计订单", "题目q1", "原因"]


def test_typed_input_is_kept_while_the_server_cannot_be_reached(visit: Visit, key: int) -> None:
    visitor = visit("prefecture")
    page = visitor.go(f"/questionnaire-builder/{key}/questions?at=q2")
    visitor.context.set_offline(True)
    page.fill("[name='text.zh']", "断网时写的")
    expect(page.locator("#qb-saved")).to_have_attribute("data-state", "unsaved")
    visitor.context.set_offline(False)
    saved(page)
    assert texts(key)[1] == "断网时写的"
    visitor.faults[:] = [fault for fault in visitor.faults if "ERR_INTERNET_DISCONNECTED" not in fault]


def test_an_expired_token_and_a_new_sign_in_lose_nothing(visit: Visit, key: int) -> None:
    visitor = visit("prefecture")
    page = visitor.go(f"/questionnaire-builder/{key}/questions?at=q2")
    page.evaluate(
        "() => { document.querySelectorAll('[name=csrf_token]').forEach((one) => { one.value = 'old'; }); }"
    )
    page.fill("[name='text.zh']", "令牌过期时写的")
    saved(page)
    assert texts(key)[1] == "令牌过期时写的"
    cookies = visitor.context.cookies()
    visitor.context.clear_cookies()
    page.fill("[name='text.zh']", "会话过期时写的")
    expect(page.locator("#qb-saved")).to_have_attribute("data-state", "unsaved")
    visitor.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    saved(page)
    assert texts(key)[1] == "会话过期时写的"
    visitor.faults[:] = [fault for fault in visitor.faults if "status of 400" not in fault]


def test_two_people_at_one_question_are_told_and_choose(visit: Visit, key: int) -> None:
    mine = visit("prefecture").go(f"/questionnaire-builder/{key}/questions?at=q2")
    theirs = visit("province").go(f"/questionnaire-builder/{key}/questions?at=q2")
    theirs.fill("[name='text.zh']", "他们的")
    saved(theirs)
    mine.fill("[name='text.zh']", "我的")
    expect(mine.locator("#qb-notices")).to_contain_text("2026-11-06 12:00")
    expect(mine.locator("[name='text.zh']")).to_have_value("我的")
    assert texts(key)[1] == "他们的"
    mine.locator("#qb-notices button").first.click()
    saved(mine)
    assert texts(key)[1] == "我的"


def test_what_is_wrong_is_told_beside_the_field(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/checks?at=q3")
    page.click("button[value='add-check:range']")
    page.fill("[name='check.1.least']", "很多")
    page.locator("[name='check.1.most']").focus()
    expect(page.locator("[name='check.1.least'] + .qj-error")).to_be_visible()
    page.fill("[name='check.1.least']", "5")
    saved(page)
    assert drafts.definition_of(stored(key)).questions[2].checks[0].least == 5


def test_the_flow_follows_the_branches(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/logic?at=q1")
    expect(page.locator("#qb-drawing a.node")).to_have_count(3)
    edges = page.locator("#qb-drawing .edge.on")
    expect(edges).to_have_count(3)
    page.select_option("[id='target.o3']", "end")
    expect(page.locator("#qb-drawing .edge.on .label text", has_text="下降")).to_have_count(1)
    saved(page)
    jumps = drafts.definition_of(stored(key)).questions[0].jumps
    assert [(jump.options, jump.target) for jump in jumps] == [(("o2",), "q3"), (("o3", "o4"), "")]
    page.locator("#qb-drawing a.node").nth(1).click()
    expect(page.locator(".qb-inspector .qb-title")).to_have_text("原因")


def test_a_trial_marks_its_path_without_loading_the_page(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/logic?at=q1")
    expect(page.locator("#qb-drawing .node.passed")).to_have_count(0)
    page.evaluate("() => { window.stays = true; }")
    page.locator("[id='t.q1.o2']").check(force=True)
    expect(page.locator("#qb-drawing .node.passed")).to_have_count(2)
    expect(page.locator("#qb-trial .qb-path b")).to_have_text(["Q1", "Q3"])
    assert page.evaluate("() => window.stays")
    page.select_option("[id='target.o1']", "end")  # saving keeps the trial
    saved(page)
    expect(page.locator("#qb-trial .qb-path b")).to_have_text(["Q1", "Q3"])


def test_the_flow_is_zoomed_by_buttons_and_keys(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/logic?at=q1")
    page.click("[data-zoom='1']")
    expect(page.locator("#qb-zoom-now")).to_have_text("110%")
    page.locator("#qb-middle").focus()
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(page.locator("#qb-zoom-now")).to_have_text("90%")
    page.click("[data-zoom=fit]")
    page.click("[data-zoom=whole]")
    expect(page.locator("#qb-zoom-now")).to_have_text("100%")


def test_a_preview_follows_the_path_and_is_judged(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/preview?device=phone")
    sheet = page.frame_locator("iframe")
    expect(sheet.locator("[data-code=q3]")).to_be_hidden()
    sheet.get_by_label("持平").check()
    expect(sheet.locator("[data-code=q2]")).to_be_hidden()
    sheet.locator("[data-code=q3] input").fill("12")
    sheet.locator("[data-sheet-submit]").click()
    expect(sheet.locator(".qj-note.success")).to_be_visible()


def test_questions_are_built_by_keyboard_alone(visit: Visit, key: int) -> None:
    page = visit("prefecture").go(f"/questionnaire-builder/{key}/questions?at=q3")
    page.locator("button[value='move:up']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#qb-outline li").nth(1)).to_contain_text("预计订单")
    expect(page.locator("button[value='move:up']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#qb-outline li").first).to_contain_text("预计订单")
    page.locator("#qb-outline li.on a").focus()
    page.keyboard.press("Control+z")
    expect(page.locator("#qb-outline li").nth(1)).to_contain_text("预计订单")


@pytest.mark.parametrize("step", ["questions", "logic", "checks", "layout"])
@pytest.mark.parametrize("phone", [False, True])
def test_pages_are_accessible_and_fit(visit: Visit, key: int, step: str, phone: bool) -> None:
    visitor = visit("prefecture", PHONE, touch=True) if phone else visit("prefecture")
    page = visitor.go(f"/questionnaire-builder/{key}/{step}?at=q1")
    expect(page.locator("#qb-work")).to_be_visible()
    assert visitor.axe() == []
    assert not visitor.overflows()


@pytest.mark.parametrize("page", ["preview", "sheet", "paths", "logic-sheet"])
def test_pages_to_read_are_accessible_and_fit_a_phone(visit: Visit, key: int, page: str) -> None:
    visitor = visit("prefecture", PHONE, touch=True)
    visitor.go(f"/questionnaire-builder/{key}/{page}")
    assert visitor.axe() == []
    assert not visitor.overflows()
