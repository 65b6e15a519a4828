"""月度报送情况分析 and 规模分布 against a small case counted by hand and against plain SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import ControlType, Enterprise, EnterpriseVersion, Industry
from app.infra import context
from app.infra.database import db
from app.infra.lists import ask, list_page, rows_of
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.texts import LocalText
from app.queries.filing_analysis import BY, analysis_behind_list, analysis_list
from app.queries.industry_groups import add_group
from tests.factories.histories import Step, enterprises, keep
from tests.queries.standing_world import (
    HANGZHOU,
    OCTOBER,
    REPORTED,
    SEPTEMBER,
    TODAY,
    USUAL,
    at,
    invent_reports,
    of,
    plain,
    sent,
)

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
COUNTS = ("due", "reported", "on_time", "last_reported")
KINDS = {
    "small_micro": "v.size IN ('small', 'micro')",
    "industrial": "i.section IN ('B', 'C', 'D')",
    "below_designated": "i.section IN ('B', 'C', 'D') AND v.revenue < 2000000",
    "industrial_smm": "i.section IN ('B', 'C', 'D') AND v.size IN ('medium', 'small', 'micro')",
    "construction": "i.section = 'E'",
    "agriculture": "i.section = 'A'",
    "tertiary": "i.sector = 3",
}
GROUPS = {
    "economic": "CASE WHEN c.code IN ('1', '2', '3', '4', '5') THEN c.code ELSE '9' END",
    "size": "v.size",
    "region": "e.prefecture_id",
    "industry": "i.section",
    "class": "CASE WHEN i.section IN ('B', 'C', 'D') THEN i.section ELSE '-' END",
    "group": "CASE WHEN i.code LIKE '1751%' THEN 1 WHEN i.division = '17' THEN 2 WHEN i.section = 'C' THEN 3 "
    "ELSE 0 END",
}


@pytest.fixture(autouse=True)
def after_the_deadline(clock: Any) -> None:
    clock.set(dt.datetime(2026, 11, 20, 4, 0, tzinfo=dt.UTC))


def shown(actor: Actor, **asked: str) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Group → column → value as a file holds it, and the totals."""
    args = MultiDict(asked)
    with context.acting_as(actor):
        spec = analysis_list(actor, args)
        read = ask(spec, args, actor, TODAY)
        assert not read.problems
        keys = [found.key for found in read.columns]
        rows = rows_of(spec, actor, TODAY, read, read.columns, None)
        lines = [dict(zip(keys, line, strict=True)) for line in rows]
    totals = lines.pop()
    return {line["group"]: line for line in lines}, totals


def filed_with(enterprise: Enterprise, **facts: Any) -> None:
    """Change what is known of an enterprise, and what its reports are filed with."""
    with unit_of_work():
        version = update(EnterpriseVersion).where(EnterpriseVersion.id == enterprise.current_version_id)
        db.session.execute(version.values(**facts))
        db.session.execute(update(Enterprise).where(Enterprise.id == enterprise.id).values(**facts))


def trade(code: str) -> int:
    return int(db.session.scalars(select(Industry.id).where(Industry.code == code)).one())


def control(code: str) -> int:
    return int(db.session.scalars(select(ControlType.id).where(ControlType.code == code)).one())


