"""Enterprises as bureaus administer them: versions, duplicates, reviewers, two sibling prefectures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.enterprises import service
from app.enterprises.credit_codes import complete_credit_code
from app.enterprises.demo import renew_figures
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import (
    FACTS,
    ControlType,
    Enterprise,
    EnterpriseVersion,
    Industry,
    RegistrationType,
)
from app.enterprises.seed import load_dictionaries
from app.infra import scope
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor, Kind
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.organisations.account_service import AccountDraft, create_account
from app.organisations.accounts import actor_for
from app.organisations.models import Account, Region
from tests.factories import registrations

ActorOf = Callable[[str], Actor]
Instant = dt.datetime
TODAY = dt.date(2026, 11, 6)


def key(model: Any, code: str, **more: str) -> int:
    """The id of a dictionary entry or region."""
    query = select(model.id).where(model.code == code)
    for name, value in more.items():
        query = query.where(getattr(model, name) == value)
    return int(db.session.scalars(query).one())


def draft(**changes: Any) -> EnterpriseDraft:
    """A new textile enterprise in Xiaoshan."""
    entered = EnterpriseDraft(
        name="杭州新织示范有限公司",
        uscc=complete_credit_code("91", "330109", "00009999"),
        legal_representative="陈言知",
        region_id=key(Region, "330109"),
        industry_id=key(Industry, "1711"),
        registration_type_id=key(RegistrationType, "112", scheme="2023"),
        control_type_id=key(ControlType, "3"),
        address="示范路1号",
        opened_on=dt.date(2001, 5, 1),
        main_products="棉纱",
        contact_name="陈言知",
        mobile="10000000001",
        figures_year=2025,
        revenue=Decimal(400000),
        employees=1000,
        assets=None,
    )
    return replace(entered, **changes)


def draft_of(enterprise: Enterprise, **changes: Any) -> EnterpriseDraft:
    """An enterprise as it is, with changes."""
    same = {name: getattr(enterprise, name) for name in FACTS if name in EnterpriseDraft.__slots__}
    return EnterpriseDraft(**{**same, **changes})


def own(actor: Actor) -> Enterprise:
    """The enterprise of an account."""
    return db.session.get_one(Enterprise, actor.enterprise_id)


def fields(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    """The fields that a refusal names."""
    return {problem.field for problem in refusal.value.problems}


def test_a_new_enterprise_gets_size_places_reviewer_and_its_first_version(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    county = actor("county")

    with unit_of_work():
        made = service.create_enterprise(county, draft(), now)

    version = db.session.get_one(EnterpriseVersion, made.current_version_id)
    assert made.size == "large"
    assert (made.province.code, made.prefecture.code, made.county.code) == ("330000", "330100", "330109")
    assert made.direct_reviewer_id == county.admin_id
    assert (version.number, version.created_by_id) == (1, county.account_id)
    assert all(getattr(version, name) == getattr(made, name) for name in FACTS)


def test_everything_wrong_is_named_at_once(app: Flask, actor: ActorOf, now: Instant) -> None:
    other = own(actor("enterprise"))
    wrong = draft(
        name=other.name.replace("杭州", "杭 州\u200b"),
        uscc=other.uscc,
        region_id=key(Region, "330100"),
        industry_id=key(Industry, "C"),
        registration_type_id=key(RegistrationType, "100", scheme="2023"),
        control_type_id=0,
        website="x",
    )

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_enterprise(actor("prefecture"), wrong, now)

    assert fields(refusal) == {
        *("name", "uscc", "region", "industry", "registration_type", "control_type", "website"),
    }
    said = next(str(one.message) for one in refusal.value.problems if one.field == "name")
    assert other.direct_reviewer.account.display_name in said
    assert other.direct_reviewer.account.phone in said


def test_an_abolished_county_cannot_be_chosen(app: Flask, now: Instant) -> None:
    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.create_enterprise(SYSTEM, draft(region_id=key(Region, "330103")), now)

    assert fields(refusal) == {"region"}


def test_a_prefecture_without_counties_is_a_place_of_its_own(app: Flask, now: Instant) -> None:
    with unit_of_work():
        made = service.create_enterprise(SYSTEM, draft(region_id=key(Region, "441900")), now)

    assert (made.prefecture.code, made.county_id, made.direct_reviewer_id) == ("441900", None, None)


def test_a_change_keeps_the_version_before(app: Flask, actor: ActorOf, now: Instant) -> None:
    county, enterprise = actor("county"), own(actor("enterprise"))
    before, first = enterprise.name, enterprise.current_version_id

    with unit_of_work():
        service.edit_enterprise(
            county, enterprise.id, draft_of(enterprise, name="杭州改名有限公司"), enterprise.version, now
        )

    assert enterprise.revision == 2
    assert enterprise.current_version_id != first
    assert db.session.get_one(EnterpriseVersion, first).name == before


def test_an_unchanged_form_makes_no_version(app: Flask, actor: ActorOf, now: Instant) -> None:
    enterprise = own(actor("enterprise"))

    with unit_of_work():
        service.edit_enterprise(actor("county"), enterprise.id, draft_of(enterprise), None, now)

    assert enterprise.revision == 1


def test_a_version_is_never_changed(app: Flask) -> None:
    version = db.session.scalars(select(EnterpriseVersion)).first()
    assert version is not None
    version.name = "另一个名称"

    with pytest.raises(RuntimeError, match="cannot be changed"):
        db.session.flush()
    db.session.rollback()


def test_a_stale_form_is_refused(app: Flask, actor: ActorOf, now: Instant) -> None:
    county, enterprise = actor("county"), own(actor("enterprise"))
    stale = enterprise.version
    with unit_of_work():
        service.edit_enterprise(county, enterprise.id, draft_of(enterprise, fax="0500-12345678"), stale, now)

    with pytest.raises(Conflict), unit_of_work():
        service.edit_enterprise(county, enterprise.id, draft_of(enterprise, fax=""), stale, now)


def test_an_enterprise_changes_its_data_but_not_who_it_is(app: Flask, actor: ActorOf, now: Instant) -> None:
    who = actor("enterprise")
    enterprise = own(who)

    with unit_of_work():
        service.edit_enterprise(who, enterprise.id, draft_of(enterprise, address="示范路2号"), None, now)
    for change in ({"name": "改名有限公司"}, {"industry_id": key(Industry, "1829")}):
        with pytest.raises(Forbidden), unit_of_work():
            service.edit_enterprise(who, enterprise.id, draft_of(enterprise, **change), None, now)

    db.session.refresh(enterprise)
    assert (enterprise.address, enterprise.revision) == ("示范路2号", 2)


def test_a_move_to_another_county_brings_the_reviewer_of_that_county(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    enterprise = own(actor("enterprise"))
    moved = draft_of(enterprise, region_id=key(Region, "330110"))

    with unit_of_work():
        service.edit_enterprise(actor("prefecture"), enterprise.id, moved, None, now)

    assert enterprise.county.code == "330110"
    assert enterprise.direct_reviewer.bureau.region.code == "330110"


def test_sibling_prefectures_see_their_own_enterprises_only(app: Flask, actor: ActorOf) -> None:
    seen = {
        name: set(db.session.scalars(scope.visible(Enterprise, actor(name), TODAY)))
        for name in ("prefecture", "prefecture2", "province", "county")
    }

    assert len(seen["prefecture"]) == len(seen["prefecture2"]) == 30
    assert not seen["prefecture"] & seen["prefecture2"]
    assert seen["province"] == seen["prefecture"] | seen["prefecture2"]
    assert len(seen["county"]) == 6


def test_a_foreign_enterprise_is_not_found_by_any_verb(app: Flask, actor: ActorOf, now: Instant) -> None:
    foreign, stranger = own(actor("enterprise2")), actor("prefecture")

    for verb in (
        lambda: service.edit_enterprise(stranger, foreign.id, draft_of(foreign), None, now),
        lambda: service.disable_enterprise(stranger, foreign.id, now),
        lambda: service.delete_enterprise(stranger, foreign.id, now),
        lambda: service.change_reviewer(stranger, [foreign.id], stranger.admin_id or 0, now),
    ):
        with pytest.raises(NotFound), unit_of_work():
            verb()
    with pytest.raises(NotFound), unit_of_work():
        service.create_enterprise(stranger, draft(region_id=foreign.region_id), now)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SYSTEM])
def test_an_actor_without_a_place_sees_no_enterprise(app: Flask, kind: Kind) -> None:
    bare = Actor(kind=kind, name="", account_id=1)

    for model in (Enterprise, EnterpriseVersion):
        assert not db.session.scalars(scope.visible(model, bare, TODAY).limit(1)).all()


def test_the_platform_and_the_auditor_take_no_part_in_business(app: Flask, actor: ActorOf) -> None:
    for name in ("admin", "security", "auditor", "point", "provider"):
        assert not db.session.scalars(scope.visible(Enterprise, actor(name), TODAY)).all()


def test_an_enterprise_in_an_abolished_county_is_seen_by_who_took_it_over(app: Flask, actor: ActorOf) -> None:
    enterprise = own(actor("enterprise"))
    enterprise.region_id = key(Region, "330103")
    db.session.flush()
    admin = db.session.scalars(select(Region).where(Region.code == "330105")).one()
    successor = replace(actor("county"), region_ids=frozenset({admin.id}))

    seen = db.session.scalars(scope.visible(Enterprise, successor, TODAY)).all()
    before = db.session.scalars(scope.visible(Enterprise, successor, dt.date(2021, 4, 8))).all()

    assert seen == [enterprise]
    assert before == []
    db.session.rollback()


def test_disabling_ends_the_account_and_enabling_brings_it_back(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    county, who = actor("county"), actor("enterprise")

    with unit_of_work():
        service.disable_enterprise(county, who.enterprise_id or 0, now)
    gone = actor_for(who.user_id or 0)
    with pytest.raises(Conflict), unit_of_work():
        service.disable_enterprise(county, who.enterprise_id or 0, now)
    with unit_of_work():
        service.enable_enterprise(county, who.enterprise_id or 0, now)

    assert gone is None
    assert actor_for(who.user_id or 0) == who


def test_the_account_of_a_deleted_enterprise_leaves_its_names_to_who_registers_anew(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    county, registrar = actor("county"), registrations.applicant(now, "returning")
    enterprise_id = registrations.approved(registrar, county, now).enterprise_id or 0
    account = db.session.get_one(Account, registrar.account_id)
    email, phone = account.user.email, account.phone

    with unit_of_work():
        service.disable_enterprise(county, enterprise_id, now)
        service.delete_enterprise(county, enterprise_id, now)

    assert (account.state, account.phone, account.user.active) == ("disabled", "", False)
    assert actor_for(registrar.user_id or 0) is None
    again = AccountDraft("returning", email, Kind.ENTERPRISE, "新来的", phone)
    with unit_of_work():
        assert create_account(actor("admin"), again, now).id != account.id


def test_only_a_disabled_enterprise_is_deleted_with_its_versions(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    county = actor("county")
    with unit_of_work():
        made = service.create_enterprise(county, draft(), now)
    with pytest.raises(Conflict), unit_of_work():
        service.delete_enterprise(county, made.id, now)

    with unit_of_work():
        service.disable_enterprise(county, made.id, now)
        service.delete_enterprise(county, made.id, now)

    left = select(func.count()).where(EnterpriseVersion.enterprise_id == made.id)
    assert db.session.get(Enterprise, made.id) is None
    assert db.session.scalar(left) == 0


def test_a_new_reviewer_must_manage_the_region_of_every_enterprise(
    app: Flask, actor: ActorOf, now: Instant
) -> None:
    province, county = actor("province"), actor("county")
    one, other = own(actor("enterprise")), own(actor("enterprise2"))

    with pytest.raises(Invalid) as refusal, unit_of_work():
        service.change_reviewer(province, [one.id, other.id], county.admin_id or 0, now)
    with unit_of_work():
        service.change_reviewer(province, [one.id, other.id], province.admin_id or 0, now)

    assert len(refusal.value.problems) == 1
    assert one.direct_reviewer_id == other.direct_reviewer_id == province.admin_id


def test_the_yearly_figures_make_one_new_version_each(app: Flask) -> None:
    with unit_of_work():
        renewed = renew_figures(dt.datetime(2025, 1, 20, 2, tzinfo=dt.UTC))
        again = renew_figures(dt.datetime(2025, 1, 21, 2, tzinfo=dt.UTC))

    revisions = set(db.session.scalars(select(Enterprise.revision)))
    assert (renewed, again) == (60, 0)
    assert revisions == {2}


def test_the_dictionaries_are_loaded_once(app: Flask, now: Instant) -> None:
    assert load_dictionaries(now) == 0
    assert db.session.scalar(select(func.count()).select_from(Industry)) == 1971
    assert db.session.scalar(select(func.count()).select_from(RegistrationType)) == 60


def test_the_demonstration_has_sixty_enterprises_of_every_size(app: Flask) -> None:
    sizes = dict(db.session.execute(select(Enterprise.size, func.count()).group_by(Enterprise.size)).all())

    assert sum(sizes.values()) == 60
    assert set(sizes) == {"large", "medium", "small", "micro", "unknown", "not_classified"}
