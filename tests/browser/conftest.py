"""A served application and a browser that lets nothing slip: errors, foreign hosts, policy violations."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from tests.chromium import PATIENCE
from tests.conftest import PASSWORD

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-sync",
]
EXPECTED = re.compile(r"status of (401|404|409|422|503)")
"""Answers that a test provokes; the browser logs them as errors of the page."""


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The application on a port of this machine, with CSRF as in production."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)


class Visitor:
    """A person at a browser."""

    def __init__(self, browser: Browser, address: str, size: dict[str, int], *, touch: bool) -> None:
        self.address = address
        self.faults: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport=size, locale="zh-CN", accept_downloads=True, has_touch=touch
        )  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self._watch(self.page)

    def _watch(self, page: Page) -> None:
        host = urlsplit(self.address).netloc
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("console", lambda line: self._note(line.type, line.text))
        page.on(
            "request",
            lambda request: (
                self.faults.append(f"foreign host: {request.url}")
                if request.url.startswith("http") and urlsplit(request.url).netloc != host
                else None
            ),
        )

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.search(text):
            self.faults.append(f"console: {text}")

    def go(self, path: str) -> Page:
        """Open a page of the platform."""
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self, username: str) -> Visitor:
        """Sign in with the password of the tests."""
        self.go("/login/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("form:has([name=password]) [type=submit]")
        self.page.wait_for_url(re.compile(r".*/$"))
        return self

    def axe(self) -> list[str]:
        """Serious and critical findings of axe-core on the page as it stands."""
        self.page.wait_for_load_state("load")  # a click returns when the next document begins
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate("() => axe.run({resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['target']}"
            for violation in found["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    def overflows(self) -> bool:
        """Whether the page is wider than the window."""
        self.page.wait_for_load_state("load")
        return bool(self.page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth + 1"))


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser, served: str) -> Iterator[Visit]:
    """``visit("county")`` gives a signed-in visitor; afterwards nothing may have gone wrong in any."""
    visitors: list[Visitor] = []

    def open_browser(
        username: str = "", size: dict[str, int] | None = None, *, touch: bool = False
    ) -> Visitor:
        visitor = Visitor(chromium, served, size or DESKTOP, touch=touch)
        visitors.append(visitor)
        return visitor.sign_in(username) if username else visitor

    yield open_browser
    faults = [fault for visitor in visitors for fault in visitor.faults]
    for visitor in visitors:
        visitor.context.close()
    assert faults == []
