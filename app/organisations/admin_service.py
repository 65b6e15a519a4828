"""Bureau admins: made, changed, disabled, enabled, and their work transferred."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.texts import Message
from app.organisations.account_service import (
    AccountDraft,
    account_problems,
    create_account,
    switch_off,
    switch_on,
)
from app.organisations.activation import invite_owner
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.login_names import login_key
from app.organisations.models import Account, Admin, AdminRegion, Bureau, Region
from app.organisations.rules import rights_problem, superior_problem
from app.organisations.scope import region_subtree
from app.organisations.terms import RIGHT_NAMES, RIGHTS

PENDING_WORK: list[Callable[[Admin], Problem | None]] = []
"""For domains above: what an admin is still responsible for, as a reason not to disable the admin."""

PASSES_ON: list[Callable[[Admin], Message | None]] = []
"""For domains above: what a transfer gives to the other admin, told before it is done."""


@dataclass(frozen=True, slots=True)
class AdminDraft:
    """An admin as entered: of an account that exists (by its login name), or of a new one."""

    bureau_id: int | None
    region_ids: Collection[int]
    superior_id: int | None = None
    rights: Collection[str] = field(default_factory=frozenset)
    account_name: str = ""
    account: AccountDraft | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an admin is to stand: each part as far as it could be found."""

    bureau: Bureau | None
    superior: Admin | None
    regions: Sequence[Region]


def create_admin(actor: Actor, draft: AdminDraft, now: dt.datetime) -> Admin:
    """Make an account an admin of a bureau.

    :raises Invalid: naming every entry that cannot be taken.
    :raises NotFound: bureau, superior, region or account is out of the actor's sight.
    """
    admin = Admin(created_at=now)
    with db.session.no_autoflush:
        problems = admin_problems(actor, draft, None, now)
    if problems:
        raise Invalid(problems)
    _fill(admin, draft, actor, now)
    account = create_account(actor, draft.account, now) if draft.account else _free_account(draft)
    if account is None:
        raise Invalid([_account_problem(draft)])
    admin.account_id = account.id
    db.session.add(admin)
    db.session.flush()
    return admin


def invite_admin(actor: Actor, admin_id: int, now: dt.datetime) -> None:
    """Send an active admin whose account has no password yet the link to choose one, perhaps again.

    :raises Conflict: there is a password, or the account cannot sign in.
    """
    invite_owner(_find(actor, admin_id, now).account, now)


def edit_admin(
    actor: Actor, admin_id: int, draft: AdminDraft, version: int | None, now: dt.datetime
) -> Admin:
    """Change superior, regions and rights of an admin.

    Subordinates, and whatever waits at the admin, must stay within the new regions, so that the
    chain above each enterprise is kept.

    :raises Forbidden: an admin changes the own record.
    :raises Invalid: naming every entry that cannot be taken.
    :raises Conflict: somebody changed it since ``version``.
    """
    admin = _find(actor, admin_id, now)
    claim_version(admin, version)
    problems = admin_problems(actor, draft, admin, now)
    if problems:
        raise Invalid(problems)
    _fill(admin, draft, actor, now)
    admin.account.session_epoch += 1
    db.session.flush()
    emit(AdminRegionsChanged(actor, admin.id, now))
    return admin


def disable_admin(actor: Actor, admin_id: int, now: dt.datetime) -> Admin:
    """Disable an admin and the account behind.

    :raises Conflict: disabled already.
    :raises Invalid: with all work that has to be transferred first.
    """
    admin = _find(actor, admin_id, now)
    if admin.state == "disabled":
        raise Conflict(Message("This admin is disabled already."))
    problems = pending_work(admin)
    if problems:
        raise Invalid(problems, Message("This admin still has work: transfer it to another admin first."))
    admin.state = "disabled"
    if admin.account.state == "active":
        switch_off(actor, admin.account, now)
    db.session.flush()
    return admin


def enable_admin(actor: Actor, admin_id: int, now: dt.datetime) -> Admin:
    """Enable an admin again, with the account.

    :raises Conflict: active already, or the superior is disabled.
    :raises Invalid: the superior has lost some of the regions meanwhile.
    """
    admin = _find(actor, admin_id, now)
    if admin.state == "active":
        raise Conflict(Message("This admin is active already."))
    if admin.superior is not None and admin.superior.state != "active":
        raise Conflict(Message("The superior of this admin is disabled: choose another superior first."))
    lost = _region_problems(admin.regions, admin.bureau, admin.superior, local_date(now))
    if lost:
        raise Invalid(lost)
    admin.state = "active"
    switch_on(admin.account)
    return admin


