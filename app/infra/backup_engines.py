"""How each kind of database is copied and put back, by its own means."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import URL, create_engine

from app.infra.database import db
from app.kernel.errors import Conflict, Invalid, Problem, Unavailable
from app.kernel.texts import Message

ReadSchema = Callable[[Any], tuple[str, ...]]

# How long a session of PostgreSQL that is closing may still be listed, in seconds.
GOING_SECONDS = 5.0


class DatabaseCopier(Protocol):
    """Copies one kind of database to a file and back."""

    name: str

    def copy_to(self, target: Path, schema: ReadSchema) -> tuple[str, ...]:
        """Write a consistent copy; gives its schema."""

    def check(self, copy: Path) -> None:
        """Refuse a copy that the database could not read."""

    def refuse_if_used(self) -> None:
        """Refuse while another process uses the database."""

    def put_back(self, copy: Path) -> None:
        """Replace the database by a copy, wholly or not at all."""


def copier_for(url: URL) -> DatabaseCopier:
    """The copier for the application's database."""
    if url.get_backend_name() == "sqlite":
        return SqliteCopier(Path(str(url.database)))
    return PostgresCopier(url)


class SqliteCopier:
    """SQLite: ``VACUUM INTO`` reads one snapshot while others write."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        self._path = path

    def copy_to(self, target: Path, schema: ReadSchema) -> tuple[str, ...]:
        """Write a consistent copy; gives its schema."""
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.close()
        engine = create_engine(f"sqlite:///{target}")  # the schema of the copy, not of a moment later
        try:
            with engine.connect() as copied:
                return schema(copied)
        finally:
            engine.dispose()

    def check(self, copy: Path) -> None:
        """Refuse a copy that SQLite finds faulty."""
        connection = sqlite3.connect(copy)
        try:
            answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            answer = str(error)
        finally:
            connection.close()
        if answer != "ok":
            raise Invalid([Problem(Message("The database in this backup is damaged. Nothing was changed."))])

    def refuse_if_used(self) -> None:
        """Leave WAL mode, which SQLite allows to the only user of a database and which empties the log."""
        if not self._path.exists():
            return
        connection = sqlite3.connect(self._path, timeout=1, isolation_level=None)
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise in_use() from error
        except sqlite3.DatabaseError:
            return  # what is there is no database; a restore is what mends it
        finally:
            connection.close()
        if mode != "delete":
            raise in_use()

    def put_back(self, copy: Path) -> None:
        """Rename the copy over the database; there is no log left that could be replayed into it."""
        self.refuse_if_used()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("-wal", "-shm", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        copy.replace(self._path)


class PostgresCopier:
    """PostgreSQL: ``pg_dump`` and, in one transaction, ``pg_restore`` through ``psql``."""

    name = "postgresql"

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql")

    @property
    def _address(self) -> str:
        """The address without the password, which other users of the machine could read."""
        plain = URL.create(
            "postgresql",
            username=self._url.username,
            host=self._url.host,
            port=self._url.port,
            database=self._url.database,
            query=self._url.query,
        )
        return plain.render_as_string(hide_password=False)

    def _run(self, program: str, *arguments: str, source: Any = None) -> None:
        found = shutil.which(program)
        if found is None:
            raise Unavailable(
                Message(
                    "{program} is not installed; install the client programs of PostgreSQL.", program=program
                )
            )
        environment = dict(os.environ)
        if self._url.password:
            environment["PGPASSWORD"] = str(self._url.password)
        done = subprocess.run(
            [found, *arguments],
            env=environment,
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip()[-500:]
            raise Unavailable(Message("{program} did not succeed: {said}", program=program, said=said))

    def copy_to(self, target: Path, schema: ReadSchema) -> tuple[str, ...]:
        """Write a consistent copy; gives its schema."""
        self._run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-acl",
            f"--file={target}",
            f"--dbname={self._address}",
        )
        with db.engine.connect() as connection:
            return schema(connection)

    def check(self, copy: Path) -> None:
        """Refuse a dump whose table of contents cannot be read."""
        try:
            self._run("pg_restore", "--list", str(copy))
        except Unavailable as error:
            if shutil.which("pg_restore") is None:
                raise
            raise Invalid(
                [Problem(Message("The database in this backup is damaged. Nothing was changed."))]
            ) from error

    def refuse_if_used(self) -> None:
        """Refuse while other clients stay connected.

        The server's own processes (autovacuum among them) show up as sessions too, and a session outlives its
        client by a moment: only clients count, and one that is about to go is waited for.
        """
        others = (
            "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        query = f"SELECT count(*) FROM pg_stat_activity WHERE {others}"  # noqa: S608 - own words
        deadline = time.monotonic() + GOING_SECONDS
        with psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True) as connection:
            while True:
                row = connection.execute(query).fetchone()
                if row is not None and not row[0]:
                    return
                if time.monotonic() > deadline:
                    raise in_use()
                time.sleep(0.05)

    def put_back(self, copy: Path) -> None:
        """Empty the schema and load the dump, in one transaction."""
        script = copy.with_suffix(".sql")
        self._run("pg_restore", "--no-owner", "--no-acl", f"--file={script}", str(copy))
        clear = ("--command=DROP SCHEMA public CASCADE", "--command=CREATE SCHEMA public")
        options = ("--quiet", "--no-psqlrc", "--single-transaction", "--set=ON_ERROR_STOP=1")
        self._run("psql", *options, f"--dbname={self._address}", *clear, f"--file={script}")


def in_use() -> Conflict:
    """The refusal to replace a database under running processes."""
    return Conflict(Message("The platform is running. Stop the web server and the worker, then restore."))
