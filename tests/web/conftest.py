"""Marks the tests that need a browser, by the name of their file."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of a ``*_browser.py`` carries the marker ``browser``."""
    for item in items:
        if item.path.name.endswith("_browser.py"):
            item.add_marker("browser")
