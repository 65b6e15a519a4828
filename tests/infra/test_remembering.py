"""What is remembered is read once for each stamp, and never by who writes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, g
from flask_login import login_user
from sqlalchemy import select

from app.infra import cli, security
from app.infra.database import db
from app.infra.remembering import MOST, remembered
from app.infra.security import SecurityStamp, move_stamp, principal_of
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.reports.form_models import FormVersion, ReportForm, ReportPeriod

ActorOf = Callable[[str], Actor]


def stamp() -> int:
    return db.session.scalars(select(SecurityStamp.value)).one()


class Source:
    """Something that is read, and counts how often."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.asked


@pytest.fixture
def request_of(app: Flask, actor: ActorOf) -> Callable[[Callable[[], object]], None]:
    """Does something within a signed-in request, as of the stamp that then stands."""

    def asks(work: Callable[[], object]) -> None:
        user_id = actor("province").user_id
        assert user_id is not None
        with app.test_request_context("/"):
            g.request_id = ""
            credentials = security.credentials_of(user_id)
            assert credentials is not None
            login_user(principal_of(user_id, credentials))
            work()

    return asks


Asks = Callable[[Callable[[], object]], None]


def test_requests_share_what_was_read_until_the_stamp_moves(request_of: Asks) -> None:
    source = Source()

    for _request in range(3):
        request_of(lambda: remembered("source", source))
    assert source.asked == 1

    with unit_of_work():
        move_stamp(db.session())
    request_of(lambda: remembered("source", source))
    assert source.asked == 2


def test_each_key_is_remembered_by_itself(request_of: Asks) -> None:
    found: list[int] = []
    source = Source()

    for key in ("a", "b", "a"):
        request_of(lambda key=key: found.append(remembered(key, source)))  # type: ignore[misc]

    assert found == [1, 2, 1]


def test_who_writes_reads_for_himself(request_of: Asks) -> None:
    source = Source()

    def write() -> None:
        with unit_of_work():
            remembered("source", source)

    request_of(lambda: remembered("source", source))
    request_of(write)

    assert source.asked == 2


def test_visitors_and_commands_ask_each_time(app: Flask) -> None:
    source = Source()

    remembered("source", source)
    with app.test_request_context("/"):
        remembered("source", source)

    assert source.asked == 2


def test_the_memory_does_not_grow_without_end(app: Flask, request_of: Asks) -> None:
    def ask() -> None:
        for number in range(MOST + 10):
            remembered(number, Source())

    request_of(ask)

    assert sum(len(known) for known in app.extensions["remembered"].values()) <= MOST


@pytest.mark.parametrize("model", [ReportForm, ReportPeriod, FormVersion])
def test_every_model_that_is_remembered_moves_the_stamp(app: Flask, model: type) -> None:
    assert model in security.STAMPED


def test_a_change_of_a_form_moves_the_stamp_and_one_that_is_taken_back_does_not(app: Flask) -> None:
    before = stamp()
    form = db.session.scalars(select(ReportForm)).first()
    assert form is not None

    with unit_of_work():
        form.due_day = 20
    moved = stamp()
    form.due_day = 21
    db.session.flush()
    db.session.rollback()

    assert moved == before + 1
    assert stamp() == moved


def test_shipped_data_that_is_loaded_moves_the_stamp(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "restore_roles", lambda *_args: None)  # these move it by themselves
    before = stamp()

    cli.initialise()

    assert stamp() > before
