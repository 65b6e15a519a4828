"""What people do with imports: upload a file, look at it, confirm it, cancel it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app.infra import audit, scope
from app.infra.database import db
from app.infra.exports import CSV, XLSX
from app.infra.files import file_store
from app.infra.imports.models import ImportBatch
from app.infra.imports.rules import BatchState, Standing, refuse_confirmation, standing_of
from app.infra.imports.spec import ImportSpec, all_imports, find_import
from app.infra.imports.work import APPLY, CHECK
from app.infra.jobs import Job, enqueue
from app.infra.jobs.models import PUBLIC_ID_LENGTH
from app.infra.jobs.queue import engine
from app.infra.jobs.service import cancel_queued, machine_now
from app.infra.settings import Setting, SettingGroup, declare, value
from app.infra.settings.shipped import RESULT_DAYS
from app.infra.sheets import check_file
from app.infra.sheets.limits import USUAL
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound, Problem
from app.kernel.texts import Message

PREVIEW_HOURS = "import.preview_hours"
KEY_LENGTH = 64

declare(
    [
        Setting(
            PREVIEW_HOURS,
            SettingGroup.FILES,
            Message("How long the preview of an import holds"),
            Message("Afterwards it cannot be confirmed any more, and the file has to be uploaded again."),
            "number",
            24,
            minimum=1,
            maximum=168,
            unit=Message("hours"),
        )
    ]
)


def visible_imports(actor: Actor, _today: dt.date) -> ColumnElement[bool]:
    """Everybody's own imports."""
    return false() if actor.account_id is None else ImportBatch.owner_id == actor.account_id


scope.register(ImportBatch, visible_imports)


def upload(
    actor: Actor,
    name: str,
    content: bytes,
    file_name: str,
    key: str,
    language: str,
    now: dt.datetime,
    options: Mapping[str, str] | None = None,
) -> ImportBatch:
    """Keep a file and have it checked; the same key gives the same batch again.

    :param options: what was chosen at the upload, for an import whose columns depend on it.
    :raises NotFound: no such import, or not what was chosen. :raises Forbidden: not the actor's to use.
    :raises Invalid: a file that must not be read.
    """
    spec = find_import(name, actor)
    spec.shaped(actor, options or {}, now)
    if not (key.isalnum() and len(key) <= KEY_LENGTH):
        raise Invalid(
            [Problem(Message("The key of this request is not valid. Reload the page and try again."))]
        )
    known = _with_key(actor, key)
    if known is not None:
        return known
    kind = XLSX if check_file(content) else CSV
    stored = file_store().save(io.BytesIO(content), file_name, kind.media_type, USUAL.size, machine_now())
    stored.expires_at = machine_now() + dt.timedelta(days=value(RESULT_DAYS, now))
    batch = ImportBatch(
        spec=spec.name,
        owner_id=actor.account_id,
        idempotency_key=key,
        file=stored,
        language=language,
        options=dict(options or {}),
        created_at=now,
    )
    db.session.add(batch)
    db.session.flush()
    batch.check_job_id = enqueue(CHECK, actor, _params(batch), f"{batch.public_id}/check").id
    after = {"file": stored.name, "digest": stored.digest, "size": stored.size, **batch.options}
    audit.record(actor, "import_upload", spec.name, batch.public_id, after=after)
    db.session.flush()
    return batch


