"""What holds of a directory holds of a bucket: whole files or nothing, ranges, sweeps, small memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from app.infra import files
from app.infra.database import db
from app.infra.files import BucketStore, FileStore, Gone, LocalStore, StoredFile
from app.infra.files import bucket as bucket_module
from app.infra.transactions import unit_of_work
from app.kernel.clock import UTC
from app.kernel.errors import Invalid, Unavailable
from tests.infra.files.conftest import KEY, SECRET, s3_server
from tools.ports import free_port

NOW = dt.datetime(2026, 5, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
LARGE = 40 * 1024**2
both = pytest.mark.parametrize("store", ["local", "bucket"], indirect=True)

HALF = """
import sys, time
from pathlib import Path
from app.infra.files import BucketStore
store = BucketStore(sys.argv[1], Path(sys.argv[2]), endpoint=sys.argv[3], region="us-east-1",
                    key=sys.argv[4], secret=sys.argv[5])
with store.writer("a.bin", "application/octet-stream") as draft:
    draft.handle.write(b"x" * 40 * 1024 ** 2)
    print("written", flush=True)
print("put", flush=True)
time.sleep(60)
"""


class Zeros(io.RawIOBase):
    """So many bytes that take no room."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        taken = self.left if size < 0 else min(size, self.left)
        self.left -= taken
        return bytes(taken)


def add_file(app: Flask, content: bytes = b"0123456789", expires: dt.datetime | None = None) -> StoredFile:
    with unit_of_work():
        stored = files.file_store().save(io.BytesIO(content), "月报.csv", "text/csv", 100, NOW)
        stored.expires_at = expires
        db.session.add(stored)
    return stored


def answer(app: Flask, stored: StoredFile, **headers: str) -> Any:
    with app.test_request_context(headers=headers):
        response = files.download(stored, NOW)
        body = b"".join(response.get_app_iter(request.environ))
        response.close()
    return response, body


@both
def test_a_file_comes_back_as_it_was(store: FileStore) -> None:
    stored = store.save(io.BytesIO(b"abc" * 100_000), "营业执照.pdf", "application/pdf", 1024**2, NOW)

    with store.open(stored.path) as handle:
        assert handle.read() == b"abc" * 100_000
        assert handle.seek(3) == 3 and handle.read(3) == b"abc"
    assert stored.digest == hashlib.sha256(b"abc" * 100_000).hexdigest()
    assert list(store.paths()) == [stored.path]
    assert list(store.temporary.glob("*")) == []


@both
def test_what_is_refused_in_the_middle_leaves_nothing(store: FileStore) -> None:
    with pytest.raises(Invalid):
        store.save(io.BytesIO(b"x" * 11), "a.txt", "text/plain", 10, NOW)
    with pytest.raises(RuntimeError), store.writer("a.csv", "text/csv") as draft:
        draft.handle.write(b"half")
        raise RuntimeError

    assert list(store.paths()) == []
    assert list(store.temporary.glob("*")) == []


@both
def test_a_deleted_file_is_gone_and_may_be_deleted_again(store: FileStore) -> None:
    stored = store.save(io.BytesIO(b"x"), "a.txt", "text/plain", 10, NOW)

    store.delete(stored.path)
    store.delete(stored.path)

    assert list(store.paths()) == []
    with pytest.raises(FileNotFoundError):
        store.open(stored.path)


@both
def test_a_large_file_goes_in_and_out_in_small_memory(stored_app: Flask, store: FileStore) -> None:
    store.save(io.BytesIO(b"warm"), "a", "text/plain", 10, NOW)  # what the library loads once is not counted
    tracemalloc.start()
    stored = store.save(Zeros(LARGE), "大.bin", "application/octet-stream", LARGE, NOW)
    with stored_app.test_request_context():
        response = files.download(stored, NOW)
        sent = sum(len(block) for block in response.response)
        response.close()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sent == stored.size == LARGE
    assert peak < (2 if isinstance(store, LocalStore) else 36) * 1024**2


@both
@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=-3", 206, b"789"),
        ("bytes=4-", 206, b"456789"),
    ],
)
def test_a_part_is_answered_as_a_part(
    stored_app: Flask, store: FileStore, asked: str, status: int, part: bytes
) -> None:
    response, body = answer(stored_app, add_file(stored_app), Range=asked)

    assert (response.status_code, body) == (status, part)
    assert response.content_length == len(part)


@both
def test_a_part_beyond_the_end_is_refused(stored_app: Flask, store: FileStore) -> None:
    with pytest.raises(RequestedRangeNotSatisfiable):
        answer(stored_app, add_file(stored_app), Range="bytes=20-")


@both
def test_who_has_the_file_already_gets_only_that_word(stored_app: Flask, store: FileStore) -> None:
    stored = add_file(stored_app)

    response, body = answer(stored_app, stored, **{"If-None-Match": f'"{stored.digest}"'})

    assert (response.status_code, body) == (304, b"")


