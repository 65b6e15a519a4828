"""The queries on worlds of a few reports, reckoned by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.queries.details import details_list
from app.queries.products import products_list
from app.queries.year import year_list
from app.queries.year_counts import year_counts_list
from tests.queries.plain import OCTOBER, enterprises, lines, page, region, report

ActorOf = Callable[[str], Actor]


def names(actor: Actor, **asked: Any) -> list[str]:
    return [line["name"] for line in lines(year_list, actor, **asked)]


@pytest.mark.parametrize(
    ("this", "last", "shown"),
    [("150", "100", Decimal("50.00")), ("5", "-10", Decimal("150.00")), ("5", None, None), ("5", "0", None)],
)
def test_growth_of_a_report_is_reckoned_by_hand(
    app: Flask, actor: ActorOf, this: str, last: str | None, shown: Decimal | None
) -> None:
    with unit_of_work():
        report(enterprises()[0], Month(2026, 1), {"revenue.ytd": this, "revenue.ly_ytd": last})

    (line,) = lines(details_list, actor("province"), period_from="2026-01", period_to="2026-01")

    assert (line["revenue_ytd"], line["revenue_growth"]) == (Decimal(this), shown)


def test_a_number_keeps_what_was_reported_and_opens_the_report(app: Flask, actor: ActorOf) -> None:
    maker, other = enterprises()[:2]
    with unit_of_work():
        made = report(maker, OCTOBER, {}, products=[("棉纱", "吨", "12.3456", "0", "7")]).id
        report(other, OCTOBER, {})
    asking = actor("province")

    (line,) = lines(products_list, asking)
    (row,) = page(products_list, asking).rows

    assert (line["production"], line["sales"], line["unit"]) == (Decimal("12.3456"), 0, "吨")
    address = f'href="/reports/{made}"'
    assert all(address in str(cell) for _tag, cell in row.cells[-3:]) and "12.35" in str(row.cells[-3][1])


def test_an_interval_without_an_end_reaches_to_the_current_month(app: Flask, actor: ActorOf) -> None:
    steady, late = enterprises()[:2]
    with unit_of_work():
        for month in range(1, 11):
            report(steady, Month(2026, month), {})
            report(late, Month(2026, month), {}, state="in_review" if month == 10 else "approved")
    asking = actor("province")

    assert names(asking, approved_from="1") == [steady.name]
    assert sorted(names(asking, approved_to="9")) == sorted([steady.name, late.name])
    assert names(asking, approved_from="1", approved_to="11") == []
    assert names(asking, approved_from="0", approved_to="9") == []


def test_what_is_no_interval_is_said(app: Flask, sign_in: Any) -> None:
    client = sign_in("province")

    for asked in ("approved_from=3&approved_to=1", "approved_from=x", "approved_from=1.5", "year=1999"):
        assert client.get(f"/queries/year/?asked=1&{asked}").status_code == 400, asked


def test_months_before_an_enterprise_was_there_are_not_due(app: Flask, actor: ActorOf) -> None:
    newcomer, gone, silent = enterprises()[:3]
    with unit_of_work():
        newcomer.created_at = dt.datetime(2026, 8, 20, tzinfo=dt.UTC)
        gone.state = silent.state = "disabled"
        report(gone, Month(2026, 2), {})

    found = {line["name"]: line for line in lines(year_list, actor("province"), year="2026")}

    cells = [found[newcomer.name][f"m{month}"] for month in range(6, 11)]
    assert cells == [None, None, "未填报", "未填报", "未填报"]
    assert [found[gone.name][f"m{month}"] for month in (1, 2, 3)] == [None, "审核通过", None]
    assert silent.name not in found
    assert "m11" not in found[gone.name]


def test_a_state_opens_its_report(app: Flask, actor: ActorOf) -> None:
    filer = enterprises()[0]
    with unit_of_work():
        made = report(filer, OCTOBER, {}, state="returned").id

    rows = page(year_list, actor("province"), keyword=filer.name).rows

    assert f'href="/reports/{made}"' in str(rows[0].cells[11][1])
    assert 'class="short" aria-hidden="true">退<' in str(rows[0].cells[11][1])
    assert "href" not in str(rows[0].cells[10][1])


def test_an_abolished_place_counts_at_its_successor_in_the_matrix(app: Flask, actor: ActorOf) -> None:
    moved = enterprises()[0]
    with unit_of_work():
        moved.region_id = region("330103").id

    found = names(actor("province"), region=str(region("330105").id))

    assert moved.name in found


def test_a_place_without_reports_stands_there_with_zero(app: Flask, actor: ActorOf) -> None:
    *found, totals = lines(year_counts_list, actor("province"), year="2026")

    assert sorted(line["group"] for line in found) == ["宁波市", "杭州市"]
    assert {line[f"m{month}_reported"] for line in found for month in range(1, 11)} == {0}
    assert totals["m1_approved"] == 0 and "m11_reported" not in totals


def test_an_abolished_place_counts_at_its_successor_in_the_counts(app: Flask, actor: ActorOf) -> None:
    first, second = enterprises()[:2]
    with unit_of_work():
        first.region_id, second.region_id = region("330103").id, region("330105").id
        report(first, OCTOBER, {})
        report(second, OCTOBER, {}, state="in_review")

    *found, _totals = lines(year_counts_list, actor("province"), region=str(region("330100").id))

    counts = {line["group"]: (line["m10_reported"], line["m10_approved"]) for line in found}
    assert counts["拱墅区"] == (2, 1) and "下城区" not in counts


def test_test_codes_do_not_count(app: Flask, actor: ActorOf) -> None:
    real, test_code, disabled = enterprises()[:3]
    with unit_of_work():
        test_code.code_status, test_code.uscc_exception = "test", "试用"
        disabled.state = "disabled"
        for filer in (real, test_code, disabled):
            report(filer, OCTOBER, {})

    *_found, totals = lines(year_counts_list, actor("province"), year="2026")

    assert (totals["m10_reported"], totals["m10_approved"]) == (2, 2)
