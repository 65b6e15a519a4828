"""What a person does at the sheet and what they see, in the words of the tests."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect


def cell(page: Page, field: str) -> Locator:
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
    expect(page.locator("#save-state")).to_have_attribute("data-state", state)


def drafts(page: Page) -> list[dict[str, Any]]:
    texts = page.evaluate("Object.values(localStorage)")
    return [json.loads(text) for text in texts]


def choose(page: Page, field: str, side: str) -> None:
    page.locator(f'dialog.cmp input[name="pick-{field}"][value="{side}"]').check()
