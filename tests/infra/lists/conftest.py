"""The small application of the tests of lists, filled once for each module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from app.infra.database import db
from tests.infra import jobs_app
from tests.infra.lists.lists_app import Base, fill, firm_list, make_app
from tests.infra.scratch import scratch_database


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with its firms."""
    folder = tmp_path_factory.mktemp("lists")
    with scratch_database(folder) as url:
        made = make_app(folder, url)
        jobs_app.create_tables(made)
        with made.app_context():
            db.metadata.create_all(db.engine, tables=[db.metadata.tables["audit_entry"]])
            Base.metadata.create_all(db.engine)
            fill()
            db.session.remove()
        yield made
        with made.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def app(filled: Flask) -> Iterator[Flask]:
    """The application within a request of its own."""
    with filled.test_request_context("/firms/"):
        yield filled
        db.session.remove()
    filled.extensions["spec"] = firm_list()
