"""Walk every migration up, down and up again with data in the tables; the end must be what the models say."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import MetaData, func, inspect, select

from app import create_app
from app.enterprises.demo import build_enterprises
from app.infra import context, triggers
from app.infra.cli import OPERATOR, attach_migrations, initialise, quietly
from app.infra.database import db
from app.infra.registries import table
from app.infra.transactions import unit_of_work
from app.kernel.clock import MovableClock
from app.organisations.demo import build_organisations
from tools.scratch import scratch_database

BIRTH = dt.datetime(2024, 1, 8, 2, 0, tzinfo=dt.UTC)
OWN_TABLE = "alembic_version"


class MigrationError(Exception):
    """A migration does not do what it must; says which."""


@contextlib.contextmanager
def scratch_app() -> Iterator[Flask]:
    """The application on an empty database of the kind that ``DATABASE_URL`` names."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        with scratch_database(directory, os.environ.get("DATABASE_URL", "")) as url:
            overrides = {"SQLALCHEMY_DATABASE_URI": url, "DATA_DIR": directory, "LOG_LEVEL": "WARNING"}
            app = create_app({**overrides, "DEMO": True, "TESTING": True})
            app.extensions["clock"] = MovableClock(BIRTH)
            attach_migrations(app)
            with app.app_context():
                yield app
                db.session.remove()
                db.engine.dispose()


def revisions() -> list[str]:
    """The revisions, oldest first.

    :raises MigrationError: two heads.
    """
    directory = ScriptDirectory(str(Path(current_app.root_path).parent / "migrations"))
    if len(directory.get_heads()) != 1:
        raise MigrationError(f"one head is wanted: {directory.get_heads()}")
    return [script.revision for script in reversed(list(directory.walk_revisions()))]


def fill() -> None:
    """Shipped data, and the organisations and enterprises of the demonstration."""
    initialise()
    with context.acting_as(OPERATOR), quietly(), unit_of_work():
        build_organisations("no-password", BIRTH)
        build_enterprises("no-password", BIRTH)


def tables() -> set[str]:
    """The tables that are there."""
    return set(inspect(db.engine).get_table_names()) - {OWN_TABLE}


def counts() -> dict[str, int]:
    """Rows of each table."""
    metadata = MetaData()
    metadata.reflect(db.engine)
    with db.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(found)).scalar_one()
            for name, found in metadata.tables.items()
            if name != OWN_TABLE
        }


def walk_down_and_up(steps: list[str]) -> None:
    """From the newest revision back, one at a time: down, up again, down; what stays keeps its rows.

    :raises MigrationError: rows were lost in a table that the step does not remove.
    """
    for revision, before in reversed(list(zip(steps, ["base", *steps[:-1]], strict=True))):
        held = counts()
        downgrade(revision=before)
        kept = tables()
        upgrade(revision=revision)
        now = counts()
        lost = {name: (held[name], now[name]) for name in kept & held.keys() if held[name] != now[name]}
        if lost:
            raise MigrationError(f"{revision} lost rows on the way down and up: {lost}")
        downgrade(revision=before)
    if tables():
        raise MigrationError(f"left over after the first migration was taken back: {sorted(tables())}")


def verify_guards() -> None:
    """A migration that rebuilds a table on SQLite takes its triggers away; it must put them back.

    :raises MigrationError: a guard is missing.
    """
    with db.engine.connect() as connection:
        gone = triggers.missing(connection, table("GUARDS"))
    if gone:
        raise MigrationError(f"guards are missing: {[guard.name for guard in gone]}")


def run() -> None:
    """All of it, on one database."""
    with scratch_app():
        steps = revisions()
        for revision in steps:
            upgrade(revision=revision)
        fill()
        walk_down_and_up(steps)
        upgrade()
        verify_guards()
        check()
        fill()
        print(f"{len(steps)} migrations go up and down on {db.engine.dialect.name}; the models say the same.")


def main() -> int:
    """Command line: ``python -m tools.check_migrations``."""
    try:
        run()
    except MigrationError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        logging.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
