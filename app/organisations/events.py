"""What the organisations tell the rest of the product."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class TerritoryChanged:
    """A region was added, abolished, succeeded or moved; the closure is up to date already."""

    actor: Actor
    region_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class AdminTransferred:
    """Everything that an admin was responsible for passes to another one.

    Handled within the transaction by whoever keeps work of admins; a handler that raises
    ``Invalid`` stops the transfer.
    """

    actor: Actor
    from_admin_id: int
    to_admin_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class AdminRegionsChanged:
    """An admin manages other regions from now on.

    Handled within the transaction; a handler that raises ``Invalid`` stops the change.
    """

    actor: Actor
    admin_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class AccountDisabled:
    """An account can no longer sign in."""

    actor: Actor
    account_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class RolesChanged:
    """An account got other roles; its sessions ended."""

    actor: Actor
    account_id: int
    roles: frozenset[str]
    at: dt.datetime
