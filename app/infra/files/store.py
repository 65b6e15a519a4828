"""Writing and reading files as a whole or not at all, over a file system of fsspec.

A file is written to a draft on the local disk under a random name, forced to disk, and only then put
into the store in one step: a full disk or a killed process leaves either the whole file or nothing.
The name that people gave it, Chinese included, is a column.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import functools
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from app.infra.files.models import StoredFile
from app.infra.files.names import tidy_name
from app.kernel.errors import Invalid, Problem, Unavailable
from app.kernel.texts import Message

MAX_RESULT_BYTES = 2 * 1024**3
BLOCK = 1 << 18
DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{40}")
FOLDERS = tuple(f"{number:02x}" for number in range(256))


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
    """Files under one root of a file system, two levels deep. A kind of store says how a draft gets in."""

    root: Any
    temporary: Path
    """Where drafts are written: always on the local disk."""

    @property
    def fs(self) -> Any:
        """The file system of fsspec; loaded by who needs it, since most requests touch no file."""
        raise NotImplementedError

    @contextlib.contextmanager
    def writer(self, name: str, media_type: str, max_bytes: int = MAX_RESULT_BYTES) -> Iterator[Draft]:
        """Write a new file; it is in the store when the block ends, or nothing is.

        :raises Unavailable: the disk is full, or the store cannot be reached.
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
            self.put(temporary, draft.path)
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

        :raises Unavailable: the disk is full, or the store cannot be reached.
        :raises Invalid: the upload has more than ``max_bytes``.
        """
        with self.writer(name, media_type, max_bytes) as draft:
            while block := source.read(BLOCK):
                draft.handle.write(block)
        return draft.stored(now)

    def put(self, finished: Path, path: str) -> None:
        """Move a finished local file into the store in one step: there is the whole of it, or nothing.

        :raises Unavailable: the store cannot be reached.
        """
        raise NotImplementedError

    def address(self, path: str) -> str:
        """What the file system calls a file.

        :raises ValueError: not a path of this store.
        """
        if not _PATH.fullmatch(path):
            raise ValueError(f"not a path of the store: {path!r}")
        return f"{self.root}/{path}"

    def open(self, path: str) -> BinaryIO:
        """A file to read from, which can be searched in and knows its ``size``.

        :raises FileNotFoundError: it is not in the store.
        :raises Unavailable: the store cannot be reached.
        """
        with self.reached():
            return cast(BinaryIO, self.fs.open(self.address(path), "rb"))

    def delete(self, path: str) -> None:
        """Remove a file; no matter if it is gone already.

        :raises Unavailable: the store cannot be reached.
        """
        with self.reached(), contextlib.suppress(FileNotFoundError):
            self.fs.rm_file(self.address(path))

    def entries(self) -> Iterator[tuple[str, float]]:
        """Every finished file, relative to the store, and when it was written in seconds since 1970.

        One folder is read at a time: a list of all would not fit into memory for ever.

        :raises Unavailable: the store cannot be reached.
        """
        for folder in FOLDERS:
            yield from self._folder(folder)

    def _folder(self, folder: str) -> list[tuple[str, float]]:
        found = []
        with self.reached(), contextlib.suppress(FileNotFoundError):
            for entry in self.fs.ls(f"{self.root}/{folder}", detail=True):
                path = f"{folder}/{entry['name'].rpartition('/')[2]}"
                if entry["type"] == "file" and _PATH.fullmatch(path):
                    found.append((path, self._changed_at(entry)))
        return sorted(found)

    @staticmethod
    def _changed_at(entry: dict[str, Any]) -> float:
        return float(entry["mtime"])

    def paths(self) -> Iterator[str]:
        """Every finished file, relative to the store."""
        for path, _changed_at in self.entries():
            yield path

    def remove_unfinished(self, limit: float) -> int:
        """Remove drafts last written before an instant in seconds since 1970; gives their number."""
        return sum(_remove_if_old(draft, limit) for draft in self.temporary.glob("*"))

    @contextlib.contextmanager
    def reached(self) -> Iterator[None]:
        """Within it, what goes wrong on the way to the store becomes a refusal; a file not there stays so."""
        yield


class LocalStore(FileStore):
    """Files under one directory of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.temporary = root / "tmp"

    @functools.cached_property
    def fs(self) -> Any:
        """The local file system."""
        from fsspec.implementations.local import LocalFileSystem  # noqa: PLC0415 - see FileStore.fs

        return LocalFileSystem()

    def put(self, finished: Path, path: str) -> None:
        """Rename it to its place, and force the directory to disk."""
        target = self.locate(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        finished.replace(target)
        _sync_directory(target.parent)

    def locate(self, path: str) -> Path:
        """Where a file lies on disk.

        :raises ValueError: not a path of this store.
        """
        return Path(self.address(path))


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


def _remove_if_old(path: Path, limit: float) -> int:
    try:
        if path.stat().st_mtime >= limit:
            return 0
        path.unlink()
    except FileNotFoundError:  # another process sweeps too
        return 0
    return 1


def disk_full() -> Unavailable:
    """The refusal when nothing more can be written."""
    return Unavailable(
        Message("The disk of the server is full. Nothing was lost; tell the platform administrator.")
    )


def unreachable() -> Unavailable:
    """The refusal while the store does not answer."""
    return Unavailable(
        Message("The file store cannot be reached right now. Nothing was lost; try again in a minute.")
    )


def too_large(max_bytes: int) -> Invalid:
    """The refusal of a file above its limit."""
    return Invalid([Problem(Message("The file is larger than {limit}.", limit=readable_size(max_bytes)))])


def readable_size(size: int) -> str:
    """A size as people read it: ``10 MB``, ``1.5 MB``, ``12 KB``, ``10 B``."""
    if size >= 1024**2:
        return f"{size / 1024**2:.1f}".removesuffix(".0") + " MB"
    return f"{size / 1024:.0f} KB" if size >= 10 * 1024 else f"{size} B"
