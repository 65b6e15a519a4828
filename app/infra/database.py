"""The database: engine settings as measured, the session, and who may write when."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator
from typing import Any, cast

from flask import Flask, current_app
from flask_appbuilder import Model
from flask_appbuilder.models.sqla.base import SQLA
from sqlalchemy import Engine, MetaData, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints: a migration can only drop what has a name."""

Model.metadata.naming_convention = MetaData(naming_convention=NAMING).naming_convention

db = SQLA(model_class=Model, session_options={"expire_on_commit": False})

_writes: contextvars.ContextVar[bool] = contextvars.ContextVar("writes", default=False)

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-32768",
    "PRAGMA temp_store=MEMORY",
)
"""Measured: with WAL, 30 s of patience and BEGIN IMMEDIATE for writers no lock error is seen."""

SORT_PRAGMAS = ("PRAGMA temp_store=FILE", "PRAGMA cache_size=-8192")
"""Measured: 220,000 rows of 85 columns are sorted as fast in 30 MB, by way of a file, as in 170 MB."""

POSTGRESQL_SETTINGS = ("SET jit = off", "SET max_parallel_workers_per_gather = 0")
"""Measured: for pages of a few ms, starting helpers and compilers costs more than they save (39 → 10 ms)."""


def engine_options(url: str) -> dict[str, Any]:
    """Options of the engine for a database address."""
    if make_url(url).get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": 30}, "pool_size": 5, "max_overflow": 5}
    return {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 5}


def init_database(app: Flask) -> None:
    """Bind the session to the application's database and set up its connections."""
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(app.config["SQLALCHEMY_DATABASE_URI"]))
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Make an engine's connections behave as measured; safe to call twice."""
    if engine.dialect.name == "postgresql" and not event.contains(engine, "connect", _connect_postgresql):
        event.listen(engine, "connect", _connect_postgresql)
    if engine.dialect.name == "sqlite" and not event.contains(engine, "begin", _begin_sqlite):
        event.listen(engine, "connect", _connect_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _connect_postgresql(connection: Any, _record: Any) -> None:
    for setting in POSTGRESQL_SETTINGS:
        connection.execute(setting)
    connection.commit()  # else the pool's rollback would take the settings back


def _connect_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes.get() else "BEGIN")


def is_writing() -> bool:
    """Whether transactions begun now are write transactions."""
    return _writes.get()


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """Within it, SQLite transactions begin IMMEDIATE, so that readers never have to upgrade.

    A session that already reads is ended first: an upgrade in the middle could be refused.
    """
    token = _writes.set(True)
    try:
        yield
    finally:
        _writes.reset(token)


@contextlib.contextmanager
def reading_much() -> Iterator[Connection]:
    """A connection for statements whose rows are many and wide: it sorts them in little memory.

    On SQLite it is one of its own, since the session's is in a transaction, where the way to sort cannot be
    changed; it sees what is committed. PostgreSQL sorts like that by itself (``work_mem``).
    """
    if is_postgresql():
        yield session().connection()
        return
    with db.engine.connect() as connection:
        connection.detach()  # closed afterwards instead of serving pages
        for pragma in SORT_PRAGMAS:
            cast(Any, connection.connection.dbapi_connection).execute(pragma)
        token = _writes.set(False)  # it reads beside whoever writes, even where the session does
        try:
            connection.begin()
        finally:
            _writes.reset(token)
        yield connection


def is_assembled() -> bool:
    """Whether the running application is a whole platform; the parts of one that tools make keep no trail."""
    return "permissions" in current_app.extensions


def session() -> Session:
    """The session of this request, job or command."""
    return db.session


def is_postgresql() -> bool:
    """Whether the application's database is PostgreSQL."""
    return db.engine.dialect.name == "postgresql"


def insert_for_database() -> Callable[[Any], Any]:
    """The ``insert`` that knows ``ON CONFLICT`` as the application's database writes it."""
    return postgresql.insert if is_postgresql() else sqlite.insert
