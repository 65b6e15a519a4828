"""What an address may ask: every filter finds what it says, and no input ends in an error of the program."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.infra.database import db
from app.infra.lists import Column, Filter, choices, list_page
from app.infra.lists.page import ListPage
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.errors import NotFound
from app.kernel.texts import Message
from tests.infra.lists.lists_app import ACTOR, NOW, STRANGER, TODAY, Firm, Place, firm_list


def shown(args: Any = (), actor: Actor = ACTOR) -> ListPage:
    return list_page(firm_list(sizes=(100,), size=100), actor, MultiDict(args), TODAY)


def found(**args: Any) -> set[int]:
    return {int(row.key) for row in shown(args).rows}


def firms(holds: Any) -> set[int]:
    return {firm.id for firm in db.session.scalars(select(Firm).where(Firm.id < 99)) if holds(firm)}


def shanghai_day(instant: dt.datetime | None) -> dt.date | None:
    return instant and instant.astimezone(SHANGHAI).date()


@pytest.mark.parametrize(
    ("args", "holds"),
    [
        ({"keyword": "第0007"}, lambda f: f.id == 7),
        ({"keyword": " 云 泽・第０００7 "}, lambda f: f.id == 7),
        ({"place": "2"}, lambda f: f.place_id == 2),
        ({"month": "2026-03"}, lambda f: f.month == 202603),
        ({"months_from": "2026-03", "months_to": "2026-05"}, lambda f: 202603 <= f.month <= 202605),
        ({"state": "pass"}, lambda f: f.state == "pass"),
        ({"states": ["pass", "wait"]}, lambda f: f.state in ("pass", "wait")),
        ({"revenue_from": "-100.00"}, lambda f: f.revenue is not None and f.revenue >= -100),
        ({"revenue_from": "（1００）", "revenue_to": "0"}, lambda f: f.revenue in (-100, 0)),
        ({"staff_to": "250"}, lambda f: f.staff is not None and f.staff <= 250),
        ({"opened_from": "2003-01-01"}, lambda f: f.opened is not None and f.opened.year >= 2003),
        (
            {"sent_to": "2026-11-19"},
            lambda f: f.sent_at is not None and shanghai_day(f.sent_at) <= dt.date(2026, 11, 19),
        ),
        ({"sent_from": "2026-11-20"}, lambda f: shanghai_day(f.sent_at) == TODAY),
        ({"large": "1"}, lambda f: f.staff is not None and f.staff >= 500),
        ({"large": "0"}, lambda f: f.staff is not None and f.staff < 500),
        ({"state": "pass", "place": "1"}, lambda f: f.state == "pass" and f.place_id == 1),
    ],
)
def test_a_filter_finds_exactly_what_it_says(app: Flask, args: Any, holds: Any) -> None:
    assert found(**args) == firms(holds)


@pytest.mark.parametrize("keyword", ["%", "_", "100%", "\\", "/", "第%7"])
def test_signs_of_patterns_are_looked_for_as_they_are(app: Flask, keyword: str) -> None:
    assert found(keyword=keyword) == set()


def test_a_row_out_of_scope_is_not_in_the_list_nor_counted(app: Flask) -> None:
    page = shown(actor=STRANGER)

    assert {int(row.key) for row in page.rows} == {10, 20, 30, 40, 50, 60, 99}
    assert page.total_number == 7


def test_a_foreign_choice_finds_nothing(app: Flask) -> None:
    assert found(place="9") == set()


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"keyword": "a\0b"}, "keyword"),
        ({"keyword": "x" * 101}, "keyword"),
        ({"keyword": "···"}, "keyword"),
        ({"place": "1 or 1=1"}, "place"),
        ({"place": "9" * 30}, "place"),
        ({"month": "2026-13"}, "month"),
        ({"month": "0000-01"}, "month"),
        ({"months_from": "2026-05", "months_to": "2026-03"}, "months_from"),
        ({"state": "nonsense"}, "state"),
        ({"states": ["pass", "'"]}, "states"),
        ({"states": ["pass"] * 51}, "states"),
        ({"revenue_from": "1e400"}, "revenue_from"),
        ({"revenue_from": "inf"}, "revenue_from"),
        ({"revenue_from": "99999999999999999999"}, "revenue_from"),
        ({"revenue_to": "0.001"}, "revenue_from"),
        ({"staff_from": "1.5"}, "staff_from"),
        ({"sent_from": "2026-02-30"}, "sent_from"),
        ({"opened_to": "20260101"}, "opened_from"),
        ({"opened_to": "9999-12-31"}, "opened_from"),
        ({"large": "yes"}, "large"),
        ({"after": "x"}, ""),
        ({"before": "AAAA"}, ""),
    ],
)
def test_what_cannot_be_read_is_told_and_no_row_is_shown(app: Flask, args: Any, field: str) -> None:
    page = shown(args)

    assert [problem.field for problem in page.problems] == [field]
    assert page.rows == []


def test_all_problems_are_told_together(app: Flask) -> None:
    page = shown({"month": "x", "state": "x", "after": "x"})

    assert [problem.field for problem in page.problems] == ["month", "state", ""]


@pytest.mark.parametrize("size", ["-1", "abc", "0", "1" * 40, "51", "²", "١٥", " 15"])
def test_an_impossible_page_size_becomes_the_usual_one_and_is_told(app: Flask, size: str) -> None:
    page = list_page(firm_list(), ACTOR, {"psize": size}, TODAY)

    assert len(page.rows) == 50
    assert len(page.asked.notices) == 1


@pytest.mark.parametrize(
    "args", [{"sort": "password"}, {"sort": "--name"}, {"sort": "tags"}, {"cols": "name,secret"}]
)
def test_an_unknown_sort_or_column_is_left_out_and_told(app: Flask, args: Any) -> None:
    page = shown(args)

    assert len(page.rows) == 60
    assert len(page.asked.notices) == 1


def cursor(values: list[Any], sort: str = "name", total: Any = None) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps({"s": sort, "v": values, "n": total}).encode())
        .decode()
        .rstrip("=")
    )


@pytest.mark.parametrize(
    "text",
    [
        cursor(["云泽", "x"]),
        cursor(["云泽", 2**70]),
        cursor(["云泽", True]),
        cursor(["云泽", None]),
        cursor([None, 1]),
        cursor(["\ud800", 1]),
        cursor(["a\0", 1]),
        cursor(["云泽"]),
        cursor([["云泽"], 1]),
        cursor(["云泽", 1], sort="-name"),
        cursor(["云泽", 1], total=-1),
        cursor(["云泽", 1], total=1e9),
        cursor(["云泽", 1], total="1"),
        base64.urlsafe_b64encode(b"[1]").decode(),
        base64.urlsafe_b64encode(b'{"s":"name","v":' + b"[" * 4000).decode(),
        "é",
        "A" * 7000,
    ],
)
def test_a_damaged_cursor_is_refused(app: Flask, text: str) -> None:
    assert shown({"after": text}).problems


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        ("revenue", "1E+400"),
        ("revenue", "NaN"),
        ("revenue", "0.001"),
        ("revenue", 5),
        ("opened", "x"),
        ("sent_at", "2026-01-01"),
    ],
)
def test_a_forged_value_of_another_type_is_refused(app: Flask, sort: str, value: Any) -> None:
    assert shown({"sort": sort, "after": cursor([value, 1], sort)}).problems


def test_a_true_cursor_is_taken(app: Flask) -> None:
    page = shown({"after": cursor(["云泽第0058厂", 58])})

    assert [int(row.key) for row in page.rows] == [59, 60]


def test_random_addresses_never_fail(app: Flask) -> None:
    chance = random.Random(7)
    pieces = [
        "",
        "0",
        "-1",
        "1" * 25,
        "a",
        "%",
        "\0",
        "'",
        "2026-03",
        "9999-99",
        "￥",
        "\ud7ff",
        "💥",
        "é",
        "=",
        "pass",
        "NaN",
    ]
    names = [part for condition in firm_list().filters for part in condition.parts]
    names += ["sort", "cols", "psize", "after", "before", "unknown"]
    for _round in range(400):
        args = [
            (chance.choice(names), "".join(chance.choices(pieces, k=2))) for _ in range(chance.randint(1, 4))
        ]
        shown(args)


def test_choices_are_those_in_scope_that_contain_the_text(app: Flask) -> None:
    spec = firm_list()

    assert sorted(choices(spec, "place", "区", ACTOR, TODAY)) == [(1, "望潮区"), (2, "石渡区")]
    assert choices(spec, "place", "石", ACTOR, TODAY) == [(2, "石渡区")]
    assert choices(spec, "place", "%", ACTOR, TODAY) == []
    assert choices(spec, "place", "外", ACTOR, TODAY) == []


def test_the_exact_name_comes_first_then_what_begins_so_then_what_holds_it(app: Flask) -> None:
    names = ["外门渡口", "南门渡", "门渡南里", "门渡西", "门渡", "甲门渡"]
    with db.session.begin_nested():
        db.session.add_all(Place(id=20 + at, name=name) for at, name in enumerate(names))
    everywhere = replace(ACTOR, region_ids=frozenset(range(99)))
    spec = firm_list()

    try:
        found = [name for _key, name in choices(spec, "place", " 门渡 ", everywhere, TODAY)]
        assert found == ["门渡", "门渡西", "门渡南里", *sorted(["南门渡", "甲门渡"]), "外门渡口"]
    finally:
        db.session.rollback()


def test_choices_of_an_unknown_filter_are_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        choices(firm_list(), "state", "", ACTOR, TODAY)


def test_a_default_holds_until_somebody_asks_otherwise(app: Flask) -> None:
    months = Filter("month", Message("Month"), "month", Firm.month, default="2026-03")
    spec = firm_list(filters=(months,), sizes=(100,), size=100)

    usual = list_page(spec, ACTOR, {}, TODAY)
    cleared = list_page(spec, ACTOR, {"asked": "1"}, TODAY)

    assert {int(row.key) for row in usual.rows} == firms(lambda f: f.month == 202603)
    assert len(cleared.rows) == 60
    assert ("asked", "1") in usual.hidden


@pytest.mark.parametrize(
    "make",
    [
        lambda: Column("x", "X"),
        lambda: Column("x", "X", Firm.name, each=lambda keys, actor: {}),
        lambda: Filter("sort", "X", expression=Firm.name),
        lambda: Filter("x", "X"),
        lambda: Filter("x", "X", "remote", Firm.place_id),
        lambda: firm_list(default_sort="tags"),
        lambda: firm_list(key=()),
        lambda: firm_list(
            columns=(Column("x", "X", Firm.name), Column("x", "X", Firm.name)), default_sort=""
        ),
    ],
)
def test_a_list_that_contradicts_itself_cannot_be_declared(make: Any) -> None:
    with pytest.raises(ValueError, match=r"column|filter|list"):
        make()


def test_a_number_is_compared_exactly(app: Flask) -> None:
    assert found(revenue_from="299.99", revenue_to="300.00") == firms(lambda f: f.revenue == Decimal(300))


def test_the_clock_of_days_is_the_one_of_shanghai(app: Flask) -> None:
    assert NOW.date() == TODAY
    assert found(sent_from="2026-11-21") == set()
