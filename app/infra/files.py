"""The file store: uploads and results under the data directory, never under static.

A file is written under a temporary name, forced to disk and renamed, so that a full disk or a
killed process leaves either the whole file or nothing. Its name on disk is random; the name
that people gave it, Chinese included, is a column.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import logging
import os
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Response, current_app, send_file
from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.database import db
from app.infra.types import BigKey, UtcDateTime
from app.kernel.errors import DomainError, Invalid, Problem, Unavailable
from app.kernel.texts import Message

log = logging.getLogger(__name__)

RESULT_KEPT = dt.timedelta(days=7)
ORPHAN_AGE = 24 * 3600.0
"""Seconds after which a file on disk without a row is an orphan: longer than any transaction."""

MAX_RESULT_BYTES = 2 * 1024**3
MAX_NAME = 200
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}")


class Gone(DomainError):
    """The file existed and was removed when its time ran out."""

    status = 410


class StoredFile(db.Model):
    """One file of the store. Who may read it is decided by the record that refers to it.

    ``path`` is relative to the store, ``size`` in bytes, ``digest`` SHA-256 in hex. The row
    stays when the file is removed, so that a late visitor learns why.
    """

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)
    __unaudited__ = True  # the record that refers to the file is audited

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    path: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigKey)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True)
    removed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class _Counting:
    """A binary handle that counts, digests and caps what is written through it."""

    def __init__(self, handle: BinaryIO, max_bytes: int) -> None:
        self._handle = handle
        self._max_bytes = max_bytes
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes | memoryview) -> int:
        self.size += len(data)
        if self.size > self._max_bytes:
            raise too_large(self._max_bytes)
        self.digest.update(data)
        return self._handle.write(data)

    def flush(self) -> None:
        self._handle.flush()

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def close(self) -> None:
        """The store closes the file itself, after forcing it to disk."""


@dataclass(slots=True)
class Draft:
    """A file being written: ``handle`` takes bytes in order; writers that must seek use ``temporary``."""

    handle: BinaryIO
    temporary: Path
    path: str
    name: str
    media_type: str
    size: int = 0
    digest: str = ""

    def stored(self, now: dt.datetime, expires_at: dt.datetime | None = None) -> StoredFile:
        """The row for the finished file; not yet added to the session."""
        return StoredFile(
            path=self.path,
            name=self.name,
            media_type=self.media_type,
            size=self.size,
            digest=self.digest,
            created_at=now,
            expires_at=expires_at,
        )


class FileStore:
    """Files under one directory, two levels deep."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root / "tmp"

    @contextlib.contextmanager
    def writer(self, name: str, media_type: str, max_bytes: int = MAX_RESULT_BYTES) -> Iterator[Draft]:
        """Write a new file; it is in the store when the block ends, or nothing is.

        :raises Unavailable: the disk is full.
        :raises Invalid: more than ``max_bytes`` were written.
        """
        token = secrets.token_hex(20)
        temporary = self.temporary / token
        draft = Draft(cast(BinaryIO, None), temporary, f"{token[:2]}/{token}", tidy_name(name), media_type)
        try:
            self.temporary.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as handle:
                counting = _Counting(handle, max_bytes)
                draft.handle = cast(BinaryIO, counting)
                yield draft
                handle.flush()
                os.fsync(handle.fileno())
            draft.size, draft.digest = _measured(counting, temporary, max_bytes)
            self._keep(temporary, draft.path)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise disk_full() from error
            raise
        finally:
            temporary.unlink(missing_ok=True)

    def save(
        self, source: BinaryIO, name: str, media_type: str, max_bytes: int, now: dt.datetime
    ) -> StoredFile:
        """Keep an upload; the row is not yet added to the session.

        :raises Unavailable: the disk is full.
        :raises Invalid: the upload has more than ``max_bytes``.
        """
        with self.writer(name, media_type, max_bytes) as draft:
            while block := source.read(1 << 18):
                draft.handle.write(block)
        return draft.stored(now)

    def _keep(self, temporary: Path, path: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)
        _sync_directory(target.parent)

    def locate(self, path: str) -> Path:
        """Where a file lies on disk.

        :raises ValueError: not a path of this store.
        """
        if not _PATH.fullmatch(path):
            raise ValueError(f"not a path of the store: {path!r}")
        return self.root / path

    def delete(self, path: str) -> None:
        """Remove a file; no matter if it is gone already."""
        self.locate(path).unlink(missing_ok=True)

    def paths(self) -> Iterator[str]:
        """Every finished file, relative to the store."""
        for found in sorted(self.root.glob("??/*")):
            path = found.relative_to(self.root).as_posix()
            if _PATH.fullmatch(path):
                yield path


