"""报送龙虎榜 against a small case counted by hand and against plain SQL over the whole history of steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, union_all, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.database import db
from app.infra.lists import ask, list_page, rows_of
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.periods import Month
from app.organisations.models import Admin, Region
from app.queries.ranking import BY, MEASURES, ranking_behind_list, ranking_list
from app.queries.ranks import rank
from app.reports.summary_sql import fixed
from tests.factories.histories import Step, keep
from tests.queries.standing_world import (
    HANGZHOU,
    NINGBO,
    OCTOBER,
    SEPTEMBER,
    TODAY,
    at,
    invent_reports,
    of,
    plain,
    sent,
)

ActorOf = Callable[[str], Actor]
COUNTS = ("due", "reported", "on_time", "approved", "missing")


@pytest.fixture(autouse=True)
def after_the_deadline(clock: Any) -> None:
    clock.set(dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC))


def shown(actor: Actor, **asked: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Group → column → value as a file holds it, and the totals."""
    args = MultiDict(asked)
    with context.acting_as(actor):
        spec = ranking_list(actor, args)
        read = ask(spec, args, actor, TODAY)
        assert not read.problems
        keys = [found.key for found in read.columns]
        rows = rows_of(spec, actor, TODAY, read, read.columns, None)
        lines = [dict(zip(keys, line, strict=True)) for line in rows]
    totals = lines.pop()
    return {line["group"]: line for line in lines}, totals


