"""Tables of changes of key fields: what an enterprise asks to be called, and how that was decided."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Select, String, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.key_change_rules import KeyFacts
from app.enterprises.key_change_workflow import (
    AUTOMATIC,
    MANUAL,
    PENDING,
    RETURNED,
    ROUTE_LABELS,
    STATE_LABELS,
)
from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.types import BigKey, LocalTextType, UtcDateTime
from app.kernel.texts import LocalText
from app.organisations.accounts import NEXT_DUE
from app.organisations.models import Account, Admin, one_of

_OPEN = text(f"state = '{PENDING}'")
_DUE = text(f"state = '{PENDING}' AND route = '{AUTOMATIC}'")


class KeyChange(db.Model):
    """A change of 企业名称, 统一社会信用代码 or 所属行业 that an enterprise asked for.

    ``period`` is the month of the report that it froze. ``due_at`` is when the automatic review decides;
    a case that this refers has ``route`` manual and a ``reviewer_id``: the admin at whom it waits.
    An enterprise has one under way at most: the database itself says so.
    """

    __tablename__ = "key_change"
    __table_args__ = (
        one_of("state", tuple(STATE_LABELS)),
        one_of("route", tuple(ROUTE_LABELS)),
        CheckConstraint(
            f"(reviewer_id IS NOT NULL) = (state = '{PENDING}' AND route = '{MANUAL}')", name="reviewer"
        ),
        CheckConstraint(f"(decided_at IS NULL) = (state = '{PENDING}')", name="decided"),
        CheckConstraint(f"(reason IS NOT NULL) = (state = '{RETURNED}')", name="reason"),
        CheckConstraint("period BETWEEN 190001 AND 999912", name="period"),
        CheckConstraint(
            "old_name <> new_name OR old_uscc <> new_uscc OR old_industry_id <> new_industry_id",
            name="changed",
        ),
        Index("uq_key_change_open", "enterprise_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_key_change_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index(None, "enterprise_id", "asked_at"),
        Index(None, "reviewer_id", "asked_at"),
        Index(None, "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id", ondelete="CASCADE"))
    period: Mapped[int] = mapped_column(Integer)
    old_name: Mapped[str] = mapped_column(String(120))
    old_uscc: Mapped[str] = mapped_column(String(18))
    old_industry_id: Mapped[int] = mapped_column(ForeignKey("industry.id"))
    new_name: Mapped[str] = mapped_column(String(120))
    new_name_key: Mapped[str] = mapped_column(String(120))
    new_uscc: Mapped[str] = mapped_column(String(18))
    new_industry_id: Mapped[int] = mapped_column(ForeignKey("industry.id"))
    state: Mapped[str] = mapped_column(String(10), default=PENDING, server_default=PENDING)
    route: Mapped[str] = mapped_column(String(10), default=AUTOMATIC, server_default=AUTOMATIC)
    due_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[LocalText | None] = mapped_column(LocalTextType(none_as_null=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    enterprise: Mapped[Enterprise] = relationship()
    old_industry: Mapped[Industry] = relationship(foreign_keys=[old_industry_id])
    new_industry: Mapped[Industry] = relationship(foreign_keys=[new_industry_id])
    reviewer: Mapped[Admin | None] = relationship()
    asked_by: Mapped[Account | None] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[Account | None] = relationship(foreign_keys=[decided_by_id])
    steps: Mapped[list[KeyChangeStep]] = relationship(
        back_populates="change", order_by="KeyChangeStep.id", cascade="all, delete-orphan"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def old(self) -> KeyFacts:
        """Who the enterprise was when it asked."""
        return KeyFacts(self.old_name, self.old_uscc, self.old_industry_id, self.old_industry.section)

    @property
    def new(self) -> KeyFacts:
        """Who it asks to be."""
        return KeyFacts(self.new_name, self.new_uscc, self.new_industry_id, self.new_industry.section)

    def __str__(self) -> str:
        return self.new_name


class KeyChangeStep(db.Model):
    """One step of a change: who, when, from where to where, with which comment. Never changed."""

    __tablename__ = "key_change_step"
    __unaudited__ = True  # it is itself a history
    __table_args__ = (Index(None, "change_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("key_change.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))
    bureau_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    verb: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(10))
    comment: Mapped[LocalText | None] = mapped_column(LocalTextType(none_as_null=True))

    change: Mapped[KeyChange] = relationship(back_populates="steps")


def _next_due() -> Select[Any]:
    """When the automatic review decides next: a part of the statement that every request begins with."""
    return select(func.min(KeyChange.due_at)).where(KeyChange.state == PENDING, KeyChange.route == AUTOMATIC)


NEXT_DUE.append(_next_due)