def numbers(line: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(line[name] for name in names)


def percent(part: int, whole: int) -> Decimal | None:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else None


def test_a_month_beside_the_one_before_counted_by_hand(app: Flask, actor: ActorOf) -> None:
    state, private = control("1"), control("3")
    for place, enterprise in enumerate(enterprises()):
        filed_with(enterprise, control_type_id=state if place < 3 else private)
    first, second, third, fourth = enterprises()[:4]
    keep(first, OCTOBER, sent(10))
    keep(second, OCTOBER, sent(16))
    keep(fourth, OCTOBER, sent(11))
    for enterprise in (first, second, third):
        keep(enterprise, SEPTEMBER, sent(12, month=10))

    lines, totals = shown(actor("province"), cutoff="2026-11-17T00:00")

    names = (*COUNTS, "increase", "growth", "portion", "reported_rate")
    assert numbers(lines["国有经济"], *names) == (
        *(3, 2, 1, 3, -1),
        *(Decimal("-33.33"), Decimal("66.67"), Decimal("66.67")),
    )
    assert numbers(lines["私有经济"], *names) == (57, 1, 1, 0, 1, None, Decimal("33.33"), Decimal("1.75"))
    assert numbers(totals, *names) == (60, 3, 2, 3, 0, Decimal("0.00"), Decimal("100.00"), Decimal("5.00"))


def test_the_distribution_counted_by_hand(app: Flask, actor: ActorOf) -> None:
    facts = [
        {"industry_id": trade("1711"), "size": "micro", "revenue": Decimal("19999.99")},
        {"industry_id": trade("1711"), "size": "medium", "revenue": Decimal(20_000)},
        {"industry_id": trade("1711"), "size": "large", "revenue": None},
        {"industry_id": trade("4710"), "size": "small", "revenue": Decimal(500)},
        {"industry_id": trade("0212"), "size": "unknown", "revenue": Decimal(500)},
        {"industry_id": trade("5132"), "size": "small", "revenue": Decimal(500)},
    ]
    for enterprise, known in zip(of(HANGZHOU), facts, strict=False):
        filed_with(enterprise, **known)
        keep(enterprise, OCTOBER, sent(10))
    keep(of(HANGZHOU)[0], SEPTEMBER, sent(10, month=10))

    lines, totals = shown(actor("province"), by="spread")

    line = lines[HANGZHOU]
    assert numbers(line, "reported", "last_reported", "increase") == (6, 1, 5)
    assert numbers(line, *KINDS) == (3, 3, 1, 2, 1, 1, 1)
    assert numbers(line, *(f"{name}_share" for name in KINDS)) == tuple(
        percent(*pair) for pair in ((3, 6), (3, 6), (1, 6), (2, 3), (1, 6), (1, 6), (1, 6))
    )
    assert numbers(totals, "reported", *KINDS) == numbers(line, "reported", *KINDS)


def test_a_report_counts_by_what_it_was_filed_with(app: Flask, actor: ActorOf) -> None:
    enterprise = enterprises()[0]
    filed_with(enterprise, size="small")
    keep(enterprise, OCTOBER, sent(10))
    with unit_of_work():
        later = EnterpriseVersion(
            **{
                found.key: getattr(enterprise, found.key)
                for found in EnterpriseVersion.__table__.columns
                if found.key not in ("id", "number", "enterprise_id", "created_at", "created_by_id", "size")
            },
            size="large",
            enterprise_id=enterprise.id,
            number=99,
            created_at=at(18),
        )
        db.session.add(later)
        db.session.flush()
        changed = {"size": "large", "current_version_id": later.id}
        db.session.execute(update(Enterprise).where(Enterprise.id == enterprise.id).values(**changed))

    lines, _totals = shown(actor("province"), by="size")

    assert sum(line["reported"] for line in lines.values()) == 1
    assert lines["小型"]["reported"] == 1


def test_large_and_listed_enterprises_can_be_left_out(app: Flask, actor: ActorOf) -> None:
    first, second, third = enterprises()[:3]
    for enterprise in enterprises():
        filed_with(enterprise, size="small", is_listed=False, stock_code="")
    filed_with(first, size="large")
    filed_with(second, is_listed=True, stock_code="600000")
    for enterprise in (first, second, third):
        keep(enterprise, OCTOBER, sent(10))

    lines, _totals = shown(actor("province"), by="size")
    left, totals = shown(actor("province"), by="size", no_large="1")

    assert numbers(lines["小型"], "due", "reported") == (59, 2)
    assert list(left) == ["小型"]
    assert numbers(left["小型"], "due", "reported") == numbers(totals, "due", "reported") == (58, 1)


def make_groups() -> None:
    """Three groups that lie within each other: the nearest one counts."""
    for name, code in (("缫丝", "175"), ("纺织", "17"), ("制造", "C")):
        with unit_of_work():
            add_group({"name": LocalText(name, ""), "industries": [trade(code)]})


@pytest.mark.parametrize("exclude", ["0", "1"])
@pytest.mark.parametrize("by", GROUPS)
def test_every_kind_of_analysis_says_what_plain_sql_says(
    app: Flask, actor: ActorOf, by: str, exclude: str
) -> None:
    make_groups()
    for place, enterprise in enumerate(enterprises()):
        codes = ("1751", "1752", "1711", "3872", "5132", "0610", "4411", "4710")
        filed_with(
            enterprise, industry_id=trade(codes[place % 8]), control_type_id=control(str(place % 5 + 1))
        )
    invent_reports()
    where = "v.size <> 'large' AND NOT v.is_listed" if exclude == "1" else "1=1"
    group = GROUPS[by].replace("1751%", "175%")

    lines, totals = shown(actor("province"), by=by, no_large=exclude, cutoff="2026-11-12T07:59")

    this = plain(group, OCTOBER, at(12, 8), where=where)
    last = plain(group, SEPTEMBER, at(16, 0, month=10), where=where)
    expected = sorted((*this[key][:3], last[key][1]) for key in this)
    assert len(expected) > 1
    assert sorted(numbers(line, *COUNTS) for line in lines.values() if line["due"]) == expected
    for line in lines.values():
        assert line["portion"] == percent(line["reported"], totals["reported"])
        assert line["increase"] == line["reported"] - line["last_reported"]
    for name in (*COUNTS, "increase"):
        assert totals[name] == sum(line[name] for line in lines.values())


def test_the_distribution_says_what_plain_sql_says(app: Flask, actor: ActorOf) -> None:
    for place, enterprise in enumerate(enterprises()):
        codes = ("1711", "4710", "0212", "5132", "0610", "6513")
        revenue = None if place % 7 == 0 else Decimal(15_000 + place * 300)
        filed_with(enterprise, industry_id=trade(codes[place % 6]), revenue=revenue)
    invent_reports()

    lines, _totals = shown(actor("province"), by="spread", cutoff="2026-11-12T07:59")

    conditions = tuple(f"{REPORTED} AND {kind}" for kind in KINDS.values())
    found = plain("e.prefecture_id", OCTOBER, at(12, 8), (USUAL[1], *conditions))
    ours = [numbers(line, "reported", *KINDS) for line in lines.values() if line["reported"]]
    assert sorted(ours) == sorted(found.values())
    for line in lines.values():
        for name in KINDS:
            whole = line["industrial" if name == "industrial_smm" else "reported"]
            assert line[f"{name}_share"] == percent(line[name], whole)


@pytest.mark.parametrize("by", BY)
def test_a_number_opens_just_the_enterprises_that_it_counts(
    app: Flask, actor: ActorOf, sign_in: SignIn, by: str
) -> None:
    make_groups()
    invent_reports()
    client = sign_in("province")
    answer = client.get(f"/queries/analysis/?by={by}&cutoff=2026-11-12T08:00&no_large=1")
    links = BeautifulSoup(answer.data, "html.parser").select("tbody td.num a")
    assert len(links) > 6

    for link in links[:10]:
        args = MultiDict({name: found[0] for name, found in parse_qs(urlsplit(link["href"]).query).items()})
        spec = analysis_behind_list(actor("province"), args)
        assert list_page(spec, actor("province"), args, TODAY).total_number == int(link.text), link
    assert client.get(links[1]["href"]).status_code == 200


def test_disabled_enterprises_are_not_counted_and_a_month_without_reports_is_zero(
    app: Flask, actor: ActorOf
) -> None:
    gone = enterprises()[0]
    keep(gone, OCTOBER, [*sent(10), Step(at(11), "approve", "approved")])
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.id == gone.id).values(state="disabled"))

    _lines, totals = shown(actor("province"))

    assert numbers(totals, "due", "reported", "portion", "growth") == (59, 0, None, None)


