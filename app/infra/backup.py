"""Backup and restore: database and files as one archive with a manifest of checksums.

The database is copied by its own means (``VACUUM INTO``, ``pg_dump``), so a backup is good
while users write. It is copied before the files: every file that its rows name is then there.
Nothing is put back before the whole archive has been read and every checksum agrees.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from app.infra import backup_engines
from app.infra.backup_engines import DatabaseCopier
from app.infra.database import db
from app.infra.files import DISK_FULL, LocalStore, disk_full, file_store
from app.kernel.clock import UTC
from app.kernel.errors import Conflict, Invalid, Problem
from app.kernel.texts import Message

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
MAX_MANIFEST = 64 * 1024**2
_FILE = re.compile(r"files/[0-9a-f]{2}/[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of the archive: its name, size in bytes and SHA-256."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds and which program wrote it; ``schema`` are the migration heads."""

    made_at: str
    engine: str
    schema: tuple[str, ...]
    entries: tuple[Entry, ...]
    format: int = FORMAT

    def to_json(self) -> bytes:
        """As kept in the archive."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """From the archive.

        :raises Invalid: it cannot be read.
        """
        try:
            kept = json.loads(data)
            entries = tuple(
                Entry(str(one["name"]), int(one["size"]), str(one["digest"])) for one in kept["entries"]
            )
            schema = tuple(str(head) for head in kept["schema"])
            return cls(str(kept["made_at"]), str(kept["engine"]), schema, entries, int(kept["format"]))
        except (ValueError, KeyError, TypeError) as error:
            raise not_a_backup() from error


def backup(target: Path) -> Path:
    """Write a backup and give its path; also while users work.

    :param target: a file, or a directory in which a dated file is made.
    :raises Unavailable: the disk is full, or the programs of PostgreSQL are missing.
    """
    now = dt.datetime.now(UTC)
    if target.is_dir():
        target = target / f"platform-{now:%Y%m%dT%H%M%SZ}.tar.gz"
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    with _clear_when_full():
        try:
            with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as work:
                _write(draft, Path(work), now)
            draft.replace(target)
            _sync(target.parent)
        finally:
            draft.unlink(missing_ok=True)
    return target


def _write(draft: Path, work: Path, now: dt.datetime) -> None:
    copier = backup_engines.copier_for(db.engine.url)
    copy = work / DATABASE
    schema = tuple(sorted(copier.copy_to(copy, _schema)))
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as archive:
            with copy.open("rb") as handle:
                entries = [_add(archive, DATABASE, handle)]
            entries += _add_files(archive)
            manifest = work / MANIFEST
            manifest.write_bytes(Manifest(now.isoformat(), copier.name, schema, tuple(entries)).to_json())
            archive.add(manifest, MANIFEST)
        raw.flush()
        os.fsync(raw.fileno())


def _add_files(archive: tarfile.TarFile) -> Iterator[Entry]:
    store = file_store()
    for path in store.paths():
        lost = contextlib.suppress(FileNotFoundError)  # its time ran out a moment ago
        with lost, store.reached(), store.open(path) as handle:
            yield _add(archive, f"files/{path}", handle)


def _add(archive: tarfile.TarFile, name: str, handle: BinaryIO) -> Entry:
    """Stream a member into the archive; a finished file never changes, so its size is known before."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = handle.seek(0, os.SEEK_END), 0o600
    handle.seek(0)
    digested = _Digested(handle)
    archive.addfile(member, cast(BinaryIO, digested))
    return Entry(name, member.size, digested.digest.hexdigest())


