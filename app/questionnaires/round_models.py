"""Tables of what is asked when and of whom, and of what was answered."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as text_clause
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Enterprise, EnterpriseVersion
from app.infra.database import db
from app.infra.types import BigKey, Scaled, UtcDateTime
from app.organisations.models import one_of
from app.questionnaires.answer_workflow import ANSWERED, OPEN, REOPENED, RESPONDENT_STATES
from app.questionnaires.models import Questionnaire

NUMBER_SCALE = 6
"""Decimals that the number of an answer is kept with."""

BLANK_HEAD = -1
"""``option_no`` of the head of a question that was asked and left blank."""
PLAIN_HEAD = 0
"""``option_no`` of the head of an answered question whose answer is not one option."""


class QuestionnaireRound(db.Model):
    """One period of a questionnaire, first to last day; ``closed_at`` is set when it ends early."""

    __tablename__ = "questionnaire_round"
    __table_args__ = (
        UniqueConstraint("questionnaire_id", "begins_on"),
        CheckConstraint("begins_on <= ends_on", name="period"),
        Index(None, "ends_on", "begins_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire_id: Mapped[int] = mapped_column(ForeignKey("questionnaire.id"))
    begins_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    questionnaire: Mapped[Questionnaire] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def is_open(self, today: dt.date) -> bool:
        """Whether it can be answered on a day."""
        return self.closed_at is None and self.begins_on <= today <= self.ends_on

    def __str__(self) -> str:
        return f"{self.questionnaire.title} {self.begins_on}"


class Respondent(db.Model):
    """An enterprise that must answer a round: fixed when the round opens.

    ``draft`` is what was typed and not submitted, as canonical JSON; an anonymous questionnaire keeps
    none, since its drafts stay in the browser. ``answered_on`` is a day and no finer. ``region_id`` is
    where the enterprise is today (ON UPDATE CASCADE), as with reports.
    """

    __tablename__ = "questionnaire_respondent"
    __unaudited__ = (
        True  # steps tell what named respondents did; of anonymous ones nothing finer than a day is kept
    )
    __table_args__ = (
        UniqueConstraint("round_id", "enterprise_id"),
        ForeignKeyConstraint(
            ["enterprise_id", "region_id"], ["enterprise.id", "enterprise.region_id"], onupdate="CASCADE"
        ),
        one_of("state", RESPONDENT_STATES),
        CheckConstraint(
            f"(answered_on IS NOT NULL) = (state IN ('{ANSWERED}', '{REOPENED}'))", name="answered"
        ),
        CheckConstraint(f"state <> '{OPEN}' OR draft IS NULL", name="draft"),
        Index(None, "enterprise_id", "state"),
        Index(None, "round_id", "region_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_round.id"))
    enterprise_id: Mapped[int] = mapped_column(Integer)
    region_id: Mapped[int] = mapped_column(Integer)
    enterprise_version_id: Mapped[int] = mapped_column(ForeignKey("enterprise_version.id"))
    state: Mapped[str] = mapped_column(String(10), default=OPEN, server_default=OPEN)
    draft: Mapped[str | None] = mapped_column(Text)
    draft_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    answered_on: Mapped[dt.date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    round: Mapped[QuestionnaireRound] = relationship()
    enterprise: Mapped[Enterprise] = relationship(
        primaryjoin="Respondent.enterprise_id == Enterprise.id", foreign_keys=[enterprise_id]
    )
    enterprise_version: Mapped[EnterpriseVersion] = relationship()
    steps: Mapped[list[RespondentStep]] = relationship(order_by="RespondentStep.id")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return str(self.enterprise)


class RespondentStep(db.Model):
    """A step of a named respondent: submitted, reopened with a reason. Never changed."""

    __tablename__ = "questionnaire_respondent_step"
    __unaudited__ = True  # it is itself a history
    __table_args__ = (Index(None, "respondent_id", "id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    respondent_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_respondent.id"))
    verb: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(String(500), default="", server_default="")
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor_name: Mapped[str] = mapped_column(String(100))


class Response(db.Model):
    """What was submitted. Its number is drawn by lot, so that it tells neither order nor time; on SQLite it
    is the row's only number.

    Of an anonymous questionnaire nothing leads back to the respondent: no enterprise, no region, no
    time finer than the day.
    """

    __tablename__ = "questionnaire_response"
    __unaudited__ = True  # steps of the respondent tell of it; what it says stays out of the audit trail
    __table_args__ = (
        UniqueConstraint("round_id", "enterprise_id"),
        ForeignKeyConstraint(
            ["enterprise_id", "region_id"], ["enterprise.id", "enterprise.region_id"], onupdate="CASCADE"
        ),
        CheckConstraint(
            "(enterprise_id IS NULL) = (region_id IS NULL) "
            "AND (enterprise_id IS NULL) = (enterprise_version_id IS NULL) "
            "AND (enterprise_id IS NULL) = (submitted_at IS NULL)",
            name="anonymous",
        ),
        Index(None, "round_id", "region_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    round_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_round.id"))
    submitted_on: Mapped[dt.date] = mapped_column(Date)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    enterprise_id: Mapped[int | None] = mapped_column(Integer)
    region_id: Mapped[int | None] = mapped_column(Integer)
    enterprise_version_id: Mapped[int | None] = mapped_column(ForeignKey("enterprise_version.id"))

    round: Mapped[QuestionnaireRound] = relationship()
    enterprise: Mapped[Enterprise | None] = relationship(
        primaryjoin="Response.enterprise_id == Enterprise.id", foreign_keys=[enterprise_id]
    )
    enterprise_version: Mapped[EnterpriseVersion | None] = relationship()

    def __str__(self) -> str:
        return f"{self.round} {self.submitted_on}"


class Answer(db.Model):
    """One line of a response, by the places of question, row and option in the frozen definition, from 1.

    Each question that was asked has exactly one head, the line with ``row_no`` 0 that counts it: of a
    single choice ``option_no`` is the option; of a question left blank ``BLANK_HEAD``; of all others
    ``PLAIN_HEAD``, with the number, text or ISO day of what was typed. Beside its head a multiple
    choice has a line for each option (``row_no`` 1), a ranking likewise with the rank as ``number``,
    a matrix a line for each row and column chosen or filled. ``text`` of a chosen "other" option is
    what was stated.
    """

    __tablename__ = "questionnaire_answer"
    __unaudited__ = True  # what responses say stays out of the audit trail
    __table_args__ = (
        Index(
            "ix_questionnaire_answer_places", "round_id", "question_no", "row_no", "option_no", "response_id"
        ),
        Index(
            "ix_questionnaire_answer_numbers",
            "round_id",
            "question_no",
            "row_no",
            "option_no",
            "number",
            postgresql_where=text_clause("number IS NOT NULL"),
            sqlite_where=text_clause("number IS NOT NULL"),
        ),
        CheckConstraint(f"option_no >= {BLANK_HEAD} AND row_no >= 0 AND question_no >= 1", name="places"),
        {"sqlite_with_rowid": False},  # a number of SQLite's own would tell in which order responses came
    )

    response_id: Mapped[int] = mapped_column(
        ForeignKey("questionnaire_response.id", ondelete="CASCADE"), primary_key=True
    )
    question_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    row_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    option_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_round.id"))
    number: Mapped[Any] = mapped_column(Scaled(NUMBER_SCALE), nullable=True)
    text: Mapped[str | None] = mapped_column(Text)
