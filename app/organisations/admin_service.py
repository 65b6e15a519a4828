"""Bureau admins: made, changed, disabled, enabled, and their work transferred."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.infra import scope
from app.infra.crud import claim_version
from app.infra.database import db
from app.infra.transactions import emit
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, Problem
from app.kernel.texts import Message
from app.organisations.account_service import AccountDraft, create_account, switch_off, switch_on
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Account, Admin, AdminRegion, Bureau, Region
from app.organisations.rules import rights_problem, superior_problem
from app.organisations.scope import region_subtree
from app.organisations.terms import RIGHTS

PENDING_WORK: list[Callable[[Admin], Problem | None]] = []
"""For domains above: what an admin is still responsible for, as a reason not to disable the admin."""


@dataclass(frozen=True, slots=True)
class AdminDraft:
    """An admin as entered: of an account that exists, or of a new one."""

    bureau_id: int
    region_ids: Collection[int]
    superior_id: int | None = None
    rights: Collection[str] = field(default_factory=frozenset)
    account_id: int | None = None
    account: AccountDraft | None = None


def create_admin(actor: Actor, draft: AdminDraft, now: dt.datetime) -> Admin:
    """Make an account an admin of a bureau.

    :raises Invalid: naming every entry that cannot be taken.
    :raises NotFound: bureau, superior, region or account is out of the actor's sight.
    """
    admin = Admin(created_at=now)
    _fill(admin, draft, actor, now)
    account = _account(draft, actor, now)
    admin.account_id = account.id
    db.session.add(admin)
    db.session.flush()
    return admin


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
    """
    admin = _find(actor, admin_id, now)
    if admin.state == "active":
        raise Conflict(Message("This admin is active already."))
    if admin.superior is not None and admin.superior.state != "active":
        raise Conflict(Message("The superior of this admin is disabled: choose another superior first."))
    admin.state = "active"
    switch_on(admin.account)
    return admin


def transfer_work(actor: Actor, from_id: int, to_id: int, now: dt.datetime) -> int:
    """Give all subordinates and enterprises of an admin to another one; the number of subordinates.

    :raises Invalid: the other admin is not above them, or does not manage their regions.
    """
    giver, taker = _find(actor, from_id, now), _find(actor, to_id, now)
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


def _find(actor: Actor, admin_id: int, now: dt.datetime) -> Admin:
    admin: Admin = scope.find(Admin, admin_id, actor, local_date(now), lock=True)
    if admin.id == actor.admin_id:
        raise Forbidden(Message("Nobody changes the rights of the own account: ask another administrator."))
    return admin


def _fill(admin: Admin, draft: AdminDraft, actor: Actor, now: dt.datetime) -> None:
    today = local_date(now)
    bureau: Bureau = scope.find(Bureau, draft.bureau_id, actor, today)
    superior = _superior(admin, draft, actor, today)
    regions = _regions(draft, actor, today)
    problems = [
        superior_problem(bureau.level, superior.level if superior else None),
        rights_problem(bureau.level, draft.rights),
        *_region_problems(regions, bureau, superior, today),
        *_below_problems(admin, regions, today),
    ]
    if set(draft.rights) - set(RIGHTS):
        problems.append(Problem(Message("Choose from the permissions that the list offers."), "rights"))
    found = [problem for problem in problems if problem is not None]
    if found:
        raise Invalid(found)
    admin.bureau_id, admin.level = bureau.id, bureau.level
    admin.superior_id = superior.id if superior else None
    admin.regions = list(regions)
    for right in RIGHTS:
        setattr(admin, right, right in draft.rights)


def _superior(admin: Admin, draft: AdminDraft, actor: Actor, today: dt.date) -> Admin | None:
    """The superior; a bureau admin always puts new admins below himself or a subordinate."""
    if draft.superior_id is None:
        if actor.kind in (Kind.PLATFORM, Kind.SYSTEM):
            return None
        raise Invalid([Problem(Message("Choose the superior admin."), "superior")])
    superior: Admin = scope.find(Admin, draft.superior_id, actor, today)
    if superior.state != "active" and superior.id != admin.superior_id:
        raise Invalid([Problem(Message("The superior must be active."), "superior")])
    return superior


def _regions(draft: AdminDraft, actor: Actor, today: dt.date) -> Sequence[Region]:
    if not draft.region_ids:
        raise Invalid([Problem(Message("Choose at least one region."), "regions")])
    return [scope.find(Region, region_id, actor, today) for region_id in sorted(set(draft.region_ids))]


def _region_problems(
    regions: Sequence[Region], bureau: Bureau, superior: Admin | None, today: dt.date
) -> list[Problem]:
    """Regions lie within the superior's; without a superior, within the bureau's."""
    if superior is None:
        return [
            Problem(Message("{region} is not within the region of the bureau.", region=region), "regions")
            for region in _outside(regions, [bureau.region_id], today)
        ]
    return [
        Problem(Message("{region} is not among the regions of the superior.", region=region), "regions")
        for region in _outside(regions, _region_ids(superior), today)
    ]


def _below_problems(admin: Admin, regions: Sequence[Region], today: dt.date) -> list[Problem]:
    if not admin.id:
        return []
    held = select(AdminRegion.region_id).join(Admin, Admin.id == AdminRegion.admin_id)
    below = db.session.scalars(
        select(Region).where(
            Region.id.in_(held.where(Admin.superior_id == admin.id, Admin.state == "active"))
        )
    ).all()
    return [
        Problem(
            Message(
                "A subordinate manages {region}: keep it, or take it from the subordinate first.",
                region=region,
            ),
            "regions",
        )
        for region in _outside(below, [region.id for region in regions], today)
    ]


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


def _account(draft: AdminDraft, actor: Actor, now: dt.datetime) -> Account:
    if draft.account is not None:
        return create_account(actor, draft.account, now)
    if draft.account_id is None:
        raise Invalid([Problem(Message("Choose an account, or enter a new one."), "account")])
    account: Account = scope.find(Account, draft.account_id, actor, local_date(now), lock=True)
    if account.kind != Kind.BUREAU or account.admin is not None:
        words = Message("Choose the account of a bureau that has no admin yet.")
        raise Invalid([Problem(words, "account")])
    return account
