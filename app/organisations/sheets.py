"""Bureaus and their admins out of a workbook: columns as the forms have them.

There are few of them, and one row may stand below another of the same file. So checking is doing:
each row goes through the service of the form, in order, in a transaction that is then undone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select

from app.infra.database import db
from app.infra.imports import Choice, ImportColumn, ImportRow, ImportSpec
from app.infra.imports.spec import Report
from app.infra.scope import scope_of, visible
from app.infra.transactions import independent_step, unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.clock import local_date
from app.kernel.errors import DomainError, Invalid, Problem
from app.kernel.names import name_key
from app.kernel.texts import LocalText, Message
from app.organisations import service
from app.organisations.activation import invite
from app.organisations.login_names import login_key
from app.organisations.models import Account, Admin, Bureau, Region
from app.organisations.terms import CONTACT_DUTIES, LEVEL_NAMES, RIGHT_NAMES, RIGHTS

MOST = 1_000
"""Rows at once: checking them holds the database's writer, a few milliseconds for each."""

Create = Callable[[Actor, Mapping[str, Any], dt.datetime], object]


class _Undo(Exception):
    """Ends the transaction of a check without a trace."""


def may_import(actor: Actor) -> bool:
    """Who runs the platform imports; a bureau admin with the permission 批量导入."""
    return actor.kind is Kind.PLATFORM or "batch_import" in actor.rights


def region_choices(actor: Actor, today: dt.date) -> Sequence[Choice]:
    """Regions of the actor's territory; offered are those that an enterprise can lie in."""
    rows = db.session.scalars(
        select(Region).where(scope_of(Region)(actor, today)).order_by(Region.code)
    ).all()
    divided = {row.parent_id for row in rows}
    return [
        _region(
            row,
            offered=_is_there(row, today)
            and (row.level == "county" or (row.level == "prefecture" and row.id not in divided)),
        )
        for row in rows
    ]


def all_region_choices(actor: Actor, today: dt.date) -> Sequence[Choice]:
    """Regions of the actor's territory at every level."""
    rows = db.session.scalars(select(Region).where(scope_of(Region)(actor, today)).order_by(Region.code))
    return [_region(row, offered=_is_there(row, today)) for row in rows]


def _is_there(region: Region, today: dt.date) -> bool:
    return region.exists_on(today) and region.kind in ("admin", "functional_zone")


def _region(row: Region, *, offered: bool) -> Choice:
    also = (row.code, f"{row.code} {row.full_name}", row.name)
    return Choice(row.id, LocalText(row.full_name), also, offered=offered)


def _levels(_actor: Actor, _today: dt.date) -> Sequence[Choice]:
    return [Choice(level, words) for level, words in LEVEL_NAMES.items()]


REGION_HELP = Message("Its code or its full name.")

BUREAU_COLUMNS = (
    ImportColumn("name", Message("Name"), required=True, longest=80, width=32, example="云泽市商务局"),
    ImportColumn("level", Message("Level"), "choice", required=True, choices=_levels, width=10),
    ImportColumn(
        "region",
        Message("Region"),
        "choice",
        required=True,
        choices=all_region_choices,
        width=28,
        help=REGION_HELP,
        example="330100",
    ),
    ImportColumn(
        "superior",
        Message("Superior bureau"),
        width=32,
        help=Message("Its name; it may stand in a row further up."),
    ),
    ImportColumn("leader_name", Message("Responsible leader"), longest=40),
    ImportColumn("leader_phone", Message("Leader's phone"), longest=30, width=18, example="0500-12345678"),
    ImportColumn("handler_name", Message("Handler"), longest=40),
    ImportColumn("handler_title", Message("Handler's title"), longest=40),
    ImportColumn("handler_phone", Message("Handler's phone"), longest=30, width=18),
)

ADMIN_COLUMNS = (
    ImportColumn("username", Message("Login name"), required=True, longest=64, example="yunze_a"),
    ImportColumn("display_name", Message("Person's name"), required=True, longest=100, example="钱知言"),
    ImportColumn(
        "email",
        Message("E-mail"),
        required=True,
        longest=120,
        width=26,
        help=Message("A link to set the password is sent there."),
        example="name@example.com",
    ),
    ImportColumn("phone", Message("Phone"), longest=30, width=18),
    ImportColumn("bureau", Message("Bureau"), required=True, width=32, help=Message("Its name.")),
    ImportColumn(
        "superior",
        Message("Superior admin"),
        width=18,
        help=Message("The login name; it may stand in a row further up. Empty only at the top."),
    ),
    ImportColumn(
        "regions",
        Message("Manageable regions"),
        "choices",
        required=True,
        choices=all_region_choices,
        width=32,
        help=Message("Codes or full names, several divided by semicolons."),
        example="330109；330110",
    ),
    *(ImportColumn(right, RIGHT_NAMES[right], "flag", width=12) for right in RIGHTS),
)


