"""The enterprises of the demonstration: 300 of all groups of trades and all sizes, no two alike."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from sqlalchemy import func, select

from app.enterprises.credit_codes import credit_code_problem
from app.enterprises.demo import COUNT
from app.enterprises.demo_growth import JOINERS, TRADES, WAVES, figures_for, join_enterprises, joining_drafts
from app.enterprises.models import Enterprise, Industry
from app.enterprises.size import enterprise_size
from app.enterprises.size_tables import BANDS, shipped_standards, size_group_of
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.clock import local_date


@pytest.mark.parametrize("band", [*BANDS, "micro"])
@pytest.mark.parametrize("trade", [trade for trade in TRADES if size_group_of(trade.industry) != "NA"])
def test_figures_come_out_in_the_band_they_were_drawn_for(trade: object, band: str) -> None:
    figures = figures_for(trade.industry, band, random.Random(f"{trade} {band}"))

    assert enterprise_size(trade.industry, **figures).size == band


def test_every_group_of_trades_is_there() -> None:
    assert {size_group_of(trade.industry) for trade in TRADES} == {*shipped_standards()[-1].groups, "NA"}


def test_no_two_are_alike(app: object, now: dt.datetime) -> None:
    drafts = dict(joining_drafts(range(COUNT, COUNT + JOINERS), local_date(now)))

    assert len(drafts) == len({draft.name for draft in drafts.values()}) == JOINERS
    assert len({draft.uscc for draft in drafts.values()}) == JOINERS
    assert not [draft.uscc for draft in drafts.values() if credit_code_problem(draft.uscc)]


def test_they_join_wave_by_wave_and_every_group_has_every_size(app: object, now: dt.datetime) -> None:
    with unit_of_work():
        joined = [join_enterprises(now, wave) for wave in range(WAVES)]

    groups = dict(
        db.session.execute(
            select(Industry.size_group, func.count(func.distinct(Enterprise.size)))
            .join(Industry, Industry.id == Enterprise.industry_id)
            .group_by(Industry.size_group)
        ).all()
    )
    assert sum(joined) == JOINERS
    assert db.session.scalar(select(func.count()).select_from(Enterprise)) == COUNT + JOINERS
    assert {group for group, sizes in groups.items() if sizes < 4} == {"NA"}
