"""Bureaus, admins, accounts and regions as administrators change them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask_appbuilder.security.sqla.models import Group, Role
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.organisations import password_service, service
from app.organisations.accounts import actor_for, load_credentials
from app.organisations.models import Account, Admin, Bureau, Region
from app.organisations.reviewers import chain_above, reviewer_for, superior_of

ActorOf = Callable[[str], Actor]
Instant = dt.datetime
TODAY = dt.date(2026, 11, 6)


def region(code: str) -> Region:
    """A region by its code."""
    return db.session.scalars(select(Region).where(Region.code == code)).one()


def fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    """The fields that a refusal names."""
    return {problem.field for problem in refusal.value.problems}


def account_draft(name: str = "newcomer", **changes: object) -> service.AccountDraft:
    """A new account of a bureau."""
    return replace(
        service.AccountDraft(name, f"{name}@bureau.example", Kind.BUREAU, "新人", phone="0500-12345678"),
        **changes,
    )


def admin_draft(actor: Actor, **changes: object) -> service.AdminDraft:
    """A new admin of the county bureau of Xiaoshan, below the given admin."""
    bureau = db.session.scalars(select(Bureau).where(Bureau.region_id == region("330109").id)).one()
    draft = service.AdminDraft(bureau.id, [region("330109").id], actor.admin_id, account=account_draft())
    return replace(draft, **changes)


# Accounts


def test_an_actor_is_built_in_one_statement_with_the_roles_of_groups(app: Flask, actor: ActorOf) -> None:
    county = actor("county")
    with unit_of_work():
        account = db.session.get_one(Account, county.account_id)
        role = db.session.scalars(select(Role).where(Role.name == "Centre")).one()
        db.session.add(
            Group(name="helpers", label="helpers", description="", roles=[role], users=[account.user])
        )
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    found = actor_for(county.user_id or 0)

    assert found is not None
    assert found.roles == {"BureauAdmin", "Centre"}
    assert found.level == "county" and found.region_ids == {region("330109").id}
    assert len([one for one in statements if one.startswith("SELECT account.id")]) == 1


def test_an_enterprise_account_knows_its_enterprise(app: Flask, actor: ActorOf) -> None:
    assert actor("enterprise").enterprise_id is not None
    assert actor("county").enterprise_id is None


def test_a_disabled_account_is_nobody_and_its_session_tag_changes(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    admin, point = actor("admin"), actor("point")
    with unit_of_work():
        service.disable_account(admin, point.account_id or 0, now)
    gone = actor_for(point.user_id or 0)
    with unit_of_work():
        service.enable_account(admin, point.account_id or 0, now)

    back = load_credentials(point.user_id or 0)

    assert gone is None
    assert back is not None and back.secret.endswith("|1")


@pytest.mark.parametrize("username", ["security", "auditor"])
def test_the_platform_admin_cannot_shut_out_who_secures_or_audits_the_platform(
    app: Flask, actor: ActorOf, now: Instant, username: str
) -> None:
    admin, account_id = actor("admin"), actor(username).account_id or 0

    with pytest.raises(Forbidden), unit_of_work():
        service.disable_account(admin, account_id, now)

    assert db.session.get_one(Account, account_id).state == "active"


def test_the_security_admin_may_end_the_work_of_a_platform_admin(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    admin = actor("admin")
    with unit_of_work():
        service.disable_account(actor("security"), admin.account_id or 0, now)

    assert actor_for(admin.user_id or 0) is None


def test_every_problem_of_a_new_account_is_named(app: Flask, actor: ActorOf, now: Instant) -> None:
    draft = service.AccountDraft(
        "county", "no mail", Kind.BUREAU, " ", phone="12", roles=("Auditor", "ghost")
    )

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_account(SYSTEM, draft, now)

    assert fields(refusal) == {"username", "email", "display_name", "phone", "roles"}


def test_a_login_name_is_taken_whatever_its_case(app: Flask, now: Instant) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_account(SYSTEM, account_draft("COUNTY", email="other@bureau.example"), now)

    assert fields(refusal) == {"username"}


def test_a_bureau_makes_no_platform_account(app: Flask, actor: ActorOf, now: Instant) -> None:
    with pytest.raises(Forbidden), unit_of_work():
        service.create_account(actor("province"), account_draft(kind=Kind.PLATFORM), now)


def test_the_platform_admin_makes_neither_a_second_security_admin_nor_an_auditor(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    admin, auditor = actor("admin"), actor("auditor")

    with pytest.raises(Forbidden), unit_of_work():
        service.create_account(admin, account_draft(kind=Kind.AUDITOR), now)
    with pytest.raises(Forbidden), unit_of_work():
        password_service.reset_password(admin, auditor.account_id or 0, "Another-2026-Pass", now)


def test_roles_that_exclude_each_other_are_refused_and_nobody_grants_to_oneself(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    security, admin = actor("security"), actor("admin")

    with pytest.raises(Invalid), unit_of_work():
        service.set_roles(security, admin.account_id or 0, ["PlatformAdmin", "SecurityAdmin"], now)
    with pytest.raises(Forbidden), unit_of_work():
        service.set_roles(security, security.account_id or 0, ["PlatformAdmin"], now)


def test_other_roles_end_the_sessions(app: Flask, actor: ActorOf, now: Instant) -> None:
    admin, point = actor("admin"), actor("point")
    with unit_of_work():
        db.session.add(Role(name="readers"))
    before = load_credentials(point.user_id or 0)

    with unit_of_work():
        service.set_roles(admin, point.account_id or 0, ["Point", "readers"], now)

    after = load_credentials(point.user_id or 0)
    assert before is not None and after is not None
    assert after.secret != before.secret
    assert after.actor.roles == {"Point", "readers"}


def test_the_own_password_needs_the_current_one(app: Flask, actor: ActorOf, now: Instant) -> None:
    county = actor("county")

    with pytest.raises(Invalid) as refusal, unit_of_work():
        password_service.change_own_password(county, "wrong", "weak", now)
    with unit_of_work():
        password_service.change_own_password(county, "Test-2026-Trade", "Another-2026-Pass", now)

    assert fields(refusal) == {"password", "current"}


# Bureaus


def test_a_bureau_needs_a_region_of_its_level_a_new_name_and_a_higher_superior(
    app: Flask, now: Instant
) -> None:
    old = db.session.scalars(select(Bureau).where(Bureau.level == "county")).first()
    assert old is not None
    contact = service.ContactDraft("handler", "", "12")
    draft = service.BureauDraft(f" {old.name} ", "county", region("330100").id, old.id, [contact])

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_bureau(SYSTEM, draft, now)

    assert fields(refusal) == {"name", "region", "superior", "handler_name", "handler_phone"}


def test_a_prefecture_keeps_the_bureaus_below_and_not_its_own_place(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture = actor("prefecture")
    own = db.session.get_one(Bureau, prefecture.bureau_id)
    same = service.BureauDraft(own.name, own.level, own.region_id, own.superior_id)
    zone = service.BureauDraft("示范开发区主管部门", "county", region("330114").id, own.id)

    with unit_of_work():
        service.edit_bureau(prefecture, own.id, replace(same, name="杭州新名称"), own.version, now)
        made = service.create_bureau(prefecture, zone, now)
    with pytest.raises(Forbidden), unit_of_work():
        service.edit_bureau(prefecture, own.id, replace(same, superior_id=None), None, now)
    with pytest.raises(NotFound), unit_of_work():
        service.create_bureau(prefecture, replace(zone, name="越界", region_id=region("330212").id), now)

    assert made.id and own.name == "杭州新名称"


def test_a_form_opened_before_the_last_change_is_refused(app: Flask, actor: ActorOf, now: Instant) -> None:
    own = db.session.get_one(Bureau, actor("county").bureau_id)
    draft = service.BureauDraft("改名", own.level, own.region_id, own.superior_id)
    stale = own.version
    with unit_of_work():
        service.edit_bureau(SYSTEM, own.id, draft, stale, now)

    with pytest.raises(Conflict), unit_of_work():
        service.edit_bureau(SYSTEM, own.id, replace(draft, name="再改"), stale, now)


def test_a_bureau_in_use_is_neither_disabled_nor_deleted(app: Flask, actor: ActorOf, now: Instant) -> None:
    bureau_id = actor("prefecture").bureau_id or 0

    with pytest.raises(Conflict), unit_of_work():
        service.disable_bureau(SYSTEM, bureau_id, now)
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.delete_bureau(SYSTEM, bureau_id, now)

    assert len(refusal.value.problems) == 2


# Admins


def test_a_new_admin_gets_regions_within_the_superiors_and_an_account(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture = actor("prefecture")

    with unit_of_work():
        admin = service.create_admin(prefecture, admin_draft(prefecture), now)

    found = actor_for(admin.account.user_id)
    assert found is not None and found.admin_id == admin.id and found.level == "county"


def test_regions_beyond_the_superiors_and_rights_beyond_the_level_are_refused_together(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    draft = admin_draft(
        actor("county2"),
        region_ids=[region("330109").id, region("330110").id],
        rights={"leapfrog_accept"},
    )

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_admin(SYSTEM, draft, now)

    assert fields(refusal) == {"superior", "regions", "leapfrog_accept"}
    assert len(refusal.value.problems) == 4


def test_the_database_itself_refuses_leapfrog_below_the_province(app: Flask, actor: ActorOf) -> None:
    admin = db.session.get_one(Admin, actor("county").admin_id)
    admin.leapfrog_accept = True

    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_an_admin_does_not_make_admins_of_a_sibling_nor_change_the_own_rights(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture, sibling = actor("prefecture"), actor("prefecture2")

    with pytest.raises(NotFound), unit_of_work():
        service.create_admin(prefecture, admin_draft(sibling), now)
    with pytest.raises(Forbidden), unit_of_work():
        service.edit_admin(prefecture, prefecture.admin_id or 0, admin_draft(prefecture), None, now)
    with pytest.raises(Invalid), unit_of_work():
        service.create_admin(prefecture, admin_draft(prefecture, superior_id=None), now)


def test_regions_that_subordinates_manage_cannot_be_taken_away(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    admin = db.session.get_one(Admin, actor("prefecture").admin_id)
    draft = service.AdminDraft(admin.bureau_id, [region("330109").id], admin.superior_id, admin.rights)

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.edit_admin(actor("province"), admin.id, draft, admin.version, now)

    assert fields(refusal) == {"regions"}


def test_an_admin_with_work_is_not_disabled_until_it_is_transferred(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture, county = actor("prefecture"), actor("county")
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.disable_admin(prefecture, county.admin_id or 0, now)
    with unit_of_work():
        taker = service.create_admin(prefecture, admin_draft(prefecture), now)
        service.transfer_work(prefecture, county.admin_id or 0, taker.id, now)
        service.disable_admin(prefecture, county.admin_id or 0, now)

    found = reviewer_for(region("330109").id, TODAY)

    assert [str(problem.message) for problem in refusal.value.problems] == ["6 enterprises to review"]
    assert actor_for(county.user_id or 0) is None
    assert found is not None and found.id == taker.id


def test_work_passes_only_to_who_manages_the_regions(app: Flask, actor: ActorOf, now: Instant) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.transfer_work(
            actor("province"), actor("prefecture").admin_id or 0, actor("prefecture2").admin_id or 0, now
        )

    assert len(refusal.value.problems) == 13


# Who reviews


def test_the_county_admin_reviews_then_the_prefecture_then_the_province(app: Flask, actor: ActorOf) -> None:
    admin = reviewer_for(region("330109").id, TODAY)

    assert admin is not None and admin.id == actor("county").admin_id
    assert [one.id for one in chain_above(admin)] == [
        actor("prefecture").admin_id,
        actor("province").admin_id,
    ]
    assert superior_of(chain_above(admin)[-1]) is None


def test_an_abolished_county_is_reviewed_where_its_successor_is(app: Flask) -> None:
    before, after = dt.date(2021, 4, 8), dt.date(2021, 4, 9)

    old = reviewer_for(region("330103").id, before)
    new = reviewer_for(region("330103").id, after)

    assert old is not None and old.bureau.region.code == "330100"
    assert new is not None and new.bureau.region.code == "330105"


def test_nobody_reviews_outside_the_province(app: Flask) -> None:
    assert reviewer_for(region("110101").id, TODAY) is None


# Regions


def test_a_development_zone_is_added_at_county_level_and_seen_at_once(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture = actor("prefecture")
    draft = service.RegionDraft(
        "Z330199", "示范经济技术开发区", "county", region("330100").id, kind="functional_zone"
    )

    with unit_of_work():
        zone = service.create_region(prefecture, draft, now)

    found = reviewer_for(zone.id, TODAY)
    assert zone.full_name == "浙江省杭州市示范经济技术开发区"
    assert found is not None and found.id == prefecture.admin_id


def test_a_bureau_adds_zones_only_and_only_within_its_regions(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    prefecture = actor("prefecture")
    draft = service.RegionDraft("Z330199", "新区", "county", region("330100").id)

    with pytest.raises(Forbidden), unit_of_work():
        service.create_region(prefecture, draft, now)
    with pytest.raises(NotFound), unit_of_work():
        zone = replace(draft, kind="functional_zone", parent_id=region("330200").id)
        service.create_region(prefecture, zone, now)


def test_an_abolition_moves_the_county_to_its_successor(app: Flask, now: Instant) -> None:
    old, new = region("330182"), region("330112")
    draft = service.RegionDraft(
        old.code, old.name, "county", old.parent_id, valid_to=TODAY, successor_ids=[new.id]
    )

    with unit_of_work():
        service.edit_region(SYSTEM, old.id, draft, old.version, now)

    found = reviewer_for(old.id, TODAY)
    assert found is not None and found.bureau.region_id == old.id
    assert old.successors == [new]


def test_a_region_within_itself_and_dates_in_the_wrong_order_are_refused(app: Flask, now: Instant) -> None:
    old = region("330182")
    day = dt.date(2020, 1, 1)
    draft = service.RegionDraft("330182", old.name, "county", old.parent_id, valid_from=day, valid_to=day)

    with pytest.raises(Invalid) as dates, unit_of_work():
        service.edit_region(SYSTEM, old.id, replace(draft, successor_ids=[old.id]), None, now)
    with pytest.raises(Invalid) as circle, unit_of_work():
        back = region("330103")
        ended = service.RegionDraft(
            "330105", "拱墅区", "county", old.parent_id, valid_to=TODAY, successor_ids=[back.id]
        )
        service.edit_region(SYSTEM, region("330105").id, ended, None, now)

    assert fields(dates) == {"valid_to", "successors"}
    assert fields(circle) == {"parent"}


def test_the_export_tag_is_for_counties(app: Flask, actor: ActorOf, now: Instant) -> None:
    tagged = db.session.scalars(select(Region).where(Region.strong_exporter)).all()

    assert len(tagged) == 30
    with pytest.raises(Invalid), unit_of_work():
        service.tag_region(region("330100"), strong_exporter=True, note="")
