"""The file store: uploads and results, on this machine's disk or in a bucket, never under static.

**stored file** a row and the bytes that it stands for; its record decides who may read it.
**draft** a file being written. **attachment** a stored file that belongs to a record (see ``attachments``).

A page that takes files uses ``field.FileField`` and ``attachments.keep_files``; a job writes its result
through ``JobContext.result_file``; whoever has bytes of his own uses ``file_store().save`` and ``download``.
"""

from app.infra.files.bucket import BucketStore
from app.infra.files.models import Attachment, StoredFile
from app.infra.files.names import disposition, tidy_name
from app.infra.files.places import file_store
from app.infra.files.serving import Gone, download
from app.infra.files.store import (
    DISK_FULL,
    MAX_RESULT_BYTES,
    Draft,
    FileStore,
    LocalStore,
    disk_full,
    too_large,
    unreachable,
)
from app.infra.files.sweeping import ORPHAN_AGE, remove_expired, remove_orphans

__all__ = [
    "DISK_FULL",
    "MAX_RESULT_BYTES",
    "ORPHAN_AGE",
    "Attachment",
    "BucketStore",
    "Draft",
    "FileStore",
    "Gone",
    "LocalStore",
    "StoredFile",
    "disk_full",
    "disposition",
    "download",
    "file_store",
    "remove_expired",
    "remove_orphans",
    "tidy_name",
    "too_large",
    "unreachable",
]
