"""Tables of warning points and of the dictionaries that describe what they watch."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.early_warnings.terms import BATCHES, DUTIES, LEVELS
from app.enterprises.models import DictionaryEntry, validity_check
from app.infra.database import db
from app.infra.types import LocalTextType, UtcDateTime
from app.kernel.texts import LocalText
from app.organisations.models import Account, Region, one_of
from app.organisations.terms import STATES

NAME_LENGTH = 120
PERSON_LENGTH = 40
LONGEST_INTRODUCTION = 4000


class NamedEntry(DictionaryEntry):
    """An entry that is called by its name alone."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)

    @property
    def label(self) -> LocalText:
        """What it is called in lists and selects."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


class TradeSector(NamedEntry, db.Model):
    """外贸行业: a sector of foreign trade with the HS chapters that usually belong to it."""

    __tablename__ = "trade_sector"
    __table_args__ = (validity_check(),)

    code: Mapped[str] = mapped_column(String(20), unique=True)
    chapters: Mapped[str] = mapped_column(String(200), default="", server_default="")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class WarningCategory(NamedEntry, db.Model):
    """预警类别: the kind of measure or risk; ``is_remedy`` marks 两反一保, the classical trade remedies."""

    __tablename__ = "warning_category"
    __table_args__ = (validity_check(),)

    code: Mapped[str] = mapped_column(String(20), unique=True)
    field: Mapped[LocalText] = mapped_column(LocalTextType)
    is_remedy: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Country(NamedEntry, db.Model):
    """国别地区: a country or area of ISO 3166, or a bloc of them, whose ``members`` are their codes."""

    __tablename__ = "country"
    __table_args__ = (one_of("kind", ("country", "bloc")), validity_check())

    code: Mapped[str] = mapped_column(String(10), unique=True)
    alpha3: Mapped[str] = mapped_column(String(3), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(8))
    members: Mapped[str] = mapped_column(String(200), default="", server_default="")


class HsChapter(DictionaryEntry, db.Model):
    """A chapter of the Harmonized System, 01 to 97 without 77."""

    __tablename__ = "hs_chapter"
    __table_args__ = (validity_check(),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    section: Mapped[int] = mapped_column(Integer)

    @property
    def label(self) -> LocalText:
        """Chapter and name."""
        return LocalText(f"{self.code} {self.name.zh}", f"{self.code} {self.name.en}")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class WarningPoint(db.Model):
    """预警点: an organisation that watches the trade of its sector, and what is known of it.

    ``account_id`` is the account by which it posts. ``note`` is for the bureau alone, such as a
    place that does not fit the name.
    """

    __tablename__ = "warning_point"
    __table_args__ = (
        one_of("level", LEVELS),
        one_of("state", STATES),
        CheckConstraint("name <> ''", name="name"),
        CheckConstraint(f"batch BETWEEN 1 AND {BATCHES}", name="batch"),
        Index(None, "region_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_key: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True)
    level: Mapped[str] = mapped_column(String(12))
    batch: Mapped[int | None] = mapped_column(Integer)
    host: Mapped[str] = mapped_column(String(NAME_LENGTH))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"))
    sector_id: Mapped[int | None] = mapped_column(ForeignKey("trade_sector.id"), index=True)
    introduction: Mapped[str] = mapped_column(Text, default="", server_default="")
    address: Mapped[str] = mapped_column(String(NAME_LENGTH), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    region: Mapped[Region] = relationship()
    sector: Mapped[TradeSector | None] = relationship()
    account: Mapped[Account | None] = relationship()
    staff: Mapped[list[PointStaff]] = relationship(
        back_populates="point", order_by="PointStaff.duty, PointStaff.position, PointStaff.id"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def missing(self) -> list[str]:
        """Names of the parts of the basic information that are still empty; a head must be named."""
        parts = [
            name for name in ("introduction", "address", "phone", "sector_id") if not getattr(self, name)
        ]
        return parts if any(person.duty == "head" for person in self.staff) else [*parts, "head"]

    def __str__(self) -> str:
        return self.name


class PointStaff(db.Model):
    """预警负责人 or 工作人员 of a point."""

    __tablename__ = "warning_point_staff"
    __table_args__ = (
        one_of("duty", DUTIES),
        CheckConstraint("name <> ''", name="name"),
        UniqueConstraint("point_id", "duty", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("warning_point.id"))
    duty: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(PERSON_LENGTH))
    title: Mapped[str] = mapped_column(String(PERSON_LENGTH), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")
    mobile: Mapped[str] = mapped_column(String(20), default="", server_default="")
    email: Mapped[str] = mapped_column(String(100), default="", server_default="")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    point: Mapped[WarningPoint] = relationship(back_populates="staff")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return self.name
