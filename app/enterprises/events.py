"""What the enterprises tell the rest of the product."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class EnterpriseCreated:
    """An enterprise is monitored from now on."""

    actor: Actor
    enterprise_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class EnterpriseChanged:
    """What is known of an enterprise changed: ``fields`` names what, ``version_id`` keeps it."""

    actor: Actor
    enterprise_id: int
    version_id: int
    fields: frozenset[str]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class EnterpriseStateChanged:
    """An enterprise was disabled or enabled."""

    actor: Actor
    enterprise_id: int
    state: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ReviewerChanged:
    """Enterprises got another direct reviewer; their reports of every period move along (spec 10)."""

    actor: Actor
    enterprise_ids: tuple[int, ...]
    admin_id: int
    at: dt.datetime
