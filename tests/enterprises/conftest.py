"""Fixtures of the enterprises' tests."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.infra.database import db


@pytest.fixture
def count(app: Flask) -> Callable[[], Any]:
    """Collects the statements that a block executes."""

    @contextlib.contextmanager
    def collect() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return collect
