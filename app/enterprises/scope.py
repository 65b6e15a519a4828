"""Which enterprises an actor sees; whoever is not named here sees none."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, false, select, true

from app.enterprises.models import (
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.infra.scope import among, register
from app.kernel.actor import Actor, Kind
from app.organisations.scope import admin_subtree, region_subtree


def visible_enterprises(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Enterprises of the managed regions for a bureau, its own for an enterprise, none for others.

    The platform admin runs users and dictionaries and takes no business decision, so sees none.
    """
    if actor.kind is Kind.SYSTEM:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return among(Enterprise.region_id, region_subtree(actor.region_ids, today))
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


def visible_dictionaries(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Trades, legal forms and control types: everybody who is signed in, and the program itself."""
    return true() if actor.is_signed_in or actor.kind is Kind.SYSTEM else false()


register(Enterprise, visible_enterprises)
register(EnterpriseVersion, visible_enterprise_versions)
register(Industry, visible_dictionaries)
register(RegistrationType, visible_dictionaries)
register(ControlType, visible_dictionaries)
