"""Signing in at a browser: captcha renewed in its place, a code with its countdown, on a desk and a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.access_settings import SECOND_FACTOR
from tests.access import MOBILE, give_mobile, last_code, set_value
from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.captcha import answer_of
from tests.conftest import PASSWORD

pytestmark = pytest.mark.browser


def enter(page: Page, password: str) -> None:
    page.fill("[name=username]", "county")
    page.fill("[name=password]", password)
    with page.expect_navigation():
        page.click("form .qj-btn.pri")


def solve(page: Page) -> None:
    """Ask for a question in the place of the picture, and answer it; what was typed stays."""
    page.click("[data-captcha-kind=question]")
    expect(page.locator(".qj-captcha-question")).to_be_visible()
    token = page.get_attribute("[name=captcha-token]", "value") or ""
    page.fill("[name=captcha]", answer_of(token))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_captcha_and_code_lead_to_the_workbench(
    app: Flask, visit: Visit, actor: Callable[[str], Actor], clock: MovableClock, size: dict[str, int]
) -> None:
    give_mobile(actor("county").account_id)
    set_value(SECOND_FACTOR, ["bureau"], clock.now())
    visitor = visit(size=size)
    page = visitor.go("/login/")
    for _try in range(2):
        enter(page, "wrong")
        expect(page.locator("#qj-alerts .qj-note")).to_be_visible()
    first = page.get_attribute("[name=captcha-token]", "value")
    page.click("text=看不清")
    expect(page.locator("[name=captcha-token]")).not_to_have_value(first or "")
    page.fill("[name=password]", PASSWORD)
    solve(page)
    assert (page.input_value("[name=username]"), page.input_value("[name=password]")) == ("county", PASSWORD)
    assert visitor.axe() == [] and not visitor.overflows()

    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code")
    expect(page.locator("button[name=send]")).to_be_disabled()
    expect(page.locator("button[name=send]")).to_have_text(re.compile(r"\d+ 秒后重新获取"))
    assert visitor.axe() == [] and not visitor.overflows()
    page.fill("[name=code]", last_code(MOBILE))
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r".*/$"))


@pytest.mark.parametrize("path", ["/recover/password", "/recover/name"])
def test_the_pages_of_recovery_can_be_read_by_everybody(visit: Visit, path: str) -> None:
    visitor = visit(size=PHONE)
    visitor.go(path)

    assert visitor.axe() == [] and not visitor.overflows()


@pytest.mark.parametrize("part", ["", "phone", "password", "identity", "tokens", "sessions"])
def test_the_user_centre_fits_a_phone(visit: Visit, part: str) -> None:
    visitor = visit("county", size=PHONE)
    visitor.go(f"/account/{part}")

    assert visitor.axe() == [] and not visitor.overflows()