def _measured(counting: _Counting, temporary: Path, max_bytes: int) -> tuple[int, str]:
    """Size and digest; read again from disk where a writer went round the counting handle."""
    size = temporary.stat().st_size
    if size == counting.size:
        return size, counting.digest.hexdigest()
    if size > max_bytes:
        raise too_large(max_bytes)
    with temporary.open("rb") as handle:
        return size, hashlib.file_digest(handle, "sha256").hexdigest()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_full() -> Unavailable:
    """The refusal when nothing more can be written."""
    return Unavailable(
        Message("The disk of the server is full. Nothing was lost; tell the platform administrator.")
    )


def too_large(max_bytes: int) -> Invalid:
    """The refusal of a file above its limit."""
    limit = f"{max_bytes / 1024**2:.0f} MB" if max_bytes >= 1024**2 else f"{max_bytes} B"
    return Invalid([Problem(Message("The file is larger than {limit}.", limit=limit))])


def tidy_name(name: str) -> str:
    """A name that is safe to show and to send: no path, no control characters, the suffix kept."""
    flat = "".join(character for character in name if unicodedata.category(character)[0] != "C")
    flat = re.sub(r'[\\/:*?"<>|]+', "_", flat).strip(" .")
    if not flat:
        return "file"
    stem, dot, suffix = flat.rpartition(".")
    if not dot or len(suffix) > 10:
        return flat[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}"


def disposition(name: str) -> str:
    """The ``Content-Disposition`` of a download (RFC 6266): any name, and a plain one for old browsers."""
    tidy = tidy_name(name)
    suffix = Path(tidy).suffix
    plain = tidy if tidy.isascii() else f"download{suffix if suffix.isascii() else ''}"
    plain = plain.replace('"', "_").replace("%", "_").replace(";", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(tidy, safe='')}"


def download(stored: StoredFile, now: dt.datetime) -> Response:
    """A file as a download, never shown in the origin of the site. Scope is checked by the caller.

    :raises Gone: its time ran out, or the disk has lost it.
    """
    path = file_store().locate(stored.path)
    expired = stored.expires_at is not None and stored.expires_at <= now
    if expired or stored.removed_at is not None or not path.is_file():
        raise Gone(Message("This file was kept for a limited time and has been removed. Run the job again."))
    response = send_file(path, mimetype=stored.media_type, conditional=True, etag=stored.digest)
    response.headers["Content-Disposition"] = disposition(stored.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_store() -> FileStore:
    """The store of the running application, under its ``DATA_DIR``."""
    return FileStore(Path(current_app.config["DATA_DIR"]) / "files")


def remove_expired(now: dt.datetime) -> int:
    """Remove from disk what has passed its time; call inside a unit of work. Gives the number removed."""
    store = file_store()
    query = select(StoredFile).where(StoredFile.expires_at <= now, StoredFile.removed_at.is_(None)).limit(500)
    removed = 0
    for stored in db.session.scalars(query):
        store.delete(stored.path)
        stored.removed_at = now
        removed += 1
    db.session.flush()
    return removed


def remove_orphans(older_than: float = ORPHAN_AGE) -> int:
    """Remove files without a row and drafts of killed processes, older than so many seconds."""
    store = file_store()
    limit = time.time() - older_than
    removed = 0
    for draft in store.temporary.glob("*"):
        removed += _remove_if_old(draft, limit)
    old = [path for path in store.paths() if store.locate(path).stat().st_mtime < limit]
    for start in range(0, len(old), 500):
        block = old[start : start + 500]
        known = set(db.session.scalars(select(StoredFile.path).where(StoredFile.path.in_(block))))
        for path in block:
            if path not in known:
                removed += _remove_if_old(store.locate(path), limit)
    if removed:
        log.info("removed %d orphaned files", removed)
    return removed


def _remove_if_old(path: Path, limit: float) -> int:
    try:
        if path.stat().st_mtime >= limit:
            return 0
        path.unlink()
    except FileNotFoundError:  # another process sweeps too
        return 0
    return 1