class _Digested:
    """A handle whose bytes are digested as they are read."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._handle.read(size)
        self.digest.update(block)
        return block


def restore(source: Path) -> None:
    """Put a backup back in place of database and files; the platform must be stopped.

    An older schema is accepted: ``flask platform init`` then migrates it.

    :raises Invalid: not a backup, or damaged.
    :raises Conflict: the platform runs, the backup is of a newer program, or of the other database.
    """
    copier = backup_engines.copier_for(db.engine.url)
    data_dir = Path(current_app.config["DATA_DIR"])
    data_dir.mkdir(parents=True, exist_ok=True)
    db.session.remove()
    db.engine.dispose()
    copier.refuse_if_used()
    with _clear_when_full(), tempfile.TemporaryDirectory(prefix=".restore-", dir=data_dir) as work:
        manifest = _unpack(source, Path(work), copier)
        copier.check(Path(work) / DATABASE)
        _refuse_newer(manifest)
        (Path(work) / "files").mkdir(exist_ok=True)
        _put_back(Path(work), manifest, copier)


def _put_back(work: Path, manifest: Manifest, copier: DatabaseCopier) -> None:
    """The database and the files, in the order that leaves no row without its file.

    A bucket keeps what it had: files of the time after the backup lose their rows and are swept.
    """
    store = file_store()
    if isinstance(store, LocalStore):
        copier.put_back(work / DATABASE)
        _swap(work / "files", store.root, work / "files-before")
        return
    for entry in manifest.entries:
        if entry.name != DATABASE:
            store.put(work / entry.name, entry.name.removeprefix("files/"))
    copier.put_back(work / DATABASE)


def _unpack(source: Path, work: Path, copier: DatabaseCopier) -> Manifest:
    """Read everything into ``work`` and compare it with the manifest."""
    try:
        with tarfile.open(source, "r:*") as archive:
            manifest = _read_manifest(archive)
            if manifest.engine != copier.name:
                raise Conflict(
                    Message(
                        "This backup is of {engine}, the platform runs on {ours}.",
                        engine=manifest.engine,
                        ours=copier.name,
                    )
                )
            for entry in manifest.entries:
                _extract(archive, entry, work)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise not_a_backup() from error
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        raise not_a_backup() from error
    return manifest


def _read_manifest(archive: tarfile.TarFile) -> Manifest:
    member = archive.getmember(MANIFEST)
    handle = archive.extractfile(member)
    if handle is None or member.size > MAX_MANIFEST:
        raise not_a_backup()
    manifest = Manifest.from_json(handle.read())
    names = [entry.name for entry in manifest.entries]
    sound = len(set(names)) == len(names) and DATABASE in names
    if not sound or any(name != DATABASE and not _FILE.fullmatch(name) for name in names):
        raise not_a_backup()
    if manifest.format > FORMAT:
        raise newer()
    return manifest


def _extract(archive: tarfile.TarFile, entry: Entry, work: Path) -> None:
    handle = archive.extractfile(archive.getmember(entry.name))
    if handle is None:
        raise not_a_backup()
    target = work / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        while block := handle.read(1 << 20):
            size += len(block)
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if (size, digest.hexdigest()) != (entry.size, entry.digest):
        raise not_a_backup()


def _schema(connection: Any) -> tuple[str, ...]:
    return tuple(MigrationContext.configure(connection).get_current_heads())


def _refuse_newer(manifest: Manifest) -> None:
    """Refuse migrations that this program does not know."""
    config = current_app.extensions["migrate"].migrate.get_config()
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if not set(manifest.schema) <= known:
        raise newer()


def _swap(new: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.replace(old)
    target.parent.mkdir(parents=True, exist_ok=True)
    new.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    _sync(target.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _clear_when_full() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        if getattr(error, "errno", None) in DISK_FULL or "disk is full" in str(error):
            raise disk_full() from error
        raise


def not_a_backup() -> Invalid:
    """The refusal of an archive that cannot be trusted."""
    return Invalid(
        [
            Problem(
                Message("This file is not a backup of the platform, or it is damaged. Nothing was changed.")
            )
        ]
    )


def newer() -> Conflict:
    """The refusal of an archive that a later program wrote."""
    return Conflict(
        Message("This backup was made by a newer version of the platform. Update the platform first.")
    )