@both
def test_a_file_that_the_store_has_lost_is_gone_and_no_fault(stored_app: Flask, store: FileStore) -> None:
    stored = add_file(stored_app)
    store.delete(stored.path)

    with stored_app.test_request_context(), pytest.raises(Gone):
        files.download(stored, NOW)


@both
def test_the_sweep_removes_what_has_expired_and_keeps_its_row(stored_app: Flask, store: FileStore) -> None:
    old = add_file(stored_app, expires=NOW)
    young = add_file(stored_app, expires=NOW + dt.timedelta(1))

    with unit_of_work():
        assert files.remove_expired(NOW) == 1

    assert db.session.get_one(StoredFile, old.id).removed_at == NOW
    assert list(store.paths()) == [young.path]


@both
def test_the_sweep_removes_old_orphans_and_nothing_else(stored_app: Flask, store: FileStore) -> None:
    kept = add_file(stored_app)
    store.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW)
    half = store.temporary / "half"
    half.write_bytes(b"x")

    assert files.remove_orphans(older_than=3600) == 0
    assert files.remove_orphans(older_than=-3600) == 2

    assert list(store.paths()) == [kept.path]
    assert not half.exists()


def away(tmp_path: Path) -> BucketStore:
    return BucketStore(
        "bucket/files",
        tmp_path / "scratch",
        endpoint=f"http://127.0.0.1:{free_port()}",
        region="us-east-1",
        key=KEY,
        secret=SECRET,
    )


def test_a_service_that_is_away_is_a_clear_refusal_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = away(tmp_path)
    monkeypatch.setattr(store.fs, "retries", 1)
    path = "ab/" + "0" * 40

    for ask in (
        lambda: store.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW),
        lambda: store.open(path),
        lambda: store.delete(path),
        lambda: list(store.paths()),
        lambda: store.remove_unfinished(0),
    ):
        with pytest.raises(Unavailable) as refusal:
            ask()
        assert "file store cannot be reached" in str(refusal.value.message)
        assert refusal.value.status == 503
    assert list(store.temporary.glob("*")) == []


def test_a_bucket_that_is_not_there_is_a_clear_refusal(bucket: BucketStore, tmp_path: Path) -> None:
    bucket.root = "no-such-bucket/files"

    with pytest.raises(Unavailable):
        bucket.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW)


def test_a_file_of_several_parts_comes_back_whole(
    bucket: BucketStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_module, "PART", 5 * 1024**2)
    content = os.urandom(12 * 1024**2)

    stored = bucket.save(io.BytesIO(content), "a.bin", "application/octet-stream", 2**30, NOW)

    with bucket.open(stored.path) as handle:
        assert hashlib.file_digest(handle, "sha256").hexdigest() == hashlib.sha256(content).hexdigest()  # type: ignore[arg-type]


def test_an_upload_that_was_never_finished_is_swept(bucket: BucketStore) -> None:
    name, _slash, prefix = bucket.root.partition("/")
    for key in (f"{prefix}/ab/" + "0" * 40, "others/file"):
        bucket.fs.call_s3("create_multipart_upload", Bucket=name, Key=key)

    assert bucket.remove_unfinished(0) == 0  # this service dates every upload to 2010
    assert bucket.remove_unfinished(time.time()) == 1

    assert bucket._uploads(name, f"{prefix}/") == []
    assert len(bucket._uploads(name, "others/")) == 1


@pytest.fixture
def killed(bucket: BucketStore, s3: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HALF, bucket.root, str(bucket.temporary), s3, KEY, SECRET],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("pause", [0.0, 0.05, 0.1, 0.2, 0.4])
def test_a_process_killed_on_the_way_leaves_the_whole_file_or_nothing(
    bucket: BucketStore, killed: subprocess.Popen[str], pause: float
) -> None:
    assert killed.stdout is not None and killed.stdout.readline() == "written\n"
    time.sleep(pause)
    killed.send_signal(signal.SIGKILL)
    killed.wait()

    for path in bucket.paths():
        with bucket.open(path) as handle:
            assert handle.seek(0, os.SEEK_END) == 40 * 1024**2
    bucket.remove_unfinished(time.time() + 3600)
    assert list(bucket.temporary.glob("*")) == []


def test_a_service_that_comes_back_takes_files_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = away(tmp_path)
    monkeypatch.setattr(store.fs, "retries", 1)
    with pytest.raises(Unavailable):
        store.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW)

    with s3_server(int(str(store._client["endpoint_url"]).rpartition(":")[2])):
        store.fs.call_s3("create_bucket", Bucket="bucket")
        stored = store.save(io.BytesIO(b"x"), "a", "text/plain", 10, NOW)

        assert list(store.paths()) == [stored.path]
