"""Tables of the working-day calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import Boolean, CheckConstraint, Date, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.database import db
from app.infra.types import LocalTextType
from app.kernel.texts import LocalText


class CalendarYear(db.Model):
    """A year of which something is known; ``announced`` once the State Council's calendar is in it.

    ``reason`` names the document, or says why the year was changed.
    """

    __tablename__ = "calendar_year"
    __table_args__ = (CheckConstraint("year BETWEEN 1949 AND 2199", name="year"),)

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    announced: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}


class CalendarDay(db.Model):
    """A day that differs from the week: a holiday, or a weekend day that is worked."""

    __tablename__ = "calendar_day"

    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    is_workday: Mapped[bool] = mapped_column(Boolean)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
