"""Enterprises: made, changed, disabled, enabled, deleted, and given another reviewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from app.enterprises.drafts import EnterpriseDraft, draft_problems
from app.enterprises.events import (
    EnterpriseChanged,
    EnterpriseCreated,
    EnterpriseStateChanged,
    ReviewerChanged,
)
from app.enterprises.models import (
    FACTS,
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.enterprises.size import enterprise_size
from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import Message
from app.organisations.account_service import switch_off, switch_on
from app.organisations.closure import levels_of
from app.organisations.models import Account, Admin, Region
from app.organisations.reviewers import covers, reviewer_for

KEY_FIELDS = ("name", "uscc", "industry_id")
"""Who an enterprise is: from spec 10 on, these change by a reviewed request only."""

__all__ = [
    "KEY_FIELDS",
    "EnterpriseDraft",
    "change_reviewer",
    "create_enterprise",
    "delete_enterprise",
    "disable_enterprise",
    "edit_enterprise",
    "enable_enterprise",
]


def create_enterprise(
    actor: Actor, draft: EnterpriseDraft, now: dt.datetime, *, account_id: int | None = None
) -> Enterprise:
    """Add an enterprise with its first version; its reviewer is the lowest admin who covers it.

    :raises Forbidden: only bureaus (and the program) add enterprises.
    :raises NotFound: the region lies outside the actor's territory.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_administer(actor)
    today = local_date(now)
    entered = draft.normalised()
    enterprise = Enterprise(created_at=now, account_id=_account_id(account_id))
    _fill(enterprise, entered, actor, today)
    reviewer = reviewer_for(entered.region_id, today)
    enterprise.direct_reviewer_id = reviewer.id if reviewer else None
    db.session.add(enterprise)
    _add_version(enterprise, 1, actor, now)
    emit(EnterpriseCreated(actor, enterprise.id, now))
    return enterprise


def edit_enterprise(
    actor: Actor, enterprise_id: int, draft: EnterpriseDraft, version: int | None, now: dt.datetime
) -> Enterprise:
    """Change what is known of an enterprise: a new version is kept, nothing is when nothing changed.

    :raises Forbidden: an enterprise changes its name, credit code or industry by itself.
    :raises Invalid: naming every entry that cannot be taken.
    :raises Conflict: somebody changed it since ``version``.
    """
    enterprise = _find(actor, enterprise_id, now)
    claim_version(enterprise, version)
    today = local_date(now)
    before = {field: getattr(enterprise, field) for field in FACTS}
    _fill(enterprise, draft.normalised(), actor, today)
    changed = frozenset(field for field in FACTS if getattr(enterprise, field) != before[field])
    if not changed:
        return enterprise
    if actor.kind is Kind.ENTERPRISE and changed & set(KEY_FIELDS):
        words = Message("Name, credit code and industry change by request only: ask your reviewer.")
        raise Forbidden(words)
    handed_over = "region_id" in changed and _follow_region(enterprise, today)
    version_row = _add_version(enterprise, enterprise.revision + 1, actor, now)
    emit(EnterpriseChanged(actor, enterprise.id, version_row.id, changed, now))
    if handed_over and enterprise.direct_reviewer_id is not None:
        emit(ReviewerChanged(actor, (enterprise.id,), enterprise.direct_reviewer_id, now))
    return enterprise


def disable_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> Enterprise:
    """Stop monitoring an enterprise; its account can no longer sign in, its history stays.

    :raises Conflict: disabled already.
    """
    _may_administer(actor)
    enterprise = _find(actor, enterprise_id, now)
    if enterprise.state == "disabled":
        raise Conflict(Message("This enterprise is disabled already."))
    account = enterprise.account
    if account is not None and account.state == "active":
        switch_off(actor, account, now)
    return _set_state(actor, enterprise, "disabled", now)


