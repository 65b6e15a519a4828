"""Each standard query on the demonstration's own data, against the plain SQL of its own tests.

The history is told for its last two months only: a month takes as long to tell as all queries to ask.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask

from app import demo
from app.enterprises.key_change_list import query_list as key_change_list
from app.enterprises.lists import query_list as enterprise_list
from app.infra import context
from app.infra.cli import OPERATOR, quietly
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from app.queries.filing_analysis import analysis_list
from app.queries.ranking import ranking_list
from app.queries.year import year_list
from app.queries.year_counts import year_counts_list
from app.reports.nonreporters import nonreporters_list
from app.reports.summary import summary_list
from tests.conftest import BIRTH, NOON
from tests.database import Template
from tests.queries import test_analysis, test_details, test_products, test_year, test_year_counts
from tests.queries.plain import OCTOBER, TODAY, lines, plain
from tests.queries.standing_world import REPORTED, USUAL, at, instant
from tests.queries.standing_world import plain as plain_standings
from tests.reports import test_summary

MONTHS = 2
SEPTEMBER = Month(2026, 9)
WHO = ("province", "prefecture", "county")
OWED = "(r.id IS NOT NULL OR e.created_at < :deadline)"
IN_SIGHT = """e.region_id IN (
    SELECT c.descendant_id FROM region_closure c JOIN admin_region a ON a.region_id = c.ancestor_id
    WHERE a.admin_id = :admin AND (c.valid_from IS NULL OR c.valid_from <= :today)
      AND (c.valid_to IS NULL OR c.valid_to > :today))"""
ActorOf = Callable[[str], Actor]


@pytest.fixture(scope="module")
def demonstration(base_app: Flask, stored: Template) -> Iterator[None]:
    """What the demonstration tells of September and October, with its freezes and groups of trades."""
    clock = MovableClock(BIRTH)
    base_app.extensions["clock"] = clock
    with base_app.app_context():
        with context.acting_as(OPERATOR), quietly(), unit_of_work():
            demo.tell(clock, NOON, MONTHS)
        with stored.stage():
            yield
        stored.dirty = True
        stored.restore()


def of(actor: Actor, **more: Any) -> dict[str, Any]:
    """What the statements are asked with."""
    return {"admin": actor.admin_id, "today": TODAY, **more}


def found(query: Any, actor: Actor, **asked: Any) -> list[dict[str, Any]]:
    """The rows of a query, each column by its key."""
    with context.acting_as(actor):
        return lines(query, actor, **asked)


@pytest.mark.parametrize("who", WHO)
def test_every_enterprise_in_sight_is_listed(demonstration: None, actor: ActorOf, who: str) -> None:
    asking = actor(who)

    rows = found(lambda _actor, _args: enterprise_list(), asking)

    query = f"SELECT e.name, e.contact_name FROM enterprise e WHERE {IN_SIGHT}"
    assert sorted((row["name"], row["contact_name"]) for row in rows) == sorted(plain(query, **of(asking)))
    assert len(rows) > 5


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("month", [SEPTEMBER, OCTOBER])
def test_who_owes_a_report_and_has_not_sent_it_is_listed(
    demonstration: None, actor: ActorOf, who: str, month: Month
) -> None:
    asking = actor(who)
    query = f"""
        SELECT e.name FROM enterprise e LEFT JOIN report r ON r.enterprise_id = e.id AND r.period = :period
        WHERE e.state = 'active' AND e.code_status <> 'test' AND {IN_SIGHT} AND {OWED}
          AND (r.id IS NULL OR r.state NOT IN ('in_review', 'approved'))"""

    rows = found(nonreporters_list, asking, period=str(month))

    values = of(asking, period=month.key, deadline=instant(at(16, 0, month=month.next().month)))
    assert sorted(row["name"] for row in rows) == sorted(row[0] for row in plain(query, **values))
    assert rows or month == SEPTEMBER


@pytest.mark.parametrize("who", WHO)
def test_every_change_of_information_in_sight_is_listed(
    demonstration: None, actor: ActorOf, who: str
) -> None:
    asking = actor(who)
    query = f"""
        SELECT k.old_name, k.new_name, k.period, k.state FROM key_change k
        JOIN enterprise e ON e.id = k.enterprise_id WHERE {IN_SIGHT}"""

    rows = found(lambda asked_by, _args: key_change_list(asked_by), asking)

    shown = [(row["name"], row["new_name"], int(row["period"].replace("-", ""))) for row in rows]
    assert sorted(shown) == sorted(row[:3] for row in plain(query, **of(asking)))
    assert rows or who != "province"


@pytest.mark.parametrize("who", WHO)
def test_the_details_are_the_figures_that_were_filed(demonstration: None, actor: ActorOf, who: str) -> None:
    asking = actor(who)

    with context.acting_as(asking):
        month = test_details.ours(asking, state="approved", period_from="2026-09", period_to="2026-09")
        both = test_details.ours(asking, state=["approved", "in_review"], period_from="2026-09")

    alike, waiting = test_details.same_texts, "r.state IN ('approved', 'in_review')"
    assert alike(month) == alike(test_details.hand_written(asking, first=202609, last=202609))
    assert alike(both) == alike(test_details.hand_written(asking, waiting, first=202609))
    assert len(both) > len(month) > 0


@pytest.mark.parametrize("by", test_summary.PLAIN)
def test_the_summary_adds_up_what_was_filed(demonstration: None, actor: ActorOf, by: str) -> None:
    query = f"""
        SELECT {test_summary.PLAIN[by]}, count(*), sum(f.revenue_ytd), sum(f.revenue_ly_ytd), sum(f.cost_ytd)
        FROM figures_sme_monthly_main f JOIN enterprise e ON e.id = f.enterprise_id
        WHERE f.period = 202609 AND f.state = 'approved' AND e.code_status <> 'test' GROUP BY 1"""

    *rows, totals = found(summary_list, actor("province"), by=by, period="2026-09")

    columns = ("revenue_ytd", "revenue_ly_ytd", "cost_ytd")
    sums = [(int(row["enterprises"]), *(int(row[name] * 10_000) for name in columns)) for row in rows]
    assert sorted(sums) == sorted(tuple(map(int, row[1:])) for row in plain(query))
    assert totals["enterprises"] == sum(count for count, *_figures in sums) > 50


@pytest.mark.parametrize("who", WHO)
def test_the_products_are_those_that_were_filed(demonstration: None, actor: ActorOf, who: str) -> None:
    asking = actor(who)

    with context.acting_as(asking):
        rows = test_products.ours(asking, period="2026-09")

    assert rows == plain(test_products.PLAIN % "1 = 1", **of(asking, period=202609))
    assert rows


def counted(group: str, month: Month, until: dt.datetime, counts: tuple[str, ...] = USUAL) -> Any:
    """What the history alone says of each group, without those that owe nothing."""
    found = plain_standings(group, month, until, tuple(f"{count} AND {OWED}" for count in counts))
    return sorted(numbers for numbers in found.values() if numbers[0])


@pytest.mark.parametrize(("by", "group"), [("region", "e.prefecture_id"), ("further", "e.county_id")])
@pytest.mark.parametrize(
    ("month", "until"),
    [(SEPTEMBER, at(12, 18, month=10)), (SEPTEMBER, at(16, 0, month=10)), (OCTOBER, at(4))],
)
def test_the_ranking_counts_what_the_history_says(
    demonstration: None, actor: ActorOf, by: str, group: str, month: Month, until: dt.datetime
) -> None:
    typed = (until - dt.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M")

    *rows, totals = found(ranking_list, actor("province"), by=by, period=str(month), cutoff=typed)

    names = ("due", "reported", "on_time", "approved")
    shown = sorted(tuple(row[name] for name in names) for row in rows if row["due"])
    assert shown == counted(group, month, until)
    assert totals["due"] == sum(numbers[0] for numbers in shown) > 100


@pytest.mark.parametrize("who", ["province", "prefecture"])
def test_the_months_of_a_year_stand_as_their_reports_do(
    demonstration: None, actor: ActorOf, who: str
) -> None:
    asking = actor(who)
    kept = plain(test_year.MATRIX, **of(asking, first=202601, last=202612))
    states: Mapping[Any, str] = {(name, period % 100): state for name, period, state in kept}

    rows = found(year_list, asking, year="2026")

    assert {name for name, _month in states} <= {row["name"] for row in rows}
    for row in rows:
        for month in (9, 10):
            state = states.get((row["name"], month))
            expected = {None, "未填报"} if state is None else {test_year.WORDS.get(state, row[f"m{month}"])}
            assert row[f"m{month}"] in expected
        approved = [cell for cell, state in states.items() if cell[0] == row["name"] and state == "approved"]
        assert row["approved_months"] == len(approved)


@pytest.mark.parametrize(("who", "place"), [("province", "prefecture"), ("prefecture", "county")])
def test_the_counts_of_a_year_are_those_of_its_reports(
    demonstration: None, actor: ActorOf, who: str, place: str
) -> None:
    asking = actor(who)
    kept = plain(test_year_counts.PLAIN.format(place=f"{place}.name"), **of(asking))
    expected = {(name, period % 100): counts for name, period, *counts in kept}

    *rows, _totals = found(year_counts_list, asking, year="2026")

    for row in rows:
        for month in (9, 10):
            counts = [row[f"m{month}_{measure}"] for measure in test_year_counts.MEASURES]
            assert counts == list(expected.get((row["group"], month), [0, 0]))
    assert len(expected) > 3


@pytest.mark.parametrize("by", [by for by in test_analysis.GROUPS if by != "group"])
def test_the_analysis_counts_what_the_history_says(demonstration: None, actor: ActorOf, by: str) -> None:
    until, before = at(16, 0), at(16, 0, month=10)

    *rows, totals = found(analysis_list, actor("province"), by=by, period="2026-10")

    names = ("due", "reported", "on_time")
    shown = sorted(tuple(row[name] for name in names) for row in rows if row["due"])
    assert shown == counted(test_analysis.GROUPS[by], OCTOBER, until, USUAL[:3])
    last = counted(test_analysis.GROUPS[by], SEPTEMBER, before, ("1=1", REPORTED))
    assert totals["last_reported"] == sum(reported for _due, reported in last) > 50


def test_the_distribution_of_sizes_counts_each_kind_of_enterprise(
    demonstration: None, actor: ActorOf
) -> None:
    kinds = [f"{REPORTED} AND {kind}" for kind in test_analysis.KINDS.values()]

    *rows, _totals = found(analysis_list, actor("province"), by="spread", period="2026-09")

    shown = sorted(tuple(row[name] for name in ("reported", *test_analysis.KINDS)) for row in rows)
    expected = counted("e.prefecture_id", SEPTEMBER, at(16, 0, month=10), ("1=1", REPORTED, *kinds))
    assert [numbers for numbers in shown if numbers[0]] == sorted(numbers[1:] for numbers in expected)
