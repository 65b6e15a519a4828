"""Scratch databases for checks and the bench: a SQLite file, or a database on a PostgreSQL server."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from config import database_url


@contextlib.contextmanager
def scratch_database(directory: Path, server: str) -> Iterator[str]:
    """The address of an empty database.

    :param directory: where a SQLite file is put.
    :param server: an address on a PostgreSQL server whose account may create databases; empty for SQLite.
    """
    url = database_url(server)
    if not url.startswith("postgresql"):
        yield f"sqlite:///{directory / 'scratch.sqlite3'}"
        return
    name = f"scratch_{secrets.token_hex(6)}"
    address = make_url(url)
    maintenance = address.set(drivername="postgresql", database="postgres")
    with psycopg.connect(maintenance.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield address.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
