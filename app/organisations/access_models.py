"""Tables of how accounts are entered: codes, links, kept passwords, tokens, outside identities, scans."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files import StoredFile
from app.infra.types import UtcDateTime
from app.kernel.clock import local_date
from app.organisations.models import Account, one_of
from app.organisations.terms import DOCUMENT_KINDS


class OneTimeCode(db.Model):
    """The last code for one purpose and one phone; the row is taken over by the next one.

    ``key`` and ``digest`` are keyed digests: the table alone gives neither phones nor codes.
    ``issue`` numbers the codes, ``used_at`` remembers that this one has been used.
    """

    __tablename__ = "one_time_code"
    __unaudited__ = True  # what is done with a code is audited

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    issue: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)


class ActivationLink(db.Model):
    """A link by which the owner of a new account sets its first password; good for one use."""

    __tablename__ = "activation_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()


class PasswordRecord(db.Model):
    """The hash of a password that an account had, so that it is not taken again."""

    __tablename__ = "password_record"
    __unaudited__ = True  # the change of the password itself is audited
    __table_args__ = (Index(None, "account_id", "set_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    password_hash: Mapped[str] = mapped_column(String(256))
    set_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class ApiToken(db.Model):
    """A personal token for programs; good while its tag is that of the account (see ``session_tag``).

    ``last_used_on`` is a day in Shanghai: one write a day, however often a program asks.
    """

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint("name <> ''", name="name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tag: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    last_used_on: Mapped[dt.date | None] = mapped_column(Date)

    account: Mapped[Account] = relationship()

    @property
    def last_day(self) -> dt.date:
        """The last day in Shanghai on which it holds."""
        return local_date(self.expires_at - dt.timedelta(seconds=1))


class ExternalIdentity(db.Model):
    """That a subject of an identity provider (OpenID Connect) is an account of ours."""

    __tablename__ = "external_identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(255))
    bound_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)


class IdentityDocument(db.Model):
    """A scan that an account handed in for 实名认证; the last of each kind counts."""

    __tablename__ = "identity_document"
    __table_args__ = (one_of("kind", DOCUMENT_KINDS), UniqueConstraint("account_id", "kind"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), index=True)
    submitted_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    account: Mapped[Account] = relationship()
    file: Mapped[StoredFile] = relationship()
