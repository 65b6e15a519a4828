"""Scratch databases for tests with processes of their own: a SQLite file, or a PostgreSQL database."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from config import database_url


@contextlib.contextmanager
def scratch_database(directory: Path) -> Iterator[str]:
    """The address of an empty database of the kind that ``DATABASE_URL`` names; dropped afterwards."""
    server = database_url(os.environ.get("DATABASE_URL", ""))
    if not server.startswith("postgresql"):
        yield f"sqlite:///{directory / 'database.sqlite3'}"
        return
    name = f"scratch_{secrets.token_hex(6)}"
    url = make_url(server)
    maintenance = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
