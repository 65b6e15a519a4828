"""One unit of work: all or nothing, hooks inside it, handlers after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.enterprises.models import ControlType
from app.infra.database import db, is_postgresql, is_writing
from app.infra.transactions import emit, in_unit_of_work, unit_of_work
from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import LocalText, Message


@dataclass(frozen=True)
class Happened:
    what: str


@pytest.fixture
def heard(app: Flask) -> Iterator[dict[str, list[str]]]:
    """What the hook and the handler of ``Happened`` were told."""
    notes: dict[str, list[str]] = {"hook": [], "event": []}
    wiring: dict[str, Any] = app.extensions["wiring"]
    kept = wiring["HOOKS"], wiring["EVENTS"]
    wiring["HOOKS"] = {**kept[0], Happened: (lambda event: notes["hook"].append(event.what),)}
    wiring["EVENTS"] = {**kept[1], Happened: (lambda event: notes["event"].append(event.what),)}
    yield notes
    wiring["HOOKS"], wiring["EVENTS"] = kept


def add(code: str) -> None:
    db.session.add(ControlType(code=code, name=LocalText("某", "Some")))
    db.session.flush()


def count() -> int:
    return db.session.scalar(select(func.count(ControlType.id))) or 0


def test_what_fails_within_a_unit_leaves_nothing_behind(app: Flask) -> None:
    before = count()

    with pytest.raises(Invalid), unit_of_work():
        add("x1")
        raise Invalid([Problem(Message("no"))])

    assert count() == before


def test_a_unit_within_a_unit_is_committed_with_the_outer_one(app: Flask) -> None:
    before = count()

    with pytest.raises(RuntimeError), unit_of_work():
        with unit_of_work():
            add("x1")
        raise RuntimeError

    assert count() == before


def test_a_constraint_broken_by_a_race_is_a_conflict_that_can_be_shown(app: Flask) -> None:
    with pytest.raises(Conflict), unit_of_work():
        add("1")


def test_a_hook_runs_in_the_transaction_and_a_handler_after_the_commit(app: Flask, heard: Any) -> None:
    with unit_of_work():
        emit(Happened("first"))
        assert heard == {"hook": ["first"], "event": []}

    assert heard == {"hook": ["first"], "event": ["first"]}


def test_what_was_rolled_back_was_never_told_to_handlers(app: Flask, heard: Any) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        emit(Happened("undone"))
        raise RuntimeError

    assert heard["event"] == []


def test_a_handler_that_fails_undoes_nothing(app: Flask, heard: Any) -> None:
    def fail(_event: Happened) -> None:
        raise RuntimeError("boom")

    app.extensions["wiring"]["EVENTS"][Happened] = (fail, lambda event: heard["event"].append(event.what))
    before = count()

    with unit_of_work():
        add("x1")
        emit(Happened("told"))

    assert count() == before + 1
    assert heard["event"] == ["told"]


def test_writers_are_told_apart_from_readers(app: Flask) -> None:
    assert not is_writing()
    with unit_of_work():
        assert is_writing()
        assert in_unit_of_work()
    assert not is_writing()
    assert not in_unit_of_work()


def test_connections_are_set_up_as_measured(app: Flask) -> None:
    if is_postgresql():
        assert app.config["SQLALCHEMY_ENGINE_OPTIONS"]["pool_pre_ping"]
        return
    names = ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
    found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in names}

    assert found == {"journal_mode": "wal", "busy_timeout": 30000, "foreign_keys": 1, "synchronous": 2}
