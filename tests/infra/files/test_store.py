"""The file store: whole files or nothing, any name on download, nothing that nobody refers to."""

from __future__ import annotations

import datetime as dt
import errno
import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.infra import files
from app.infra.database import db
from app.infra.files import Gone, LocalStore, StoredFile, disposition, tidy_name
from app.infra.files import store as store_module
from app.infra.transactions import unit_of_work
from app.kernel.clock import UTC
from app.kernel.errors import Invalid, Unavailable
from tests.infra.jobs_fixtures import jobs

__all__ = ["jobs"]

NOW = dt.datetime(2026, 5, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


def everything_under(store: LocalStore) -> list[str]:
    return sorted(path.name for path in store.root.rglob("*") if path.is_file())


def test_a_file_is_kept_under_a_random_name_with_size_and_digest(store: LocalStore) -> None:
    stored = store.save(io.BytesIO(b"abc" * 100_000), "营业执照.pdf", "application/pdf", 1024**2, NOW)

    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{40}", stored.path)
    assert (stored.name, stored.size) == ("营业执照.pdf", 300_000)
    assert stored.digest == hashlib.sha256(b"abc" * 100_000).hexdigest()
    assert store.locate(stored.path).read_bytes() == b"abc" * 100_000
    assert len(everything_under(store)) == 1


def test_a_file_above_its_limit_is_refused_and_leaves_nothing(store: LocalStore) -> None:
    with pytest.raises(Invalid) as refusal:
        store.save(io.BytesIO(b"x" * 11), "a.txt", "text/plain", 10, NOW)

    assert "larger than 10 B" in str(refusal.value.problems[0].message)
    assert everything_under(store) == []


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_gives_a_clear_refusal_and_no_orphan(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_args: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = {
        "write": (store_module._Counting, "write"),
        "fsync": (os, "fsync"),
        "replace": (Path, "replace"),
    }[call]
    monkeypatch.setattr(*target, full)

    with pytest.raises(Unavailable) as refusal:
        store.save(io.BytesIO(b"data"), "a.txt", "text/plain", 10, NOW)

    assert "disk of the server is full" in str(refusal.value.message)
    assert everything_under(store) == []


def test_a_really_full_disk_is_refused_as_well(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "files")

    with (
        pytest.raises(Unavailable),
        store.writer("a", "text/plain") as draft,
        Path("/dev/full").open("wb") as full,
    ):
        draft.handle.write(b"x")
        full.write(b"x" * 100_000)

    assert everything_under(store) == []


def test_an_error_in_the_middle_leaves_nothing(store: LocalStore) -> None:
    with pytest.raises(RuntimeError), store.writer("a.csv", "text/csv") as draft:
        draft.handle.write(b"half")
        raise RuntimeError

    assert everything_under(store) == []


def test_a_library_may_write_the_temporary_file_itself(store: LocalStore) -> None:
    with store.writer("a.xlsx", "application/zip") as draft:
        draft.temporary.write_bytes(b"workbook")

    stored = draft.stored(NOW)
    assert (stored.size, stored.digest) == (8, hashlib.sha256(b"workbook").hexdigest())


def test_a_file_that_a_library_made_too_large_is_refused(store: LocalStore) -> None:
    with pytest.raises(Invalid), store.writer("a.xlsx", "application/zip", max_bytes=4) as draft:
        draft.temporary.write_bytes(b"workbook")

    assert everything_under(store) == []


@pytest.mark.parametrize(
    "path", ["../secret", "/etc/passwd", "aa/../../x", "", "ab/" + "g" * 40, "ab/" + "0" * 40 + "\n"]
)
def test_nothing_outside_the_store_is_located(store: LocalStore, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        store.locate(path)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("2018年7月 月报.xlsx", "2018年7月 月报.xlsx"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("C:\\报表\\a.csv", "C_报表_a.csv"),
        ("a\x00b\r\n.csv", "ab.csv"),
        ("\u202egpj.exe", "gpj.exe"),
        ("...", "file"),
        ("", "file"),
        ("长" * 300 + ".xlsx", "长" * 195 + ".xlsx"),
    ],
)
def test_names_lose_paths_and_control_characters_only(given_name: str, kept: str) -> None:
    assert tidy_name(given_name) == kept


@given(st.text(max_size=400))
def test_any_name_makes_a_header_that_a_browser_can_read_back(name: str) -> None:
    header = disposition(name)

    header.encode("latin-1")
    plain, encoded = re.fullmatch(
        r"attachment; filename=\"([^\"]*)\"; filename\*=UTF-8''(\S+)", header
    ).groups()  # type: ignore[union-attr]
    assert plain.isascii()
    assert "\r" not in header
    assert "\n" not in header
    assert unquote(encoded) == tidy_name(name)


def add_file(app: Flask, expires: dt.datetime | None = None) -> StoredFile:
    with unit_of_work():
        stored = files.file_store().save(io.BytesIO(b"1,2\n"), "月报.csv", "text/csv", 100, NOW)
        stored.expires_at = expires
        db.session.add(stored)
    return stored


def test_a_download_is_an_attachment_that_browsers_do_not_guess_at(jobs: Flask) -> None:
    stored = add_file(jobs)

    with jobs.test_request_context():
        response = files.download(stored, NOW)
        response.direct_passthrough = False
        body = response.get_data()
        response.close()

    assert body == b"1,2\n"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="download.csv"; filename*=UTF-8'
    )
    assert "no-store" in response.headers["Cache-Control"]
    assert response.mimetype == "text/csv"


def test_a_file_past_its_time_is_gone_with_a_clear_message(jobs: Flask) -> None:
    stored = add_file(jobs, expires=NOW)

    with jobs.test_request_context(), pytest.raises(Gone) as refusal:
        files.download(stored, NOW)

    assert refusal.value.status == 410
    assert "limited time" in str(refusal.value.message)


def test_a_file_that_the_disk_has_lost_is_gone_and_no_fault(jobs: Flask) -> None:
    stored = add_file(jobs)
    files.file_store().delete(stored.path)

    with jobs.test_request_context(), pytest.raises(Gone):
        files.download(stored, NOW)


def test_the_sweep_removes_expired_files_and_keeps_their_rows(jobs: Flask) -> None:
    old, young, lasting = (
        add_file(jobs, expires=NOW),
        add_file(jobs, expires=NOW + dt.timedelta(1)),
        add_file(jobs),
    )

    with unit_of_work():
        removed = files.remove_expired(NOW)

    assert removed == 1
    assert db.session.get(StoredFile, old.id).removed_at == NOW  # type: ignore[union-attr]
    assert sorted(files.file_store().paths()) == sorted([young.path, lasting.path])


def test_the_sweep_removes_old_orphans_and_nothing_else(jobs: Flask) -> None:
    store = files.file_store()
    kept = add_file(jobs)
    with unit_of_work():  # a file whose row was never committed
        orphan = store.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW)
        fresh = store.save(io.BytesIO(b"x"), "b", "text/plain", 10, NOW)
    half = store.temporary / "half"
    half.write_bytes(b"x")
    for path in (store.locate(orphan.path), store.locate(kept.path), half):
        os.utime(path, (0, 0))

    removed = files.remove_orphans()

    assert removed == 2
    assert sorted(store.paths()) == sorted([kept.path, fresh.path])


def test_a_process_that_touches_no_file_loads_none_of_the_libraries(tmp_path: Path) -> None:
    words = (
        "import sys; from app import create_app; create_app({'LOG_LEVEL': 'ERROR'});"
        "print([name for name in ('fsspec', 's3fs', 'botocore', 'aiohttp') if name in sys.modules])"
    )
    environment = {
        **os.environ,
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": "",
        "FILES_URL": "s3://bucket/files",
    }
    done = subprocess.run(
        [sys.executable, "-c", words], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