def _create_bureau(actor: Actor, values: Mapping[str, Any], now: dt.datetime) -> object:
    text = {column.key: values[column.key] or "" for column in BUREAU_COLUMNS}
    contacts = [
        service.ContactDraft(duty, text[f"{duty}_name"], text[f"{duty}_phone"], text.get(f"{duty}_title", ""))
        for duty in CONTACT_DUTIES
        if text[f"{duty}_name"] or text[f"{duty}_phone"]
    ]
    superior = _bureau(actor, values["superior"], "superior", now) if values["superior"] else None
    draft = service.BureauDraft(values["name"], values["level"], values["region"], superior, contacts)
    return service.create_bureau(actor, draft, now)


def _create_admin(actor: Actor, values: Mapping[str, Any], now: dt.datetime) -> object:
    account = service.AccountDraft(
        username=values["username"],
        email=values["email"],
        kind=Kind.BUREAU,
        display_name=values["display_name"],
        phone=values["phone"] or "",
    )
    draft = service.AdminDraft(
        bureau_id=_bureau(actor, values["bureau"], "bureau", now),
        region_ids=values["regions"],
        superior_id=_admin(actor, values["superior"], now) if values["superior"] else None,
        rights=frozenset(right for right in RIGHTS if values[right]),
        account=account,
    )
    return service.create_admin(actor, draft, now)


def _bureau(actor: Actor, name: str, column: str, now: dt.datetime) -> int:
    query = visible(Bureau, actor, local_date(now)).where(Bureau.name_key == name_key(name))
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise Invalid([Problem(Message("There is no bureau of this name in your territory."), column)])
    return int(found.id)


def _admin(actor: Actor, username: str, now: dt.datetime) -> int:
    query = visible(Admin, actor, local_date(now)).join(Account, Account.id == Admin.account_id)
    query = query.join(User, User.id == Account.user_id).where(
        func.lower(User.username) == login_key(username)
    )
    found = db.session.scalars(query).one_or_none()
    if found is None:
        raise Invalid([Problem(Message("No admin of yours has this login name."), "superior")])
    return int(found.id)


def _checked_by(create: Create) -> Any:
    """A check that does what writing would do, and undoes it."""

    def check(
        rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report
    ) -> Iterator[tuple[ImportRow, Problem]]:
        found: list[tuple[ImportRow, Problem]] = []
        with contextlib.suppress(_Undo), unit_of_work(), independent_step():
            for done, row in enumerate(rows, 1):
                found += ((row, problem) for problem in _tried(create, row, actor, now))
                report(done)
            raise _Undo
        yield from found

    return check


def _tried(create: Create, row: ImportRow, actor: Actor, now: dt.datetime) -> Sequence[Problem]:
    if row.problems:
        return ()
    try:
        with independent_step():
            create(actor, row.values, now)
    except DomainError as refusal:
        return refusal.problems or (Problem(refusal.message),)
    return ()


def _applied_by(
    create: Create, follow_up: Callable[[Any, dt.datetime], None] = lambda _made, _now: None
) -> Any:
    """A writing that does each row, and then what a new record needs."""

    def apply(rows: Sequence[ImportRow], actor: Actor, now: dt.datetime, report: Report) -> None:
        for done, row in enumerate(rows, 1):
            follow_up(create(actor, row.values, now), now)
            report(done)

    return apply


BUREAUS = ImportSpec(
    name="bureaus",
    title=Message("Import of bureaus"),
    columns=BUREAU_COLUMNS,
    check=_checked_by(_create_bureau),
    apply=_applied_by(_create_bureau),
    allowed=may_import,
    name_column="name",
    list_url="/bureaus/list/",
    note=Message("Write a superior bureau further up than those below it."),
    most_rows=MOST,
)

ADMINS = ImportSpec(
    name="admins",
    title=Message("Import of subordinate admins"),
    columns=ADMIN_COLUMNS,
    check=_checked_by(_create_admin),
    apply=_applied_by(_create_admin, lambda admin, now: invite(admin.account, now)),
    allowed=may_import,
    name_column="username",
    list_url="/admins/list/",
    note=Message("Write a superior admin further up than those below."),
    most_rows=MOST,
)
