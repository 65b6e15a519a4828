"""Reports follow the reviewer of their enterprise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.enterprises import service
from app.enterprises.drafts import EnterpriseDraft
from app.enterprises.models import FACTS, Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor, Kind
from app.kernel.errors import Invalid
from app.organisations import service as organisations
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin, AdminRegion, Region
from app.reports import steps
from app.reports.handover import (
    keep_reports_in_sight,
    reports_to_pass_on,
    take_over_reports,
    waiting_reports,
)
from app.reports.models import Report, ReportStep
from tests.factories.reports import OCTOBER, accepted, approved, holder_of, submitted

ActorOf = Callable[[str], Actor]


def test_reports_of_every_period_move_and_those_on_the_desk_wait_at_the_new_reviewer(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, prefecture = actor("enterprise"), actor("prefecture")
    old = approved(owner, now, OCTOBER.previous())
    waiting = submitted(owner, now)
    with unit_of_work():
        service.change_reviewer(prefecture, [owner.enterprise_id or 0], prefecture.admin_id or 0, now)

    db.session.expire_all()
    assert {report.direct_reviewer_id for report in (old, waiting)} == {prefecture.admin_id}
    assert waiting.holder_id == prefecture.admin_id
    assert old.state == "approved"
    line = db.session.scalars(
        select(ReportStep).where(ReportStep.report_id == waiting.id).order_by(ReportStep.id.desc())
    )
    assert line.first().verb == "hand_over"  # type: ignore[union-attr]


def test_a_report_that_has_climbed_stays_where_it_waits(actor: ActorOf, now: dt.datetime) -> None:
    owner, province = actor("enterprise"), actor("province")
    report = accepted(submitted(owner, now), now)
    holder = report.holder_id
    with unit_of_work():
        service.change_reviewer(province, [owner.enterprise_id or 0], province.admin_id or 0, now)

    db.session.expire_all()
    assert db.session.get(Report, report.id).holder_id == holder  # type: ignore[union-attr]


def moved_away(owner: Actor, actor: Actor, code: str, now: dt.datetime) -> None:
    """The enterprise of an account is in another county from now on."""
    enterprise = db.session.get_one(Enterprise, owner.enterprise_id)
    same = {name: getattr(enterprise, name) for name in FACTS if name in EnterpriseDraft.__slots__}
    region_id = db.session.scalars(select(Region.id).where(Region.code == code)).one()
    with unit_of_work():
        draft = EnterpriseDraft(**{**same, "region_id": region_id})
        service.edit_enterprise(actor, enterprise.id, draft, None, now)


@pytest.mark.parametrize(("accepted_by", "waits_at"), [(0, "county2"), (1, "prefecture2"), (2, "province")])
def test_a_report_in_review_waits_at_the_same_level_of_the_place_that_the_enterprise_moved_to(
    actor: ActorOf, now: dt.datetime, accepted_by: int, waits_at: str
) -> None:
    owner = actor("enterprise")
    report = accepted(submitted(owner, now), now, times=accepted_by)

    moved_away(owner, actor("province"), "330212", now)

    db.session.expire_all()
    assert report.holder_id == actor(waits_at).admin_id
    assert report.accepted_levels == accepted_by
    assert report.direct_reviewer_id == actor("county2").admin_id


def colleague_of(actor: Actor, superior: Actor, now: dt.datetime) -> Admin:
    """A second admin of the same bureau, with the same regions."""
    account = organisations.AccountDraft("colleague", "colleague@bureau.example", Kind.BUREAU, "同事")
    draft = organisations.AdminDraft(
        actor.bureau_id or 0, actor.region_ids, superior.admin_id, account=account
    )
    return organisations.create_admin(superior, draft, now)


def test_all_that_an_admin_holds_passes_on_with_the_work_so_that_the_chain_never_ends_at_who_left(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, prefecture, province = actor("enterprise"), actor("prefecture"), actor("province")
    climbed = accepted(submitted(owner, now), now)
    with unit_of_work():
        taker = colleague_of(prefecture, province, now)
        organisations.transfer_work(province, prefecture.admin_id or 0, taker.id, now)
        organisations.disable_admin(province, prefecture.admin_id or 0, now)

    db.session.expire_all()
    assert climbed.holder_id == taker.id
    assert climbed.steps[-1].verb == "hand_over"
    assert climbed.steps[-1].holder_before_id == prefecture.admin_id


def test_who_takes_over_may_return_what_was_approved_before(actor: ActorOf, now: dt.datetime) -> None:
    province, platform = actor("province"), actor("admin")
    report = approved(actor("enterprise"), now)
    with unit_of_work():
        account = organisations.AccountDraft("colleague", "colleague@bureau.example", Kind.BUREAU, "同事")
        draft = organisations.AdminDraft(province.bureau_id or 0, province.region_ids, account=account)
        taker = organisations.create_admin(platform, draft, now)
        organisations.transfer_work(platform, province.admin_id or 0, taker.id, now)
    db.session.expire_all()
    with unit_of_work():
        steps.give_back(holder_of(report), report, report.version, "重新核对", now)

    assert report.state == "returned"


def test_reports_pass_only_to_who_manages_their_regions(actor: ActorOf, now: dt.datetime) -> None:
    county = actor("county")
    report = submitted(actor("enterprise"), now)

    event = AdminTransferred(actor("province"), county.admin_id or 0, actor("county2").admin_id or 0, now)
    with pytest.raises(Invalid) as refusal, unit_of_work():
        take_over_reports(event)

    assert [problem.field for problem in refusal.value.problems] == ["to_admin"]
    assert report.holder_id == county.admin_id


def test_regions_with_reports_that_an_admin_holds_cannot_be_taken_away(
    actor: ActorOf, now: dt.datetime
) -> None:
    county, elsewhere = actor("county"), min(actor("county2").region_ids)
    submitted(actor("enterprise"), now)
    own = AdminRegion.admin_id == county.admin_id
    with pytest.raises(Invalid) as refusal, unit_of_work():
        db.session.execute(update(AdminRegion).where(own).values(region_id=elsewhere))
        keep_reports_in_sight(AdminRegionsChanged(actor("province"), county.admin_id or 0, now))

    assert [problem.field for problem in refusal.value.problems] == ["regions"]


def test_an_admin_with_reports_to_review_cannot_be_disabled(actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)

    admin = db.session.get(Admin, actor("county").admin_id)

    assert admin is not None
    assert "1" in str(waiting_reports(admin).message)  # type: ignore[union-attr]


def test_the_say_over_approved_reports_goes_to_who_can_see_them_when_an_enterprise_moves_away(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner, prefecture, sibling = actor("enterprise"), actor("prefecture"), actor("prefecture2")
    ended_below, ended_above = approved(owner, now), approved(owner, now, OCTOBER.previous())
    with unit_of_work():  # as in an installation whose chain ends at the prefecture
        db.session.execute(
            update(Report).where(Report.id == ended_below.id).values(holder_id=prefecture.admin_id)
        )
    db.session.expire_all()

    moved_away(owner, actor("province"), "330212", now)

    db.session.expire_all()
    assert ended_below.holder_id == sibling.admin_id
    assert ended_above.holder_id == actor("province").admin_id
    assert ended_below.state == ended_above.state == "approved"


def test_a_transfer_tells_beforehand_which_reports_pass_on(actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)
    county = db.session.get_one(Admin, actor("county").admin_id)
    idle = db.session.get_one(Admin, actor("county2").admin_id)

    words = reports_to_pass_on(county)

    assert str(words) == "1 reports to review, and the say over 0 approved reports"
    assert reports_to_pass_on(idle) is None
