"""One migrated database with a small world in it, made once and put back before each test that changed it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import event, make_url

from app.infra.database import db
from config import database_url


class Template:
    """A database and a pristine copy of it; ``restore`` costs nothing where nothing was committed."""

    def __init__(self, directory: Path) -> None:
        self.dirty = False
        self.server = database_url(os.environ.get("DATABASE_URL", ""))
        self.is_postgresql = self.server.startswith("postgresql")
        self.name = f"test_{secrets.token_hex(6)}"
        self.directory, self.file = directory, directory / "test.sqlite3"
        self.copies: list[str] = []
        if self.is_postgresql:
            self._maintain(f'CREATE DATABASE "{self.name}"')

    @property
    def url(self) -> str:
        """The address of the database that tests use."""
        if not self.is_postgresql:
            return f"sqlite:///{self.file}"
        return make_url(self.server).set(database=self.name).render_as_string(hide_password=False)

    def keep(self) -> None:
        """Take the database as it is now for the pristine one, and watch for commits from here on."""
        self._copy()
        if not event.contains(db.engine, "commit", self._mark):
            event.listen(db.engine, "commit", self._mark)

    @contextlib.contextmanager
    def stage(self) -> Iterator[None]:
        """Take the database as it is now for the pristine one until the block ends; then all is as before."""
        self._copy()
        try:
            yield
        finally:
            self.copies.pop()
            self.dirty = True
            self.restore()

    def _copy(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.copies.append(f"{self.name}_pristine{len(self.copies)}")
        if self.is_postgresql:
            self._maintain(f'DROP DATABASE IF EXISTS "{self.copies[-1]}"')
            self._maintain(f'CREATE DATABASE "{self.copies[-1]}" TEMPLATE "{self.name}"')
        else:
            with sqlite3.connect(self.file) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(self.file, self.directory / self.copies[-1])
        self.dirty = False

    def restore(self) -> None:
        """Put the pristine database back, if anything was committed since."""
        db.session.remove()
        if not self.dirty:
            return
        db.engine.dispose()
        if self.is_postgresql:
            self._maintain(f'DROP DATABASE "{self.name}" WITH (FORCE)')
            self._maintain(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.copies[-1]}"')
        else:
            self._copy_back()
        self.dirty = False

    def _copy_back(self) -> None:
        """By the backup interface: a file replaced under a connection that is still open is an I/O error."""
        with (
            contextlib.closing(sqlite3.connect(self.directory / self.copies[-1])) as pristine,
            contextlib.closing(sqlite3.connect(self.file)) as used,
        ):
            pristine.backup(used)

    def drop(self) -> None:
        """Leave nothing behind on the server."""
        if self.is_postgresql:
            for name in (self.name, *(f"{self.name}_pristine{level}" for level in range(3))):
                self._maintain(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _mark(self, _connection: object) -> None:
        self.dirty = True

    def _maintain(self, statement: str) -> None:
        address = make_url(self.server).set(drivername="postgresql", database="postgres")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


def template(directory: Path) -> Iterator[Template]:
    """A template for as long as the tests run."""
    made = Template(directory)
    try:
        yield made
    finally:
        made.drop()
