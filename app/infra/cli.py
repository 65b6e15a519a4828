"""``flask platform …``: what an operator does from the command line."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import text

from app.infra import audit, context, triggers
from app.infra.database import db, is_postgresql
from app.infra.registries import table
from app.infra.roles import restore_roles
from app.infra.security import move_stamp
from app.infra.system_state import BACKUP
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Source
from app.kernel.errors import DomainError
from config import ConfigurationError

group = AppGroup("platform", help="Set up and run the platform.")

MIGRATIONS = "migrations"
LOCK_KEY = 20_261_120
OPERATOR = SYSTEM.through(Source.CLI)


def register(app: Flask) -> None:
    """Give the application its commands."""
    app.cli.add_command(group)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":  # set by Flask: gives developers ``flask db …``
        attach_migrations(app)


def attach_migrations(app: Flask) -> None:
    """Let Flask-Migrate work on this application.

    Only who migrates needs it: loading Alembic would be a tenth of the start of a web process.
    """
    from flask_migrate import Migrate  # noqa: PLC0415

    Migrate(app, db, directory=MIGRATIONS, render_as_batch=True, compare_type=True)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Only one machine sets up at a time; the next one waits."""
    if is_postgresql():
        with db.engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK_KEY})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK_KEY})
        return
    with (current_app.config["DATA_DIR"] / "init.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@group.command("init")
@with_appcontext
def init_command() -> None:
    """Migrate, then bring permissions, shipped roles and dictionaries up to date. Safe to repeat."""
    with only_one():
        initialise()
    click.echo("The platform is up to date.")


def initialise() -> None:
    """What ``init`` does, for callers that hold the lock or need none.

    :raises ConfigurationError: production on a database with published passwords.
    """
    from flask_migrate import upgrade  # noqa: PLC0415 - as ``attach_migrations`` says

    attach_migrations(current_app._get_current_object())  # type: ignore[attr-defined]
    upgrade()
    _refuse_published_passwords()
    with context.acting_as(OPERATOR):
        with unit_of_work():
            created = triggers.ensure(db.session.connection(), table("GUARDS"))
            if created:
                audit.record(OPERATOR, "restore_guards", after={"guards": created})
        _load_shipped()


def _refuse_published_passwords() -> None:
    if current_app.config["APP_ENV"] != "production":
        return
    if names := table("PUBLISHED_ACCOUNTS")():
        raise ConfigurationError(
            "APP_ENV=production: this database holds demonstration accounts with the published password "
            f"({', '.join(names)}): set DATABASE_URL or DATA_DIR to one without demonstration data."
        )


def _load_shipped() -> None:
    appbuilder = current_app.extensions["appbuilder"]
    with quietly(), unit_of_work():
        restore_roles(appbuilder, table("SHIPPED_ROLES"))
        for load in table("DICTIONARIES"):
            load(context.now())
        move_stamp(db.session())  # shipped rows are written in bulk, which nobody follows row by row
        audit.record(OPERATOR, "initialise")


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Shipped data is one line of the audit trail, not thousands."""
    info = db.session.info
    info[audit.OPTION] = False
    try:
        yield
    finally:
        info[audit.OPTION] = True


@group.command("demo")
@with_appcontext
def demo_command() -> None:
    """Load the demonstration province, if it is not there yet."""
    if not current_app.config["DEMO"]:
        raise click.ClickException("DEMO is off: demonstration accounts have a published password.")
    with only_one():
        loaded = table("LOAD_DEMO")()
    click.echo("Demonstration data loaded." if loaded else "Demonstration data is there already.")


@group.command("worker")
@with_appcontext
def worker_command() -> None:
    """Run the jobs until told to stop."""
    from app.infra.jobs.worker import run  # noqa: PLC0415 - the queue is opened only by workers

    run(current_app._get_current_object())  # type: ignore[attr-defined]


@contextlib.contextmanager
def told_refusals() -> Iterator[None]:
    """Tell the operator why something was refused, in words instead of a traceback."""
    try:
        yield
    except DomainError as refusal:
        words = "; ".join(str(problem.message) for problem in refusal.problems) or str(refusal)
        raise click.ClickException(words) from refusal


@group.command("create-admin")
@click.argument("username")
@click.option("--email", required=True)
@click.password_option()
@with_appcontext
def create_admin_command(username: str, email: str, password: str) -> None:
    """Create a platform administrator."""
    with told_refusals(), context.acting_as(OPERATOR), unit_of_work():
        table("CREATE_PLATFORM_ADMIN")(OPERATOR, username, email, password, context.now())
    click.echo(f"Created {username}.")


@group.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@with_appcontext
def backup_command(target: Path) -> None:
    """Write a consistent copy of database and files to TARGET, also while users work."""
    from app.infra.backup import backup  # noqa: PLC0415

    with told_refusals():
        written = backup(target)
        click.echo(f"Wrote {written}.")
    with context.acting_as(OPERATOR), unit_of_work():
        audit.record(OPERATOR, BACKUP, after={"file": written.name})


@group.command("restore")
@click.argument("source", type=click.Path(exists=True, path_type=Path))
@with_appcontext
def restore_command(source: Path) -> None:
    """Put back a copy made by ``backup``; stop the platform first."""
    from app.infra.backup import restore  # noqa: PLC0415

    with told_refusals():
        restore(source)
    click.echo("Restored. Run `flask platform init` before you start the platform.")
