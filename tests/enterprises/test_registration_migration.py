"""Keys of names are renewed: rows whose names have become one keep apart, and no key is lost on the way."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.kernel.names import name_key

FILE = next(Path(__file__).parents[2].glob("migrations/versions/*_registrations.py"))


@pytest.fixture
def migration() -> Any:
    """The migration, as Alembic loads it."""
    spec = importlib.util.spec_from_file_location("registrations_migration", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def renewed(
    migration: Any, monkeypatch: pytest.MonkeyPatch, rows: list[tuple[int, str, str]]
) -> dict[int, str]:
    """The keys of a table of enterprises after the migration, by their number."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE enterprise (id INTEGER, name TEXT, name_key TEXT UNIQUE)"))
        statement = sa.text("INSERT INTO enterprise VALUES (:id, :name, :key)")
        for number, name, key in rows:
            connection.execute(statement, {"id": number, "name": name, "key": key})
        monkeypatch.setattr(migration.op, "get_bind", lambda: connection)
        migration._renew_keys("enterprise", 120)
        found = dict(connection.execute(sa.text("SELECT id, name_key FROM enterprise")).all())
    engine.dispose()
    return found


def test_of_two_names_that_become_one_the_older_keeps_the_key(
    migration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(1, "ABC公司", "abc公司"), (2, "АBC公司", "аbc公司"), (3, "别的公司", "别的公司")]

    found = renewed(migration, monkeypatch, rows)

    assert found == {1: "abc公司", 2: "abc公司 2", 3: "别的公司"}
    assert name_key(found[2]) != found[2]  # no name has such a key


def test_a_new_key_may_be_the_old_one_of_another_row(migration: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(1, "乙公司", "甲公司"), (2, "甲公司", "乙公司")]

    assert renewed(migration, monkeypatch, rows) == {1: "乙公司", 2: "甲公司"}
