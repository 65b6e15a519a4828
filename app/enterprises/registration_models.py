"""Tables of registrations: what an enterprise enters before it is monitored, and the steps that took."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import MONEY_SCALE, ControlType, Enterprise, Industry, RegistrationType
from app.enterprises.registration_workflow import APPROVED, DRAFT, LONGEST_REASON, PENDING, STATE_LABELS
from app.infra.database import db
from app.infra.types import BigKey, Scaled, UtcDateTime
from app.organisations.models import Account, Admin, Region, one_of

_WAITING = text(f"state = '{PENDING}'")


def _text(longest: int) -> Any:
    return mapped_column(String(longest), default="", server_default="")


class EnterpriseRegistration(db.Model):
    """What one account enters of its enterprise, until an admin lets it in.

    A draft may be incomplete, so every fact may be missing. ``reviewer_id`` is the admin at whom it
    waits. While it waits no other registration with the same name or code can: the database itself
    says so. ``agreed_at`` is when the agreement was accepted.
    """

    __tablename__ = "enterprise_registration"
    __table_args__ = (
        one_of("state", tuple(STATE_LABELS)),
        CheckConstraint("revenue >= 0 AND employees >= 0 AND assets >= 0", name="figures"),
        CheckConstraint(f"(reviewer_id IS NOT NULL) = (state = '{PENDING}')", name="reviewer"),
        CheckConstraint(f"(enterprise_id IS NOT NULL) = (state = '{APPROVED}')", name="enterprise"),
        CheckConstraint(f"state = '{DRAFT}' OR submitted_at IS NOT NULL", name="submitted"),
        Index(
            "uq_enterprise_registration_waiting_name",
            "name_key",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(
            "uq_enterprise_registration_waiting_uscc",
            "uscc",
            unique=True,
            sqlite_where=_WAITING,
            postgresql_where=_WAITING,
        ),
        Index(None, "reviewer_id", "submitted_at"),
        Index(None, "region_id", "state"),
        Index(None, "state", "updated_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=DRAFT, server_default=DRAFT)
    name: Mapped[str] = _text(120)
    name_key: Mapped[str] = _text(120)
    uscc: Mapped[str] = _text(18)
    legal_representative: Mapped[str] = _text(60)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    industry_id: Mapped[int | None] = mapped_column(ForeignKey("industry.id"))
    registration_type_id: Mapped[int | None] = mapped_column(ForeignKey("registration_type.id"))
    control_type_id: Mapped[int | None] = mapped_column(ForeignKey("control_type.id"))
    figures_year: Mapped[int | None] = mapped_column(Integer)
    revenue: Mapped[Decimal | None] = mapped_column(Scaled(MONEY_SCALE))
    employees: Mapped[int | None] = mapped_column(Integer)
    assets: Mapped[Decimal | None] = mapped_column(Scaled(MONEY_SCALE))
    is_listed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    stock_code: Mapped[str] = _text(20)
    address: Mapped[str] = _text(200)
    postcode: Mapped[str] = _text(6)
    opened_on: Mapped[dt.date | None] = mapped_column(Date)
    main_products: Mapped[str] = mapped_column(Text, default="", server_default="")
    website: Mapped[str] = _text(200)
    contact_name: Mapped[str] = _text(60)
    phone: Mapped[str] = _text(30)
    fax: Mapped[str] = _text(30)
    mobile: Mapped[str] = _text(20)
    email: Mapped[str] = _text(120)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    return_reason: Mapped[str] = _text(LONGEST_REASON)
    enterprise_id: Mapped[int | None] = mapped_column(
        ForeignKey("enterprise.id", ondelete="CASCADE"), unique=True
    )
    agreed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    account: Mapped[Account] = relationship()
    region: Mapped[Region | None] = relationship()
    industry: Mapped[Industry | None] = relationship()
    registration_type: Mapped[RegistrationType | None] = relationship()
    control_type: Mapped[ControlType | None] = relationship()
    reviewer: Mapped[Admin | None] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship()
    steps: Mapped[list[RegistrationStep]] = relationship(
        back_populates="registration", order_by="RegistrationStep.id", cascade="all, delete-orphan"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name


class RegistrationStep(db.Model):
    """One step of a registration: who, when, from where to where, with which comment. Never changed.

    ``facts`` keeps what was submitted, so that a reviewer sees what was mended after a return.
    """

    __tablename__ = "registration_step"
    __unaudited__ = True  # it is itself a history
    __table_args__ = (Index(None, "registration_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("enterprise_registration.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))
    bureau_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    verb: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(String(LONGEST_REASON), default="", server_default="")
    facts: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    registration: Mapped[EnterpriseRegistration] = relationship(back_populates="steps")
