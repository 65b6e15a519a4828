"""Conditions in groups find what they say, beside the filters, and nothing typed into them does harm."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from app.infra.database import db
from app.infra.lists import Column, Filter, list_page
from app.infra.lists.export import read_export, rows_of
from app.infra.lists.grammar import Condition, Conditions, written
from app.infra.lists.page import ListPage
from app.infra.lists.subjects import subjects_of
from app.kernel.clock import SHANGHAI
from app.kernel.texts import Message
from tests.infra.lists.lists_app import ACTOR, STRANGER, TODAY, Firm, firm_list

Holds = Callable[[Firm], bool]


def shown(where: str, **args: Any) -> ListPage:
    return list_page(firm_list(sizes=(100,), size=100), ACTOR, MultiDict({"where": where, **args}), TODAY)


def found(where: str, **args: Any) -> set[int]:
    page = shown(where, **args)
    assert page.problems == []
    return {int(row.key) for row in page.rows}


def firms(holds: Holds) -> set[int]:
    return {firm.id for firm in db.session.scalars(select(Firm).where(Firm.id < 99)) if holds(firm)}


def sent_on(firm: Firm) -> dt.date | None:
    return firm.sent_at and firm.sent_at.astimezone(SHANGHAI).date()


CASES: tuple[tuple[Condition, Holds], ...] = (
    (Condition("keyword", "has", ("第000",)), lambda f: "第000" in f.name),
    (Condition("keyword", "is", ("云泽第0007厂",)), lambda f: f.id == 7),
    (Condition("place", "in", ("1",)), lambda f: f.place_id == 1),
    (Condition("place", "in", ("1", "2")), lambda f: f.place_id in (1, 2)),
    (Condition("place", "out", ("1",)), lambda f: f.place_id != 1),
    (Condition("place", "none"), lambda f: f.place_id is None),
    (Condition("place", "some"), lambda f: f.place_id is not None),
    (Condition("month", "eq", ("2026-03",)), lambda f: f.month == 202603),
    (Condition("months", "between", ("2026-03", "2026-05")), lambda f: 202603 <= f.month <= 202605),
    (Condition("state", "in", ("pass", "wait")), lambda f: f.state in ("pass", "wait")),
    (Condition("states", "out", ("pass",)), lambda f: f.state != "pass"),
    (Condition("revenue", "eq", ("-100",)), lambda f: f.revenue == Decimal(-100)),
    (Condition("revenue", "ge", ("（100）",)), lambda f: f.revenue is not None and f.revenue >= -100),
    (Condition("revenue", "le", ("0",)), lambda f: f.revenue is not None and f.revenue <= 0),
    (Condition("revenue", "none"), lambda f: f.revenue is None),
    (Condition("staff", "between", ("250", "500")), lambda f: f.staff in (250, 500)),
    (Condition("staff", "some"), lambda f: f.staff is not None),
    (Condition("sent", "eq", ("2026-11-20",)), lambda f: sent_on(f) == TODAY),
    (Condition("opened", "le", ("2002-01-01",)), lambda f: f.opened is not None and f.opened.year <= 2002),
    (Condition("large", "is", ("1",)), lambda f: f.staff is not None and f.staff >= 500),
    (Condition("name", "has", ("第0001",)), lambda f: "第0001" in f.name),
    (Condition("note", "has", ("Note 1",)), lambda f: f.id % 2 == 1 and str(f.id).startswith("1")),
    (
        Condition("sent_at", "ge", ("2026-11-20",)),
        lambda f: sent_on(f) is not None and sent_on(f) >= TODAY,  # type: ignore[operator]
    ),
)


@pytest.mark.parametrize(("condition", "holds"), CASES, ids=[f"{c.key}.{c.operator}" for c, _h in CASES])
def test_a_condition_finds_exactly_what_it_says(app: Flask, condition: Condition, holds: Holds) -> None:
    assert found(written(Conditions("any", ((condition,),)))) == firms(holds)


@pytest.mark.parametrize("seed", range(40))
def test_groups_find_what_a_filter_of_plain_python_finds(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    groups = [chance.choices(CASES, k=chance.randint(1, 3)) for _group in range(chance.randint(1, 4))]
    joined = chance.choice(["any", "all"])
    outer, inner = (any, all) if joined == "any" else (all, any)

    text = written(Conditions(joined, tuple(tuple(case[0] for case in group) for group in groups)))

    assert found(text) == firms(lambda f: outer(inner(case[1](f) for case in group) for group in groups))


def test_groups_narrow_what_the_filters_leave(app: Flask) -> None:
    assert found("any(all(staff.ge(500)))", state="pass") == firms(
        lambda f: f.state == "pass" and f.staff is not None and f.staff >= 500
    )


def test_a_filter_that_is_looked_up_takes_several_values(app: Flask) -> None:
    page = list_page(
        firm_list(sizes=(100,), size=100), ACTOR, MultiDict([("place", "1"), ("place", "2")]), TODAY
    )

    assert {int(row.key) for row in page.rows} == firms(lambda f: f.place_id is not None)
    assert page.fields[1].chosen == [("1", "望潮区"), ("2", "石渡区")]


def test_a_clause_of_a_looked_up_filter_is_asked_for_each_value(app: Flask) -> None:
    base = firm_list()
    within = replace(base.filter("place"), clause=lambda value, _a, _t: Firm.place_id == value)
    spec = replace(base, filters=(within,), sizes=(100,), size=100)

    left_out = list_page(spec, ACTOR, MultiDict({"where": "any(all(place.out(1,2)))"}), TODAY)
    let_in = list_page(spec, ACTOR, MultiDict([("place", "1"), ("place", "2")]), TODAY)

    assert {int(row.key) for row in left_out.rows} == firms(lambda f: f.place_id is None)
    assert {int(row.key) for row in let_in.rows} == firms(lambda f: f.place_id is not None)


def test_what_is_not_filled_in_narrows_nothing_and_stays_on_the_page(app: Flask) -> None:
    page = shown("any(all(staff.ge()),all(revenue.eq()))")

    assert page.total_number == 60
    assert [row.key for group in page.where.groups for row in group] == ["staff", "revenue"]
    assert not page.asked.is_filtered


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("nonsense", "where"),
        ("any(all(staff.ge(1))) or 1=1", "where"),
        ("any(all(password.is(1)))", "where-1-1"),
        ("any(all(tags.has(1)))", "where-1-1"),
        ("any(all(staff.has(1)))", "where-1-1"),
        ("any(all(staff.ge(x)))", "where-1-1"),
        ("any(all(staff.ge(1)),all(staff.ge(1.5)))", "where-2-1"),
        ("any(all(staff.ge(1,2)))", "where-1-1"),
        ("any(all(staff.between(1)))", "where-1-1"),
        ("any(all(staff.between(2,1)))", "where-1-1"),
        ("any(all(staff.none(1)))", "where-1-1"),
        ("any(all(place.in(1,'2 or 1=1')))", "where-1-1"),
        ("any(all(place.in(99999999999999999999)))", "where-1-1"),
        ("any(all(state.in(nonsense)))", "where-1-1"),
        ("any(all(month.eq(2026-13)))", "where-1-1"),
        ("any(all(opened.ge('2026-02-30')))", "where-1-1"),
        ("any(all(large.is(yes)))", "where-1-1"),
        (f"any(all(keyword.has({'x' * 101})))", "where-1-1"),
        ("any(all(keyword.has('a\0b')))", "where-1-1"),
        (f"any(all({','.join(['staff.ge(1)'] * 31)}))", "where"),
        (f"any({','.join(['all(staff.ge(1))'] * 11)})", "where"),
        (f"any(all(keyword.has({'),keyword.has('.join(['云' * 90] * 25)})))", "where"),
        (f"any(all(place.in({','.join(['1'] * 51)})))", "where-1-1"),
    ],
)
def test_what_cannot_be_read_is_told_at_its_place_and_no_row_is_shown(
    app: Flask, where: str, field: str
) -> None:
    page = shown(where)

    assert [problem.field for problem in page.problems] == [field]
    assert page.rows == []


@pytest.mark.parametrize("text", ["' OR 1=1 --", "%", "_", "\\", "'); DROP TABLE account; --", '"', "/*"])
def test_signs_of_sql_are_looked_for_as_they_are(app: Flask, text: str) -> None:
    assert found(written(Conditions("any", ((Condition("name", "has", (text,)),),)))) == set()


def test_a_row_out_of_scope_meets_no_condition(app: Flask) -> None:
    asked = {"where": "any(all(place.in(1,2)),all(place.none()))"}

    page = list_page(firm_list(), STRANGER, asked, TODAY)

    assert {int(row.key) for row in page.rows} == {10, 20, 30, 40, 50, 60}


def test_conditions_stay_through_sorting_pages_and_files(app: Flask) -> None:
    where = "any(all(staff.ge(500)),all(state.in(edit)))"
    page = list_page(firm_list(size=15), ACTOR, {"where": where}, TODAY)

    following = list_page(firm_list(size=15), ACTOR, _args(page.next), TODAY)
    export = read_export(firm_list(), MultiDict({"where": where, "format": "csv"}), ACTOR, TODAY)
    rows = list(rows_of(firm_list(), ACTOR, TODAY, export.asked, export.columns, None))

    assert ("where", where) in page.hidden
    assert all("where=" in heading.sort for heading in page.headings if heading.sort)
    assert {row.key for row in page.rows} & {row.key for row in following.rows} == set()
    assert len(rows) == page.total_number == following.total_number


def _args(address: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(address.removeprefix("?")))


def test_a_grouped_list_offers_its_filters_only_and_narrows_rows_before_they_are_grouped(app: Flask) -> None:
    spec = firm_list(
        key=(Firm.state,),
        columns=(
            Column("state_of", Message("State"), Firm.state, always=True, sortable=True),
            Column("firms", Message("Firms"), func.count(Firm.id), "number"),
        ),
        groups=lambda rows: rows.group_by(Firm.state),
        default_sort="state_of",
        row_link="",
    )

    page = list_page(spec, ACTOR, {"where": "any(all(staff.ge(500)))"}, TODAY)

    assert "firms" not in subjects_of(spec)
    assert "state_of" not in subjects_of(spec)
    large = firms(lambda f: f.staff is not None and f.staff >= 500)
    states = {firm.id: firm.state for firm in db.session.scalars(select(Firm))}
    assert [(row.cells[0][1], int(str(row.cells[1][1]))) for row in page.rows] == [
        (state, sum(states[number] == state for number in large))
        for state in sorted({states[number] for number in large})
    ]


def test_what_shapes_a_list_is_no_condition_of_a_group(app: Flask) -> None:
    base = firm_list()
    spec = replace(
        base,
        filters=(
            replace(base.filter("state"), required=True, default="pass"),
            replace(base.filter("month"), stays=True),
            replace(base.filter("staff"), combinable=False),
            Filter("size", Message("Size"), "choice", clause=lambda _v, _a, _t: Firm.staff > 1),
        ),
    )

    assert {"state", "month", "staff"} & set(subjects_of(spec)) == set()
    assert subjects_of(spec)["size"].operators == ("in", "out")


# The form, without any script


def form_of(client: FlaskClient, address: str = "/firms/") -> MultiDict[str, str]:
    """What a browser would send for the conditions as they stand."""
    page = BeautifulSoup(client.get(address, follow_redirects=True).data, "html.parser")
    sent: MultiDict[str, str] = MultiDict()
    for box in page.select("#ql-filters [name]"):
        if box.name == "select":
            for option in (
                box.select("option[selected]") or box.select("option")[: "multiple" not in box.attrs]
            ):
                sent.add(box["name"], option["value"])
        elif box.name == "input" and (box.get("type") != "checkbox" or box.has_attr("checked")):
            sent.add(box["name"], box.get("value", ""))
    return sent


def where_after(client: FlaskClient, sent: MultiDict[str, str]) -> str | None:
    answer = client.get("/firms/", query_string=sent)
    assert answer.status_code == 302
    return _args(answer.location.partition("?")[2]).get("where")


def test_conditions_are_added_changed_and_taken_away_by_plain_forms(app: Flask) -> None:
    client = app.test_client()

    sent = form_of(client)
    sent["where.1.new"] = "staff"
    first = where_after(client, sent)
    assert first == "any(all(staff.eq()))"

    sent = form_of(client, f"/firms/?where={first}")
    sent["where.1.1.op"], sent["where.1.1.v"], sent["where.1.1.to"] = "between", "250", "500"
    sent["where.2.new"] = "state"
    second = where_after(client, sent)
    assert second == "any(all(staff.between(250,500)),all(state.in()))"

    sent = form_of(client, f"/firms/?where={second}")
    sent.setlist("where.2.1.v", ["wait", "pass"])
    sent["where.joined"] = "all"
    third = where_after(client, sent)
    assert third == "all(any(staff.between(250,500)),any(state.in(wait,pass)))"

    sent = form_of(client, f"/firms/?where={third}")
    sent["edit"] = "drop.1.1"
    assert where_after(client, sent) == "all(any(state.in(wait,pass)))"


def test_the_last_condition_taken_away_leaves_a_list_without_any(app: Flask) -> None:
    client = app.test_client()
    sent = form_of(client, "/firms/?where=any(all(staff.ge(1)))")
    sent["edit"] = "drop.1.1"

    answer = client.get("/firms/", query_string=sent)

    assert answer.location == "/firms/?asked=1"


def test_a_value_that_cannot_be_read_stays_in_its_field_with_the_reason(app: Flask) -> None:
    answer = app.test_client().get("/firms/?where=any(all(staff.ge(many)))")

    page = BeautifulSoup(answer.data, "html.parser")
    box = page.select_one("#f-where-1-1")
    assert answer.status_code == 400
    assert box is not None and box["value"] == "many" and box["aria-invalid"] == "true"
    assert page.select_one(f"#{box['aria-describedby']}") is not None
    assert page.select_one('.qj-summary a[href="#f-where-1-1"]') is not None


def test_without_scripts_a_choice_is_found_by_its_name(app: Flask) -> None:
    client = app.test_client()
    sent = {"find.place": "石渡", "where.1.1.key": "place", "where.1.1.op": "out", "where.1.1.find": "望潮区"}

    answer = client.get("/firms/", query_string=sent)

    assert _args(answer.location.partition("?")[2]).to_dict(flat=False) == {
        "place": ["2"],
        "where": ["any(all(place.out(1)))"],
    }


def test_a_name_out_of_scope_is_not_found_and_stays_to_be_mended(app: Flask) -> None:
    answer = app.test_client().get("/firms/?find.place=外地", follow_redirects=True)

    page = BeautifulSoup(answer.data, "html.parser")
    assert answer.status_code == 400
    assert page.select_one("#f-place option[value=外地][selected]") is not None


def test_conditions_that_are_left_blank_do_not_send_the_page_round(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/firms/", query_string=form_of(client)).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"where.1.new": "no'thing(,"},
        {"where.99.99.key": "x", "where.99.99.op": "DROP"},
        {"where.1.1.key": "staff", "where.1.1.op": "ge", "where.1.1.v": "a\0,')("},
        {"where.1.1.key": "x" * 500, "where.joined": "none", "edit": "drop.x"},
    ],
)
def test_nonsense_in_the_fields_is_a_condition_to_mend_and_no_error(app: Flask, sent: Any) -> None:
    answer = app.test_client().get("/firms/", query_string=sent, follow_redirects=True)

    assert answer.status_code in (200, 400)
