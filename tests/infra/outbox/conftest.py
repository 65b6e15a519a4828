"""Fixtures of the outbox: the small application on a scratch database, the mail server, the gateway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.infra.database import db
from tests.infra.outbox import outbox_app
from tests.infra.outbox.places import Gateway, MailServer, gateway
from tests.infra.scratch import scratch_database


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[MailServer]:
    """A mail server that answers."""
    server = MailServer(tmp_path / "letters.txt")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def office(tmp_path: Path, mail_server: MailServer) -> Iterator[Flask]:
    """The small application, which sends e-mail to the server, inside its context."""
    with scratch_database(tmp_path) as url:
        app = outbox_app.make_app(tmp_path, url, MAIL=mail_server.settings)
        with app.app_context():
            outbox_app.create_tables()
            yield app
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def http_gateway() -> Iterator[Gateway]:
    """A gateway that answers 200."""
    with gateway() as running:
        yield running
