"""Which regions, bureaus, admins and accounts an actor sees; whoever is not named here sees none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import aliased

from app.infra.database import db
from app.infra.remembering import follow
from app.infra.scope import among, parse_key, register
from app.kernel.actor import Actor, Kind
from app.kernel.errors import NotFound
from app.organisations.models import Account, Admin, Bureau, Region, RegionClosure

UNRESTRICTED = frozenset({Kind.PLATFORM, Kind.SYSTEM})
"""Kinds that run the installation and therefore see every organisation."""


def on_day(day: dt.date, closure: Any = RegionClosure) -> ColumnElement[bool]:
    """The rows of the closure, or of an alias of it, that are in force on a day."""
    started = or_(closure.valid_from.is_(None), closure.valid_from <= day)
    lasting = or_(closure.valid_to.is_(None), closure.valid_to > day)
    return started & lasting


def region_subtree(region_ids: Collection[int], today: dt.date) -> Select[Any]:
    """Ids of the given regions and of all that lies below them on a day, abolished places included.

    An abolished place lies below those who took it over, so none is ever out of reach.
    """
    return select(RegionClosure.descendant_id).where(RegionClosure.ancestor_id.in_(region_ids), on_day(today))


WIDE = frozenset({"ministry", "province"})
"""Levels whose territory is as good as everything that is stored."""


def in_territory(region_id: Any, actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Whether a place lies within the regions that an admin manages.

    Where that is nearly every place, those outside are left out instead: rows are then read in turn, and
    the planner knows that there are many (the ranking of a province: 97 → 29 ms).
    """
    subtree = region_subtree(actor.region_ids, today)
    found: ColumnElement[bool]
    if actor.level in WIDE:
        found = region_id.not_in(select(Region.id).where(Region.id.not_in(subtree)))
    else:
        found = among(region_id, subtree)
    return found


def admin_subtree(admin_id: int) -> Select[Any]:
    """Ids of an admin and of all subordinates, however deep, disabled ones included."""
    tree = select(Admin.id).where(Admin.id == admin_id).cte(recursive=True)
    below = aliased(Admin)
    tree = tree.union(select(below.id).join(tree, below.superior_id == tree.c.id))
    return select(tree.c.id)


COVERED_ACCOUNTS: list[Callable[[Actor, dt.date], Select[Any]]] = []
"""For domains above: ids of accounts whose records an actor covers, beside those of ``visible_accounts``."""


def visible_regions(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """Regions that an actor runs or manages."""
    if actor.kind in UNRESTRICTED:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return Region.id.in_(region_subtree(actor.region_ids, today))
    return false()


def visible_bureaus(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The actor's own bureau and those within the managed regions."""
    if actor.kind in UNRESTRICTED:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        within = Bureau.region_id.in_(region_subtree(actor.region_ids, today))
        return or_(Bureau.id == actor.bureau_id, within)
    return false()


def visible_admins(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The acting admin and the subordinates; ``today`` keeps one shape for all scopes."""
    if actor.kind in UNRESTRICTED:
        return true()
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        return Admin.id.in_(admin_subtree(actor.admin_id))
    return false()


def visible_accounts(actor: Actor, today: dt.date) -> ColumnElement[bool]:
    """The actor's own account, and for an admin the accounts of the subordinates."""
    if actor.kind in UNRESTRICTED:
        return true()
    if actor.account_id is None:
        return false()
    own = Account.id == actor.account_id
    if actor.kind is Kind.BUREAU and actor.admin_id is not None:
        subordinates = select(Admin.account_id).where(visible_admins(actor, today))
        return or_(own, Account.id.in_(subordinates))
    return own


def covered_account(key: object, actor: Actor, today: dt.date) -> Account:
    """An account that the actor sees, or whose records the actor covers.

    :raises NotFound: there is none, or not for this actor.
    """
    covered = [Account.id.in_(source(actor, today)) for source in COVERED_ACCOUNTS]
    query = select(Account).where(
        Account.id == parse_key(key, int), or_(visible_accounts(actor, today), *covered)
    )
    account: Account | None = db.session.scalars(query).one_or_none()
    if account is None:
        raise NotFound
    return account


follow(Region)
register(Region, visible_regions)
register(Bureau, visible_bureaus)
register(Admin, visible_admins)
register(Account, visible_accounts)
