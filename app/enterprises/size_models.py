"""Tables of the size standards: which thresholds hold from which day on, and why they were entered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.size_tables import metrics_of, shipped_standards
from app.infra.database import db
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.texts import LocalText
from app.organisations.models import one_of

METRICS = ("revenue", "employees", "assets")
GROUPS = tuple(shipped_standards()[-1].groups)


class SizeStandard(db.Model):
    """A standard of enterprise sizes; it holds from ``in_force_from`` until the next one does."""

    __tablename__ = "size_standard"
    __table_args__ = (CheckConstraint("reason <> ''", name="reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    document: Mapped[LocalText] = mapped_column(LocalTextType)
    in_force_from: Mapped[dt.date] = mapped_column(Date, unique=True)
    reason: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    thresholds: Mapped[list[SizeThreshold]] = relationship(
        back_populates="standard", cascade="all, delete-orphan", order_by="SizeThreshold.id"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __getattr__(self, name: str) -> Any:
        """A threshold by the name that ``threshold_name`` gives it, for the fields of the form."""
        if name.startswith("limit_"):
            for limits in self.thresholds:
                for band in ("large", "medium", "small"):
                    if threshold_name(limits.size_group, limits.metric, band) == name:
                        return getattr(limits, band)
        raise AttributeError(name)

    def __str__(self) -> str:
        return self.code


class SizeThreshold(db.Model):
    """The least values of one metric of one size group; 千元 for money, persons for employees."""

    __tablename__ = "size_threshold"
    __table_args__ = (
        UniqueConstraint("standard_id", "size_group", "metric"),
        one_of("metric", METRICS),
        CheckConstraint("0 < small AND small < medium AND medium < large", name="bands"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    standard_id: Mapped[int] = mapped_column(ForeignKey("size_standard.id", ondelete="CASCADE"))
    size_group: Mapped[str] = mapped_column(String(5))
    metric: Mapped[str] = mapped_column(String(10))
    large: Mapped[Decimal] = mapped_column(Scaled(2))
    medium: Mapped[Decimal] = mapped_column(Scaled(2))
    small: Mapped[Decimal] = mapped_column(Scaled(2))

    standard: Mapped[SizeStandard] = relationship(back_populates="thresholds")


def threshold_name(group: str, metric: str, band: str) -> str:
    """The form field of a threshold: ``limit_G02_revenue_large``."""
    return f"limit_{group}_{metric}_{band}"


def threshold_names() -> list[str]:
    """The form fields of all thresholds, group by group."""
    return [
        threshold_name(group, metric, band)
        for group in GROUPS
        for metric in metrics_of(group)
        for band in ("large", "medium", "small")
    ]
