"""The table of imported maps: outlines of regions, with the number under which they may be published."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.infra.database import db
from app.infra.files import StoredFile
from app.infra.types import BigKey, UtcDateTime


class RegionMap(db.Model):
    """A map that charts draw on. ``codes`` are those of its regions, with commas between them, ``unmatched``
    the names of shapes that are no region. Charts use it from ``valid_from`` on, once it is ``in_use``.

    ``approval_number`` is the 审图号: a map may be shown in public under such a number only.
    """

    __tablename__ = "region_map"
    __table_args__ = (
        CheckConstraint("title <> ''", name="title"),
        CheckConstraint("approval_number <> ''", name="approval_number"),
        CheckConstraint("codes <> ''", name="codes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    approval_number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[dt.date] = mapped_column(Date)
    in_use: Mapped[bool] = mapped_column(default=False, server_default=false())
    codes: Mapped[str] = mapped_column(Text)
    unmatched: Mapped[str] = mapped_column(Text, default="", server_default="")
    shapes_id: Mapped[int] = mapped_column(BigKey, ForeignKey("stored_file.id"), unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    shapes_file: Mapped[StoredFile] = relationship()

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    @property
    def region_codes(self) -> frozenset[str]:
        """The codes of the regions that it shows."""
        return frozenset(self.codes.split(","))

    def __str__(self) -> str:
        return self.title
