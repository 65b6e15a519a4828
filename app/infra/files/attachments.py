"""Files of a record: kept with it, served to whoever may see it, gone with it.

``FILE_OWNERS`` of the wiring names the models that can have files. The scope of such a model decides who
may read them, and for records that are published to others what ``also_read`` says; there is no other
right to a file.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Connection, delete, event, func, inspect, or_, select, update

from app.infra import context, scope
from app.infra.content import Accepted
from app.infra.database import db
from app.infra.files.models import Attachment, StoredFile
from app.infra.files.places import file_store
from app.infra.files.store import readable_size
from app.infra.registries import table
from app.infra.transactions import CHANGED_MEANWHILE, unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound, Overtaken, Problem
from app.kernel.texts import Message

UPLOAD_KEPT = dt.timedelta(days=1)
"""How long an upload waits for its form to be mended."""

MOST_WAITING = 60
"""Uploads of one account that may wait at a time: 600 MB at most."""


_readers: dict[type, scope.Scope] = {}


def also_read(model: type, readers: scope.Scope) -> None:
    """Say which rows of ``model`` an actor reads without administering them, such as what is published.

    Their files are then readable too; nothing else follows from it: pages go by the scope alone.
    """
    _readers[model] = readers


@dataclass(frozen=True, slots=True)
class FileSet:
    """The files that a form leaves: keys of attachments that stay, and of uploads that are new."""

    kept: tuple[int, ...] = ()
    added: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.kept) + len(self.added)


def keep_upload(actor: Actor, accepted: Accepted, now: dt.datetime) -> StoredFile:
    """Store a judged upload at once, so that a form that comes back with errors still has it.

    It belongs to nothing yet, and goes after a day unless ``keep_files`` gives it to a record.

    :raises Forbidden: nobody is signed in. :raises Invalid: too many uploads of this account wait already.
    :raises Unavailable: the disk is full, or the store cannot be reached.
    """
    if actor.account_id is None:
        raise Forbidden(Message("Sign in to send files."))
    with unit_of_work():
        waiting = select(func.count()).where(
            StoredFile.uploaded_by_id == actor.account_id, StoredFile.expires_at > now
        )
        if db.session.scalar(waiting) >= MOST_WAITING:
            raise Invalid(
                [Problem(Message("You have sent too many files without saving. Try again tomorrow."))]
            )
        stored = store_upload(actor, accepted, now)
        stored.expires_at = now + UPLOAD_KEPT
    return stored


def store_upload(actor: Actor, accepted: Accepted, now: dt.datetime) -> StoredFile:
    """Store a judged upload for a row that refers to it, inside the unit of work that writes this row.

    :raises Unavailable: the disk is full, or the store cannot be reached.
    """
    content = io.BytesIO(accepted.content)
    stored = file_store().save(content, accepted.name, accepted.media_type, len(accepted.content), now)
    stored.uploaded_by_id = actor.account_id
    db.session.add(stored)
    db.session.flush()
    return stored


def waiting_uploads(actor: Actor, keys: Sequence[int], now: dt.datetime) -> list[StoredFile]:
    """The actor's own uploads that wait for a record, in the order of the keys; the others are left out."""
    found = {
        stored.id: stored
        for stored in db.session.scalars(
            select(StoredFile).where(
                StoredFile.id.in_(keys),
                StoredFile.uploaded_by_id == actor.account_id,
                StoredFile.expires_at > now,
                StoredFile.removed_at.is_(None),
            )
        )
    }
    return [found[key] for key in keys if key in found]


def keep_files(
    actor: Actor, owner: Any, field: str, files: FileSet, now: dt.datetime, most: int
) -> list[Attachment]:
    """Make these the files of a record: what is left out goes, what is new comes last.

    Call it in the unit of work that writes the record, after the record has its key.

    :param field: which group of the record's files; the name of the form's field, for its problems.
    :raises Invalid: an upload has waited too long, or there are more than ``most``.
    :raises Overtaken: somebody removed one of the files meanwhile.
    """
    if len(files) > most:
        raise Invalid([Problem(Message("At most {most} files.", most=most), field)])
    current = files_of(owner, field)
    if not set(files.kept) <= {attachment.id for attachment in current}:
        raise Overtaken(CHANGED_MEANWHILE)
    uploads = waiting_uploads(actor, files.added, now)
    if len(uploads) != len(files.added):
        raise Invalid([Problem(upload_gone(), field)])
    for attachment in current:
        if attachment.id not in files.kept:
            attachment.file.expires_at = now
            db.session.delete(attachment)
    position = max((attachment.position for attachment in current), default=0)
    for number, stored in enumerate(uploads, position + 1):
        stored.expires_at = None
        db.session.add(
            Attachment(
                entity=entity_of(type(owner)),
                owner_id=_key_of(owner),
                field=field,
                position=number,
                file=stored,
                created_at=now,
            )
        )
    db.session.flush()
    return files_of(owner, field)


def files_of(owner: Any, field: str = "") -> list[Attachment]:
    """The files of a record in their order; of one field, or of all."""
    query = select(Attachment).where(
        Attachment.entity == entity_of(type(owner)), Attachment.owner_id == _key_of(owner)
    )
    if field:
        query = query.where(Attachment.field == field)
    return list(db.session.scalars(query.order_by(Attachment.field, Attachment.position)))


def find_attachment(key: object, actor: Actor, today: dt.date) -> Attachment:
    """A file of a record that the actor sees or reads.

    :raises NotFound: there is none, or its record is not for this actor; the two look the same.
    """
    attachment = db.session.get(Attachment, scope.parse_key(key, int))
    if attachment is None:
        raise NotFound
    model = table("FILE_OWNERS").get(attachment.entity)
    if model is None:
        raise NotFound
    if not _may_read(model, attachment.owner_id, actor, today):
        raise NotFound
    return attachment


def _may_read(model: Any, key: int, actor: Actor, today: dt.date) -> bool:
    allowed = scope.scope_of(model)(actor, today)
    if model in _readers:
        allowed = or_(allowed, _readers[model](actor, today))
    column = inspect(model).primary_key[0]
    return db.session.scalar(select(column).where(column == key, allowed)) is not None


def entity_of(model: type) -> str:
    """The name of a model in ``FILE_OWNERS``.

    :raises LookupError: records of this model have no files; nobody could read them.
    """
    for name, owner in table("FILE_OWNERS").items():
        if owner is model:
            return str(name)
    raise LookupError(f"{model.__name__} is not among FILE_OWNERS")


def upload_gone() -> Message:
    """What is said of an upload that has waited for more than a day, or that never was."""
    return Message("A file that you sent was kept for a day and is gone. Send it again.")


def init_attachments(app: Flask) -> None:
    """Let the files of a record go when the record is deleted, by whoever deletes it."""
    app.jinja_env.globals["readable_size"] = readable_size
    for name, model in app.extensions["wiring"]["FILE_OWNERS"].items():
        follow_deletions(name, model)


def follow_deletions(name: str, model: type) -> None:
    """Release the files of a deleted record in the same transaction; the next sweep removes them."""

    def release(_mapper: object, connection: Connection, row: Any) -> None:
        mine = (Attachment.entity == name) & (Attachment.owner_id == _key_of(row))
        files = select(Attachment.file_id).where(mine)
        connection.execute(
            update(StoredFile.__table__).where(StoredFile.id.in_(files)).values(expires_at=context.now())
        )
        connection.execute(delete(Attachment.__table__).where(mine))

    event.listen(model, "after_delete", release)


def _key_of(row: Any) -> int:
    return int(inspect(row).identity[0])
