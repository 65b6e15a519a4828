"""Who sees which organisations: two sibling prefectures as tenants, dated closure, failing closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.infra import scope
from app.infra.database import db
from app.kernel.actor import ANONYMOUS, SYSTEM, Actor, Kind
from app.kernel.errors import NotFound
from app.organisations.closure import levels_of, rebuild_closure
from app.organisations.models import Account, Admin, Bureau, Region, RegionClosure
from app.organisations.scope import in_territory, region_subtree
from app.organisations.seed import load_regions

TODAY = dt.date(2026, 11, 6)
MODELS = (Region, Bureau, Admin, Account)
ActorOf = Callable[[str], Actor]


def region(code: str) -> int:
    """The id of a region."""
    return db.session.scalars(select(Region.id).where(Region.code == code)).one()


def codes_below(code: str, day: dt.date) -> set[str]:
    """Codes of all that lies within a region on a day."""
    return set(
        db.session.scalars(select(Region.code).where(Region.id.in_(region_subtree([region(code)], day))))
    )


def test_all_regions_of_the_country_are_there_once(app: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(Region)) == 3394
    assert load_regions() == 0
    assert rebuild_closure() == 0
    assert len(codes_below("000000", TODAY)) == 3394


def test_the_closure_never_goes_by_the_code(app: Flask) -> None:
    """县级随州市 429001 became a district of 421300: other digits, still in reach."""
    assert "429001" in codes_below("421300", TODAY)
    assert "429001" not in codes_below("421300", dt.date(1999, 12, 31))


@pytest.mark.parametrize("level", ["ministry", "province", "prefecture", "county"])
@pytest.mark.parametrize("codes", [("000000",), ("330000",), ("330100", "330200"), ("330105",), ()])
@pytest.mark.parametrize("day", [dt.date(2021, 4, 8), TODAY])
def test_a_territory_is_the_same_whichever_way_it_is_asked_for(
    app: Flask, actor: ActorOf, level: str, codes: tuple[str, ...], day: dt.date
) -> None:
    keys = frozenset(map(region, codes))
    admin = replace(actor("province"), level=level, region_ids=keys)

    found = db.session.scalars(select(Region.id).where(in_territory(Region.id, admin, day)))

    assert set(found) == set(db.session.scalars(region_subtree(keys, day)))


@pytest.mark.parametrize(
    ("day", "within", "outside"),
    [
        (dt.date(2021, 4, 8), "330100", "330105"),
        (dt.date(2021, 4, 9), "330105", "330102"),
        (TODAY, "330105", "330106"),
    ],
)
def test_xiacheng_lay_in_hangzhou_and_lies_in_gongshu_since_2021(
    app: Flask, day: dt.date, within: str, outside: str
) -> None:
    assert "330103" in codes_below(within, day)
    assert "330103" not in codes_below(outside, day)
    assert "330103" in codes_below("330100", day)


def test_jianggan_was_divided_and_belongs_to_the_city_only(app: Flask) -> None:
    assert "330104" in codes_below("330100", TODAY)
    assert "330104" not in codes_below("330102", TODAY) | codes_below("330114", TODAY)


def test_an_abolished_county_stands_for_its_own_level(app: Flask) -> None:
    levels = levels_of(region("330103"), TODAY)

    assert levels["county"] == region("330103")
    assert levels["prefecture"] == region("330100")
    assert "330103" in codes_below("330105", TODAY)


def test_sibling_prefectures_share_nothing(app: Flask, actor: ActorOf) -> None:
    one, other = actor("prefecture"), actor("prefecture2")

    for model in MODELS:
        seen = [set(db.session.scalars(scope.visible(model, who, TODAY))) for who in (one, other)]
        assert all(seen)
        assert not seen[0] & seen[1]


def test_a_prefecture_sees_its_counties_and_a_county_not_its_prefecture(app: Flask, actor: ActorOf) -> None:
    prefecture, county = actor("prefecture"), actor("county")

    seen = set(db.session.scalars(scope.visible(Admin, prefecture, TODAY)))
    below = set(db.session.scalars(scope.visible(Admin, county, TODAY)))

    assert {one.id for one in below} == {county.admin_id}
    assert {county.admin_id, prefecture.admin_id} <= {one.id for one in seen}


def test_a_foreign_record_is_not_found_by_its_key(app: Flask, actor: ActorOf) -> None:
    foreign = actor("county2")

    for model, key in ((Admin, foreign.admin_id), (Bureau, foreign.bureau_id), (Account, foreign.account_id)):
        with pytest.raises(NotFound):
            scope.find(model, key, actor("prefecture"), TODAY)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.PLATFORM, Kind.SYSTEM)])
@pytest.mark.parametrize("model", MODELS)
def test_an_actor_without_a_place_sees_nothing(app: Flask, kind: Kind, model: type) -> None:
    bare = Actor(kind=kind, name="")

    assert db.session.scalars(scope.visible(model, bare, TODAY).limit(1)).all() == []


def test_an_account_that_is_no_admin_sees_itself_only(app: Flask, actor: ActorOf) -> None:
    enterprise = actor("enterprise")

    seen = db.session.scalars(scope.visible(Account, enterprise, TODAY)).all()

    assert [account.id for account in seen] == [enterprise.account_id]
    assert not db.session.scalars(scope.visible(Bureau, enterprise, TODAY)).all()


def test_an_admin_whose_regions_are_gone_sees_no_region(app: Flask, actor: ActorOf) -> None:
    bare = replace(actor("county"), region_ids=frozenset())

    assert not db.session.scalars(scope.visible(Region, bare, TODAY)).all()


def test_the_platform_sees_every_organisation(app: Flask, actor: ActorOf) -> None:
    for who in (SYSTEM, actor("admin")):
        count = len(db.session.scalars(scope.visible(Bureau, who, TODAY)).all())
        assert count == db.session.scalar(select(func.count()).select_from(Bureau))
    assert not db.session.scalars(scope.visible(Bureau, ANONYMOUS, TODAY)).all()


def test_the_closure_has_no_row_twice(app: Flask) -> None:
    rows = db.session.execute(
        select(RegionClosure.ancestor_id, RegionClosure.descendant_id, RegionClosure.valid_from)
        .group_by(RegionClosure.ancestor_id, RegionClosure.descendant_id, RegionClosure.valid_from)
        .having(func.count() > 1)
    )

    assert rows.all() == []
