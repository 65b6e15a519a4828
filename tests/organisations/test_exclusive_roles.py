"""Running, securing and auditing the platform are three persons: for service, page and database."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_appbuilder.security.sqla.models import (
    Group,
    Role,
    assoc_group_role,
    assoc_user_group,
    assoc_user_role,
)
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Forbidden, Invalid
from app.organisations import service
from app.organisations.account_service import NO_PASSWORD
from app.organisations.models import Account
from app.organisations.rules import EXCLUSIVE_ROLES

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
HOLDERS = {"PlatformAdmin": "admin", "SecurityAdmin": "security", "Auditor": "auditor"}
PAIRS = list(itertools.permutations(EXCLUSIVE_ROLES, 2))


def role(name: str) -> int:
    """The id of a role."""
    return db.session.scalars(select(Role.id).where(Role.name == name)).one()


def group(*roles: str) -> int:
    """A group that gives roles."""
    made = Group(name="helpers", label="helpers", description="")
    db.session.add(made)
    db.session.flush()
    for name in roles:
        db.session.execute(insert(assoc_group_role).values(group_id=made.id, role_id=role(name)))
    return int(made.id)


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_the_service_gives_nobody_a_second_capacity(
    app: Flask, actor: ActorOf, now: dt.datetime, held: str, other: str
) -> None:
    target = actor(HOLDERS[held])

    with pytest.raises((Invalid, Forbidden)), unit_of_work():
        service.set_roles(SYSTEM, target.account_id or 0, [held, other], now)

    assert actor(HOLDERS[held]).roles == {held}


@pytest.mark.parametrize("roles", list(itertools.combinations(EXCLUSIVE_ROLES, 2)))
def test_no_account_begins_with_two_capacities(app: Flask, now: dt.datetime, roles: tuple[str, str]) -> None:
    draft = service.AccountDraft(
        "both", "both@platform.example", Kind.PLATFORM, "兼任", password_hash=NO_PASSWORD, roles=roles
    )

    with pytest.raises(Invalid), unit_of_work():
        service.create_account(SYSTEM, draft, now)


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_the_page_gives_nobody_a_second_capacity(
    app: Flask, sign_in: SignIn, actor: ActorOf, held: str, other: str
) -> None:
    target = actor(HOLDERS[held]).account_id

    answer = sign_in("security").post(f"/accounts/grant/{target}", data={"roles": [held, other]})

    assert answer.status_code == 422
    assert actor(HOLDERS[held]).roles == {held}


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_the_database_gives_nobody_a_second_capacity(
    app: Flask, actor: ActorOf, held: str, other: str
) -> None:
    user_id = actor(HOLDERS[held]).user_id

    with pytest.raises(DBAPIError, match="exclude each other"):
        db.session.execute(insert(assoc_user_role).values(user_id=user_id, role_id=role(other)))
    db.session.rollback()


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_the_database_watches_members_of_groups_too(
    app: Flask, actor: ActorOf, held: str, other: str
) -> None:
    user_id = actor(HOLDERS[held]).user_id
    helpers = group(other)

    with pytest.raises(DBAPIError, match="exclude each other"):
        db.session.execute(insert(assoc_user_group).values(user_id=user_id, group_id=helpers))
    db.session.rollback()


@pytest.mark.parametrize(("held", "other"), PAIRS)
def test_the_database_watches_roles_of_groups_too(app: Flask, actor: ActorOf, held: str, other: str) -> None:
    user_id = actor(HOLDERS[held]).user_id
    helpers = group()
    db.session.execute(insert(assoc_user_group).values(user_id=user_id, group_id=helpers))

    with pytest.raises(DBAPIError, match="exclude each other"):
        db.session.execute(insert(assoc_group_role).values(group_id=helpers, role_id=role(other)))
    db.session.rollback()


def test_a_group_that_gives_both_takes_no_member(app: Flask, actor: ActorOf) -> None:
    helpers = group("PlatformAdmin", "Auditor")

    with pytest.raises(DBAPIError, match="exclude each other"):
        db.session.execute(insert(assoc_user_group).values(user_id=actor("point").user_id, group_id=helpers))
    db.session.rollback()


def test_a_link_that_is_changed_is_watched_like_a_new_one(app: Flask, actor: ActorOf) -> None:
    user_id = actor("admin").user_id
    db.session.execute(insert(assoc_user_role).values(user_id=user_id, role_id=role("Point")))
    changed = update(assoc_user_role).where(
        assoc_user_role.c.user_id == user_id, assoc_user_role.c.role_id == role("Point")
    )

    with pytest.raises(DBAPIError, match="exclude each other"):
        db.session.execute(changed.values(role_id=role("Auditor")))
    db.session.rollback()


def test_a_role_that_clashes_with_one_of_a_group_is_named(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    point = actor("point")
    with unit_of_work():
        helpers = group("PlatformAdmin")
        db.session.execute(insert(assoc_user_group).values(user_id=point.user_id, group_id=helpers))
    db.session.expire_all()

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.set_roles(SYSTEM, point.account_id or 0, ["Auditor"], now)

    assert any("exclude" in str(problem.message) for problem in refusal.value.problems)


def test_one_capacity_may_be_exchanged_for_another(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("admin")

    with unit_of_work():
        service.set_roles(SYSTEM, admin.account_id or 0, ["SecurityAdmin"], now)

    assert actor("admin").roles == {"SecurityAdmin"}
    assert db.session.get_one(Account, admin.account_id).kind == Kind.PLATFORM
