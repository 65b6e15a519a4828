"""Enterprises: made, changed, disabled, enabled, deleted, and given another reviewer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.enterprises.checks import choice_problems, region_problems, registered_already
from app.enterprises.credit_codes import code_status
from app.enterprises.drafts import EnterpriseDraft, draft_problems
from app.enterprises.events import (
    EnterpriseChanged,
    EnterpriseCreated,
    EnterpriseStateChanged,
    KeyFieldsEdited,
    ReviewerChanged,
)
from app.enterprises.key_change_rules import KeyFacts
from app.enterprises.models import FACTS, Enterprise, EnterpriseVersion, Industry
from app.enterprises.size import enterprise_size
from app.enterprises.size_standards import standards
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
from app.organisations.account_service import release_account, switch_off, switch_on
from app.organisations.activation import invite_owner
from app.organisations.closure import levels_of
from app.organisations.models import Account, Admin
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
    "enterprise_problems",
    "invite_enterprise",
]


def create_enterprise(
    actor: Actor, draft: EnterpriseDraft, now: dt.datetime, *, account_id: int | None = None
) -> Enterprise:
    """Add an enterprise with its first version; its reviewer is the lowest admin who covers it.

    :raises Forbidden: only bureaus (and the program) add enterprises.
    :raises NotFound: the region lies outside the actor's territory.
    :raises Invalid: naming every entry that cannot be taken.
    """
    may_administer(actor)
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
    called = KeyFacts(enterprise.name, enterprise.uscc, enterprise.industry_id, enterprise.industry.section)
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
    if changed & set(KEY_FIELDS):
        db.session.expire(enterprise, ["industry"])
        emit(KeyFieldsEdited(actor, enterprise.id, called, now))
    if handed_over and enterprise.direct_reviewer_id is not None:
        emit(ReviewerChanged(actor, (enterprise.id,), enterprise.direct_reviewer_id, now))
    return enterprise


def take_key_facts(
    actor: Actor, enterprise: Enterprise, new: KeyFacts, fields: Collection[str], now: dt.datetime
) -> None:
    """Give an enterprise the name, code or industry of a change that passed: a new version is kept.

    Size and the rest follow from the new industry as of today. What an administrator changed meanwhile in
    other fields stays.

    :param fields: of ``key_change_rules.KEY_FIELDS``, those that change.
    """
    columns: dict[str, Any] = {"name": new.name, "uscc": new.uscc, "industry_id": new.industry_id}
    taken = {column: value for column, value in columns.items() if column.removesuffix("_id") in fields}
    before = {field: getattr(enterprise, field) for field in FACTS}
    draft = EnterpriseDraft(**{field: getattr(enterprise, field) for field in EnterpriseDraft.__slots__})
    industry = db.session.get_one(Industry, taken.get("industry_id", enterprise.industry_id))
    today = local_date(now)
    entered = replace(draft, **taken).normalised()
    write_facts(enterprise, entered, levels_of(enterprise.region_id, today), industry.code, today)
    version_row = _add_version(enterprise, enterprise.revision + 1, actor, now)
    db.session.expire(enterprise, ["industry"])
    changed = frozenset(field for field in FACTS if getattr(enterprise, field) != before[field])
    if enterprise.account is not None:
        enterprise.account.display_name = enterprise.name[:100]
        enterprise.account.user.first_name = enterprise.account.display_name[:64]
    emit(EnterpriseChanged(actor, enterprise.id, version_row.id, changed, now))


def disable_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> Enterprise:
    """Stop monitoring an enterprise; its account can no longer sign in, its history stays.

    :raises Conflict: disabled already.
    """
    may_administer(actor)
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
    may_administer(actor)
    enterprise = _find(actor, enterprise_id, now)
    if enterprise.state == "active":
        raise Conflict(Message("This enterprise is active already."))
    if enterprise.account is not None:
        switch_on(enterprise.account)
    return _set_state(actor, enterprise, "active", now)


def delete_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> None:
    """Delete a disabled enterprise that never reported; later domains veto through the register.

    Its account has nothing left to show: login name, e-mail address and mobile are free for who registers
    anew, and nobody enters it again.

    :raises Conflict: it is still active.
    :raises Invalid: with every reason why it must stay.
    """
    may_administer(actor)
    enterprise = _find(actor, enterprise_id, now)
    if enterprise.state != "disabled":
        raise Conflict(Message("Disable the enterprise before you delete it."))
    refuse_deletion(enterprise)
    account = enterprise.account
    db.session.delete(enterprise)
    db.session.flush()
    if account is not None:
        release_account(account)


def invite_enterprise(actor: Actor, enterprise_id: int, now: dt.datetime) -> None:
    """Send the owner of an enterprise's account the link to choose a password, perhaps again.

    :raises Conflict: there is no account, it has a password, or it cannot sign in.
    """
    may_administer(actor)
    account = _find(actor, enterprise_id, now).account
    if account is None:
        raise Conflict(Message("This enterprise has no account."))
    invite_owner(account, now)


def change_reviewer(
    actor: Actor, enterprise_ids: Collection[int], admin_id: int, now: dt.datetime
) -> list[Enterprise]:
    """Give enterprises another direct reviewer; all their reports move along through the event.

    :raises NotFound: an enterprise or the admin is out of the actor's sight.
    :raises Invalid: naming each enterprise whose region the new reviewer does not manage.
    """
    may_administer(actor)
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


def may_administer(actor: Actor) -> None:
    """Whether the actor administers enterprises at all.

    :raises Forbidden: only bureaus do, and the program.
    """
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
    industry = db.session.get_one(Industry, draft.industry_id)
    write_facts(enterprise, draft, places, industry.code, today)


def write_facts(
    enterprise: Enterprise,
    draft: EnterpriseDraft,
    places: Mapping[str, int],
    industry_code: str,
    today: dt.date,
) -> None:
    """Put checked entries on an enterprise, with what follows from them: key, region levels, size."""
    for field in FACTS:
        if hasattr(draft, field):
            setattr(enterprise, field, getattr(draft, field))
    for level in ("province", "prefecture", "county"):
        setattr(enterprise, f"{level}_id", places.get(level))
    enterprise.name_key = name_key(draft.name)
    enterprise.code_status = code_status(draft.uscc)
    enterprise.size = enterprise_size(
        industry_code, draft.revenue, draft.employees, draft.assets, on=today, standards=standards()
    ).size


def enterprise_problems(
    actor: Actor, draft: EnterpriseDraft, enterprise: Enterprise | None, now: dt.datetime
) -> list[Problem]:
    """Everything wrong with an enterprise as entered; nothing is written.

    :param enterprise: the one that is to be changed; None for a new one.
    :raises NotFound: the region lies outside the actor's territory.
    """
    with db.session.no_autoflush:
        return _check(enterprise or Enterprise(), draft.normalised(), actor, local_date(now))[1]


def _check(
    enterprise: Enterprise, draft: EnterpriseDraft, actor: Actor, today: dt.date
) -> tuple[Any, list[Problem]]:
    keeps_code = bool(draft.uscc) and draft.uscc == enterprise.uscc  # what an admin let in stays in
    problems = draft_problems(draft, today, may_except=actor.kind is not Kind.ENTERPRISE or keeps_code)
    if not draft.region_id:
        problems.append(Problem(Message("Choose a region."), "region"))
    elif draft.region_id != enterprise.region_id:
        problems += region_problems(draft.region_id, actor, today)
    problems += choice_problems(draft)
    problems += registered_already(draft, today, but=enterprise.id or 0)
    return levels_of(draft.region_id, today), problems


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
    version = version_of(enterprise, number, actor, now)
    db.session.add(version)
    db.session.flush()
    enterprise.current_version_id = version.id
    db.session.flush()
    return version


def version_of(enterprise: Enterprise, number: int, actor: Actor, now: dt.datetime) -> EnterpriseVersion:
    """The row that keeps what is known of an enterprise now; not yet added to the session."""
    return EnterpriseVersion(
        enterprise_id=enterprise.id,
        number=number,
        created_at=now,
        created_by_id=actor.account_id,
        **{field: getattr(enterprise, field) for field in FACTS},
    )


def _set_state(actor: Actor, enterprise: Enterprise, state: str, now: dt.datetime) -> Enterprise:
    enterprise.state, enterprise.updated_at = state, now
    db.session.flush()
    emit(EnterpriseStateChanged(actor, enterprise.id, state, now))
    return enterprise
