"""Both kinds of store: a directory, and a bucket of an S3 service that runs on this machine."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.infra.database import db
from app.infra.files import BucketStore, FileStore, LocalStore
from tests.infra import jobs_app
from tests.infra.jobs_fixtures import jobs
from tests.infra.scratch import scratch_database
from tools.ports import free_port

__all__ = ["jobs"]

KEY, SECRET = "key-of-the-tests", "secret-of-the-tests"


@contextlib.contextmanager
def s3_server(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """An S3 service that keeps everything in memory, answering."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None and time.monotonic() < deadline, "the S3 service does not start"
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        port = free_port()
        with s3_server(port):
            yield f"http://127.0.0.1:{port}"


@pytest.fixture
def bucket(s3: str, tmp_path: Path, request: pytest.FixtureRequest) -> BucketStore:
    """A store in a bucket of its own."""
    name = f"bucket-{abs(hash(request.node.nodeid)):x}"
    store = BucketStore(
        f"{name}/platform/files",
        tmp_path / "files" / "tmp",
        endpoint=s3,
        region="us-east-1",
        key=KEY,
        secret=SECRET,
    )
    store.fs.call_s3("create_bucket", Bucket=name)
    return store


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """The store that a test asks for by ``indirect``; a directory unless told."""
    kind = getattr(request, "param", "local")
    if kind == "local":
        return LocalStore(tmp_path / "files")
    found: FileStore = request.getfixturevalue("bucket")
    return found


def settings_of(store: FileStore) -> dict[str, Any]:
    """The settings with which an application keeps its files in a store."""
    if not isinstance(store, BucketStore):
        return {}
    return {
        "FILES_URL": f"s3://{store.root}",
        "FILES_S3_ENDPOINT": store.fs.client_kwargs["endpoint_url"],
        "FILES_S3_REGION": "us-east-1",
        "FILES_S3_KEY": KEY,
        "FILES_S3_SECRET": SECRET,
    }


@pytest.fixture
def stored_app(store: FileStore, tmp_path: Path) -> Iterator[Flask]:
    """The small application of the jobs with its files in ``store``."""
    with scratch_database(tmp_path) as url:
        app = jobs_app.make_app(tmp_path, url, **settings_of(store))
        jobs_app.create_tables(app)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()
