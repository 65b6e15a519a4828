"""Cleaning the store: files whose time ran out, files without a row, drafts of killed processes."""

from __future__ import annotations

import datetime as dt
import logging
import time
from itertools import islice

from sqlalchemy import select

from app.infra.database import db
from app.infra.files.models import StoredFile
from app.infra.files.places import file_store

log = logging.getLogger(__name__)

ORPHAN_AGE = 24 * 3600.0
"""Seconds after which a file of the store without a row is an orphan: longer than any transaction."""

BLOCK = 500


def remove_expired(now: dt.datetime) -> int:
    """Remove what has passed its time; call inside a unit of work. Gives the number removed."""
    store = file_store()
    query = (
        select(StoredFile).where(StoredFile.expires_at <= now, StoredFile.removed_at.is_(None)).limit(BLOCK)
    )
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
    removed = store.remove_unfinished(limit)
    old = (path for path, changed_at in store.entries() if changed_at < limit)
    while block := list(islice(old, BLOCK)):
        known = set(db.session.scalars(select(StoredFile.path).where(StoredFile.path.in_(block))))
        db.session.rollback()  # a store far away takes its time, and nobody should wait for this reading
        for path in block:
            if path not in known:
                store.delete(path)
                removed += 1
    if removed:
        log.info("removed %d orphaned files", removed)
    return removed
