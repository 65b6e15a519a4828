"""The tables of files: what is stored, and which record each file belongs to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files.names import MAX_NAME
from app.infra.types import BigKey, UtcDateTime


class StoredFile(db.Model):
    """One file of the store. Who may read it is decided by the record that refers to it.

    ``path`` is relative to the store, ``size`` in bytes, ``digest`` SHA-256 in hex. The row
    stays when the file is removed, so that a late visitor learns why. ``uploaded_by_id`` is the
    account that sent it; empty for what the platform wrote itself.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size"),
        Index("ix_stored_file_uploaded_by_id_expires_at", "uploaded_by_id", "expires_at"),
    )
    __unaudited__ = True  # the record that refers to the file is audited

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    path: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigKey)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True)
    removed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))


class Attachment(db.Model):
    """A stored file that belongs to a record: ``entity`` is a name of ``FILE_OWNERS``, ``owner_id`` its key.

    ``field`` tells several groups of files of one record apart; ``position`` counts from 1 within the group.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index("ix_attachment_entity_owner_id_field_position", "entity", "owner_id", "field", "position"),
        CheckConstraint("entity <> ''", name="entity"),
        CheckConstraint("position > 0", name="position"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    entity: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(BigKey)
    field: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    file_id: Mapped[int] = mapped_column(BigKey, ForeignKey("stored_file.id"), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    def __str__(self) -> str:
        return self.file.name
