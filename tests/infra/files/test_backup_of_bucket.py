"""Backup and restore of an installation whose files lie in a bucket."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import Migrate
from sqlalchemy import text

from app.infra.backup import backup, restore
from app.infra.database import db
from app.infra.files import BucketStore, StoredFile, file_store
from app.infra.transactions import unit_of_work
from app.kernel.errors import Unavailable
from tests.infra.files.test_store import NOW
from tests.infra.test_backup import REVISION
from tools.ports import free_port

pytestmark = pytest.mark.parametrize("store", ["bucket"], indirect=True)


@pytest.fixture
def platform(stored_app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The small application with its files in a bucket and a migration history of one revision."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(REVISION)
    (tmp_path / "migrations" / "alembic.ini").write_text("[alembic]\n")
    Migrate(stored_app, db, directory=str(tmp_path / "migrations"))
    with unit_of_work():
        db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        db.session.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
    return stored_app


def add_file(content: bytes) -> StoredFile:
    with unit_of_work():
        stored = file_store().save(io.BytesIO(content), "月报.csv", "text/csv", 2**30, NOW)
        db.session.add(stored)
    return stored


def test_files_of_a_bucket_come_back(platform: Flask, store: BucketStore, tmp_path: Path) -> None:
    kept = add_file(b"kept" * 2_000_000)
    archive = backup(tmp_path / "copy.tar.gz")
    later = add_file(b"later")
    store.delete(kept.path)

    restore(archive)

    with store.open(kept.path) as handle:
        assert handle.read() == b"kept" * 2_000_000
    found = set(db.session.scalars(db.select(StoredFile.path)))
    assert found == {kept.path}
    assert set(store.paths()) == {kept.path, later.path}  # the sweep takes what has no row


def test_a_bucket_that_is_away_leaves_no_half_backup(
    platform: Flask, store: BucketStore, tmp_path: Path
) -> None:
    add_file(b"kept")
    platform.config["FILES_S3_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(Unavailable):
        backup(tmp_path / "copy.tar.gz")

    assert not list(tmp_path.glob("*.tar.gz*")) and not list(tmp_path.glob(".copy*"))


def test_a_bucket_that_is_away_leaves_the_database_as_it_was(
    platform: Flask, store: BucketStore, tmp_path: Path
) -> None:
    add_file(b"kept")
    archive = backup(tmp_path / "copy.tar.gz")
    later = add_file(b"later")
    platform.config["FILES_S3_ENDPOINT"] = f"http://127.0.0.1:{free_port()}"

    with pytest.raises(Unavailable):
        restore(archive)

    assert later.path in set(db.session.scalars(db.select(StoredFile.path)))
