"""Admins as they stand below each other: the whole subtree that an actor sees, in two statements."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from app.infra.database import db
from app.infra.scope import scope_of
from app.kernel.actor import Actor
from app.organisations.models import Account, Admin, AdminRegion, Bureau, Region
from app.organisations.terms import RANKS


@dataclass(slots=True)
class AdminNode:
    """An admin and who stands below; ``total`` counts these, however deep."""

    key: int
    name: str
    bureau: str
    level: str
    state: str
    regions: Sequence[str] = ()
    below: list[AdminNode] = field(default_factory=list)
    total: int = 0


def admin_tree(actor: Actor, today: dt.date) -> list[AdminNode]:
    """The admins in sight, top down; each under the superior where that one is in sight too."""
    seen = scope_of(Admin)(actor, today)
    rows = db.session.execute(
        select(Admin.id, Account.display_name, Bureau.name, Admin.level, Admin.state, Admin.superior_id)
        .join(Account, Account.id == Admin.account_id)
        .join(Bureau, Bureau.id == Admin.bureau_id)
        .join(Region, Region.id == Bureau.region_id)
        .where(seen)
        .order_by(Region.code, Admin.id)
    ).all()
    regions = _regions(actor, today)
    nodes = {
        key: AdminNode(key, name, bureau, level, state, regions.get(key, ()))
        for key, name, bureau, level, state, _above in rows
    }
    roots: list[AdminNode] = []
    for key, *_facts, above in rows:
        (nodes[above].below if above in nodes else roots).append(nodes[key])
    for node in sorted(nodes.values(), key=lambda one: -RANKS[one.level]):
        node.total = sum(1 + one.total for one in node.below)
    return roots


def _regions(actor: Actor, today: dt.date) -> Mapping[int, Sequence[str]]:
    rows = db.session.execute(
        select(AdminRegion.admin_id, Region.full_name)
        .join(Region, Region.id == AdminRegion.region_id)
        .where(AdminRegion.admin_id.in_(select(Admin.id).where(scope_of(Admin)(actor, today))))
        .order_by(Region.code)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for key, name in rows:
        found[key].append(name)
    return found
