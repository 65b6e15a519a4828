"""A world of reports that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from tests.conftest import NOON
from tests.database import Template
from tests.queries.plain import grow

MONTHS = (Month(2025, 12), *(Month(2026, month) for month in (1, 2, 3, 9, 10)))


@pytest.fixture(scope="module")
def world(base_app: Flask, stored: Template) -> Iterator[int]:
    """Reports of six months, the last of a year and the first of the next among them; how many there are."""
    base_app.extensions["clock"] = MovableClock(NOON)
    with base_app.app_context():
        count = grow(*MONTHS)
        with stored.stage():
            yield count
        stored.dirty = True
        stored.restore()
