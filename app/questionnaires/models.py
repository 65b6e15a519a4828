"""Tables of questionnaires as they are built: the questionnaire, its edits, its audience and its steps."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    false,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.types import BigKey, UtcDateTime
from app.kernel.texts import Message
from app.organisations.accounts import NEXT_DUE
from app.organisations.models import Account, Admin, Region, one_of
from app.questionnaires.workflow import DRAFT, ENABLED, STATES, STOPPED

TITLE_LENGTH = 120
LONGEST_TEXT = 4000

FREQUENCIES = {
    "once": Message("Once"),
    "monthly": Message("Monthly"),
    "quarterly": Message("Quarterly"),
    "yearly": Message("Yearly"),
}
"""调查频率: a questionnaire comes again with each period of its time."""

PLACEMENTS = {
    "required": Message("In the monthly report, must be answered"),
    "optional": Message("In the monthly report, may be answered"),
    "apart": Message("Apart from the monthly report"),
}
"""Where enterprises answer, and whether their report waits; each questionnaire has a page of its own too."""

AUDIENCE_KINDS = ("size", "control_type", "sector")
SECTORS = {
    "manufacturing": Message("Manufacturing only"),
    "other": Message("Non-manufacturing only"),
}
"""制造业 is section C of the industries (GB/T 4754)."""


class Questionnaire(db.Model):
    """A questionnaire: one version of its series. Once enabled, nothing of what it asks ever changes.

    ``series_id`` is the first questionnaire of the series, None for that one itself. ``admin_id`` owns
    it. The definition is the edit of number ``edit_number``. ``next_round_at`` is when the next round opens,
    None where none will any more. An audience without regions means all
    that the owner manages; an empty condition excludes nobody; named enterprises alone are asked
    where there are any. ``last_code`` is the highest number of a question's code that was ever given.
    """

    __tablename__ = "questionnaire"
    __table_args__ = (
        one_of("state", STATES),
        one_of("frequency", FREQUENCIES),
        one_of("placement", PLACEMENTS),
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("ends_on IS NULL OR starts_on <= ends_on", name="period"),
        CheckConstraint(
            f"state = '{DRAFT}' OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)", name="enabled_period"
        ),
        CheckConstraint(f"(enabled_at IS NULL) = (state = '{DRAFT}')", name="enabled"),
        CheckConstraint(f"(stopped_at IS NOT NULL) = (state = '{STOPPED}')", name="stopped"),
        CheckConstraint("revision >= 1 AND (revision = 1) = (series_id IS NULL)", name="revision"),
        UniqueConstraint("series_id", "revision"),
        Index(None, "admin_id", "state"),
        Index(None, "state", "starts_on"),
        Index(
            "ix_questionnaire_next_round_at",
            "next_round_at",
            postgresql_where=text("next_round_at IS NOT NULL"),
            sqlite_where=text("next_round_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire.id"))
    revision: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    admin_id: Mapped[int] = mapped_column(ForeignKey("bureau_admin.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    introduction: Mapped[str] = mapped_column(Text, default="", server_default="")
    thanks: Mapped[str] = mapped_column(Text, default="", server_default="")
    frequency: Mapped[str] = mapped_column(String(10), default="once", server_default="once")
    starts_on: Mapped[dt.date | None] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)
    placement: Mapped[str] = mapped_column(String(10), default="required", server_default="required")
    anonymous: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    state: Mapped[str] = mapped_column(String(10), default=DRAFT, server_default=DRAFT)
    edit_number: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    last_code: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    enabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    stopped_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    next_round_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    series: Mapped[Questionnaire | None] = relationship(remote_side="Questionnaire.id")
    admin: Mapped[Admin] = relationship()
    regions: Mapped[list[Region]] = relationship(secondary="questionnaire_region", order_by=Region.code)
    industries: Mapped[list[Industry]] = relationship(
        secondary="questionnaire_industry", order_by=Industry.code
    )
    enterprises: Mapped[list[Enterprise]] = relationship(
        secondary="questionnaire_enterprise", order_by=Enterprise.id
    )
    audience: Mapped[list[QuestionnaireAudience]] = relationship(cascade="all, delete-orphan")
    steps: Mapped[list[QuestionnaireStep]] = relationship(
        cascade="all, delete-orphan", order_by="QuestionnaireStep.id"
    )
    edits: Mapped[list[QuestionnaireEdit]] = relationship(
        cascade="all, delete-orphan", order_by="QuestionnaireEdit.number"
    )
    handouts: Mapped[list[QuestionnaireHandout]] = relationship(cascade="all, delete-orphan")
    edit: Mapped[QuestionnaireEdit] = relationship(
        primaryjoin="and_(Questionnaire.id == foreign(QuestionnaireEdit.questionnaire_id), "
        "Questionnaire.edit_number == QuestionnaireEdit.number)",
        viewonly=True,
        uselist=False,
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.state == DRAFT

    @property
    def is_enabled(self) -> bool:
        """Whether it is asked in its periods."""
        return self.state == ENABLED

    def conditions(self, kind: str) -> list[str]:
        """The codes of one kind of conditions of the audience."""
        return sorted(part.code for part in self.audience if part.kind == kind)

    @property
    def sizes(self) -> list[str]:
        """The sizes that it is for."""
        return self.conditions("size")

    @property
    def control_types(self) -> list[str]:
        """The codes of the control types that it is for."""
        return self.conditions("control_type")

    @property
    def sector(self) -> str:
        """One of ``SECTORS``, or empty for both."""
        return next(iter(self.conditions("sector")), "")

    @property
    def named(self) -> str:
        """The credit codes of the enterprises that it names, one a line."""
        return "\n".join(one.uscc for one in self.enterprises)

    def __str__(self) -> str:
        return self.title


class QuestionnaireAudience(db.Model):
    """A size, a control type or a sector that a questionnaire is for."""

    __tablename__ = "questionnaire_audience"
    __table_args__ = (one_of("kind", AUDIENCE_KINDS),)

    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    code: Mapped[str] = mapped_column(String(20), primary_key=True)


class QuestionnaireRegion(db.Model):
    """A region that a questionnaire is for, with everything below it."""

    __tablename__ = "questionnaire_region"

    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True
    )
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), primary_key=True, index=True)


class QuestionnaireIndustry(db.Model):
    """An industry that a questionnaire is for, with everything below it."""

    __tablename__ = "questionnaire_industry"

    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True
    )
    industry_id: Mapped[int] = mapped_column(ForeignKey("industry.id"), primary_key=True, index=True)


class QuestionnaireEnterprise(db.Model):
    """An enterprise that a questionnaire names."""

    __tablename__ = "questionnaire_enterprise"

    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True
    )
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprise.id"), primary_key=True, index=True)


class QuestionnaireHandout(db.Model):
    """A subordinate admin whom a questionnaire was handed out to."""

    __tablename__ = "questionnaire_handout"

    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), primary_key=True
    )
    admin_id: Mapped[int] = mapped_column(ForeignKey("bureau_admin.id"), primary_key=True, index=True)
    handed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)

    admin: Mapped[Admin] = relationship()


class QuestionnaireEdit(db.Model):
    """A saved state of a definition; ``label`` says what was changed, ``definition`` is canonical JSON."""

    __tablename__ = "questionnaire_edit"
    __unaudited__ = True  # it is itself a history; which edit holds is audited with the questionnaire
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "number"),
        CheckConstraint("definition <> ''", name="definition"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    label: Mapped[Any] = mapped_column(JSON)
    definition: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    account: Mapped[Account | None] = relationship()


class QuestionnaireStep(db.Model):
    """A step of a questionnaire: who, when, from where to where, and why. Never changed."""

    __tablename__ = "questionnaire_step"
    __unaudited__ = True  # it is itself a history

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire.id", ondelete="CASCADE"), index=True
    )
    verb: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10))
    target: Mapped[str] = mapped_column(String(10))
    comment: Mapped[str] = mapped_column(String(500), default="", server_default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))


def _next_due() -> Select[Any]:
    """When a round is to be opened next: a part of the statement that every request begins with."""
    return select(func.min(Questionnaire.next_round_at)).where(
        Questionnaire.state == ENABLED, Questionnaire.next_round_at.is_not(None)
    )


NEXT_DUE.append(_next_due)
