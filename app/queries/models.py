"""Tables of the queries: the grouping of industries that an operations bureau looks at."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enterprises.models import Industry
from app.enterprises.scope import visible_dictionaries
from app.infra.database import db
from app.infra.scope import register
from app.infra.types import LocalTextType
from app.kernel.texts import LocalText


class IndustryGroupMember(db.Model):
    """An industry of a group, with everything below it that no group names itself; of one group at most."""

    __tablename__ = "industry_group_member"

    group_id: Mapped[int] = mapped_column(
        ForeignKey("industry_group.id", ondelete="CASCADE"), primary_key=True
    )
    industry_id: Mapped[int] = mapped_column(ForeignKey("industry.id"), primary_key=True, unique=True)


class IndustryGroup(db.Model):
    """运行局分类: industries that are looked at together in the analysis of reporting."""

    __tablename__ = "industry_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[LocalText] = mapped_column(LocalTextType)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    industries: Mapped[list[Industry]] = relationship(
        secondary="industry_group_member", order_by="Industry.code"
    )

    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": version}

    def __str__(self) -> str:
        return str(self.name)


register(IndustryGroup, visible_dictionaries)
