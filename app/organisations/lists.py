"""The declared lists of bureaus, admins and accounts: columns, filters and what is done to many rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User, assoc_user_role
from sqlalchemy import ColumnElement, Integer, Select, String, case, cast, extract, func, or_, select

from app.infra.database import db
from app.infra.i18n import say
from app.infra.lists import Action, Column, Filter, ListSpec, Lookup, Remote
from app.infra.lists.spec import Key
from app.infra.scope import scope_of
from app.kernel.actor import Actor, Kind
from app.kernel.texts import Message
from app.organisations import service
from app.organisations.admin_service import invite_admin
from app.organisations.models import (
    Account,
    Admin,
    AdminName,
    AdminRegion,
    Bureau,
    BureauContact,
    LoginName,
    Region,
    ended_name,
)
from app.organisations.scope import region_subtree
from app.organisations.terms import (
    KIND_NAMES,
    LEVEL_NAMES,
    RIGHT_NAMES,
    RIGHTS,
    ROLE_NAMES,
    STATE_NAMES,
)

STATE_MARKS = {"active": "pass", "disabled": "none"}

Switch = Callable[[Actor, int, dt.datetime], object]


def scoped(model: Any) -> Callable[[Actor, dt.date], Select[Any]]:
    """The base of a list: the rows of a model that the actor sees."""
    return lambda actor, today: select(model).where(scope_of(model)(actor, today))


def regions_in_scope() -> Remote:
    """The regions that the actor may filter by, found while typing; those that ended say when."""

    def source(actor: Actor, today: dt.date) -> Any:
        named = select(Region.id, _name_on(today)).where(scope_of(Region)(actor, today))
        return named.order_by(*Region.sought_order())

    return Remote(source, (Region.name, Region.full_name, Region.code))


def _name_on(today: dt.date) -> ColumnElement[str]:
    """``Region.words_on`` in SQL, in the reader's language."""
    year = cast(cast(extract("year", Region.valid_to), Integer), String)
    pattern = say(ended_name("{region}", "{year}"))
    ended = func.replace(func.replace(pattern, "{region}", Region.full_name), "{year}", year)
    return case((Region.valid_to <= today, ended), else_=Region.full_name)


def region_filter(within: Callable[[Any], Any], label: Message | None = None) -> Filter:
    """A filter by a region and all below it; ``within(subtree)`` says which rows lie there."""
    return Filter(
        "region",
        label or Message("Region"),
        "remote",
        Region.id,
        remote=regions_in_scope(),
        clause=lambda value, _actor, today: within(region_subtree([value], today)),
    )


def switches(
    disable: Switch,
    enable: Switch,
    warning: Message,
    kinds: Collection[Kind] = (Kind.PLATFORM, Kind.BUREAU),
    remedy: tuple[Message, str] | None = None,
) -> tuple[Action, ...]:
    """Disable and enable for ticked rows, offered to the kinds of account that may."""

    def offered(actor: Actor) -> bool:
        return actor.kind in kinds

    return (
        Action(
            "enable",
            Message("Enable"),
            lambda actor, key, _comment, now: enable(actor, key[0], now),
            allowed=offered,
        ),
        Action(
            "disable",
            Message("Disable"),
            lambda actor, key, _comment, now: disable(actor, key[0], now),
            confirm=warning,
            remedy=remedy,
            allowed=offered,
            danger=True,
        ),
    )


def invitation(invite: Switch, kinds: Collection[Kind]) -> Action:
    """The link to choose a password, for ticked rows whose owners have none yet."""
    return Action(
        "invite",
        Message("Send activation link"),
        lambda actor, key, _comment, now: invite(actor, key[0], now),
        done=Message("Sent"),
        allowed=lambda actor: actor.kind in kinds,
    )


def bureau_list(name: str, link: str) -> ListSpec:
    """Bureaus with the phone of their handler."""
    return ListSpec(
        name=name,
        title=Message("Bureaus"),
        base=scoped(Bureau),
        key=(Bureau.id,),
        columns=(
            Column("name", Message("Name"), Bureau.name, sortable=True, always=True),
            Column("level", Message("Level"), Bureau.level, "choice", words=LEVEL_NAMES),
            Column("region", Message("Region"), lookup=Lookup(Bureau.region_id, Region, "full_name")),
            Column("superior", Message("Superior bureau"), lookup=Lookup(Bureau.superior_id, Bureau)),
            Column("leader", Message("Responsible leader"), _contact("leader", "name")),
            Column("leader_phone", Message("Leader's phone"), _contact("leader", "phone")),
            Column("handler", Message("Handler"), _contact("handler", "name")),
            Column("handler_title", Message("Handler's title"), _contact("handler", "title")),
            Column("handler_phone", Message("Handler's phone"), _contact("handler", "phone")),
            Column("state", Message("State"), Bureau.state, "state", words=STATE_NAMES, marks=STATE_MARKS),
        ),
        filters=(
            Filter("keyword", Message("Name"), expression=Bureau.name_key, by_name_key=True),
            region_filter(Bureau.region_id.in_),
            Filter("level", Message("Level"), "choice", Bureau.level, words=LEVEL_NAMES),
            Filter("state", Message("State"), "choice", Bureau.state, words=STATE_NAMES),
        ),
        default_sort="name",
        row_link=link,
        actions=switches(
            service.disable_bureau,
            service.enable_bureau,
            Message("Take the ticked bureaus out of use?"),
        ),
        unit=Message("{count} bureaus"),
    )


