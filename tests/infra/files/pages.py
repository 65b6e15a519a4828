"""The product with a page that takes files, on the database of the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.infra.database import db
from app.kernel.clock import MovableClock
from tests.conftest import NOON, Visitor
from tests.database import Template
from tools.torture.files_page import make_app


@pytest.fixture(scope="module")
def files_app(base_app: Flask) -> Flask:
    """The product with a page that takes files, on the database of the tests."""
    names = ("SQLALCHEMY_DATABASE_URI", "DATA_DIR", "FAB_PASSWORD_HASH_METHOD", "SIGN_IN_LIMIT", "DEMO")
    app = make_app(
        {
            "TESTING": True,
            "WTF_CSRF_ENABLED": False,
            "QUEUE_URL": "",
            **{name: base_app.config[name] for name in names},
        }
    )
    app.test_client_class = Visitor
    return app


@pytest.fixture
def page_app(app: Flask, files_app: Flask, stored: Template) -> Iterator[Flask]:
    files_app.extensions["clock"] = MovableClock(NOON)
    with files_app.app_context():
        yield files_app
        db.session.remove()
        db.engine.dispose()
    stored.dirty = True
