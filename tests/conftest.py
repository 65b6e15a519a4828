"""Fixtures for every test: the application, its clock, actors of two sibling prefectures, HTTP clients."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import User
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser
from sqlalchemy import event, select

from app import create_app
from app.enterprises.demo import build_enterprises
from app.infra import context
from app.infra.cli import initialise, quietly
from app.infra.database import db
from app.infra.limits import forget_tries
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.organisations.account_service import hash_password
from app.organisations.accounts import actor_for
from app.organisations.demo import build_organisations
from tests.chromium import launched
from tests.database import Template, template

settings.register_profile(
    "platform",
    derandomize=True,  # the same inputs on every machine; `make torture` tries others
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.load_profile("platform")

PASSWORD = "Test-2026-Trade"
NOON = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)
"""Friday noon in Shanghai: the report of October can be filled and is due on the 15th."""
BIRTH = dt.datetime(2024, 1, 8, 2, 0, tzinfo=dt.UTC)
"""When the organisations and enterprises of the tests were made."""


class Visitor(FlaskClient):
    """A browser. Each request has a context and a session of its own, as in a server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, and let the test see afterwards what was committed."""
        db.session.rollback()
        with self.application.app_context():
            return super().open(*args, buffered=kwargs.pop("buffered", True), **kwargs)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this run, opened by the first test that needs it."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """The database of this run."""
    yield from template(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="session")
def base_app(stored: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a migrated database with the demonstration's organisations and enterprises."""
    app = create_app(
        {
            "TESTING": True,
            "PROPAGATE_EXCEPTIONS": False,
            "SQLALCHEMY_DATABASE_URI": stored.url,
            "DATA_DIR": Path(tmp_path_factory.mktemp("data")),
            "WTF_CSRF_ENABLED": False,
            "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1000",
            "LOG_LEVEL": "WARNING",
            "QUEUE_URL": "",
            **dict.fromkeys(("MAIL", "SMS", "ROBOT")),  # no test reaches a gateway of whoever runs it
            "DEMO": True,
            "SIGN_IN_LIMIT": "100000 per minute",
            "API_LIMIT": "100000 per minute",
            "CODE_LIMIT_PHONE": "100000 per minute",
            "CODE_LIMIT_ACCOUNT": "100000 per minute",
            "CODE_LIMIT_ADDRESS": "100000 per minute",
        }
    )
    app.extensions["clock"] = MovableClock(BIRTH)
    app.test_client_class = Visitor
    with app.app_context():
        initialise()
        with quietly(), unit_of_work():
            password = hash_password(PASSWORD)
            build_organisations(password, BIRTH)
            build_enterprises(password, BIRTH)
        stored.keep()
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def app(base_app: Flask, stored: Template) -> Iterator[Flask]:
    """The application with a pristine database, at noon on 6 November 2026."""
    base_app.extensions["clock"] = MovableClock(NOON)
    base_app.config["WTF_CSRF_ENABLED"] = False
    base_app.extensions["remembered"].clear()  # restoring the database takes its stamp back
    base_app.extensions.pop("trade_samples", None)
    base_app.extensions.pop("outlier_rows", None)
    with base_app.app_context():
        forget_tries()
        yield base_app
    stored.restore()


@pytest.fixture
def clock(app: Flask) -> MovableClock:
    """The clock of the application, to be moved."""
    found: MovableClock = app.extensions["clock"]
    return found


@pytest.fixture
def now(clock: MovableClock) -> dt.datetime:
    """This instant."""
    return clock.now()


ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def actor(app: Flask) -> ActorOf:
    """``actor("county")``: the actor of a named account of the demonstration."""

    def find(username: str) -> Actor:
        user_id = db.session.scalars(select(User.id).where(User.username == username)).one()
        found = actor_for(user_id)
        assert found is not None
        return found

    return find


@pytest.fixture
def acting(actor: ActorOf) -> Callable[[str], Any]:
    """``with acting("county") as actor:`` acts as an account, so that the audit trail knows."""
    return lambda username: context.acting_as(actor(username))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without an account."""
    return app.test_client()


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """``sign_in("county")``: a client signed in as a named account."""

    def open_session(username: str) -> FlaskClient:
        visitor = app.test_client()
        answer = visitor.post("/login/", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
        return visitor

    return open_session


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
