"""Tables of enterprises, their earlier versions, and the dictionaries that describe them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    event,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import (
    Mapped,
    MappedColumn,
    declared_attr,
    mapped_column,
    relationship,
)

from app.enterprises.credit_codes import CODE_STATUSES
from app.enterprises.size import EnterpriseSize, enterprise_size, explained
from app.enterprises.size_standards import standards
from app.infra.database import db
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.clock import local_date
from app.kernel.texts import LocalText, Message
from app.organisations.accounts import OWN_RECORDS
from app.organisations.models import Account, Admin, Region, one_of
from app.organisations.terms import STATES

SIZES = ("large", "medium", "small", "micro", "unknown", "not_classified")
SCHEMES = ("2011", "2023")
MONEY_SCALE = 2


class DictionaryEntry:
    """What entries of all dictionaries share: from when until when one can be chosen, and its version.

    ``valid_until`` is the first day on which it can no longer be chosen; what refers to it stays readable.
    """

    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """A form that was opened before the last change is refused."""
        return {"version_id_col": cls.version}

    def is_valid_on(self, day: dt.date) -> bool:
        """Whether it can be chosen on a day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_until is None or day < self.valid_until)

    @classmethod
    def offered_on(cls, day: dt.date) -> ColumnElement[bool]:
        """The same as a condition, for selects."""
        return and_(
            or_(cls.valid_from.is_(None), cls.valid_from <= day),
            or_(cls.valid_until.is_(None), cls.valid_until > day),
        )


def validity_check() -> CheckConstraint:
    """A dictionary's entry ends later than it begins."""
    return CheckConstraint(
        "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until", name="validity"
    )