def numbers(line: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(line[name] for name in names)


def test_a_month_counted_by_hand(app: Flask, actor: ActorOf) -> None:
    here, there = of(HANGZHOU), of(NINGBO)
    keep(here[0], OCTOBER, sent(10))
    keep(here[1], OCTOBER, [*sent(11), Step(at(12), "approve", "approved")])
    keep(here[2], OCTOBER, sent(16))
    keep(here[3], OCTOBER, [*sent(12), Step(at(13), "return", "returned")])
    keep(there[0], OCTOBER, [Step(at(3), "save", "editing")])

    lines, totals = shown(actor("province"), cutoff="2026-11-18T12:00")

    assert numbers(lines[HANGZHOU], *COUNTS) == (30, 3, 2, 1, 27)
    assert numbers(lines[HANGZHOU], "reported_rate", "on_time_rate", "approved_rate") == (
        Decimal("10.00"),
        Decimal("6.67"),
        Decimal("3.33"),
    )
    assert numbers(lines[NINGBO], *COUNTS, "reported_rate") == (30, 0, 0, 0, 30, 0)
    assert numbers(totals, *COUNTS, "reported_rate") == (60, 3, 2, 1, 57, Decimal("5.00"))


def test_what_came_after_the_cut_off_is_not_yet_there(app: Flask, actor: ActorOf) -> None:
    here = of(HANGZHOU)
    keep(here[0], OCTOBER, [*sent(10), Step(at(14), "withdraw", "editing")])
    keep(here[1], OCTOBER, [*sent(10), Step(at(14), "return", "returned"), *sent(15)[1:]])
    keep(
        here[2], OCTOBER, [*sent(10), Step(at(11), "approve", "approved"), Step(at(14), "reopen", "returned")]
    )
    keep(here[3], OCTOBER, [*sent(10), Step(at(14), "approve", "approved")])
    keep(here[4], OCTOBER, sent(13))

    def on(cutoff: str) -> tuple[Any, ...]:
        lines, _totals = shown(actor("province"), cutoff=cutoff)
        return numbers(lines[HANGZHOU], "reported", "approved")

    assert on("2026-11-12T23:59") == (4, 1)
    assert on("2026-11-14T12:00") == (2, 1)
    assert on("2026-11-15T23:59") == (3, 1)
    assert on("2026-11-01T00:00") == (0, 0)


def test_the_cut_off_is_the_end_of_its_minute_and_by_default_of_the_due_day(
    app: Flask, actor: ActorOf
) -> None:
    here = of(HANGZHOU)
    last_minute = dt.datetime(2026, 11, 15, 23, 59, 30, tzinfo=SHANGHAI)
    keep(here[0], OCTOBER, [Step(last_minute, "save", "editing"), Step(last_minute, "submit", "in_review")])
    keep(here[1], OCTOBER, sent(16, hour=0))

    usual, _ = shown(actor("province"))
    same, _ = shown(actor("province"), cutoff="2026-11-15T23:59")
    earlier, _ = shown(actor("province"), cutoff="2026-11-15T23:58")
    later, _ = shown(actor("province"), cutoff="2026-11-16 00:00")

    assert [found[HANGZHOU]["reported"] for found in (usual, same, earlier, later)] == [1, 1, 0, 2]
    assert later[HANGZHOU]["on_time"] == 1


def test_equal_rates_share_a_rank_and_who_owes_nothing_has_none(app: Flask, actor: ActorOf) -> None:
    counties = sorted({found.county_id for found in of(HANGZHOU)})
    for place, reports in zip(counties, (2, 2, 1, 0, 2), strict=True):
        for enterprise in [found for found in of(HANGZHOU) if found.county_id == place][:reports]:
            keep(enterprise, OCTOBER, sent(10))

    lines, _totals = shown(actor("prefecture"))

    ranks = [line["rank"] for line in lines.values()]
    assert ranks[:5] == [1, 1, 1, 4, 5]
    assert len(ranks) > 5 and set(ranks[5:]) == {None}
    assert all(line["due"] == 0 and line["reported_rate"] is None for line in list(lines.values())[5:])


def test_the_change_of_rank_compares_with_last_month_at_its_own_cut_off(app: Flask, actor: ActorOf) -> None:
    keep(of(HANGZHOU)[0], OCTOBER, sent(10))
    keep(of(NINGBO)[0], SEPTEMBER, sent(12, month=10))
    keep(of(HANGZHOU)[0], SEPTEMBER, sent(20, month=10))
    keep(of(HANGZHOU)[1], SEPTEMBER, sent(20, month=10))

    usual, _ = shown(actor("province"))
    later, _ = shown(actor("province"), last_cutoff="2026-10-31T23:59")

    assert [usual[place]["rank"] for place in (HANGZHOU, NINGBO)] == [1, 2]
    assert [usual[place]["moved"] for place in (HANGZHOU, NINGBO)] == [1, -1]
    assert [later[place]["moved"] for place in (HANGZHOU, NINGBO)] == [0, 0]


def test_places_can_be_ranked_by_another_rate(app: Flask, actor: ActorOf) -> None:
    for enterprise in of(HANGZHOU)[:3]:
        keep(enterprise, OCTOBER, sent(17))
    keep(of(NINGBO)[0], OCTOBER, sent(10))
    cutoff = "2026-11-18T00:00"

    by_reports, _ = shown(actor("province"), cutoff=cutoff)
    by_time, _ = shown(actor("province"), cutoff=cutoff, measure="on_time")

    assert list(by_reports)[:2] == [HANGZHOU, NINGBO]
    assert list(by_time)[:2] == [NINGBO, HANGZHOU]


def test_disabled_and_test_enterprises_owe_nothing_and_listed_ones_do(app: Flask, actor: ActorOf) -> None:
    here = of(HANGZHOU)
    for enterprise, changed in (
        (here[0], {"state": "disabled"}),
        (here[1], {"code_status": "test", "uscc_exception": "试用"}),
        (here[2], {"is_listed": True, "stock_code": "600000"}),
    ):
        keep(enterprise, OCTOBER, sent(10))
        with unit_of_work():
            db.session.execute(update(Enterprise).where(Enterprise.id == enterprise.id).values(**changed))

    lines, _totals = shown(actor("province"))

    assert numbers(lines[HANGZHOU], "due", "reported") == (28, 1)


def test_an_abolished_county_counts_at_its_successor(app: Flask, actor: ActorOf) -> None:
    old, successor = "330103", "拱墅区"
    region = db.session.scalars(select(Region).where(Region.code == old)).one()
    assert region.valid_to is not None
    moved = of(HANGZHOU)[0]
    with unit_of_work():
        db.session.execute(
            update(Enterprise)
            .where(Enterprise.id == moved.id)
            .values(region_id=region.id, county_id=region.id)
        )
    keep(db.session.get_one(Enterprise, moved.id, populate_existing=True), OCTOBER, sent(10))

    lines, totals = shown(actor("prefecture"))

    assert numbers(lines[successor], "due", "reported") == (1, 1)
    assert totals["due"] == 30


def test_a_month_without_reports_has_ranks_of_zero_and_one_before_all_enterprises_has_none(
    app: Flask, actor: ActorOf
) -> None:
    empty, _ = shown(actor("province"), period="2026-08")
    before, totals = shown(actor("province"), period="2023-05")

    assert numbers(empty[HANGZHOU], "due", "reported", "rank") == (30, 0, 1)
    assert {line["rank"] for line in before.values()} == {None}
    assert totals["due"] == 0


@pytest.mark.parametrize("day", [4, 9, 15, 19])
@pytest.mark.parametrize("by", BY)
def test_every_grouping_says_what_plain_sql_says(app: Flask, actor: ActorOf, by: str, day: int) -> None:
    invent_reports()
    province = actor("province")
    below = select(Admin.id).where(Admin.superior_id == province.admin_id)
    heads = "CASE " + " ".join(
        f"WHEN e.direct_reviewer_id IN (SELECT id FROM bureau_admin WHERE id = {key} OR superior_id = {key}) "
        f"THEN {key}"
        for key in db.session.scalars(below)
    )
    group = {"region": "e.prefecture_id", "further": "e.county_id", "admin": f"{heads} ELSE 0 END"}[by]
    until = dt.datetime(2026, 11, day, 17, 31, tzinfo=SHANGHAI)

    lines, totals = shown(province, by=by, cutoff=f"2026-11-{day:02}T17:30")

    found = plain(group, OCTOBER, until)
    assert len(found) > 1
    ours = sorted(numbers(line, *COUNTS[:4]) for line in lines.values() if line["due"])
    assert ours == sorted(found.values())
    assert [line["rank"] for line in lines.values() if line["due"]] == ranked(
        [(line["reported"], line["due"]) for line in lines.values() if line["due"]]
    )
    for name in COUNTS:
        assert totals[name] == sum(line[name] for line in lines.values())


@pytest.mark.parametrize("measure", MEASURES)
def test_ranks_of_both_months_are_those_of_plain_sql(app: Flask, actor: ActorOf, measure: str) -> None:
    invent_reports()
    place = list(MEASURES).index(measure) + 1
    names = dict(db.session.execute(select(Region.id, Region.full_name)).all())

    def ranks(month: Month, until: dt.datetime) -> dict[str, int]:
        found = plain("e.county_id", month, until)
        places = ranked([(row[place], row[0]) for row in found.values()])
        return dict(zip((names[key] for key in found), places, strict=True))

    lines, _totals = shown(actor("province"), by="further", measure=measure)

    now, before = ranks(OCTOBER, at(16, 0)), ranks(SEPTEMBER, at(16, 0, month=10))
    assert len(set(now.values())) > 2
    assert {name: line["rank"] for name, line in lines.items() if line["due"]} == now
    assert {name: line["moved"] for name, line in lines.items() if line["due"]} == {
        name: before[name] - now[name] for name in now
    }


def ranked(rates: Sequence[tuple[int, int]]) -> list[int]:
    """1 and the number of those that are better, by cross-multiplied fractions."""
    return [1 + sum(part * whole < other * of for other, whole in rates) for part, of in rates]


@given(
    pairs=st.lists(
        st.integers(0, 30).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
        max_size=12,
    )
)
def test_ranks_are_one_and_the_number_of_those_better(app_once: Flask, pairs: list[tuple[int, int]]) -> None:
    owing = [pair for pair in pairs if pair[1]]
    expected = iter(ranked(owing))
    if not pairs:
        return
    rows = (
        select(fixed(place).label("n"), fixed(part).label("part"), fixed(whole).label("whole"))
        for place, (part, whole) in enumerate(pairs)
    )
    groups = union_all(*rows).subquery("groups")

    found = db.session.scalars(select(rank(groups.c.part, groups.c.whole)).order_by(groups.c.n))

    assert list(found) == [next(expected) if whole else None for _part, whole in pairs]


@pytest.fixture(scope="module")
def app_once(base_app: Flask) -> Flask:
    return base_app


@pytest.mark.parametrize("by", BY)
def test_a_number_opens_just_the_enterprises_that_it_counts(
    app: Flask, actor: ActorOf, sign_in: Callable[[str], FlaskClient], by: str
) -> None:
    invent_reports()
    client = sign_in("province")
    page = BeautifulSoup(client.get(f"/queries/ranking/?by={by}&cutoff=2026-11-12T08:00").data, "html.parser")
    links = [link for link in page.select("tbody td.num a") if "/enterprises" in link["href"]]
    assert len(links) > 9

    for link in links[:15]:
        args = MultiDict({name: found[0] for name, found in parse_qs(urlsplit(link["href"]).query).items()})
        spec = ranking_behind_list(actor("province"), args)
        assert list_page(spec, actor("province"), args, TODAY).total_number == int(link.text), link
    assert client.get(links[1]["href"]).status_code == 200


def told(words: Tag) -> str:
    """The number in words of a page."""
    return "".join(filter(str.isdigit, words.text))


def test_a_line_leads_to_the_reminder_of_its_enterprises(
    app: Flask, actor: ActorOf, sign_in: Callable[[str], FlaskClient]
) -> None:
    keep(of(HANGZHOU)[0], OCTOBER, sent(10))
    client = sign_in("province")
    for by, offered in (("region", {"29", "30"}), ("admin", {"29", "30"})):
        page = BeautifulSoup(client.get(f"/queries/ranking/?by={by}").data, "html.parser")
        links = page.select("td.acts a")
        assert {told(link) for link in links} == offered
        for link in links:
            listed = link["href"].replace("/remind?", "/?")
            total = BeautifulSoup(client.get(listed).data, "html.parser").select_one(".qj-tools span")
            assert total is not None and told(total) == told(link)
            assert client.get(link["href"]).status_code == 200


def test_nobody_sees_the_places_and_enterprises_of_others(
    app: Flask, actor: ActorOf, sign_in: Callable[[str], FlaskClient]
) -> None:
    strange = db.session.scalars(select(Region.id).where(Region.name == NINGBO)).one()

    county, totals = shown(actor("county"))
    with pytest.raises(IndexError):
        shown(actor("county"), region=str(strange))
    behind = sign_in("county").get(f"/queries/ranking/enterprises?asked=1&region={strange}").text

    assert totals["due"] == 6 and len(county) == 1
    assert "宁波" not in behind
    for stranger in ("enterprise", "auditor", "admin", "provider"):
        assert sign_in(stranger).get("/queries/ranking/").status_code == 403


@pytest.mark.parametrize(
    "asked", [{"cutoff": "2026-11-31T10:00"}, {"cutoff": "now"}, {"last_cutoff": "2026-11-01T25:00"}]
)
def test_a_cut_off_that_cannot_be_read_is_said(
    app: Flask, sign_in: Callable[[str], FlaskClient], asked: dict[str, str]
) -> None:
    answer = sign_in("province").get("/queries/ranking/", query_string=asked)

    assert answer.status_code == 400
    assert "<tbody" not in answer.text


@pytest.mark.parametrize("kind", ["csv", "xlsx", "csv-gb18030"])
@pytest.mark.parametrize("address", ["/queries/ranking/", "/queries/ranking/enterprises"])
def test_both_lists_are_exported(
    app: Flask, sign_in: Callable[[str], FlaskClient], address: str, kind: str
) -> None:
    keep(of(HANGZHOU)[0], OCTOBER, sent(10))

    answer = sign_in("province").post(address, data={"format": kind, "asked": "1"})

    assert answer.status_code == 200
    if kind == "csv":
        assert "杭州" in answer.data.decode("utf-8-sig")


def test_a_page_takes_eight_statements(app: Flask, sign_in: Callable[[str], FlaskClient], count: Any) -> None:
    client = sign_in("province")
    client.get("/queries/ranking/")
    with count() as statements:
        client.get("/queries/ranking/")

    assert len([found for found in statements if not found.startswith("BEGIN")]) <= 8
