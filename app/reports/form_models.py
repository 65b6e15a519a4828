"""Report forms as data: form, dated versions, sections, indicators, columns of repeating rows, rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.types import LocalTextType, Scaled, UtcDateTime
from app.kernel.periods import Month
from app.kernel.texts import LocalText, Message

DRAFT, PUBLISHED = "draft", "published"
GRID, ROWS = "grid", "rows"


class ReportForm(db.Model):
    """报表: what is reported again and again, such as the monthly indicators of small enterprises."""

    __tablename__ = "report_form"
    __table_args__ = (
        CheckConstraint("period_kind IN ('month')", name="period_kind"),
        CheckConstraint("make_up_months >= 0", name="make_up_months"),
        CheckConstraint("opens_day BETWEEN 1 AND 28 AND due_day BETWEEN 1 AND 28", name="days"),
        CheckConstraint("opens_day <= due_day", name="window"),
        CheckConstraint("closes_after_days BETWEEN 0 AND 366", name="closing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    period_kind: Mapped[str] = mapped_column(String(10), default="month")
    make_up_months: Mapped[int] = mapped_column(default=12)
    opens_day: Mapped[int] = mapped_column(default=1)
    due_day: Mapped[int] = mapped_column(default=15)
    closes_after_days: Mapped[int | None] = mapped_column(Integer)
    schema_stamp: Mapped[str] = mapped_column(String(16), default="", server_default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)

    versions: Mapped[list[FormVersion]] = relationship(
        back_populates="form", order_by="FormVersion.number", cascade="all, delete-orphan"
    )
    periods: Mapped[list[ReportPeriod]] = relationship(back_populates="form", order_by="ReportPeriod.period")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def label(self) -> LocalText:
        """What people call it."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


