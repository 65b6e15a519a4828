"""Marks the tests that need a browser, by the name of their file, and gives them one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.web.grid_harness.browser import visitor
from tests.web.grid_harness.server import ReportServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of a ``*_browser.py`` carries the marker ``browser``."""
    for item in items:
        if item.path.name.endswith("_browser.py"):
            item.add_marker("browser")


@pytest.fixture
def browser(chromium: Browser) -> Browser:
    """Chromium; a module that needs another one defines its own."""
    return chromium


@pytest.fixture
def server() -> Iterator[ReportServer]:
    """The pages of a report without the application."""
    with ReportServer() as running:
        yield running


@pytest.fixture
def desk(browser: Browser, server: ReportServer) -> Iterator[BrowserContext]:
    """A visitor at a desk."""
    context = visitor(browser)
    yield context
    context.close()
