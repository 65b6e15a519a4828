"""Take the pictures of the manuals, in both languages, from a running instance with demonstration data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "app" / "static" / "help"
CHROMIUM = "/usr/bin/chromium"
WINDOW = {"width": 1180, "height": 680}
LARGEST = 150_000
"""Bytes: a reader on a slow line waits for each of them."""

PICTURES: tuple[tuple[str, str, str], ...] = (
    ("sign-in", "", "/login/"),
    ("register", "", "/register/"),
    ("import", "province", "/imports/new/enterprises"),
    ("enterprise-home", "enterprise", "/"),
    ("grid", "enterprise", "/filing/"),
    ("workbench", "county", "/"),
    ("review", "county", "/review/"),
    ("settings", "admin", "/settings/"),
    ("calendar", "admin", "/calendar/2026"),
    ("audit", "auditor", "/audit/list/"),
)
"""Name, account, address. ``/filing/`` leads to the report of the month; its second step is the grid."""


def sign_in(page: Page, address: str, username: str, password: str) -> None:
    """Sign in with an account of the demonstration."""
    page.goto(f"{address}/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("form:has([name=password]) [type=submit]")


def take(browser: Browser, address: str, password: str, language: str) -> list[Path]:
    """The pictures of a language; the files that are too large."""
    too_large = []
    for name, username, path in PICTURES:
        context = browser.new_context(viewport=WINDOW, locale="zh-CN")  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}/preferences/language/{language}")
        if username:
            sign_in(page, address, username, password)
            page.goto(f"{address}/preferences/language/{language}")
        page.goto(address + path)
        if name == "grid":
            page.goto(page.url.rsplit("/", 1)[0] + "/main")
        page.wait_for_load_state("networkidle")
        file = FOLDER / language / f"{name}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=file)
        if file.stat().st_size > LARGEST:
            too_large.append(file)
        context.close()
    return too_large


def main(arguments: Iterable[str] | None = None) -> int:
    """Command line: ``python -m tools.pictures http://127.0.0.1:8080``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address", help="of the instance, without a slash at the end")
    parser.add_argument("--password", default="Demo-2026-Trade", help="of the demonstration accounts")
    given = parser.parse_args(None if arguments is None else list(arguments))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        too_large = [
            file
            for language in ("zh", "en")
            for file in take(browser, given.address, given.password, language)
        ]
        browser.close()
    for file in too_large:
        print(f"{file.relative_to(ROOT)} is larger than {LARGEST} bytes", file=sys.stderr)
    return 1 if too_large else 0


if __name__ == "__main__":
    sys.exit(main())