def enable_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> Enterprise:
    """Monitor an enterprise again.

    :raises Conflict: active already.
    """
    _may_administer(actor)
    enterprise = _find(actor, enterprise_id, now)
    if enterprise.state == "active":
        raise Conflict(Message("This enterprise is active already."))
    if enterprise.account is not None:
        switch_on(enterprise.account)
    return _set_state(actor, enterprise, "active", now)


def delete_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> None:
    """Delete a disabled enterprise that never reported; later domains veto through the register.

    :raises Conflict: it is still active.
    :raises Invalid: with every reason why it must stay.
    """
    _may_administer(actor)
    enterprise = _find(actor, enterprise_id, now)
    if enterprise.state != "disabled":
        raise Conflict(Message("Disable the enterprise before you delete it."))
    refuse_deletion(enterprise)
    db.session.delete(enterprise)
    db.session.flush()


def change_reviewer(
    actor: Actor, enterprise_ids: Collection[int], admin_id: int, now: dt.datetime
) -> list[Enterprise]:
    """Give enterprises another direct reviewer; all their reports move along through the event.

    :raises NotFound: an enterprise or the admin is out of the actor's sight.
    :raises Invalid: naming each enterprise whose region the new reviewer does not manage.
    """
    _may_administer(actor)
    today = local_date(now)
    admin: Admin = scope.find(Admin, admin_id, actor, today)
    enterprises = [_find(actor, enterprise_id, now) for enterprise_id in sorted(set(enterprise_ids))]
    problems = []
    if admin.state != "active":
        problems.append(Problem(Message("Choose an active admin."), "reviewer"))
    for enterprise in enterprises:
        if not covers(admin.id, enterprise.region_id, today):
            words = Message(
                "{enterprise}: its region {region} is not among those of the new reviewer.",
                enterprise=enterprise.name,
                region=enterprise.region,
            )
            problems.append(Problem(words, "reviewer"))
    if problems:
        raise Invalid(problems)
    _assign(actor, enterprises, admin.id, now)
    return enterprises


def _assign(actor: Actor, enterprises: Collection[Enterprise], admin_id: int, now: dt.datetime) -> None:
    for enterprise in enterprises:
        enterprise.direct_reviewer_id = admin_id
    db.session.flush()
    if enterprises:
        emit(ReviewerChanged(actor, tuple(one.id for one in enterprises), admin_id, now))


def _find(actor: Actor, enterprise_id: int, now: dt.datetime) -> Enterprise:
    found: Enterprise = scope.find(Enterprise, enterprise_id, actor, local_date(now), lock=True)
    return found


def _may_administer(actor: Actor) -> None:
    if actor.kind not in (Kind.BUREAU, Kind.SYSTEM):
        raise Forbidden(Message("Only a bureau administers enterprises."))


def _account_id(account_id: int | None) -> int | None:
    if account_id is None:
        return None
    account = db.session.get(Account, account_id)
    taken = db.session.scalar(select(Enterprise.id).where(Enterprise.account_id == account_id))
    if account is None or account.kind != Kind.ENTERPRISE or taken:
        raise Invalid(
            [Problem(Message("Choose the account of an enterprise that is still free."), "account")]
        )
    return account_id


def _fill(enterprise: Enterprise, draft: EnterpriseDraft, actor: Actor, today: dt.date) -> None:
    """Check everything at once, then write the facts, the region levels and the size."""
    with db.session.no_autoflush:
        places, problems = _check(enterprise, draft, actor, today)
    if problems:
        raise Invalid(problems)
    for field in FACTS:
        if hasattr(draft, field):
            setattr(enterprise, field, getattr(draft, field))
    for level in ("province", "prefecture", "county"):
        setattr(enterprise, f"{level}_id", places.get(level))
    enterprise.name_key = name_key(draft.name)
    industry = db.session.get_one(Industry, draft.industry_id)
    enterprise.size = enterprise_size(industry.code, draft.revenue, draft.employees, draft.assets).size