def admin_list(name: str, link: str) -> ListSpec:
    """Admins by region, level, name and state (spec 10)."""
    return ListSpec(
        name=name,
        title=Message("Subordinate admins"),
        base=_admins,
        key=(Admin.id,),
        columns=(
            Column("name", Message("Person's name"), Account.display_name, sortable=True, always=True),
            Column("username", Message("Login name"), lookup=Lookup(Account.id, LoginName)),
            Column("bureau", Message("Bureau"), lookup=Lookup(Admin.bureau_id, Bureau)),
            Column("level", Message("Level"), Admin.level, "choice", words=LEVEL_NAMES),
            Column("superior", Message("Superior admin"), lookup=Lookup(Admin.superior_id, AdminName)),
            Column("regions", Message("Manageable regions"), each=_admin_regions),
            Column("rights", Message("Permissions"), each=_rights),
            Column("phone", Message("Phone"), Account.phone),
            Column("state", Message("State"), Admin.state, "state", words=STATE_NAMES, marks=STATE_MARKS),
        ),
        filters=(
            Filter(
                "keyword",
                Message("Name or login name"),
                expression=Account.display_name,
                clause=_person_contains,
            ),
            region_filter(
                lambda subtree: Admin.id.in_(
                    select(AdminRegion.admin_id).where(AdminRegion.region_id.in_(subtree))
                )
            ),
            Filter("level", Message("Level"), "choice", Admin.level, words=LEVEL_NAMES),
            Filter("state", Message("State"), "choice", Admin.state, words=STATE_NAMES),
        ),
        default_sort="name",
        row_link=link,
        actions=(
            *switches(
                service.disable_admin,
                service.enable_admin,
                Message("Disable the ticked admins? They can no longer sign in."),
                remedy=(Message("Transfer work"), "/admins/transfer/{}"),
            ),
            invitation(invite_admin, (Kind.PLATFORM, Kind.BUREAU)),
        ),
        unit=Message("{count} admins"),
    )


def account_list(name: str, link: str) -> ListSpec:
    """Accounts by kind, name and state."""
    return ListSpec(
        name=name,
        title=Message("Accounts"),
        base=scoped(Account),
        key=(Account.id,),
        columns=(
            Column("name", Message("Name"), Account.display_name, sortable=True, always=True),
            Column("username", Message("Login name"), lookup=Lookup(Account.id, LoginName)),
            Column("kind", Message("Kind of account"), Account.kind, "choice", words=KIND_NAMES),
            Column("roles", Message("Roles"), each=_account_roles),
            Column("phone", Message("Phone"), Account.phone),
            Column(
                "last_sign_in_at",
                Message("Last sign-in"),
                Account.last_sign_in_at,
                "instant",
                sortable=True,
            ),
            Column("state", Message("State"), Account.state, "state", words=STATE_NAMES, marks=STATE_MARKS),
        ),
        filters=(
            Filter("keyword", Message("Name"), expression=Account.display_name),
            Filter("username", Message("Login name"), expression=Account.id, clause=_username_contains),
            Filter("kind", Message("Kind of account"), "choice", Account.kind, words=KIND_NAMES),
            Filter("state", Message("State"), "choice", Account.state, words=STATE_NAMES),
        ),
        default_sort="name",
        row_link=link,
        actions=switches(
            service.disable_account,
            service.enable_account,
            Message("Disable the ticked accounts? They can no longer sign in."),
        ),
        unit=Message("{count} accounts"),
    )


def _admins(actor: Actor, today: dt.date) -> Select[Any]:
    joined = select(Admin).join(Account, Account.id == Admin.account_id)
    return joined.where(scope_of(Admin)(actor, today))


def _person_contains(value: str, actor: Actor, today: dt.date) -> Any:
    named = Account.display_name.icontains(value, autoescape=True)
    return or_(named, _username_contains(value, actor, today))


def _username_contains(value: str, _actor: Actor, _today: dt.date) -> Any:
    return Account.user_id.in_(select(User.id).where(User.username.icontains(value, autoescape=True)))


def _contact(duty: str, part: str) -> Any:
    """What a bureau's first contact of a duty is called, or how it is reached."""
    column = getattr(BureauContact, part)
    found = select(column).where(BureauContact.bureau_id == Bureau.id, BureauContact.duty == duty)
    return found.order_by(BureauContact.position, BureauContact.id).limit(1).scalar_subquery()


def _admin_regions(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, list[str]]:
    rows = db.session.execute(
        select(AdminRegion.admin_id, Region.full_name)
        .join(Region, Region.id == AdminRegion.region_id)
        .where(AdminRegion.admin_id.in_([key[0] for key in keys]))
        .order_by(Region.code)
    )
    return _gathered(rows)


def _rights(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, list[str]]:
    columns = [getattr(Admin, right) for right in RIGHTS]
    rows = db.session.execute(select(Admin.id, *columns).where(Admin.id.in_([key[0] for key in keys])))
    return {
        (admin_id,): [say(RIGHT_NAMES[right]) for right, held in zip(RIGHTS, given, strict=True) if held]
        for admin_id, *given in rows
    }


def _account_roles(keys: Sequence[Key], _actor: Actor) -> Mapping[Key, list[str]]:
    rows = db.session.execute(
        select(Account.id, Role.name)
        .join(assoc_user_role, assoc_user_role.c.user_id == Account.user_id)
        .join(Role, Role.id == assoc_user_role.c.role_id)
        .where(Account.id.in_([key[0] for key in keys]))
        .order_by(Role.name)
    )
    return _gathered((key, say(ROLE_NAMES.get(name, name))) for key, name in rows)


def _gathered(rows: Any) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for key, word in rows:
        found.setdefault((key,), []).append(word)
    return found