def transfer_work(actor: Actor, from_id: int, to_id: int, now: dt.datetime) -> int:
    """Give all subordinates and enterprises of an admin to another one; the number of subordinates.

    :raises Invalid: the other admin is not above them, or does not manage their regions.
    """
    giver: Admin = _find(actor, from_id, now)
    taker: Admin = scope.find(Admin, to_id, actor, local_date(now), lock=True)
    if giver.id == taker.id or taker.state != "active":
        raise Invalid([Problem(Message("Choose another active admin."), "to_admin")])
    subordinates = db.session.scalars(select(Admin).where(Admin.superior_id == giver.id)).all()
    problems = [problem for one in subordinates if (problem := _unfit(one, taker, now)) is not None]
    if problems:
        raise Invalid(problems)
    for subordinate in subordinates:
        subordinate.superior_id = taker.id
    db.session.flush()
    emit(AdminTransferred(actor, giver.id, taker.id, now))
    return len(subordinates)


def pending_work(admin: Admin) -> list[Problem]:
    """Everything that an admin is responsible for, one line each."""
    active = select(func.count()).where(Admin.superior_id == admin.id, Admin.state == "active")
    count = db.session.scalar(active) or 0
    own = Problem(Message("{count} subordinate admins", count=count)) if count else None
    found = [own, *(source(admin) for source in PENDING_WORK)]
    return [problem for problem in found if problem is not None]


def work_to_pass_on(admin: Admin) -> list[Message]:
    """What a transfer would give to another admin, one line each."""
    count = db.session.scalar(select(func.count()).where(Admin.superior_id == admin.id)) or 0
    own = Message("{count} subordinate admins", count=count) if count else None
    return [line for line in (own, *(source(admin) for source in PASSES_ON)) if line is not None]


def admin_problems(actor: Actor, draft: AdminDraft, admin: Admin | None, now: dt.datetime) -> list[Problem]:
    """Everything wrong with an admin as entered.

    :param admin: the one that is to be changed; None for a new one.
    :raises NotFound: bureau, superior or region is out of the actor's sight.
    """
    today = local_date(now)
    place = _place(draft, actor, today)
    problems = [
        *_place_problems(draft, place, admin, actor),
        *_rights_problems(draft, place, admin, actor),
        *(_region_problems(place.regions, place.bureau, place.superior, today) if place.regions else ()),
        *_ended_problems(place.regions, admin, today),
        *(_below_problems(admin, place, today) if admin is not None and place.regions else ()),
    ]
    if admin is None and draft.account is not None:
        problems += account_problems(draft.account)
    elif admin is None and _free_account(draft) is None:
        problems.append(_account_problem(draft))
    return problems


def _find(actor: Actor, admin_id: int, now: dt.datetime) -> Admin:
    admin: Admin = scope.find(Admin, admin_id, actor, local_date(now), lock=True)
    if admin.id == actor.admin_id:
        raise Forbidden(Message("Nobody changes the rights of the own account: ask another administrator."))
    return admin


def _fill(admin: Admin, draft: AdminDraft, actor: Actor, now: dt.datetime) -> None:
    """Write an admin down of which ``admin_problems`` found nothing wrong."""
    place = _place(draft, actor, local_date(now))
    if place.bureau is not None:
        admin.bureau_id, admin.level = place.bureau.id, place.bureau.level
    admin.superior_id = place.superior.id if place.superior else None
    admin.regions = list(place.regions)
    for right in RIGHTS:
        setattr(admin, right, right in draft.rights)


def _place(draft: AdminDraft, actor: Actor, today: dt.date) -> _Place:
    return _Place(
        bureau=scope.find(Bureau, draft.bureau_id, actor, today) if draft.bureau_id else None,
        superior=scope.find(Admin, draft.superior_id, actor, today) if draft.superior_id else None,
        regions=[
            scope.find(Region, region_id, actor, today) for region_id in sorted(set(draft.region_ids or ()))
        ],
    )


def _place_problems(draft: AdminDraft, place: _Place, admin: Admin | None, actor: Actor) -> Iterator[Problem]:
    """A bureau admin puts new admins below himself or a subordinate; the platform may begin a chain."""
    superior, kept = place.superior, admin.superior_id if admin else None
    if place.bureau is None:
        yield Problem(Message("Choose the bureau."), "bureau")
    elif place.bureau.state != "active" and (admin is None or admin.bureau_id != place.bureau.id):
        yield Problem(Message("This bureau is out of use: choose another one."), "bureau")
    if superior is None and actor.kind not in (Kind.PLATFORM, Kind.SYSTEM):
        yield Problem(Message("Choose the superior admin."), "superior")
    if superior is not None and superior.state != "active" and superior.id != kept:
        yield Problem(Message("The superior must be active."), "superior")
    if place.bureau is not None:
        wrong = superior_problem(place.bureau.level, superior.level if superior else None)
        if wrong is not None:
            yield wrong
    if not place.regions:
        yield Problem(Message("Choose at least one region."), "regions")


