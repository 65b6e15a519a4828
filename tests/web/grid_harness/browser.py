"""Opens harness pages in the machine's Chromium and remembers what a page must never do."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.chromium import PATIENCE

DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


def visitor(browser: Browser, *, phone: bool = False, scripts: bool = True) -> BrowserContext:
    """A visitor of their own: storage and clipboard are not shared."""
    context = browser.new_context(
        viewport=PHONE if phone else DESK,
        has_touch=phone,
        is_mobile=phone,
        java_script_enabled=scripts,
        locale="zh-CN",
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE)
    return context


def opened(context: BrowserContext, address: str) -> Page:
    """A page of that address; script errors and CSP violations are kept in ``page.faults``."""
    page = context.new_page()
    faults: list[str] = []
    page.faults = faults  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console", lambda told: faults.append(told.text) if "Content Security Policy" in told.text else None
    )
    page.goto(address)
    return page
