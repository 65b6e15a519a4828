"""Alembic's environment: our metadata, batch mode on SQLite, figures tables left alone."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.infra.database import db, writing
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.reports.figures_tables import include_name

config = context.config


def render_item(kind: str, item: object, _autogen_context: object) -> str | bool:
    """Write our column types as what they are in the database, so that a migration needs none of our code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Scaled):
        return "sa.BigInteger()"
    return "sa.JSON()" if isinstance(item, LocalTextType) else False


def run_migrations() -> None:
    """Run in one transaction each, on the application's own connection settings."""
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    with writing(), engine.connect() as connection:
        if sqlite:
            # Rebuilding a table drops it for a moment; with foreign keys on that would cascade.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=sqlite,
            compare_type=True,
            include_name=include_name,
            render_item=render_item,
            transactional_ddl=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


if context.is_offline_mode():
    raise RuntimeError("migrations need a database: they also write data")
current_app.logger.debug("migrating %s", db.engine.url.render_as_string(hide_password=True))
run_migrations()
