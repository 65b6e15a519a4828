"""Tables of the territory, the bureaus, their admins and the accounts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    and_,
    case,
    false,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.types import UtcDateTime
from app.kernel.texts import Message
from app.organisations.terms import (
    ACCOUNT_KINDS,
    BUREAU_LEVELS,
    CONTACT_DUTIES,
    REGION_KINDS,
    REGION_LEVELS,
    RIGHTS,
    STATES,
    TEXT_SIZES,
)


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """A constraint that keeps a text column to its declared values."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def ended_name(name: str, year: str) -> Message:
    """What a region is called that ended in a year."""
    return Message("{region} (until {year})", region=name, year=year)


class Region(db.Model):
    """A place of the territory; ``valid_to`` is the first day on which it no longer exists."""

    __tablename__ = "region"
    __table_args__ = (
        one_of("level", REGION_LEVELS),
        one_of("kind", REGION_KINDS),
        CheckConstraint("valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name="dates"),
        CheckConstraint("(level = 'country') = (parent_id IS NULL)", name="root"),
        Index(None, "parent_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    full_name: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(12))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("region.id"))
    kind: Mapped[str] = mapped_column(String(16), default="admin")
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    strong_exporter: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    parent: Mapped[Region | None] = relationship(remote_side="Region.id")
    successors: Mapped[list[Region]] = relationship(
        secondary="region_successor",
        primaryjoin="Region.id == RegionSuccessor.region_id",
        secondaryjoin="Region.id == RegionSuccessor.successor_id",
        order_by="Region.code",
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def exists_on(self, day: dt.date) -> bool:
        """Whether the place existed on a day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day < self.valid_to)

    def refusal_on(self, day: dt.date) -> Message | None:
        """Why a new record cannot name the place on a day, and which place to name instead; None: it can."""
        if self.exists_on(day):
            return None
        if self.valid_to is None or day < self.valid_to:
            return Message("{region} does not exist yet.", region=self)
        if not self.successors:
            return Message("{region} no longer exists: choose its successor.", region=self)
        names = "、".join(map(str, self.successors))
        return Message(
            "{region} no longer exists: choose its successor, {successors}.", region=self, successors=names
        )

    def words_on(self, day: dt.date) -> Message | str:
        """The full name; with the year in which the place ended, if it has."""
        if self.valid_to is None or day < self.valid_to:
            return self.full_name
        return ended_name(self.full_name, str(self.valid_to.year))

    @classmethod
    def offered_on(cls, day: dt.date) -> ColumnElement[bool]:
        """``exists_on`` as a condition, for selects."""
        return and_(
            or_(cls.valid_from.is_(None), cls.valid_from <= day),
            or_(cls.valid_to.is_(None), cls.valid_to > day),
        )

    @classmethod
    def sought_order(cls) -> list[Any]:
        """In selects the highest level comes first, and at each what has no end."""
        level = case({name: at for at, name in enumerate(REGION_LEVELS)}, value=cls.level)
        return [level, cls.valid_to.is_not(None), cls.code]

    def __str__(self) -> str:
        return self.full_name


class RegionSuccessor(db.Model):
    """An abolished region and one region that took it over."""

    __tablename__ = "region_successor"
    __table_args__ = (CheckConstraint("region_id <> successor_id", name="other"),)

    region_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True, index=True)


class RegionClosure(db.Model):
    """``descendant`` lay within ``ancestor`` from ``valid_from`` until the day before ``valid_to``.

    An open end is NULL. Maintained by ``app.organisations.closure`` only.
    """

    __tablename__ = "region_closure"
    __table_args__ = (
        Index(None, "ancestor_id", "descendant_id"),
        Index(None, "descendant_id", "depth"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"))
    descendant_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"))
    depth: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)


class Bureau(db.Model):
    """A commerce department or industry ministry at one level and place."""

    __tablename__ = "bureau"
    __table_args__ = (
        one_of("level", BUREAU_LEVELS),
        one_of("state", STATES),
        UniqueConstraint("id", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    name_key: Mapped[str] = mapped_column(String(80), unique=True)
    level: Mapped[str] = mapped_column(String(12))
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), index=True)
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("bureau.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    region: Mapped[Region] = relationship()
    superior: Mapped[Bureau | None] = relationship(remote_side="Bureau.id")
    contacts: Mapped[list[BureauContact]] = relationship(
        back_populates="bureau", cascade="all, delete-orphan", order_by="BureauContact.position"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def _contact(self, duty: str, part: str) -> str:
        contact = next((contact for contact in self.contacts if contact.duty == duty), None)
        return str(getattr(contact, part)) if contact else ""

    @property
    def leader_name(self) -> str:
        """The responsible leader 分管领导."""
        return self._contact("leader", "name")

    @property
    def leader_phone(self) -> str:
        """The leader's phone."""
        return self._contact("leader", "phone")

    @property
    def handler_name(self) -> str:
        """The handler 经办人."""
        return self._contact("handler", "name")

    @property
    def handler_title(self) -> str:
        """The handler's title."""
        return self._contact("handler", "title")

    @property
    def handler_phone(self) -> str:
        """The handler's phone."""
        return self._contact("handler", "phone")

    def __str__(self) -> str:
        return self.name


class BureauContact(db.Model):
    """A person of a bureau: the responsible leader 分管领导 or the handler 经办人."""

    __tablename__ = "bureau_contact"
    __table_args__ = (one_of("duty", CONTACT_DUTIES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bureau_id: Mapped[int] = mapped_column(ForeignKey("bureau.id", ondelete="CASCADE"), index=True)
    duty: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(40), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(30))
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    bureau: Mapped[Bureau] = relationship(back_populates="contacts")

    def __str__(self) -> str:
        return self.name


class Account(db.Model):
    """Who signs in: the profile of one FAB user, of exactly one kind."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("kind", ACCOUNT_KINDS),
        one_of("state", STATES),
        one_of("text_size", TEXT_SIZES),
        one_of("language", ("zh", "en")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(12), index=True)
    display_name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")
    language: Mapped[str] = mapped_column(String(5), default="zh", server_default="zh")
    text_size: Mapped[str] = mapped_column(String(10), default="normal", server_default="normal")
    session_epoch: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    last_sign_in_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    failed_sign_ins: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    locked_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    password_set_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    user: Mapped[User] = relationship(User)
    admin: Mapped[Admin | None] = relationship(back_populates="account", uselist=False)

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def username(self) -> str:
        """The login name."""
        return str(self.user.username)

    @property
    def email(self) -> str:
        """The mail address."""
        return str(self.user.email)

    @property
    def roles(self) -> list[Role]:
        """The roles given to the account itself."""
        return list(self.user.roles)

    def __str__(self) -> str:
        return f"{self.display_name} ({self.user.username})"


class AdminRegion(db.Model):
    """A region that an admin manages, with everything below it."""

    __tablename__ = "admin_region"

    admin_id: Mapped[int] = mapped_column(ForeignKey("bureau_admin.id", ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True, index=True)


class Admin(db.Model):
    """An account that acts for a bureau within a set of regions, below one superior.

    ``level`` repeats the bureau's (a composite foreign key keeps them equal), so that the
    database itself refuses leapfrog acceptance below or above the province.
    """

    __tablename__ = "bureau_admin"
    __table_args__ = (
        ForeignKeyConstraint(["bureau_id", "level"], ["bureau.id", "bureau.level"], onupdate="CASCADE"),
        one_of("state", STATES),
        CheckConstraint("level = 'province' OR NOT leapfrog_accept", name="leapfrog"),
        CheckConstraint("superior_id <> id", name="superior"),
        Index(None, "bureau_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), unique=True)
    bureau_id: Mapped[int] = mapped_column(Integer)
    level: Mapped[str] = mapped_column(String(12))
    superior_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"), index=True)
    bulk_accept: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    leapfrog_accept: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    batch_import: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    unfreeze_reports: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    account: Mapped[Account] = relationship(back_populates="admin")
    bureau: Mapped[Bureau] = relationship(
        foreign_keys=[bureau_id], primaryjoin="Admin.bureau_id == Bureau.id"
    )
    superior: Mapped[Admin | None] = relationship(remote_side="Admin.id")
    regions: Mapped[list[Region]] = relationship(secondary="admin_region", order_by="Region.code")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @classmethod
    def sought_by(cls) -> list[Any]:
        """What a select finds an admin by: the person's name and the bureau's."""
        person = select(Account.display_name).where(Account.id == cls.account_id).scalar_subquery()
        return [person, select(Bureau.name).where(Bureau.id == cls.bureau_id).scalar_subquery()]

    @property
    def rights(self) -> frozenset[str]:
        """The special permissions that this admin has."""
        return frozenset(right for right in RIGHTS if getattr(self, right))

    def __str__(self) -> str:
        return f"{self.account.display_name} · {self.bureau.name}"


class AdminName(db.Model):
    """The person's name of an admin, for lists that look it up by the admin's key. Reads only."""

    __table__ = (
        select(Admin.id.label("id"), Account.display_name.label("name"))
        .join(Account, Account.id == Admin.account_id)
        .subquery("admin_name")
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"primary_key": [__table__.c.id]}


class LoginName(db.Model):
    """The login name of an account, for lists that look it up by the account's key. Reads only."""

    __table__ = (
        select(Account.id.label("id"), User.username.label("name"))
        .join(User, User.id == Account.user_id)
        .subquery("login_name")
    )
    __mapper_args__: ClassVar[dict[str, Any]] = {"primary_key": [__table__.c.id]}
