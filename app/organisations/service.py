"""Bureaus as administrators change them; accounts, admins and regions have services beside this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.names import name_key, normalise_name
from app.kernel.texts import Message
from app.organisations.account_service import (
    AccountDraft,
    create_account,
    disable_account,
    edit_account,
    enable_account,
    hash_password,
    set_password,
    set_roles,
)
from app.organisations.admin_service import (
    AdminDraft,
    create_admin,
    disable_admin,
    edit_admin,
    enable_admin,
    transfer_work,
)
from app.organisations.contacts import any_phone_problem, normalise_number
from app.organisations.models import Admin, Bureau, BureauContact, Region
from app.organisations.region_service import (
    RegionDraft,
    create_region,
    delete_region,
    edit_region,
    tag_region,
)
from app.organisations.rules import place_problem, superior_problem
from app.organisations.terms import BUREAU_LEVELS, CONTACT_DUTIES, RANKS

__all__ = [
    "AccountDraft",
    "AdminDraft",
    "BureauDraft",
    "ContactDraft",
    "RegionDraft",
    "bureau_problems",
    "create_account",
    "create_admin",
    "create_bureau",
    "create_region",
    "delete_bureau",
    "delete_region",
    "disable_account",
    "disable_admin",
    "disable_bureau",
    "edit_account",
    "edit_admin",
    "edit_bureau",
    "edit_region",
    "enable_account",
    "enable_admin",
    "enable_bureau",
    "hash_password",
    "set_password",
    "set_roles",
    "tag_region",
    "transfer_work",
]


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A contact as entered: the responsible leader or the handler."""

    duty: str
    name: str
    phone: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class BureauDraft:
    """A bureau as entered."""

    name: str
    level: str
    region_id: int
    superior_id: int | None = None
    contacts: Sequence[ContactDraft] = ()


def create_bureau(actor: Actor, draft: BureauDraft, now: dt.datetime) -> Bureau:
    """Add a bureau.

    :raises Forbidden: a bureau admin adds one that is not below the own level.
    :raises Invalid: naming every entry that cannot be taken.
    """
    _may_keep(actor, draft.level)
    bureau = Bureau()
    _fill(bureau, draft, actor, now)
    db.session.add(bureau)
    db.session.flush()
    return bureau


def edit_bureau(
    actor: Actor, bureau_id: int, draft: BureauDraft, version: int | None, now: dt.datetime
) -> Bureau:
    """Change a bureau. An admin may change name and contacts of the own one, nothing else of it.

    :raises Forbidden: the actor may not change so much.
    :raises Invalid: naming every entry that cannot be taken.
    :raises Conflict: somebody changed it since ``version``.
    """
    bureau: Bureau = scope.find(Bureau, bureau_id, actor, local_date(now), lock=True)
    claim_version(bureau, version)
    moved = (draft.level, draft.region_id, draft.superior_id) != (
        bureau.level,
        bureau.region_id,
        bureau.superior_id,
    )
    if bureau.id != actor.bureau_id or moved:
        _may_keep(actor, bureau.level)
        _may_keep(actor, draft.level)
    if draft.level != bureau.level and db.session.scalar(_admins(bureau)):
        words = Message("This bureau has admins: its level cannot change any more.")
        raise Invalid([Problem(words, "level")])
    _fill(bureau, draft, actor, now)
    db.session.flush()
    return bureau


def disable_bureau(actor: Actor, bureau_id: int, now: dt.datetime) -> Bureau:
    """Take a bureau out of use.

    :raises Conflict: it is disabled already, or still has active admins.
    """
    bureau: Bureau = scope.find(Bureau, bureau_id, actor, local_date(now), lock=True)
    _may_keep(actor, bureau.level)
    if bureau.state == "disabled":
        raise Conflict(Message("This bureau is disabled already."))
    if db.session.scalar(_admins(bureau).where(Admin.state == "active")):
        raise Conflict(Message("This bureau has active admins: disable them first."))
    bureau.state = "disabled"
    db.session.flush()
    return bureau


def enable_bureau(actor: Actor, bureau_id: int, now: dt.datetime) -> Bureau:
    """Put a bureau back into use.

    :raises Conflict: it is in use.
    """
    bureau: Bureau = scope.find(Bureau, bureau_id, actor, local_date(now), lock=True)
    _may_keep(actor, bureau.level)
    if bureau.state == "active":
        raise Conflict(Message("This bureau is active already."))
    bureau.state = "active"
    db.session.flush()
    return bureau