class ReportPeriod(db.Model):
    """Dates of one month of a form that differ from the form's own, with the reason."""

    __tablename__ = "report_period"
    __table_args__ = (
        UniqueConstraint("form_id", "period"),
        CheckConstraint("opens_on <= due_on", name="due"),
        CheckConstraint("closes_on IS NULL OR due_on <= closes_on", name="closing"),
        CheckConstraint("period BETWEEN 190001 AND 999912", name="period"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    period: Mapped[int] = mapped_column(Integer)
    opens_on: Mapped[dt.date] = mapped_column(Date)
    due_on: Mapped[dt.date] = mapped_column(Date)
    closes_on: Mapped[dt.date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(200))
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    form: Mapped[ReportForm] = relationship(back_populates="periods")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def month(self) -> Month:
        """The month that the dates are of."""
        return Month.from_key(self.period)

    @property
    def label(self) -> Message:
        """Form and month."""
        return Message("{form}: {month}", form=self.form.name, month=self.month)

    def __str__(self) -> str:
        return f"{self.form.name} {self.month}"


class FormVersion(db.Model):
    """表样版本: a form as it is during an effective period; never changes once published."""

    __tablename__ = "form_version"
    __table_args__ = (
        UniqueConstraint("form_id", "number"),
        CheckConstraint("state IN ('draft', 'published')", name="state"),
        CheckConstraint(
            "state = 'draft' OR (effective_from IS NOT NULL AND published_at IS NOT NULL)", name="published"
        ),
        CheckConstraint("effective_to IS NULL OR effective_to >= effective_from", name="effective"),
        Index(
            "uq_form_version_draft",
            "form_id",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    effective_from: Mapped[int | None]
    effective_to: Mapped[int | None]
    tolerance: Mapped[Decimal] = mapped_column(Scaled(4), default=Decimal(1))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None]
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)

    form: Mapped[ReportForm] = relationship(back_populates="versions")
    sections: Mapped[list[FormSection]] = relationship(
        back_populates="version", order_by="FormSection.ord", cascade="all, delete-orphan"
    )
    rules: Mapped[list[ReportRule]] = relationship(
        back_populates="version", order_by="ReportRule.ord", cascade="all, delete-orphan"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def label(self) -> LocalText:
        """The form with the number of the version."""
        name = self.form.name
        return LocalText(f"{name.zh} 第{self.number}版", f"{name.en or name.zh} v{self.number}")

    def __str__(self) -> str:
        return f"{self.form} v{self.number}"


class FormSection(db.Model):
    """表: one part of a form, either a grid of indicators or repeating rows."""

    __tablename__ = "form_section"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        UniqueConstraint("id", "version_id"),
        CheckConstraint("kind IN ('grid', 'rows')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    ord: Mapped[int]

    version: Mapped[FormVersion] = relationship(back_populates="sections")
    indicators: Mapped[list[VersionIndicator]] = relationship(
        back_populates="section", order_by="VersionIndicator.ord", cascade="all, delete-orphan"
    )
    columns: Mapped[list[SectionColumn]] = relationship(
        back_populates="section", order_by="SectionColumn.ord", cascade="all, delete-orphan"
    )

    @property
    def label(self) -> LocalText:
        """What people call it."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


class Indicator(db.Model):
    """指标: its code, its section and its scale are the same in every version, as its columns are."""

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("form_id", "code"),
        CheckConstraint("scale BETWEEN 0 AND 6", name="scale"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("report_form.id"))
    code: Mapped[str] = mapped_column(String(41))
    section_code: Mapped[str] = mapped_column(String(20))
    scale: Mapped[int]
    first_version_id: Mapped[int | None] = mapped_column(ForeignKey("form_version.id"))

    form: Mapped[ReportForm] = relationship()

    def __str__(self) -> str:
        return self.code


class VersionIndicator(db.Model):
    """An indicator as one version of the form asks for it."""

    __tablename__ = "version_indicator"
    __table_args__ = (
        UniqueConstraint("version_id", "indicator_id"),
        ForeignKeyConstraint(
            ["section_id", "version_id"], ["form_section.id", "form_section.version_id"], ondelete="CASCADE"
        ),
        CheckConstraint("nature IN ('flow_monthly', 'flow_ytd', 'stock', 'rate')", name="nature"),
        CheckConstraint("growth_kind IN ('pct', 'pp', 'none')", name="growth_kind"),
        Index("ix_version_indicator_indicator_id", "indicator_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]
    section_id: Mapped[int]
    indicator_id: Mapped[int] = mapped_column(ForeignKey("indicator.id"))
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    unit: Mapped[LocalText] = mapped_column(LocalTextType)
    nature: Mapped[str] = mapped_column(String(20))
    months: Mapped[list[int]] = mapped_column(JSON)
    industrial_only: Mapped[bool] = mapped_column(default=False)
    cells: Mapped[list[str]] = mapped_column(JSON)
    required_cells: Mapped[list[str]] = mapped_column(JSON)
    growth_kind: Mapped[str] = mapped_column(String(10), default="pct")
    ord: Mapped[int]
    revision: Mapped[int] = mapped_column(Integer, default=1)

    section: Mapped[FormSection] = relationship(back_populates="indicators")
    indicator: Mapped[Indicator] = relationship(lazy="joined")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def version(self) -> FormVersion:
        """The version that asks for it."""
        return self.section.version

    @property
    def code(self) -> str:
        """The permanent code."""
        return self.indicator.code

    @property
    def scale(self) -> int:
        """How many decimals are kept."""
        return self.indicator.scale

    @property
    def label(self) -> LocalText:
        """What people call it."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


class SectionColumn(db.Model):
    """A column of a section of repeating rows, such as the name or the sales of a product."""

    __tablename__ = "section_column"
    __table_args__ = (
        UniqueConstraint("section_id", "code"),
        ForeignKeyConstraint(
            ["section_id", "version_id"], ["form_section.id", "form_section.version_id"], ondelete="CASCADE"
        ),
        CheckConstraint("kind IN ('text', 'number')", name="kind"),
        CheckConstraint("scale BETWEEN 0 AND 6", name="scale"),
        CheckConstraint("max_length BETWEEN 1 AND 500", name="max_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]
    section_id: Mapped[int]
    code: Mapped[str] = mapped_column(String(41))
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    kind: Mapped[str] = mapped_column(String(10))
    scale: Mapped[int] = mapped_column(default=0)
    max_length: Mapped[int] = mapped_column(default=100)
    required: Mapped[bool] = mapped_column(default=False)
    ord: Mapped[int]
    revision: Mapped[int] = mapped_column(Integer, default=1)

    section: Mapped[FormSection] = relationship(back_populates="columns")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    @property
    def version(self) -> FormVersion:
        """The version that asks for it."""
        return self.section.version

    @property
    def label(self) -> LocalText:
        """What people call it."""
        return self.name

    def __str__(self) -> str:
        return str(self.name)


class ReportRule(db.Model):
    """审核关系: an expression that must hold, with its severity and what is said when it does not."""

    __tablename__ = "report_rule"
    __table_args__ = (
        UniqueConstraint("version_id", "code"),
        CheckConstraint("severity IN ('hard', 'soft', 'hint')", name="severity"),
        CheckConstraint("applies_to IN ('all', 'industrial', 'visible')", name="applies_to"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("form_version.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str] = mapped_column(String(10))
    applies_to: Mapped[str] = mapped_column(String(10), default="visible")
    section_code: Mapped[str] = mapped_column(String(20), default="")
    months: Mapped[list[int]] = mapped_column(JSON)
    indicators: Mapped[list[str]] = mapped_column(JSON)
    cells: Mapped[list[str]] = mapped_column(JSON)
    expression: Mapped[str] = mapped_column(String(1000))
    message: Mapped[LocalText] = mapped_column(LocalTextType)
    ord: Mapped[int]
    revision: Mapped[int] = mapped_column(Integer, default=1)

    version: Mapped[FormVersion] = relationship(back_populates="rules")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": revision}

    def __str__(self) -> str:
        return self.code
