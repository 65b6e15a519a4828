"""Alembic's environment: our metadata, batch mode on SQLite, figures tables left alone."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.infra.database import db, writing
from app.reports.figures_tables import include_name

config = context.config


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
