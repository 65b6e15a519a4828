"""Files in a bucket of an S3 service, for installations with several machines.

An object of S3 exists only when all of it has arrived, so putting one is the step that publishes it.
The library (``requirements-s3.txt``) is loaded by the first request that touches a file.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.infra.files.store import DISK_FULL, FileStore, unreachable

log = logging.getLogger(__name__)

READ_BLOCK = 1 << 20
"""Bytes that are fetched at a time when a file is read: a download never holds more than a few of these."""

PART = 8 * 1024**2
"""Bytes of a part of a large file on its way up."""

PARTS_AT_A_TIME = 2
PATIENCE = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 1}}


class BucketStore(FileStore):
    """Files under one prefix of a bucket.

    :param root: bucket and prefix, such as ``platform/files``. :param scratch: where drafts are written.
    :param key: empty where the machine has a role of its own.
    """

    def __init__(
        self,
        root: str,
        scratch: Path,
        *,
        endpoint: str = "",
        region: str = "",
        key: str = "",
        secret: str = "",
    ) -> None:
        self.root = root.strip("/")
        self.temporary = scratch
        self._account = {"key": key or None, "secret": secret or None}
        names = {"endpoint_url": endpoint, "region_name": region}
        self._client = {name: value for name, value in names.items() if value}

    @functools.cached_property
    def fs(self) -> Any:
        """The bucket as a file system; fsspec keeps one for each process and thread."""
        from s3fs import S3FileSystem  # noqa: PLC0415 - see FileStore.fs

        return S3FileSystem(
            **self._account,
            client_kwargs=self._client,
            config_kwargs=PATIENCE,
            use_listings_cache=False,  # other processes write too
            default_cache_type="readahead",
            default_block_size=READ_BLOCK,
        )

    def put(self, finished: Path, path: str) -> None:
        """Send it up, in parts if it is large; the object appears with the last of them."""
        with self.reached():
            try:
                self.fs.put_file(
                    str(finished), self.address(path), chunksize=PART, max_concurrency=PARTS_AT_A_TIME
                )
            except FileNotFoundError as error:  # the bucket, since the draft lies here
                log.exception("the bucket of FILES_URL is not there")
                raise unreachable() from error

    def remove_unfinished(self, limit: float) -> int:
        """Drafts on the local disk, and uploads whose process was killed between two parts."""
        removed = super().remove_unfinished(limit)
        bucket, _slash, prefix = self.root.partition("/")
        with self.reached():
            for upload in self._uploads(bucket, f"{prefix}/" if prefix else ""):
                if upload["Initiated"].timestamp() < limit:
                    self.fs.call_s3(
                        "abort_multipart_upload",
                        Bucket=bucket,
                        Key=upload["Key"],
                        UploadId=upload["UploadId"],
                    )
                    removed += 1
        return removed

    def _uploads(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """The first thousand unfinished uploads; the next round finds the others."""
        answer = self.fs.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=prefix)
        return list(answer.get("Uploads", ()))

    @staticmethod
    def _changed_at(entry: dict[str, Any]) -> float:
        return float(entry["LastModified"].timestamp())

    @contextlib.contextmanager
    def reached(self) -> Iterator[None]:
        """Within it, a service that does not answer becomes a refusal; a full local disk stays what it is."""
        from aiohttp import ClientError as ConnectionLost  # noqa: PLC0415 - see FileStore.fs
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - see FileStore.fs

        try:
            yield
        except FileNotFoundError:
            raise
        except (TimeoutError, OSError, BotoCoreError, ClientError, ConnectionLost) as error:
            if getattr(error, "errno", None) in DISK_FULL:
                raise
            log.exception("the file store of FILES_URL does not answer")
            raise unreachable() from error