def test_nobody_sees_the_enterprises_of_others(app: Flask, actor: ActorOf, sign_in: SignIn) -> None:
    invent_reports()

    _lines, totals = shown(actor("county"), by="region")
    behind = sign_in("county").get("/queries/analysis/enterprises?asked=1").text

    assert totals["due"] == 6
    assert sum(enterprise.name in behind for enterprise in enterprises()) == 6
    for stranger in ("enterprise", "auditor", "admin", "provider"):
        assert sign_in(stranger).get("/queries/analysis/").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("by", ["economic", "spread"])
def test_an_analysis_is_exported_with_its_totals(app: Flask, sign_in: SignIn, by: str, kind: str) -> None:
    answer = sign_in("province").post("/queries/analysis/", data={"format": kind, "by": by, "asked": "1"})

    assert answer.status_code == 200
    if kind == "csv":
        assert "合计" in answer.data.decode("utf-8-sig")


def test_a_page_takes_eight_statements(app: Flask, sign_in: SignIn, count: Any) -> None:
    client = sign_in("province")
    for by in BY:
        client.get(f"/queries/analysis/?by={by}")
        with count() as statements:
            client.get(f"/queries/analysis/?by={by}")

        assert len([found for found in statements if not found.startswith("BEGIN")]) <= 8, by
