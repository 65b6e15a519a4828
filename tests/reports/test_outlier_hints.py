"""Hints at figures that stand out: against own history, against the trade, on the desk and in the grid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.infra import context
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.reports import figures
from app.reports.definitions import Cell
from app.reports.figures_layout import Dimensions
from app.reports.opening import OpenReport, dimensions_of, open_report
from app.reports.outlier_hints import outlier_findings
from app.reports.outliers import month_figure, month_series
from app.reports.trade_samples import KEPT_FOR
from tests.access import set_value
from tests.factories.reports import OCTOBER, ref_for, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
D = Decimal
PEERS = range(900_001, 900_016)
"""Enterprises that only the figures know."""


def told(opened: OpenReport, now: dt.datetime, indicator: str = "revenue") -> list[str]:
    """The hints at one indicator, in Chinese."""
    return [one.message.zh for one in outlier_findings(opened, now) if one.indicator == indicator]


def filed(
    opened: OpenReport, enterprise_id: int, month: Month, cells: dict[Cell, Decimal], **changes: object
) -> None:
    """Figures of an approved report, without the report."""
    assert opened.report is not None
    told = dimensions_of(opened.report, opened.filing)
    values = {name: getattr(told, name) for name in Dimensions.__slots__} | {"state": "approved"} | changes
    with unit_of_work():
        figures.write(opened.version, figures.Key(month.key, enterprise_id), Dimensions(**values), cells)


def history(
    opened: OpenReport, *, months: int, step: int = 1, month: Month = OCTOBER, **changes: object
) -> None:
    """Calm months before this one: revenue of the month goes up and down by a hundredth."""
    revenue = opened.cells["revenue", "m"]
    for back in range(1, months + 1):
        cells = {("revenue", "m"): revenue * step + revenue * (back % 2) / 100}
        filed(opened, opened.ref.enterprise_id, month.plus(-back), cells, **changes)


def trade(opened: OpenReport, growth: Decimal, **changes: object) -> None:
    """Fifteen enterprises of the trade whose revenue all grew alike, give or take a little."""
    for place, peer in enumerate(PEERS):
        now = D(1000) * (1 + growth) + place
        filed(opened, peer, OCTOBER.previous(), {("revenue", "m"): D(1000)}, **changes)
        filed(opened, peer, OCTOBER, {("revenue", "m"): now}, **changes)


@pytest.fixture
def opened(actor: ActorOf, now: dt.datetime) -> OpenReport:
    """A report of October that was submitted."""
    owner = actor("enterprise")
    submitted(owner, now)
    return open_report(owner, ref_for(owner), now)


def test_a_calm_history_gives_no_hint(opened: OpenReport, now: dt.datetime) -> None:
    history(opened, months=9)

    assert told(opened, now) == []


def test_a_jump_against_own_history_is_told_with_what_is_usual(opened: OpenReport, now: dt.datetime) -> None:
    history(opened, months=9, step=2)

    (hint,) = told(opened, now)

    assert hint.startswith("营业收入 本年本月比上月下降 50.")
    assert "本企业历来约 " in hint
    assert "同行业" not in hint


def test_too_short_a_history_gives_no_hint(opened: OpenReport, now: dt.datetime) -> None:
    history(opened, months=5, step=2)

    assert told(opened, now) == []


@pytest.mark.parametrize("state", ["editing", "returned"])
def test_months_that_were_not_filed_are_no_history(opened: OpenReport, now: dt.datetime, state: str) -> None:
    history(opened, months=9, step=2, state=state)

    assert told(opened, now) == []


def test_a_figure_stands_out_against_its_trade(opened: OpenReport, now: dt.datetime) -> None:
    filed(
        opened, opened.ref.enterprise_id, OCTOBER.previous(), {("revenue", "m"): opened.cells["revenue", "m"]}
    )
    trade(opened, D("0.5"))

    (hint,) = told(opened, now)

    assert "比上月持平" in hint
    assert hint.endswith("，同行业约 +50.6%")


@pytest.mark.parametrize(
    "changes",
    [{"industry_division": "01", "industry_section": "A"}, {"province_id": 1}, {"state": "editing"}],
)
def test_other_trades_provinces_and_drafts_are_no_peers(
    opened: OpenReport, now: dt.datetime, changes: dict[str, object]
) -> None:
    filed(
        opened, opened.ref.enterprise_id, OCTOBER.previous(), {("revenue", "m"): opened.cells["revenue", "m"]}
    )
    trade(opened, D("0.5"), **changes)

    assert told(opened, now) == []


def test_where_the_division_is_too_small_the_section_speaks(opened: OpenReport, now: dt.datetime) -> None:
    filed(
        opened, opened.ref.enterprise_id, OCTOBER.previous(), {("revenue", "m"): opened.cells["revenue", "m"]}
    )
    trade(opened, D("0.5"), industry_division="zz")

    assert len(told(opened, now)) == 1


def test_the_sample_of_a_trade_is_kept_for_a_while(opened: OpenReport, now: dt.datetime) -> None:
    filed(
        opened, opened.ref.enterprise_id, OCTOBER.previous(), {("revenue", "m"): opened.cells["revenue", "m"]}
    )
    before = told(opened, now)
    trade(opened, D("0.5"))

    assert (before, told(opened, now)) == ([], [])
    assert len(told(opened, now + KEPT_FOR)) == 1


def test_a_missing_month_follows_from_the_cumulative_figures(opened: OpenReport) -> None:
    revenue = opened.version.indicator("revenue")
    may, june = Month(2026, 5), Month(2026, 6)
    cells = {
        may.key: {("revenue", "ytd"): D(500)},
        june.key: {("revenue", "ytd"): D(560)},
    }

    assert month_series(revenue, [may, june], cells) == [None, D(60)]
    assert month_figure(revenue, Month(2026, 1), {("revenue", "ytd"): D(7)}, {}) == 7


def test_a_stock_is_compared_as_it_is(opened: OpenReport) -> None:
    stock = next(one for one in opened.version.indicators if one.nature == "stock")

    assert month_figure(stock, OCTOBER, {(stock.code, "ytd"): D(9)}, {(stock.code, "ytd"): D(4)}) == 9


def test_the_setting_switches_hints_off(opened: OpenReport, now: dt.datetime, clock: MovableClock) -> None:
    history(opened, months=9, step=2)
    set_value("reports.outliers", "off", now)

    assert outlier_findings(opened, now) == []


def test_desk_and_grid_show_the_hint_and_screening_does_not_count_it(
    sign_in: SignIn, actor: ActorOf, opened: OpenReport
) -> None:
    history(opened, months=9, step=2)
    report = opened.report
    assert report is not None

    desk = sign_in("county").get("/review/").get_data(as_text=True)
    sign_in("county").post(
        f"/review/{report.id}/return", data={"version": report.version, "comment": "请核对"}
    )
    grid = sign_in("enterprise").get("/filing/sme_monthly/2026-10/main").get_data(as_text=True)

    assert "营业收入 本年本月比上月下降 50." in desk
    assert "系统筛查通过" in desk or "通过系统筛查" in desk
    assert 'data-key="outlier:revenue.m"' in grid
    assert 'data-kind="hint"' in grid


def test_a_save_keeps_the_hint_of_what_is_stored(
    sign_in: SignIn, actor: ActorOf, opened: OpenReport, now: dt.datetime
) -> None:
    history(opened, months=9, step=2)
    report = opened.report
    assert report is not None
    visitor = sign_in("county")
    visitor.post(f"/review/{report.id}/return", data={"version": report.version, "comment": "请核对"})
    owner = actor("enterprise")
    with context.acting_as(owner):
        lock = open_report(owner, ref_for(owner), now).lock

    answer = sign_in("enterprise").post(
        "/filing/sme_monthly/2026-10/main/save", json={"version": lock, "cells": {"employees.ytd": "242"}}
    )

    assert "outlier" in {finding["code"] for finding in answer.get_json()["findings"]}