def _check(
    enterprise: Enterprise, draft: EnterpriseDraft, actor: Actor, today: dt.date
) -> tuple[Any, list[Problem]]:
    problems = draft_problems(draft, today, may_except=actor.kind is not Kind.ENTERPRISE)
    if draft.region_id != enterprise.region_id:
        problems += _region_problems(draft.region_id, actor, today)
    problems += _choice_problems(draft)
    problems += _duplicates(enterprise, draft, actor, today)
    return levels_of(draft.region_id, today), problems


def _region_problems(region_id: int, actor: Actor, today: dt.date) -> list[Problem]:
    """A county, or a place without counties; an enterprise chooses anywhere, a bureau in its territory."""
    region = db.session.get(Region, region_id)
    if actor.kind is not Kind.ENTERPRISE:
        region = scope.find(Region, region_id, actor, today)
    if region is None or region.kind == "alias":
        return [Problem(Message("Choose a region."), "region")]
    if not region.exists_on(today):
        words = Message("{region} no longer exists: choose its successor.", region=region)
        return [Problem(words, "region")]
    below = select(Region.id).where(Region.parent_id == region.id).limit(1)
    if region.level != "county" and (region.level != "prefecture" or db.session.scalar(below)):
        return [Problem(Message("Choose the county or district."), "region")]
    return []


def _choice_problems(draft: EnterpriseDraft) -> list[Problem]:
    problems = []
    industry = db.session.get(Industry, draft.industry_id)
    if industry is None or industry.level < 2:
        problems.append(Problem(Message("Choose an industry, at least its division."), "industry"))
    registration_type = db.session.get(RegistrationType, draft.registration_type_id)
    if registration_type is None or not registration_type.selectable:
        problems.append(Problem(Message("Choose a registration type."), "registration_type"))
    if db.session.get(ControlType, draft.control_type_id) is None:
        problems.append(Problem(Message("Choose who controls the capital."), "control_type"))
    return problems


def _duplicates(
    enterprise: Enterprise, draft: EnterpriseDraft, actor: Actor, today: dt.date
) -> list[Problem]:
    """A name or code that is registered already, with whom to ask."""
    problems = []
    for field, column, value in (
        ("name", Enterprise.name_key, name_key(draft.name)),
        ("uscc", Enterprise.uscc, draft.uscc),
    ):
        query = select(Enterprise).where(column == value, Enterprise.id != (enterprise.id or 0))
        other = db.session.scalar(query) if value else None
        if other is not None:
            problems.append(Problem(_registered_already(other), field))
    return problems


def _registered_already(other: Enterprise) -> Message:
    admin = other.direct_reviewer
    if admin is None:
        return Message("This enterprise is already registered. Ask the local administrator for its user ID.")
    return Message(
        "This enterprise is already registered. Ask {admin} ({bureau}, {phone}) for its user ID.",
        admin=admin.account.display_name,
        bureau=admin.bureau.name,
        phone=admin.account.phone or "—",
    )


def _follow_region(enterprise: Enterprise, today: dt.date) -> bool:
    """Give an enterprise that left its reviewer's regions the reviewer of the new place; whether it did."""
    current = enterprise.direct_reviewer_id
    if current is not None and covers(current, enterprise.region_id, today):
        return False
    reviewer = reviewer_for(enterprise.region_id, today)
    enterprise.direct_reviewer_id = reviewer.id if reviewer else None
    return True


def _add_version(enterprise: Enterprise, number: int, actor: Actor, now: dt.datetime) -> EnterpriseVersion:
    enterprise.revision, enterprise.updated_at = number, now
    db.session.flush()
    version = EnterpriseVersion(
        enterprise_id=enterprise.id,
        number=number,
        created_at=now,
        created_by_id=actor.account_id,
        **{field: getattr(enterprise, field) for field in FACTS},
    )
    db.session.add(version)
    db.session.flush()
    enterprise.current_version_id = version.id
    db.session.flush()
    return version


def _set_state(actor: Actor, enterprise: Enterprise, state: str, now: dt.datetime) -> Enterprise:
    enterprise.state, enterprise.updated_at = state, now
    db.session.flush()
    emit(EnterpriseStateChanged(actor, enterprise.id, state, now))
    return enterprise
