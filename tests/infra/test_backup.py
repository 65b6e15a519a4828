"""Backup and restore: good while others write, refused when damaged, newer, foreign or in use."""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import create_engine, text

from app.infra import backup as backups
from app.infra import backup_engines
from app.infra.backup import backup, restore
from app.infra.database import db, is_postgresql, prepare_engine, writing
from app.infra.files import StoredFile, file_store
from app.infra.transactions import unit_of_work
from app.kernel.errors import Conflict, DomainError, Invalid, Unavailable
from tests.infra.files.test_store import NOW
from tests.infra.jobs_app import create_tables, make_app
from tests.infra.scratch import scratch_database

ROUNDS = 8
REVISION = '"""First."""\nrevision = "0001"\ndown_revision = None\n'


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Flask]:
    """The small application with a migration history of one revision, 0001, which it has."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(REVISION)
    (tmp_path / "migrations" / "alembic.ini").write_text("[alembic]\n")
    with scratch_database(tmp_path) as url:
        app = make_app(tmp_path / "data", url)
        Migrate(app, db, directory=str(tmp_path / "migrations"))
        create_tables(app)
        with app.app_context():
            execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
            execute("INSERT INTO alembic_version VALUES ('0001')")
            yield app
            db.session.remove()
            db.engine.dispose()


def execute(statement: str, **values: Any) -> None:
    with unit_of_work():
        db.session.execute(text(statement), values)


def count_lines() -> int:
    db.session.rollback()
    found = db.session.execute(text("SELECT count(*) FROM test_ledger")).scalar_one()
    db.session.rollback()
    return int(found)


def add_file(content: bytes) -> StoredFile:
    with unit_of_work():
        stored = file_store().save(io.BytesIO(content), "月报.csv", "text/csv", 1000, NOW)
        db.session.add(stored)
    return stored


def rewrite(source: Path, target: Path, change: Any) -> Path:
    """The archive again, its members as ``change`` gives them back."""
    with tarfile.open(source) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]
    with tarfile.open(target, "w:gz") as archive:
        for name, content in change(members).items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target


def with_manifest(**changes: Any) -> Any:
    def change(members: dict[str, bytes]) -> dict[str, bytes]:
        manifest = json.loads(members["manifest.json"])
        return {**members, "manifest.json": json.dumps({**manifest, **changes}).encode()}

    return change


def test_what_was_there_comes_back_and_what_came_later_is_gone(platform: Flask, tmp_path: Path) -> None:
    execute("INSERT INTO test_ledger VALUES ('甲', 1)")
    kept = add_file(b"kept")
    archive = backup(tmp_path / "copy.tar.gz")
    execute("INSERT INTO test_ledger VALUES ('later', 2)")
    execute("CREATE TABLE later_table (id INTEGER)")
    later = add_file(b"later")

    restore(archive)

    assert count_lines() == 1
    assert file_store().locate(kept.path).read_bytes() == b"kept"
    assert not file_store().locate(later.path).exists()
    assert db.session.execute(text("SELECT job FROM test_ledger")).scalar_one() == "甲"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert [path.name for path in (tmp_path / "data").iterdir() if path.name.startswith(".restore")] == []


def test_a_directory_gets_a_dated_file_that_only_its_owner_reads(platform: Flask, tmp_path: Path) -> None:
    target = tmp_path / "backups"
    target.mkdir()

    archive = backup(target)

    assert archive.parent == target
    assert archive.name.startswith("platform-")
    assert archive.stat().st_mode & 0o077 == 0


def test_backups_under_writes_are_all_good(platform: Flask, tmp_path: Path) -> None:
    """Two lines are always written together; a copy with an odd number would be torn."""
    over = threading.Event()
    written = [0]
    engine = create_engine(platform.config["SQLALCHEMY_DATABASE_URI"])
    prepare_engine(engine)

    def write() -> None:
        while not over.is_set():
            with writing(), engine.begin() as connection:
                for line in (1, 2):
                    connection.execute(
                        text("INSERT INTO test_ledger VALUES (:job, :line)"), {"job": "x" * 40, "line": line}
                    )
            written[0] += 1

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    archives = [backup(tmp_path / f"{number}.tar.gz") for number in range(ROUNDS)]
    over.set()
    for writer in writers:
        writer.join()
    engine.dispose()

    counts = []
    for archive in archives:
        restore(archive)
        counts.append(count_lines())
    assert written[0] > 0
    assert [count % 2 for count in counts] == [0] * ROUNDS
    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda members: {**members, "database": members["database"][:-1] + b"?"},
        lambda members: {name: content for name, content in members.items() if name != "database"},
        lambda members: {name: content for name, content in members.items() if name != "manifest.json"},
        lambda members: {**members, "manifest.json": b"{}"},
        lambda members: {**members, "manifest.json": b"\xff["},
        with_manifest(entries=[]),
        with_manifest(entries=[{"name": "database", "size": 1, "digest": ""}]),
        with_manifest(entries=[{"name": "../../escape", "size": 1, "digest": ""}]),
    ],
)
def test_a_damaged_archive_is_refused_and_nothing_changes(
    platform: Flask, tmp_path: Path, change: Any
) -> None:
    execute("INSERT INTO test_ledger VALUES ('present', 1)")
    damaged = rewrite(backup(tmp_path / "copy.tar.gz"), tmp_path / "damaged.tar.gz", change)

    with pytest.raises(Invalid):
        restore(damaged)

    assert count_lines() == 1
    assert not (tmp_path / "escape").exists()


def test_a_file_that_is_no_archive_or_ends_early_is_refused(platform: Flask, tmp_path: Path) -> None:
    archive = backup(tmp_path / "copy.tar.gz")
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:-200])
    noise = tmp_path / "noise"
    noise.write_bytes(os.urandom(1000))

    for source in (cut, noise):
        with pytest.raises(Invalid):
            restore(source)


def test_a_manifest_that_vouches_for_a_broken_database_does_not_help(platform: Flask, tmp_path: Path) -> None:
    def break_database(members: dict[str, bytes]) -> dict[str, bytes]:
        broken = b"not a database" * 100
        manifest = json.loads(members["manifest.json"])
        digest = backups.hashlib.sha256(broken).hexdigest()
        entries = [{"name": "database", "size": len(broken), "digest": digest}]
        return {"database": broken, "manifest.json": json.dumps({**manifest, "entries": entries}).encode()}

    execute("INSERT INTO test_ledger VALUES ('present', 1)")
    damaged = rewrite(backup(tmp_path / "copy.tar.gz"), tmp_path / "damaged.tar.gz", break_database)

    with pytest.raises(Invalid, match="need correction") as refusal:
        restore(damaged)

    assert "damaged" in str(refusal.value.problems[0].message)
    assert count_lines() == 1


@pytest.mark.parametrize("change", [with_manifest(schema=["9999"]), with_manifest(format=2)])
def test_a_backup_of_a_newer_program_is_refused(platform: Flask, tmp_path: Path, change: Any) -> None:
    newer = rewrite(backup(tmp_path / "copy.tar.gz"), tmp_path / "newer.tar.gz", change)

    with pytest.raises(Conflict, match="newer version"):
        restore(newer)


def test_a_backup_of_the_other_kind_of_database_is_refused(platform: Flask, tmp_path: Path) -> None:
    foreign = rewrite(
        backup(tmp_path / "copy.tar.gz"), tmp_path / "foreign.tar.gz", with_manifest(engine="oracle")
    )

    with pytest.raises(Conflict, match="oracle"):
        restore(foreign)


def test_a_running_platform_is_not_restored_over(
    platform: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_engines, "GOING_SECONDS", 0.2)
    archive = backup(tmp_path / "copy.tar.gz")
    execute("INSERT INTO test_ledger VALUES ('present', 1)")
    engine = create_engine(platform.config["SQLALCHEMY_DATABASE_URI"])
    prepare_engine(engine)

    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM test_ledger"))
        connection.rollback()  # an idle connection, as a web process keeps it
        with pytest.raises(Conflict, match="running"):
            restore(archive)
    engine.dispose()

    assert count_lines() == 1


def test_a_session_that_is_ending_is_waited_for(platform: Flask, tmp_path: Path) -> None:
    archive = backup(tmp_path / "copy.tar.gz")
    engine = create_engine(platform.config["SQLALCHEMY_DATABASE_URI"])
    prepare_engine(engine)
    connection = engine.connect()
    connection.execute(text("SELECT count(*) FROM test_ledger"))
    execute("INSERT INTO test_ledger VALUES ('present', 1)")

    # SQLite knows a closed file at once; PostgreSQL lists the session of a client that left a little longer.
    leaving = threading.Timer(0.4, connection.invalidate)
    if is_postgresql():
        leaving.start()
    else:
        connection.invalidate()
    restore(archive)
    engine.dispose()

    assert count_lines() == 0


def test_a_full_disk_is_told_and_leaves_no_half_backup(
    platform: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "backups"
    target.mkdir()

    def full(*_args: Any, **_kwargs: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)

    with pytest.raises(Unavailable, match="disk"):
        backup(target)

    assert list(target.iterdir()) == []


def test_missing_programs_of_postgresql_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _program: None)
    copier = backup_engines.PostgresCopier(backup_engines.URL.create("postgresql", database="x"))

    with pytest.raises(DomainError, match="pg_dump is not installed"):
        copier.copy_to(tmp_path / "copy", lambda _connection: ())


def test_the_password_is_not_among_the_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def run(arguments: list[str], **options: Any) -> Any:
        seen.update(arguments=arguments, password=options["env"].get("PGPASSWORD"))
        return backup_engines.subprocess.CompletedProcess(arguments, 1, b"", b"no server")

    monkeypatch.setattr(shutil, "which", lambda program: program)
    monkeypatch.setattr(backup_engines.subprocess, "run", run)
    url = backup_engines.URL.create(
        "postgresql+psycopg", username="u", password="geheim", host="h", database="d"
    )

    with pytest.raises(Unavailable, match="no server"):
        backup_engines.PostgresCopier(url).copy_to(tmp_path / "copy", lambda _connection: ())

    assert "geheim" not in " ".join(seen["arguments"])
    assert seen["password"] == "geheim"


def test_a_damaged_sqlite_database_is_mended_by_a_restore(tmp_path: Path) -> None:
    database = tmp_path / "database.sqlite3"
    copy = tmp_path / "copy.sqlite3"
    connection = sqlite3.connect(copy)
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    database.write_bytes(b"not a database at all" * 100)

    backup_engines.SqliteCopier(database).put_back(copy)

    connection = sqlite3.connect(database)
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)
    connection.close()
