"""Which store the running application keeps its files in: see ``FILES_URL`` in the settings."""

from __future__ import annotations

from pathlib import Path

from flask import current_app

from app.infra.files.bucket import BucketStore
from app.infra.files.store import FileStore, LocalStore


def file_store() -> FileStore:
    """The store of the running application: a directory under ``DATA_DIR``, or ``FILES_URL``'s bucket."""
    config = current_app.config
    directory = Path(config["DATA_DIR"]) / "files"
    url = config.get("FILES_URL", "")
    if not url:
        return LocalStore(directory)
    return BucketStore(
        url.removeprefix("s3://"),
        directory / "tmp",
        endpoint=config["FILES_S3_ENDPOINT"],
        region=config["FILES_S3_REGION"],
        key=config["FILES_S3_KEY"],
        secret=config["FILES_S3_SECRET"],
    )