class Industry(DictionaryEntry, db.Model):
    """A trade of GB/T 4754-2017: section (1), division (2), group (3) or class (4)."""

    __tablename__ = "industry"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        CheckConstraint("(level = 1) = (parent_id IS NULL)", name="root"),
        CheckConstraint("sector BETWEEN 1 AND 3", name="sector"),
        validity_check(),
        Index(None, "parent_id", "code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(4), unique=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    level: Mapped[int] = mapped_column(Integer)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("industry.id"))
    section: Mapped[str] = mapped_column(String(1), index=True)
    division: Mapped[str] = mapped_column(String(2), default="", server_default="")
    is_industrial: Mapped[bool] = mapped_column(Boolean)
    sector: Mapped[int] = mapped_column(Integer)
    size_group: Mapped[str] = mapped_column(String(5))

    parent: Mapped[Industry | None] = relationship(remote_side="Industry.id")

    @property
    def label(self) -> LocalText:
        """Code and name; trades below the division have no English name."""
        english = f"{self.code} {self.name.en}" if self.name.is_translated else ""
        return LocalText(f"{self.code} {self.name.zh}", english)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class RegistrationType(DictionaryEntry, db.Model):
    """A legal form, of the scheme of 2011 or of 2023; headings cannot be chosen."""

    __tablename__ = "registration_type"
    __table_args__ = (UniqueConstraint("scheme", "code"), one_of("scheme", SCHEMES), validity_check())

    id: Mapped[int] = mapped_column(primary_key=True)
    scheme: Mapped[str] = mapped_column(String(4))
    code: Mapped[str] = mapped_column(String(4))
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    parent_code: Mapped[str] = mapped_column(String(4), default="", server_default="")
    selectable: Mapped[bool] = mapped_column(Boolean, default=True, server_default=true())
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    @property
    def label(self) -> LocalText:
        """The name with its scheme, since both schemes share names."""
        english = f"{self.name.en} ({self.scheme})" if self.name.is_translated else ""
        return LocalText(f"{self.name.zh}（{self.scheme}）", english)

    def __str__(self) -> str:
        return str(self.name)


class ControlType(DictionaryEntry, db.Model):
    """Who controls the capital of an enterprise."""

    __tablename__ = "control_type"
    __table_args__ = (validity_check(),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(2), unique=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")

    @property
    def label(self) -> LocalText:
        """The name."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


def _refers_to(target: str, *, nullable: bool = False) -> MappedColumn[Any]:
    return mapped_column(ForeignKey(target), nullable=nullable)


def _column(owner: Any, name: str) -> list[Any]:
    return [getattr(owner, name)]


class EnterpriseFacts:
    """What is known of an enterprise; the same columns on its row and on each of its versions.

    ``revenue`` and ``assets`` are 千元 of the year ``figures_year``, ``employees`` its persons
    at the end. The three region levels are copied from the closure when the row is written.
    ``code_status`` follows from the credit code; one that is not valid came in with a reason.
    """

    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str] = mapped_column(String(18))
    uscc_exception: Mapped[str] = mapped_column(String(200), default="", server_default="")
    code_status: Mapped[str] = mapped_column(String(5), default="valid", server_default="valid")
    legal_representative: Mapped[str] = mapped_column(String(60))
    region_id: Mapped[int] = _refers_to("region.id")
    province_id: Mapped[int] = _refers_to("region.id")
    prefecture_id: Mapped[int | None] = _refers_to("region.id", nullable=True)
    county_id: Mapped[int | None] = _refers_to("region.id", nullable=True)
    industry_id: Mapped[int] = _refers_to("industry.id")
    registration_type_id: Mapped[int] = _refers_to("registration_type.id")
    control_type_id: Mapped[int] = _refers_to("control_type.id")
    figures_year: Mapped[int | None] = mapped_column(Integer)
    revenue: Mapped[Decimal | None] = mapped_column(Scaled(MONEY_SCALE))
    employees: Mapped[int | None] = mapped_column(Integer)
    assets: Mapped[Decimal | None] = mapped_column(Scaled(MONEY_SCALE))
    size: Mapped[str] = mapped_column(String(16))
    is_listed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    stock_code: Mapped[str] = mapped_column(String(20), default="", server_default="")
    address: Mapped[str] = mapped_column(String(200))
    postcode: Mapped[str] = mapped_column(String(6), default="", server_default="")
    opened_on: Mapped[dt.date] = mapped_column(Date)
    main_products: Mapped[str] = mapped_column(Text)
    website: Mapped[str] = mapped_column(String(200), default="", server_default="")
    contact_name: Mapped[str] = mapped_column(String(60))
    phone: Mapped[str] = mapped_column(String(30), default="", server_default="")
    fax: Mapped[str] = mapped_column(String(30), default="", server_default="")
    mobile: Mapped[str] = mapped_column(String(20), default="", server_default="")
    email: Mapped[str] = mapped_column(String(120), default="", server_default="")

    @declared_attr
    def region(self) -> Mapped[Region]:
        """Where it is registered."""
        return relationship(Region, foreign_keys=_column(self, "region_id"))

    @declared_attr
    def province(self) -> Mapped[Region]:
        """The province of the region, as of the writing."""
        return relationship(Region, foreign_keys=_column(self, "province_id"))

    @declared_attr
    def prefecture(self) -> Mapped[Region | None]:
        """The prefecture of the region, as of the writing."""
        return relationship(Region, foreign_keys=_column(self, "prefecture_id"))

    @declared_attr
    def county(self) -> Mapped[Region | None]:
        """The county of the region, as of the writing."""
        return relationship(Region, foreign_keys=_column(self, "county_id"))

    @declared_attr
    def industry(self) -> Mapped[Industry]:
        """Its trade."""
        return relationship(Industry, foreign_keys=_column(self, "industry_id"))

    @declared_attr
    def registration_type(self) -> Mapped[RegistrationType]:
        """Its legal form."""
        return relationship(RegistrationType, foreign_keys=_column(self, "registration_type_id"))

    @declared_attr
    def control_type(self) -> Mapped[ControlType]:
        """Who controls its capital."""
        return relationship(ControlType, foreign_keys=_column(self, "control_type_id"))

    def measured_on(self) -> dt.date:
        """The day whose standard the size was found by."""
        raise NotImplementedError

    def measured(self) -> EnterpriseSize:
        """The size with its working, by the standard that held when the facts were written down."""
        return enterprise_size(
            self.industry.code,
            self.revenue,
            self.employees,
            self.assets,
            on=self.measured_on(),
            standards=standards(),
        )

    @property
    def size_working(self) -> list[Message]:
        """How the size was found: the standard, then each figure."""
        return explained(self.measured())

    def __str__(self) -> str:
        return self.name


FACTS = tuple(name for name in EnterpriseFacts.__annotations__)
"""Names of the columns that a version keeps."""


def _fact_checks() -> tuple[CheckConstraint, ...]:
    """Constraints of the facts, made anew for each table."""
    return (
        one_of("size", SIZES),
        one_of("code_status", CODE_STATUSES),
        CheckConstraint("code_status = 'valid' OR uscc_exception <> ''", name="code_exception"),
        CheckConstraint("length(uscc) = 18 OR uscc_exception <> ''", name="uscc"),
        CheckConstraint("revenue >= 0 AND employees >= 0 AND assets >= 0", name="figures"),
        CheckConstraint("NOT is_listed OR stock_code <> ''", name="stock_code"),
        CheckConstraint("phone <> '' OR mobile <> ''", name="reachable"),
    )


class Enterprise(EnterpriseFacts, db.Model):
    """A monitored enterprise as it is today.

    ``current_version_id`` has no foreign key: versions already point here, and a cycle would
    need a deferred constraint, which SQLite's batch migrations do not keep.
    """

    __tablename__ = "enterprise"
    __table_args__ = (
        *_fact_checks(),
        one_of("state", STATES),
        CheckConstraint("revision >= 1", name="revision"),
        UniqueConstraint("id", "region_id"),
        Index(None, "province_id", "state"),
        Index(None, "prefecture_id", "state"),
        Index(None, "county_id", "state"),
        Index(None, "region_id", "state"),
        Index(None, "direct_reviewer_id", "state"),
        Index(None, "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name_key: Mapped[str] = mapped_column(String(120), unique=True)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), unique=True)
    direct_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("bureau_admin.id"))
    state: Mapped[str] = mapped_column(String(10), default="active", server_default="active")
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    current_version_id: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    account: Mapped[Account | None] = relationship()
    direct_reviewer: Mapped[Admin | None] = relationship()
    versions: Mapped[list[EnterpriseVersion]] = relationship(
        back_populates="enterprise", order_by="EnterpriseVersion.number", cascade="all, delete-orphan"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def measured_on(self) -> dt.date:
        """The day on which the current version was written down."""
        written = select(EnterpriseVersion.created_at).where(EnterpriseVersion.id == self.current_version_id)
        return local_date(db.session.scalar(written) or self.updated_at)

    @property
    def username(self) -> str:
        """The user ID: the login name of its account."""
        return self.account.username if self.account else ""


class EnterpriseVersion(EnterpriseFacts, db.Model):
    """What was known of an enterprise from ``created_at`` until the next version; never changed."""

    __tablename__ = "enterprise_version"
    __table_args__ = (*_fact_checks(), UniqueConstraint("enterprise_id", "number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"))
    number: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    enterprise: Mapped[Enterprise] = relationship(back_populates="versions")
    created_by: Mapped[Account | None] = relationship()

    def measured_on(self) -> dt.date:
        """The day on which it was written down."""
        return local_date(self.created_at)


@event.listens_for(EnterpriseVersion, "before_update")
def _refuse_change(_mapper: Any, _connection: Any, version: EnterpriseVersion) -> None:
    """A report was filed with this version: what it said then must stay readable."""
    raise RuntimeError(f"version {version.number} of enterprise {version.enterprise_id} cannot be changed")


def _own_enterprise() -> Select[Any]:
    """The enterprise of an account, as a part of the statement that builds the actor."""
    return select(Enterprise.id).where(Enterprise.account_id == Account.id)


OWN_RECORDS["enterprise_id"] = _own_enterprise