def confirm(actor: Actor, public_id: str, mode: str, now: dt.datetime) -> ImportBatch:
    """Have the rows of a checked batch written; confirming again what is confirmed changes nothing.

    :param mode: ``all`` or ``valid``.
    :raises NotFound: not the actor's. :raises Forbidden: the right was taken away meanwhile.
    :raises Conflict, Invalid: see ``refuse_confirmation``.
    """
    batch = find(actor, public_id, lock=True)
    spec = find_import(batch.spec, actor)
    standing = standing_now(batch, now)
    if standing in (Standing.APPLYING, Standing.DONE):
        return batch
    refuse_confirmation(standing, mode, batch.counted, batch.valid)
    batch.state, batch.mode = BatchState.APPLYING, mode
    batch.confirmations += 1
    key = f"{batch.public_id}/apply/{batch.confirmations}"
    batch.apply_job_id = enqueue(APPLY, actor, _params(batch), key).id
    audit.record(
        actor, "import_confirm", spec.name, batch.public_id, after={"mode": mode, "rows": batch.valid}
    )
    db.session.flush()
    return batch


def cancel(actor: Actor, public_id: str, now: dt.datetime) -> None:
    """Give an import up: a job that works on it is stopped, and what it has written so far undone.

    Opens units of work itself, since the flag beside the database comes first: the job that is to
    stop may hold SQLite's only write lock.

    :raises NotFound: not the actor's. :raises Conflict: it is over.
    """
    batch = find(actor, public_id)
    standing = standing_now(batch, now)
    if standing not in (Standing.CHECKING, Standing.APPLYING, Standing.READY):
        raise Conflict(Message("This import is over already; there is nothing to cancel."))
    found = current_job(batch)
    if found is not None and found.is_open:
        engine().progress.ask_cancel(found.public_id)
        try:
            with unit_of_work():
                cancel_queued(actor, found.public_id)
        except OperationalError:
            return  # the job holds the lock and will see the flag
        return
    with unit_of_work():
        locked = find(actor, public_id, lock=True)
        if standing_now(locked, now) is Standing.READY:
            locked.state, locked.mode = BatchState.CANCELLED, ""
            audit.record(actor, "import_cancel", locked.spec, locked.public_id)


def find(actor: Actor, public_id: str, *, lock: bool = False) -> ImportBatch:
    """A batch with its file and jobs.

    :raises NotFound: there is none, or it is not the actor's.
    """
    if len(public_id) != PUBLIC_ID_LENGTH or not public_id.isalnum():
        raise NotFound
    query = select(ImportBatch).where(ImportBatch.public_id == public_id, visible_imports(actor, dt.date.min))
    query = query.options(
        joinedload(ImportBatch.file),
        joinedload(ImportBatch.check_job).joinedload(Job.result),
        joinedload(ImportBatch.apply_job).joinedload(Job.result),
    ).execution_options(populate_existing=True)
    found = db.session.scalars(query.with_for_update(of=ImportBatch) if lock else query).one_or_none()
    if found is None:
        raise NotFound
    return found


def current_job(batch: ImportBatch) -> Job | None:
    """The job that works on a batch, or did last."""
    return batch.apply_job if batch.state in (BatchState.APPLYING, BatchState.DONE) else batch.check_job


def standing_now(batch: ImportBatch, now: dt.datetime) -> Standing:
    """How far a batch is."""
    found = current_job(batch)
    kept = dt.timedelta(hours=value(PREVIEW_HOURS, now))
    return standing_of(batch.state, found.state if found else "", batch.checked_at, now, kept)


def spec_of(batch: ImportBatch, actor: Actor, now: dt.datetime) -> ImportSpec:
    """The declaration of a batch; its owner may look at it even after the right to use it was taken away.

    :raises NotFound: this version of the program has it no longer.
    """
    spec = all_imports().get(batch.spec)
    if spec is None:
        raise NotFound
    return spec.shaped(actor, batch.options, now)


def _with_key(actor: Actor, key: str) -> ImportBatch | None:
    query = select(ImportBatch).where(
        ImportBatch.owner_id == actor.account_id, ImportBatch.idempotency_key == key
    )
    return db.session.scalars(query).one_or_none()


def _params(batch: ImportBatch) -> dict[str, Any]:
    return {
        "batch": batch.public_id,
        "spec": batch.spec,
        "path": batch.file.path,
        "language": batch.language,
        "options": batch.options,
    }