def _rights_problems(
    draft: AdminDraft, place: _Place, admin: Admin | None, actor: Actor
) -> Iterator[Problem]:
    """Only a province leaps, and a bureau admin gives nothing that he does not have himself."""
    if set(draft.rights) - set(RIGHTS):
        yield Problem(Message("Choose from the permissions that the list offers."), "rights")
    if place.bureau is not None:
        wrong = rights_problem(place.bureau.level, draft.rights)
        if wrong is not None:
            yield wrong
    if actor.kind is not Kind.BUREAU:
        return
    held = admin.rights if admin else frozenset()
    for right in sorted((set(draft.rights) & set(RIGHTS)) - held - actor.rights):
        words = Message("You can only give permissions that you have: {right}.", right=RIGHT_NAMES[right])
        yield Problem(words, right)


def _region_problems(
    regions: Sequence[Region], bureau: Bureau | None, superior: Admin | None, today: dt.date
) -> list[Problem]:
    """Regions lie within the superior's; without a superior, within the bureau's."""
    if superior is None:
        return [
            Problem(Message("{region} is not within the region of the bureau.", region=region), "regions")
            for region in _outside(regions, [bureau.region_id] if bureau else [], today)
        ]
    return [
        Problem(Message("{region} is not among the regions of the superior.", region=region), "regions")
        for region in _outside(regions, _region_ids(superior), today)
    ]


def _ended_problems(regions: Sequence[Region], admin: Admin | None, today: dt.date) -> Iterator[Problem]:
    """Nobody is newly given a region that does not exist today; one that stands may stay."""
    kept = {region.id for region in admin.regions} if admin else set()
    for region in regions:
        refusal = region.refusal_on(today) if region.id not in kept else None
        if refusal is not None:
            yield Problem(refusal, "regions")


def _below_problems(admin: Admin, place: _Place, today: dt.date) -> Iterator[Problem]:
    """Who stands below keeps a superior at a higher level, with all of the regions."""
    below = db.session.scalars(select(Admin).where(Admin.superior_id == admin.id)).all()
    level = place.bureau.level if place.bureau else admin.level
    if any(superior_problem(one.level, level) is not None for one in below):
        words = Message("Admins stand below this one: the bureau must stay at a higher level than theirs.")
        yield Problem(words, "bureau")
    held = select(AdminRegion.region_id).join(Admin, Admin.id == AdminRegion.admin_id)
    held = held.where(Admin.superior_id == admin.id, Admin.state == "active")
    managed = db.session.scalars(select(Region).where(Region.id.in_(held))).all()
    for region in _outside(managed, [region.id for region in place.regions], today):
        words = Message(
            "A subordinate manages {region}: keep it, or take it from the subordinate first.", region=region
        )
        yield Problem(words, "regions")


def _unfit(subordinate: Admin, taker: Admin, now: dt.datetime) -> Problem | None:
    """Why an admin cannot come to stand below another one."""
    lost = _outside(subordinate.regions, _region_ids(taker), local_date(now))
    if superior_problem(subordinate.level, taker.level) is None and not lost and subordinate.id != taker.id:
        return None
    return Problem(
        Message("{admin} cannot stand below {superior}.", admin=subordinate, superior=taker), "to_admin"
    )


def _region_ids(admin: Admin) -> list[int]:
    return [region.id for region in admin.regions]


def _outside(regions: Sequence[Region], root_ids: Collection[int], today: dt.date) -> list[Region]:
    within = set(db.session.scalars(region_subtree(root_ids, today)))
    return [region for region in regions if region.id not in within]


def _free_account(draft: AdminDraft) -> Account | None:
    """The account that was named, if an admin may be made of it.

    Accounts of bureaus without an admin are not listed to anybody who might want one: whoever makes
    an admin of an account has to know its login name.
    """
    named = select(Account).join(User, User.id == Account.user_id)
    named = named.where(func.lower(User.username) == login_key(draft.account_name))
    account = db.session.scalars(named.with_for_update(of=Account)).one_or_none()
    fits = account is not None and account.kind == Kind.BUREAU and account.state == "active"
    return account if fits and account is not None and account.admin is None else None


def _account_problem(draft: AdminDraft) -> Problem:
    if not draft.account_name:
        return Problem(Message("Enter a new account, or the login name of one that exists."), "username")
    words = Message("There is no account of a bureau with this login name that is still without an admin.")
    return Problem(words, "account_name")