def delete_bureau(actor: Actor, bureau_id: int, now: dt.datetime) -> None:
    """Delete a bureau that was never used.

    :raises Invalid: with everything that still needs it.
    """
    bureau: Bureau = scope.find(Bureau, bureau_id, actor, local_date(now), lock=True)
    _may_keep(actor, bureau.level)
    refuse_deletion(bureau)
    problems = []
    if db.session.scalar(_admins(bureau)):
        problems.append(Problem(Message("This bureau has admins: disable it instead.")))
    if db.session.scalar(select(Bureau.id).where(Bureau.superior_id == bureau.id).limit(1)):
        problems.append(Problem(Message("Other bureaus stand below this one.")))
    if problems:
        raise Invalid(problems)
    db.session.delete(bureau)
    db.session.flush()


def _admins(bureau: Bureau):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return select(Admin.id).where(Admin.bureau_id == bureau.id).limit(1)


def _may_keep(actor: Actor, level: str) -> None:
    """The platform keeps every bureau, a bureau admin those below the own level."""
    if actor.kind in (Kind.PLATFORM, Kind.SYSTEM):
        return
    if actor.kind is Kind.BUREAU and actor.level in RANKS and RANKS.get(level, -1) > RANKS[actor.level]:
        return
    raise Forbidden(Message("You may change bureaus below your own level only."))


def bureau_problems(
    actor: Actor, draft: BureauDraft, bureau: Bureau | None, now: dt.datetime
) -> list[Problem]:
    """Everything wrong with a bureau as entered.

    :param bureau: the one that is to be changed; None for a new one.
    :raises NotFound: its region or superior is out of the actor's sight.
    """
    today, found = local_date(now), bureau or Bureau()
    region = scope.find(Region, draft.region_id, actor, today) if draft.region_id else None
    superior = scope.find(Bureau, draft.superior_id, actor, today) if draft.superior_id else None
    with db.session.no_autoflush:
        problems = _bureau_problems(found, draft, normalise_name(draft.name), region, superior)
        problems += _ended(found, region, today)
    return [*problems, *_contacts(draft.contacts)[1]]


def _fill(bureau: Bureau, draft: BureauDraft, actor: Actor, now: dt.datetime) -> None:
    today = local_date(now)
    region: Region = scope.find(Region, draft.region_id, actor, today)
    superior = None
    if draft.superior_id is not None and draft.superior_id == bureau.superior_id:
        superior = bureau.superior
    elif draft.superior_id is not None:
        superior = scope.find(Bureau, draft.superior_id, actor, today)
    name = normalise_name(draft.name)
    problems = [
        *_bureau_problems(bureau, draft, name, region, superior),
        *_ended(bureau, region, today),
    ]
    contacts, contact_problems = _contacts(draft.contacts)
    if problems or contact_problems:
        raise Invalid([*problems, *contact_problems])
    bureau.name, bureau.name_key = name, name_key(name)
    bureau.level, bureau.region_id = draft.level, region.id
    bureau.superior_id = None if superior is None else superior.id
    bureau.contacts = contacts


def _ended(bureau: Bureau, region: Region | None, today: dt.date) -> list[Problem]:
    """A bureau that has no such region yet gets none that does not exist today."""
    refusal = region.refusal_on(today) if region is not None and region.id != bureau.region_id else None
    return [Problem(refusal, "region")] if refusal is not None else []


def _bureau_problems(
    bureau: Bureau, draft: BureauDraft, name: str, region: Region | None, superior: Bureau | None
) -> list[Problem]:
    problems: list[Problem | None] = []
    if not 1 <= len(name) <= 80:
        problems.append(Problem(Message("Enter a name of at most 80 characters."), "name"))
    else:
        query = select(Bureau.id).where(Bureau.name_key == name_key(name), Bureau.id != (bureau.id or 0))
        if db.session.scalar(query):
            problems.append(Problem(Message("There is a bureau of this name already."), "name"))
    if draft.level in BUREAU_LEVELS:
        problems.append(place_problem(draft.level, region.level) if region else None)
        problems.append(superior_problem(draft.level, superior.level if superior else None))
    else:
        problems.append(Problem(Message("Choose a level."), "level"))
    return [problem for problem in problems if problem is not None]


def _contacts(drafts: Sequence[ContactDraft]) -> tuple[list[BureauContact], list[Problem]]:
    contacts, problems = [], []
    for position, draft in enumerate(drafts):
        name, phone = normalise_name(draft.name), normalise_number(draft.phone)
        if draft.duty not in CONTACT_DUTIES:
            problems.append(Problem(Message("Choose the duty of each contact."), f"{draft.duty}_name"))
        if not 1 <= len(name) <= 40:
            problems.append(Problem(Message("Enter the name of the contact."), f"{draft.duty}_name"))
        problem = any_phone_problem(phone, f"{draft.duty}_phone")
        if problem is not None:
            problems.append(problem)
        title = normalise_name(draft.title)[:40]
        contacts.append(
            BureauContact(duty=draft.duty, name=name, title=title, phone=phone, position=position)
        )
    return contacts, problems
