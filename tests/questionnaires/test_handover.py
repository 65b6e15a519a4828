"""Questionnaires pass on with their admin, and keep what they refer to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.enterprises.models import Enterprise, Industry
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.registries import refuse_deletion
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Invalid
from app.organisations.admin_service import pending_work, transfer_work, work_to_pass_on
from app.organisations.events import AdminRegionsChanged, AdminTransferred
from app.organisations.models import Admin, AdminRegion, Region
from app.questionnaires import handing_out
from app.questionnaires.handover import keep_questionnaires_in_sight, take_over_questionnaires
from app.questionnaires.models import QuestionnaireHandout
from tests.questionnaires.lives import drawn_up, enabled

ActorOf = Callable[[str], Actor]


def test_questionnaires_pass_on_with_the_work_of_their_admin(actor: ActorOf, now: dt.datetime) -> None:
    province, prefecture, county = actor("province"), actor("prefecture"), actor("county")
    made = enabled(county, now)
    assert "1 questionnaires" in [str(line) for line in work_to_pass_on(_admin(county))]
    with unit_of_work():
        transfer_work(province, county.admin_id or 0, prefecture.admin_id or 0, now)
    db.session.refresh(made)
    assert made.admin_id == prefecture.admin_id
    lines = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "hand_over", AuditEntry.entity == "questionnaire")
    ).all()
    assert [line.entity_key for line in lines] == [str(made.id)]


def test_who_does_not_manage_the_asked_regions_cannot_take_over(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now)
    event = AdminTransferred(
        actor("province"), actor("prefecture").admin_id or 0, actor("prefecture2").admin_id or 0, now
    )
    with pytest.raises(Invalid), unit_of_work():
        take_over_questionnaires(event)
    db.session.refresh(made)
    assert made.admin_id == actor("prefecture").admin_id


def test_what_was_handed_out_passes_on_once(actor: ActorOf, now: dt.datetime) -> None:
    province, prefecture, county = actor("province"), actor("prefecture"), actor("county")
    both = drawn_up(province, now)
    one = drawn_up(province, now)
    with unit_of_work():
        handing_out.hand_out(province, both.id, [prefecture.admin_id or 0, county.admin_id or 0], now)
        handing_out.hand_out(province, one.id, [county.admin_id or 0], now)
        take_over_questionnaires(
            AdminTransferred(province, county.admin_id or 0, prefecture.admin_id or 0, now)
        )
    held = db.session.execute(select(QuestionnaireHandout.questionnaire_id, QuestionnaireHandout.admin_id))
    assert {tuple(row) for row in held} == {(both.id, prefecture.admin_id), (one.id, prefecture.admin_id)}


def test_an_admin_keeps_the_regions_that_enabled_questionnaires_ask(actor: ActorOf, now: dt.datetime) -> None:
    prefecture = actor("prefecture")
    enabled(prefecture, now)
    elsewhere = next(iter(actor("prefecture2").region_ids))
    moved = update(AdminRegion).where(AdminRegion.admin_id == prefecture.admin_id)
    with pytest.raises(Invalid), unit_of_work():
        db.session.execute(moved.values(region_id=elsewhere))
        keep_questionnaires_in_sight(AdminRegionsChanged(actor("province"), prefecture.admin_id or 0, now))


def test_an_admin_with_enabled_questionnaires_is_not_disabled(actor: ActorOf, now: dt.datetime) -> None:
    enabled(actor("county"), now)
    assert "1 enabled questionnaires" in [
        str(problem.message) for problem in pending_work(_admin(actor("county")))
    ]


@pytest.mark.parametrize("model", [Enterprise, Region, Industry])
def test_what_a_questionnaire_asks_stays(actor: ActorOf, now: dt.datetime, model: type) -> None:
    trade = db.session.scalars(select(Industry.id).where(Industry.code == "C")).one()
    prefecture, enterprise = actor("prefecture"), actor("enterprise").enterprise_id or 0
    enabled(prefecture, now, industry_ids=(trade,), enterprise_ids=(enterprise,))
    keys = {Enterprise: enterprise, Region: next(iter(prefecture.region_ids)), Industry: trade}
    with pytest.raises(Invalid) as refusal:
        refuse_deletion(db.session.get_one(model, keys[model]))
    assert any("uestionnaire" in str(problem.message) for problem in refusal.value.problems)


def _admin(actor: Actor) -> Admin:
    return db.session.get_one(Admin, actor.admin_id)
