"""Tables of the inbox and of notices."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files import Attachment
from app.infra.files.attachments import files_of
from app.infra.types import BigKey, UtcDateTime

TITLE_LENGTH = 120
PUBLISHER_LENGTH = 100


class InboxMessage(db.Model):
    """One message to one account; ``title`` and ``body`` are words that are said in the reader's language.

    ``key`` makes a message unique for its account: telling it again tells nothing.
    """

    __tablename__ = "inbox_message"
    __unaudited__ = True  # what causes a message is audited; reading it is the reader's own affair
    __table_args__ = (
        Index(None, "account_id", "read_at", "id"),
        UniqueConstraint("key", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[Any] = mapped_column(JSON)
    body: Mapped[Any] = mapped_column(JSON)
    url: Mapped[str] = mapped_column(String(200), default="", server_default="")
    key: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class NoticeKind(StrEnum):
    """Whose word a notice is."""

    BUREAU = "bureau"  # 通知公告
    PLATFORM = "platform"  # 平台公告


def _listed(values: type[StrEnum]) -> str:
    return ", ".join(f"'{value}'" for value in values)


class Notice(db.Model):
    """A text for an audience. ``edition`` counts its publications: readers confirm the one they read.

    ``everywhere`` is for every place; else ``regions`` with all below them say where. ``unplaced`` is
    also for those kinds of accounts whose place is not known. ``publisher`` is what readers see as
    the author, kept as it was at publication.
    """

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_listed(NoticeKind)})", name="kind"),
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'draft') = (published_at IS NULL)", name="published"),
        CheckConstraint("(state = 'draft') = (edition = 0)", name="edition"),
        Index(None, "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    body: Mapped[str] = mapped_column(Text)
    on_top: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    must_read: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    everywhere: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    unplaced: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    state: Mapped[str] = mapped_column(String(10), default="draft", server_default="draft")
    edition: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    author_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    publisher: Mapped[str] = mapped_column(String(PUBLISHER_LENGTH), default="", server_default="")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    author: Mapped[Any] = relationship("Account")
    regions: Mapped[list[Any]] = relationship("Region", secondary="notice_region", order_by="Region.code")
    audience: Mapped[list[NoticeAudience]] = relationship(cascade="all, delete-orphan")
    steps: Mapped[list[NoticeStep]] = relationship(cascade="all, delete-orphan", order_by="NoticeStep.id")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def kinds(self) -> list[str]:
        """The kinds of accounts that it is for."""
        return sorted(part.kind for part in self.audience)

    @property
    def files(self) -> list[Attachment]:
        """What goes with the text, in its order; each call asks the database."""
        return files_of(self, "files")

    def __str__(self) -> str:
        return self.title


class NoticeAudience(db.Model):
    """A kind of accounts that a notice is for."""

    __tablename__ = "notice_audience"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)


class NoticeRegion(db.Model):
    """A region that a notice is for, with everything below it."""

    __tablename__ = "notice_region"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True, index=True)


class NoticeStep(db.Model):
    """A step of a notice: who, when, from, to, and why."""

    __tablename__ = "notice_step"
    __unaudited__ = True  # it is itself a history

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"), index=True)
    verb: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(String(500), default="", server_default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(PUBLISHER_LENGTH))


class NoticeReader(db.Model):
    """An account that an edition of a notice was given to, and whether it read and confirmed it."""

    __tablename__ = "notice_reader"
    __unaudited__ = True  # reading is the reader's own affair; the row itself says when
    __table_args__ = (
        UniqueConstraint("notice_id", "edition", "account_id"),
        CheckConstraint("acknowledged_at IS NULL OR read_at IS NOT NULL", name="acknowledged"),
        Index(None, "account_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id", ondelete="CASCADE"))
    edition: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    read_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    notice: Mapped[Notice] = relationship()
    account: Mapped[Any] = relationship("Account")

    def __str__(self) -> str:
        return str(self.account)
