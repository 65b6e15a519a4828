"""Which enterprises an actor sees; whoever is not named here sees none."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, select, true

from app.enterprises.credit_codes import STATUS_NAMES
from app.enterprises.key_change_models import KeyChange, KeyChangeStep
from app.enterprises.models import (
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.enterprises.registration_models import EnterpriseRegistration, RegistrationStep
from app.enterprises.registration_workflow import SENT
from app.enterprises.size_models import SizeStandard
from app.infra.scope import register
from app.kernel.actor import Actor, Kind
from app.organisations.scope import COVERED_ACCOUNTS, admin_subtree, in_territory


def visible_enterprises(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Enterprises of the managed regions for a bureau, its own for an enterprise, none for others.

    The platform admin runs users and dictionaries and takes no business decision, so sees none.
    """
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return in_territory(Enterprise.region_id, actor, today)
    if actor.kind is Kind.ENTERPRISE and actor.enterprise_id is not None:
        return Enterprise.id == actor.enterprise_id
    return false()


def reviewed_below(actor: Actor) -> ColumnElement[bool]:
    """Enterprises whose direct reviewer is the acting admin or a subordinate: the list's default."""
    if actor.admin_id is None:
        return false()
    return Enterprise.direct_reviewer_id.in_(admin_subtree(actor.admin_id))


def visible_enterprise_versions(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Versions of the enterprises that the actor sees."""
    seen = select(Enterprise.id).where(visible_enterprises(actor, today))
    return EnterpriseVersion.enterprise_id.in_(seen)


def places_of_enterprises() -> Select:
    """(account_id, region_id) of each active enterprise, for what is addressed to accounts by region."""
    located: Select = select(Enterprise.account_id, Enterprise.region_id)
    return located.where(Enterprise.state == "active", Enterprise.account_id.is_not(None))


COUNTED_CODES = tuple(status for status in STATUS_NAMES if status != "test")
"""Kinds of credit codes whose enterprises statistics count."""


def counted() -> ColumnElement[bool]:
    """Enterprises that statistics count: all but those let in with a test code.

    One with a code of an older register is flagged and yet as real as any other, so it counts.
    """
    return Enterprise.code_status.in_(COUNTED_CODES)


def visible_registrations(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """What was submitted from the managed regions for a bureau, the account's own for an enterprise."""
    table = EnterpriseRegistration
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return and_(in_territory(table.region_id, actor, today), table.state.in_(sorted(SENT)))
    if actor.kind is Kind.ENTERPRISE and actor.account_id is not None:
        return table.account_id == actor.account_id
    return false()


def visible_registration_steps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Steps of the registrations that the actor sees."""
    seen = select(EnterpriseRegistration.id).where(visible_registrations(actor, today))
    return RegistrationStep.registration_id.in_(seen)


def visible_key_changes(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Changes of key fields of the enterprises that the actor sees."""
    if actor.kind is Kind.SYSTEM:
        return true()
    seen = select(Enterprise.id).where(visible_enterprises(actor, today))
    return KeyChange.enterprise_id.in_(seen)


def visible_key_change_steps(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Steps of the changes that the actor sees."""
    seen = select(KeyChange.id).where(visible_key_changes(actor, today))
    return KeyChangeStep.change_id.in_(seen)


def visible_dictionaries(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Dictionaries and size standards: everybody who is signed in, and the program itself."""
    return true() if actor.is_signed_in or actor.kind is Kind.SYSTEM else false()


def accounts_of_enterprises(actor: Actor, today: dt.date) -> Select[Any]:
    """Accounts of the enterprises that the actor sees."""
    seen = visible_enterprises(actor, today)
    return select(Enterprise.account_id).where(seen, Enterprise.account_id.is_not(None))


COVERED_ACCOUNTS.append(accounts_of_enterprises)
register(Enterprise, visible_enterprises)
register(EnterpriseVersion, visible_enterprise_versions)
register(EnterpriseRegistration, visible_registrations)
register(RegistrationStep, visible_registration_steps)
register(KeyChange, visible_key_changes)
register(KeyChangeStep, visible_key_change_steps)
register(Industry, visible_dictionaries)
register(RegistrationType, visible_dictionaries)
register(ControlType, visible_dictionaries)
register(SizeStandard, visible_dictionaries)
