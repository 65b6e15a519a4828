"""Whom a questionnaire is for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.enterprises.models import ControlType, Enterprise, Industry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.questionnaires.audience import addressed, number_addressed
from app.questionnaires.models import Questionnaire
from app.questionnaires.themes import named_in, theme_of
from tests.questionnaires.lives import drawn_up

ActorOf = Callable[[str], Actor]
TODAY = dt.date(2026, 11, 6)


def met(questionnaire: Questionnaire) -> list[Enterprise]:
    found = list(db.session.scalars(addressed(questionnaire, TODAY)))
    assert number_addressed(questionnaire, TODAY) == len(found)
    return found


def names(found: list[Enterprise]) -> set[int]:
    return {one.id for one in found}


def test_without_conditions_all_active_enterprises_of_the_owner_are_asked(
    actor: ActorOf, now: dt.datetime
) -> None:
    made = drawn_up(actor("prefecture"), now)
    found = met(made)
    assert actor("enterprise").enterprise_id in names(found)
    assert actor("enterprise2").enterprise_id not in names(found)
    assert {one.state for one in found} == {"active"}


def test_a_region_is_meant_with_everything_below_it(actor: ActorOf, now: dt.datetime) -> None:
    everywhere = met(drawn_up(actor("province"), now))
    prefecture = met(drawn_up(actor("province"), now, region_ids=sorted(actor("prefecture").region_ids)))
    county = met(drawn_up(actor("province"), now, region_ids=sorted(actor("county").region_ids)))
    assert names(county) < names(prefecture) < names(everywhere)


def test_a_trade_is_meant_with_everything_below_it(actor: ActorOf, now: dt.datetime) -> None:
    province = actor("province")
    division = db.session.scalars(
        select(Industry.division).join(Enterprise, Enterprise.industry_id == Industry.id).limit(1)
    ).one()
    chosen = db.session.scalars(select(Industry.id).where(Industry.code == division)).one()
    found = met(drawn_up(province, now, industry_ids=(chosen,)))
    assert found
    assert {one.industry.division for one in found} == {division}


@pytest.mark.parametrize(("sector", "manufacturing"), [("manufacturing", True), ("other", False)])
def test_manufacturing_is_section_c(
    actor: ActorOf, now: dt.datetime, sector: str, *, manufacturing: bool
) -> None:
    found = met(drawn_up(actor("province"), now, sector=sector))
    assert found
    assert {one.industry.section == "C" for one in found} == {manufacturing}


def test_sizes_and_control_types_are_conditions_that_all_hold(actor: ActorOf, now: dt.datetime) -> None:
    province = actor("province")
    one = met(drawn_up(province, now))[0]
    code = db.session.scalars(select(ControlType.code).where(ControlType.id == one.control_type_id)).one()
    found = met(drawn_up(province, now, sizes=(one.size,), control_types=(code,)))
    assert one.id in names(found)
    assert {(each.size, each.control_type_id) for each in found} == {(one.size, one.control_type_id)}


def test_named_enterprises_alone_are_asked_whatever_else_is_said(actor: ActorOf, now: dt.datetime) -> None:
    named = actor("enterprise").enterprise_id or 0
    made = drawn_up(actor("province"), now, enterprise_ids=(named,), sizes=("unknown",))
    assert names(met(made)) == {named}


def test_disabled_enterprises_and_test_codes_are_not_asked(actor: ActorOf, now: dt.datetime) -> None:
    made = drawn_up(actor("province"), now)
    first, second = met(made)[:2]
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.id == first.id).values(state="disabled"))
        test = {"code_status": "test", "uscc_exception": "试用"}
        db.session.execute(update(Enterprise).where(Enterprise.id == second.id).values(test))
    assert not {first.id, second.id} & names(met(made))


def test_a_pasted_list_names_enterprises_by_code_or_name(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("province")
    one, other = db.session.scalars(select(Enterprise).order_by(Enterprise.id).limit(2)).all()
    text = f"{one.uscc.lower()}\r\n {other.name} ;{one.uscc}, 911100000000000000\t{other.name}"
    found, unknown = named_in(text, admin, TODAY)
    assert found == [one.id, other.id]
    assert unknown == ["911100000000000000"]


def test_a_pasted_list_names_nobody_out_of_sight(actor: ActorOf) -> None:
    foreign = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    assert named_in(foreign.uscc, actor("prefecture"), TODAY) == ([], [foreign.uscc])


def test_a_theme_is_read_as_it_was_written(actor: ActorOf, now: dt.datetime) -> None:
    trade = db.session.scalars(select(Industry.id).where(Industry.code == "C")).one()
    control = db.session.scalars(select(ControlType.code).order_by(ControlType.id).limit(1)).one()
    given = {
        "region_ids": sorted(actor("county").region_ids),
        "industry_ids": [trade],
        "sector": "manufacturing",
        "sizes": ["micro", "small"],
        "control_types": [control],
        "enterprise_ids": [actor("enterprise").enterprise_id],
        "anonymous": True,
        "placement": "apart",
    }
    theme = theme_of(drawn_up(actor("prefecture"), now, **given))
    assert {name: getattr(theme, name) for name in given} == given
