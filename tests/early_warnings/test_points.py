"""Warning points and their staff: what is checked, who sees and keeps them, and the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.early_warnings import points
from app.early_warnings.demo import build_points
from app.early_warnings.models import (
    Country,
    HsChapter,
    PointStaff,
    TradeSector,
    WarningCategory,
    WarningPoint,
)
from app.early_warnings.seed import load_dictionaries
from app.infra import context, scope
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import SYSTEM, Actor
from app.kernel.clock import local_date
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken
from app.organisations.models import Account, Region
from tests.factories.warning_points import draft, headed, person, point

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def fields_of(refusal: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.field for problem in refusal.value.problems}


def test_a_point_is_entered_and_audited(actor: ActorOf, now: dt.datetime) -> None:
    made = point(actor("county"), now, name=" 萧山　羽绒示范点 ", batch=3, phone="0571—12345678")

    assert (made.name, made.phone, made.state) == ("萧山 羽绒示范点", "0571-12345678", "active")
    lines = select(AuditEntry.action).where(
        AuditEntry.entity == "warning_point", AuditEntry.entity_key == str(made.id)
    )
    assert list(db.session.scalars(lines)) == ["create"]


def test_everything_wrong_with_a_point_is_told_at_once(actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        point(actor("county"), now, name="", host="", level="world", region_id=0, batch=0, phone="12")

    assert fields_of(refusal) == {"name", "host", "level", "region", "batch", "phone"}


def test_two_points_of_one_name_are_refused_however_it_is_spelt(actor: ActorOf, now: dt.datetime) -> None:
    point(actor("county"), now, name="羽绒（示范）点")
    with pytest.raises(Invalid) as refusal:
        point(actor("county"), now, name="羽绒(示范) 点")

    assert fields_of(refusal) == {"name"}


def test_a_region_out_of_sight_is_not_there(actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        point(actor("county"), now, "330212")


def test_a_sector_that_has_ended_cannot_be_chosen_and_one_that_was_chosen_stays(
    actor: ActorOf, now: dt.datetime
) -> None:
    admin, sector = actor("county"), db.session.scalars(select(TradeSector)).first()
    assert sector is not None
    made = point(admin, now, sector_id=sector.id)
    with context.acting_as(SYSTEM), unit_of_work():
        sector.valid_until = local_date(now)
    with pytest.raises(Invalid) as refusal:
        point(admin, now, name="另一示范点", sector_id=sector.id)
    with context.acting_as(admin), unit_of_work():
        kept = points.edit_point(
            admin, made.id, draft(sector_id=sector.id, address="示范路2号"), made.version, now
        )

    assert fields_of(refusal) == {"sector"}
    assert (kept.sector_id, kept.address) == (sector.id, "示范路2号")


def test_a_point_may_lie_in_a_region_that_has_ended(actor: ActorOf, now: dt.datetime) -> None:
    assert point(actor("prefecture"), now, "330183").region.valid_to is not None


@pytest.mark.parametrize("name", ["enterprise", "point", "admin", "auditor"])
def test_only_bureaus_keep_points(name: str, actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Forbidden):
        point(actor(name), now)


def test_a_change_on_an_old_copy_is_refused(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    made = point(admin, now)
    version = made.version
    with context.acting_as(admin), unit_of_work():
        points.edit_point(admin, made.id, draft(host="甲协会"), version, now)
    with pytest.raises(Overtaken), context.acting_as(admin), unit_of_work():
        points.edit_point(admin, made.id, draft(host="乙协会"), version, now)

    assert db.session.get_one(WarningPoint, made.id).host == "甲协会"


def test_points_are_seen_where_they_lie_and_by_themselves(actor: ActorOf, now: dt.datetime) -> None:
    made = point(actor("county"), now)
    account = db.session.get_one(Account, actor("point").account_id)
    with context.acting_as(SYSTEM), unit_of_work():
        points.bind_account(SYSTEM, made.id, account, now)
    headed(made, now)

    def sees(name: str) -> tuple[int, int]:
        who, today = actor(name), local_date(now)
        return tuple(
            len(db.session.scalars(scope.visible(model, who, today)).all())
            for model in (WarningPoint, PointStaff)
        )  # type: ignore[return-value]

    for name in ("province", "prefecture", "county", "point", "centre"):
        assert sees(name) == (1, 1), name
    for name in ("prefecture2", "county2", "enterprise", "provider", "admin", "auditor", "security"):
        assert sees(name) == (0, 0), name


def test_an_account_belongs_to_one_point_and_is_one_of_a_point(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    first, second = point(admin, now), point(admin, now, name="另一示范点")
    own, other = (db.session.get_one(Account, actor(name).account_id) for name in ("point", "enterprise"))
    with context.acting_as(admin), unit_of_work():
        points.bind_account(admin, first.id, own, now)
    for account in (own, other):
        with pytest.raises(Conflict), context.acting_as(admin), unit_of_work():
            points.bind_account(admin, second.id, account, now)


def test_a_point_with_people_is_disabled_instead_of_deleted(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    made = point(admin, now)
    headed(made, now)
    with pytest.raises(Invalid), context.acting_as(admin), unit_of_work():
        points.delete_point(admin, made.id, now)
    with context.acting_as(admin), unit_of_work():
        points.switch_point(admin, made.id, now, state="disabled")
    with pytest.raises(Conflict), context.acting_as(admin), unit_of_work():
        points.switch_point(admin, made.id, now, state="disabled")

    assert db.session.get_one(WarningPoint, made.id).state == "disabled"


def test_a_point_that_nothing_belongs_to_can_be_deleted(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    made = point(admin, now)
    with context.acting_as(admin), unit_of_work():
        points.delete_point(admin, made.id, now)

    assert db.session.scalar(select(func.count()).select_from(WarningPoint)) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"mobile": "12"}, "mobile"),
        ({"email": "nobody"}, "email"),
        ({"name": " "}, "name"),
        ({"duty": "boss"}, "duty"),
    ],
)
def test_what_is_wrong_with_a_person_stands_at_its_field(
    changes: dict[str, object], field: str, actor: ActorOf, now: dt.datetime
) -> None:
    admin = actor("county")
    made = point(admin, now)
    with pytest.raises(Invalid) as refusal, context.acting_as(admin), unit_of_work():
        points.keep_staff(admin, None, person(made, **changes), None, now)

    assert fields_of(refusal) == {field}


def test_a_person_is_entered_once_for_a_point_and_a_duty(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    made = point(admin, now)
    with context.acting_as(admin), unit_of_work():
        points.keep_staff(admin, None, person(made), None, now)
        points.keep_staff(admin, None, person(made, duty="head"), None, now)
    with pytest.raises(Invalid), context.acting_as(admin), unit_of_work():
        points.keep_staff(admin, None, person(made), None, now)


def test_the_page_of_a_point_names_what_is_missing_and_its_people(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    made = point(actor("county"), now, address="示范路3号")
    visitor = sign_in("county")
    before = visitor.get(f"/warning-points/show/{made.id}").get_data(as_text=True)
    headed(made, now)
    after = visitor.get(f"/warning-points/show/{made.id}").get_data(as_text=True)

    assert ("言云" in before, "言云" in after) == (False, True)
    assert BeautifulSoup(before, "html.parser").select_one(".qj-note.warning") is not None
    with context.acting_as(SYSTEM):
        assert db.session.get_one(WarningPoint, made.id).missing == ["introduction", "phone", "sector_id"]


def test_a_person_is_entered_from_the_page_of_the_point(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    made = point(actor("county"), now)
    visitor = sign_in("county")
    form = BeautifulSoup(visitor.get(f"/warning-point-staff/add?point={made.id}").data, "html.parser")
    answer = visitor.post(
        "/warning-point-staff/add",
        data={"point": str(made.id), "duty": "head", "name": "言云", "phone": "0500-12345678"},
    )

    chosen = form.select_one("select[name=point] option[selected]")
    assert chosen is not None and chosen["value"] == str(made.id)
    assert answer.status_code == 302
    assert db.session.scalars(select(PointStaff.name)).all() == ["言云"]


def test_a_refused_form_keeps_what_was_typed(sign_in: SignIn) -> None:
    answer = sign_in("county").post(
        "/warning-points/add", data={"name": "甲示范点", "host": "甲协会", "level": "province", "phone": "12"}
    )

    assert answer.status_code == 422
    assert "甲示范点" in answer.get_data(as_text=True)


def test_a_point_reads_its_own_record_and_cannot_change_it(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    made = point(actor("county"), now)
    account = db.session.get_one(Account, actor("point").account_id)
    with context.acting_as(SYSTEM), unit_of_work():
        points.bind_account(SYSTEM, made.id, account, now)
    visitor = sign_in("point")

    assert visitor.get(f"/warning-points/show/{made.id}").status_code == 200
    assert visitor.get(f"/warning-points/edit/{made.id}").status_code == 403


@pytest.mark.parametrize("condition", ["keyword=羽绒", "batch_from=3&batch_to=3", "level=province"])
def test_points_are_found_by_name_batch_and_type(
    condition: str, sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    point(actor("county"), now, name="羽绒示范点", batch=3)
    point(actor("county"), now, name="家纺预警处", batch=4, level="national")
    body = sign_in("county").get(f"/warning-points/list/?{condition}").get_data(as_text=True)

    assert ("羽绒示范点" in body, "家纺预警处" in body) == (True, False)


def test_the_charts_count_the_points_in_scope(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    point(actor("county"), now, batch=3)
    for number in range(4):
        assert sign_in("county").get(f"/warning-point-charts/chart/{number}").status_code == 200


def test_the_dictionaries_are_complete_and_loaded_once(app: object, now: dt.datetime) -> None:
    counts = {
        model: db.session.scalar(select(func.count()).select_from(model))
        for model in (TradeSector, WarningCategory, Country, HsChapter)
    }

    assert counts == {TradeSector: 13, WarningCategory: 20, Country: 260, HsChapter: 96}
    with context.acting_as(SYSTEM), unit_of_work():
        assert load_dictionaries(now) == 0


def test_members_of_blocs_are_countries_of_the_dictionary(app: object) -> None:
    codes = set(db.session.scalars(select(Country.code).where(Country.kind == "country")))
    for bloc in db.session.scalars(select(Country).where(Country.kind == "bloc")):
        assert set(bloc.members.split()) <= codes, bloc.code


def test_a_sector_and_a_region_that_a_point_uses_stay(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    sector = db.session.scalars(select(TradeSector.id)).first()
    point(actor("county"), now, sector_id=sector)
    answer = sign_in("admin").post(f"/trade-sectors/delete/{sector}")

    assert answer.status_code == 302
    assert db.session.get(TradeSector, sector) is not None


def test_the_points_of_the_demonstration_are_those_of_2019_and_one_with_an_account(
    app: object, now: dt.datetime
) -> None:
    with context.acting_as(SYSTEM), unit_of_work():
        made = build_points(now)

    regions = select(Region.code).join(WarningPoint, WarningPoint.region_id == Region.id)
    assert made == 14
    assert {"330183", "Z330001", "330103"} <= set(db.session.scalars(regions))
    assert db.session.scalar(select(func.count()).where(WarningPoint.account_id.is_not(None))) == 1
    assert db.session.scalar(select(func.count()).select_from(PointStaff)) == 42
