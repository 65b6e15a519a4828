"""What is wrong with an enterprise's entries as other records have it: places, dictionaries, duplicates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from app.enterprises import record_rules
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import ControlType, Enterprise, Industry, RegistrationType
from app.enterprises.registration_models import EnterpriseRegistration
from app.enterprises.registration_workflow import PENDING
from app.infra import scope
from app.infra.database import db
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Problem
from app.kernel.names import name_key
from app.organisations.models import Region
from app.organisations.reviewers import reviewer_for


def region_problems(region_id: int, actor: Actor, today: dt.date) -> list[Problem]:
    """A county, or a place without counties; an enterprise chooses anywhere, a bureau in its territory.

    :raises NotFound: the region lies outside the territory of the actor.
    """
    region = db.session.get(Region, region_id)
    if actor.kind is not Kind.ENTERPRISE:
        region = scope.find(Region, region_id, actor, today)
    divided = region is not None and db.session.scalar(
        select(Region.id).where(Region.parent_id == region.id).limit(1)
    )
    return record_rules.place_problems(region, today, is_divided=bool(divided))


def choice_problems(draft: EnterpriseDraft) -> list[Problem]:
    """Entries of dictionaries that do not exist or cannot be chosen."""
    return record_rules.choice_problems(
        db.session.get(Industry, draft.industry_id),
        db.session.get(RegistrationType, draft.registration_type_id),
        db.session.get(ControlType, draft.control_type_id),
    )


def registered_already(draft: EnterpriseDraft, today: dt.date, *, but: int = 0) -> list[Problem]:
    """A name or code that another enterprise has, with whom to ask (spec 10).

    Names are equal by their key, so that look-alike characters make no second one.

    :param but: the enterprise that the entries belong to.
    """
    problems = []
    for field, column, value in _keys(draft, Enterprise):
        other = db.session.scalar(select(Enterprise).where(column == value, Enterprise.id != but))
        if other is not None:
            admin = other.direct_reviewer or reviewer_for(other.region_id, today)
            problems.append(Problem(record_rules.registered_already(admin), field))
    return problems


def waiting_already(draft: EnterpriseDraft, *, but: int) -> list[Problem]:
    """A name or code of another registration that waits for review, with whom to ask.

    :param but: the account that registers.
    """
    problems = []
    table = EnterpriseRegistration
    for field, column, value in _keys(draft, table):
        waits = (column == value, table.state == PENDING, table.account_id != but)
        other = db.session.scalar(select(table).where(*waits))
        if other is not None:
            problems.append(Problem(record_rules.registered_already(other.reviewer), field))
    return problems


def _keys(draft: EnterpriseDraft, table: Any) -> Iterator[tuple[str, Any, str]]:
    for field, column, value in (
        ("name", "name_key", name_key(draft.name)),
        ("uscc", "uscc", draft.uscc),
    ):
        if value:
            yield field, getattr(table, column), value
