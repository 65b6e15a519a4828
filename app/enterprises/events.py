"""What the enterprises tell the rest of the product."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.enterprises.key_change_rules import KeyFacts
from app.kernel.actor import Actor
from app.kernel.texts import LocalText


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


@dataclass(frozen=True, slots=True)
class RegistrationStepped:
    """A registration took a step; ``name`` is what the workflow's table says that it emits."""

    actor: Actor
    name: str
    registration_id: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeyFieldsEdited:
    """Somebody who administers an enterprise gave it another name, code or industry at once."""

    actor: Actor
    enterprise_id: int
    old: KeyFacts
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class KeyChangeStepped:
    """A change of key fields took a step; ``name`` is what the workflow's table says that it emits.

    ``reviewer_ids`` are the admins who could decide about it, ``reason`` why it was returned or referred.
    """

    actor: Actor
    name: str
    change_id: int
    enterprise_id: int
    at: dt.datetime
    reason: LocalText | None = None
    reviewer_ids: frozenset[int] = frozenset()
