"""Rows that the database itself refuses to change: the audit trail and what was published.

SQLite's batch migrations rebuild tables and drop their triggers, so ``verify`` runs after
every migration and ``ensure`` puts back what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger that refuses an operation on a table.

    ``when`` is a SQL condition over OLD (and NEW for an update), the same on both databases;
    empty means always. ``verb`` is UPDATE, DELETE or, on PostgreSQL only, TRUNCATE.
    """

    table: str
    verb: str
    message: str
    when: str = ""

    @property
    def name(self) -> str:
        """What the trigger is called in the database."""
        return f"guard_{self.table}_{self.verb.lower()}"


AUDIT_GUARDS = (
    Guard("audit_entry", "UPDATE", "the audit trail is append-only"),
    Guard("audit_entry", "DELETE", "the audit trail is append-only"),
    Guard("audit_entry", "TRUNCATE", "the audit trail is append-only"),
)


def present(connection: Connection) -> set[str]:
    """Names of the guards that the database has."""
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'guard_%'"
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard_%'"
    return set(connection.execute(text(query)).scalars())


def applicable(connection: Connection, guards: tuple[Guard, ...]) -> list[Guard]:
    """The guards that this database can have: SQLite knows no TRUNCATE."""
    return [guard for guard in guards if guard.verb != "TRUNCATE" or connection.dialect.name == "postgresql"]


def missing(connection: Connection, guards: tuple[Guard, ...]) -> list[Guard]:
    """The guards that ought to be there and are not."""
    have = present(connection)
    return [guard for guard in applicable(connection, guards) if guard.name not in have]


def ensure(connection: Connection, guards: tuple[Guard, ...]) -> list[str]:
    """Create what is missing; the names of what was created."""
    created = []
    for guard in missing(connection, guards):
        for statement in statements(guard, connection.dialect.name):
            connection.execute(text(statement))
        created.append(guard.name)
    return created


def drop(connection: Connection, guards: tuple[Guard, ...]) -> None:
    """Remove guards, for a migration that takes their table away."""
    for guard in applicable(connection, guards):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"))
            connection.execute(text(f"DROP FUNCTION IF EXISTS {guard.name}()"))
        else:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {guard.name}"))


def statements(guard: Guard, dialect: str) -> list[str]:
    """The DDL of a guard."""
    if dialect == "postgresql":
        return _postgresql(guard)
    when = f"WHEN {guard.when} " if guard.when else ""
    return [
        f"CREATE TRIGGER {guard.name} BEFORE {guard.verb} ON {guard.table} FOR EACH ROW {when}"
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    ]


def _postgresql(guard: Guard) -> list[str]:
    level = "STATEMENT" if guard.verb == "TRUNCATE" else "ROW"
    refuse = f"RAISE EXCEPTION '{guard.message}';"
    # the condition stands in the body, since PostgreSQL's WHEN may not ask other tables
    body = f"IF {guard.when} THEN {refuse} END IF; RETURN coalesce(NEW, OLD);" if guard.when else refuse
    return [
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {body} END $$",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.verb} ON {guard.table} "
        f"FOR EACH {level} EXECUTE FUNCTION {guard.name}()",
    ]
