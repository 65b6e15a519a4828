"""运行局分类: which industries an operations bureau looks at together; each belongs to one group at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.enterprises.models import Industry
from app.infra import crud
from app.infra.database import db
from app.kernel.errors import Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import LocalText, Message
from app.queries.models import IndustryGroup, IndustryGroupMember

ANOTHER = Message("Another group has this name.")


def group_problems(values: Mapping[str, Any], own: int | None = None) -> list[Problem]:
    """What is wrong with a group: its name is another's, or an industry belongs to another one.

    :param own: the group that is changed.
    """
    name: LocalText | None = values.get("name")
    others = select(IndustryGroup.name).where(IndustryGroup.id != (own or 0))
    taken = {name_key(other.zh) for other in db.session.scalars(others)}
    found = [Problem(ANOTHER, "name")] if name and name_key(name.zh) in taken else []
    return [*found, *_claimed(values.get("industries") or (), own)]


def _claimed(industry_ids: Sequence[Any], own: int | None) -> list[Problem]:
    """The industries that another group has already, each by name."""
    member = IndustryGroupMember
    query = (
        select(Industry.code, Industry.name, IndustryGroup.name)
        .join(member, member.industry_id == Industry.id)
        .join(IndustryGroup, IndustryGroup.id == member.group_id)
        .where(Industry.id.in_([int(key) for key in industry_ids]), IndustryGroup.id != (own or 0))
        .order_by(Industry.code)
    )
    return [
        Problem(
            Message(
                "{code} {industry} belongs to “{group}” already.", code=code, industry=industry, group=group
            ),
            "industries",
        )
        for code, industry, group in db.session.execute(query)
    ]


def add_group(values: Mapping[str, Any]) -> IndustryGroup:
    """Add a group.

    :raises Invalid: as ``group_problems`` says.
    """
    _refuse(group_problems(values))
    row: IndustryGroup = crud.create(IndustryGroup, values)
    return row


def change_group(row: IndustryGroup, values: Mapping[str, Any], version: int | None) -> IndustryGroup:
    """Change name and industries of a group.

    :raises Invalid: as ``group_problems`` says.
    :raises Overtaken: somebody changed it meanwhile.
    """
    _refuse(group_problems(values, row.id))
    changed: IndustryGroup = crud.change(row, values, version)
    return changed


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(problems)
