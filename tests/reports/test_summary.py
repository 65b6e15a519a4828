"""The summary of a month against figures reckoned by hand and by plain SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal_column, select, text
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.lists import Asked, ask, list_page, rows_of
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.organisations.models import Region
from app.reports import figures
from app.reports.figures import Key
from app.reports.figures_layout import Dimensions
from app.reports.form_loading import version_for
from app.reports.prefill import growth as grown
from app.reports.summary import behind_list, summary_list
from app.reports.summary_sql import growth, mean

ActorOf = Callable[[str], Actor]
FORM = "sme_monthly"
OCTOBER = Month(2026, 10)
TODAY = dt.date(2026, 11, 6)
HANGZHOU = "330100"


def region(code: str) -> Region:
    return db.session.scalars(select(Region).where(Region.code == code)).one()


def enterprises() -> list[Enterprise]:
    return list(db.session.scalars(select(Enterprise).order_by(Enterprise.id)))


def put(
    enterprise: Enterprise, cells: Mapping[str, str | None], *, month: Month = OCTOBER, **changes: Any
) -> None:
    """The figures of a report of the enterprise, ``revenue.ytd`` and so on, as it is today."""
    version = version_for(FORM, month)
    trade = db.session.get_one(Industry, enterprise.industry_id)
    given = {
        **{
            name: getattr(enterprise, name)
            for name in ("region_id", "province_id", "prefecture_id", "county_id")
        },
        "industry_section": trade.section,
        "industry_division": trade.division,
        "industry_code": trade.code,
        "is_industrial": trade.is_industrial,
        "size": enterprise.size,
        "control_type": enterprise.control_type.code,
        "state": "approved",
        "is_listed": enterprise.is_listed,
        "report_id": 1_000 + enterprise.id,
    }
    filled = {
        tuple(name.split(".")): None if value is None else Decimal(value) for name, value in cells.items()
    }
    with unit_of_work():
        figures.write(version, Key(month.key, enterprise.id), Dimensions(**given | changes), filled)


def shown(actor: Actor, **asked: str | list[str]) -> tuple[dict[str, dict[str, Any]], dict[str, Any]]:
    """Group → column → value as a file holds it, and the totals."""
    args = MultiDict(asked)
    spec = summary_list(actor, args)
    read: Asked = ask(spec, args, actor, TODAY)
    assert not read.problems
    keys = [column.key for column in read.columns]
    lines = [
        dict(zip(keys, values, strict=True))
        for values in rows_of(spec, actor, TODAY, read, read.columns, None)
    ]
    totals = lines.pop() if lines else {}
    return {line["group"]: line for line in lines}, totals


def yuan(this: str | None, last: str | None) -> dict[str, str | None]:
    return {"revenue.ytd": this, "revenue.ly_ytd": last}


def test_sums_and_growth_are_those_reckoned_by_hand(app: Flask, actor: ActorOf) -> None:
    first, second, third, fourth = enterprises()[:4]
    put(first, {**yuan("150.5", "100"), "revenue.m": "10", "revenue.ly_m": "8"})
    put(second, yuan("49.5", "50"))
    put(third, yuan("20", None))
    put(fourth, {"cost.ytd": "7"})

    lines, totals = shown(actor("province"), by="all")

    line = lines["全部企业"]
    assert (line["enterprises"], line["revenue_ytd"], line["revenue_ly_ytd"]) == (4, 220, 150)
    assert (line["revenue_m"], line["revenue_ly_m"]) == (10, 8)
    assert line["revenue_growth"] == Decimal("46.67")
    assert (line["cost_ytd"], line["cost_ly_ytd"], line["cost_growth"]) == (7, None, None)
    assert {name: value for name, value in totals.items() if name != "group"} == {
        name: value for name, value in line.items() if name != "group"
    }


def test_like_for_like_leaves_out_who_has_one_year_only(app: Flask, actor: ActorOf) -> None:
    first, second = enterprises()[:2]
    put(first, yuan("150", "100"))
    put(second, yuan("20", None))

    lines, _totals = shown(actor("province"), by="all", same="1")

    line = lines["全部企业"]
    assert (line["enterprises"], line["revenue_ytd"], line["revenue_growth"]) == (2, 150, Decimal("50.00"))


@pytest.mark.parametrize(
    ("this", "last", "growth_shown"),
    [
        ("5", "-10", Decimal("150.00")),
        ("-20", "-10", Decimal("-100.00")),
        ("5", "0", None),
        (None, "10", None),
        ("100.005", "100", Decimal("0.01")),
        ("99.995", "100", Decimal("-0.01")),
    ],
)
def test_growth_is_over_the_size_of_the_base_and_blank_without_one(
    app: Flask, actor: ActorOf, this: str | None, last: str, growth_shown: Decimal | None
) -> None:
    put(enterprises()[0], yuan(this, last))

    lines, _totals = shown(actor("province"), by="all")

    assert lines["全部企业"]["revenue_growth"] == growth_shown


def test_rates_are_averaged_and_compared_in_points(app: Flask, actor: ActorOf) -> None:
    rate = "capacity_utilization"
    for enterprise, this, last in zip(enterprises(), ("80", "70.5", None), ("60", None, None), strict=False):
        put(enterprise, {f"{rate}.ytd": this, f"{rate}.ly_ytd": last, "revenue.ytd": "1"}, is_industrial=True)

    _lines, totals = shown(actor("province"), by="size", indicator=[rate])

    assert (totals["enterprises"], totals[f"{rate}_ytd"], totals[f"{rate}_ly_ytd"]) == (
        3, Decimal("75.25"), Decimal("60.00"),
    )  # fmt: skip
    assert totals[f"{rate}_growth"] == Decimal("15.25")
    assert "revenue_ytd" not in totals


def test_what_an_enterprise_filled_in_before_it_left_industry_does_not_count(
    app: Flask, actor: ActorOf
) -> None:
    first, second = enterprises()[:2]
    put(first, {"industrial_output.ytd": "100"}, is_industrial=True)
    put(second, {"industrial_output.ytd": "40", "revenue.ytd": "7"}, is_industrial=False)

    _lines, totals = shown(actor("province"), by="all", indicator=["industrial_output", "revenue"])

    assert (totals["industrial_output_ytd"], totals["revenue_ytd"]) == (100, 7)


def test_who_is_not_counted(app: Flask, actor: ActorOf) -> None:
    small, large, listed, disabled, test_code, waiting = [
        found for found in enterprises() if found.size in {"small", "medium"} and not found.is_listed
    ][:6]
    with unit_of_work():
        disabled.state = "disabled"
        test_code.code_status, test_code.uscc_exception = "test", "试用"
    put(small, yuan("1", None))
    put(large, yuan("10", None), size="large")
    put(listed, yuan("100", None), is_listed=True)
    put(disabled, yuan("1000", None))
    put(test_code, yuan("10000", None))
    put(waiting, yuan("100000", None), state="in_review")
    put(small, yuan("5", None), month=OCTOBER.previous())

    def total(**asked: Any) -> Any:
        return shown(actor("province"), by="all", **asked)[1]["revenue_ytd"]

    assert total() == 1111
    assert total(no_large="1") == 1001
    assert total(no_disabled="1") == 111
    assert total(state=["approved", "in_review"]) == 101111
    assert total(period="2026-09") == 5


def test_january_stands_on_its_own_and_its_base_is_in_the_same_report(app: Flask, actor: ActorOf) -> None:
    steady, newcomer = enterprises()[:2]
    january, year_before = Month(2026, 1), Month(2025, 1)
    put(steady, {**yuan("30", "20"), "revenue.m": "30", "revenue.ly_m": "20"}, month=january)
    put(newcomer, {**yuan("9", None), "revenue.m": "9"}, month=january)
    put(steady, yuan("999", "1"), month=january.previous())
    put(steady, yuan("777", "1"), month=year_before)

    _lines, totals = shown(actor("province"), period="2026-01")
    _lines, same = shown(actor("province"), period="2026-01", same="1")

    assert (totals["revenue_m"], totals["revenue_ytd"], totals["revenue_ly_ytd"]) == (39, 39, 20)
    assert (totals["revenue_growth"], same["revenue_growth"]) == (Decimal("95.00"), Decimal("50.00"))


def test_a_month_without_reports_has_no_groups(app: Flask, actor: ActorOf) -> None:
    put(enterprises()[0], yuan("1", "1"))

    assert shown(actor("province"), period="2026-02") == ({}, {})


def test_a_report_of_another_version_of_the_form_lacks_what_it_did_not_ask(
    app: Flask, actor: ActorOf
) -> None:
    first, second = enterprises()[:2]
    put(first, yuan("10", "5"))
    put(second, {"cost.ytd": "3"})

    _lines, totals = shown(actor("province"), by="region")

    assert (totals["enterprises"], totals["revenue_ytd"], totals["cost_ytd"]) == (2, 10, 3)


def test_an_abolished_place_counts_at_its_successor(app: Flask, actor: ActorOf) -> None:
    one, two, three, four = enterprises()[:4]
    put(one, yuan("1", None), region_id=region("330103").id)  # 下城区, merged into 拱墅区
    put(two, yuan("10", None), region_id=region("330105").id)  # 拱墅区
    put(three, yuan("100", None), region_id=region("330104").id)  # 江干区, shared by two
    put(four, yuan("1000", None), region_id=region(HANGZHOU).id)

    lines, totals = shown(actor("province"), region=str(region(HANGZHOU).id))

    found = {name: line["revenue_ytd"] for name, line in lines.items()}
    assert found == {"拱墅区": 11, "江干区（至2021年）": 100, "杭州市本级": 1000}
    assert totals["revenue_ytd"] == 1111


def test_each_level_sees_its_territory_by_the_level_below(app: Flask, actor: ActorOf) -> None:
    for enterprise in enterprises():
        put(enterprise, yuan("1", "1"))

    province, _ = shown(actor("province"))
    prefecture, sums = shown(actor("prefecture"))
    county, own = shown(actor("county"))

    assert sorted(province) == ["宁波市", "杭州市"]
    assert len(prefecture) == 5
    assert sums["enterprises"] == province["杭州市"]["enterprises"]
    assert len(county) == 1
    assert own["enterprises"] == next(iter(county.values()))["enterprises"] < sums["enterprises"]


def test_what_was_filed_in_another_territory_says_so(app: Flask, actor: ActorOf) -> None:
    mine = db.session.scalars(
        select(Enterprise).where(Enterprise.prefecture_id == region(HANGZHOU).id).limit(1)
    ).one()
    put(mine, yuan("1", None), region_id=region("330206").id)

    lines, _totals = shown(actor("prefecture"))

    assert list(lines) == ["在其他地区填报"]


def test_trades_open_level_by_level(app: Flask, actor: ActorOf) -> None:
    for enterprise in enterprises():
        put(enterprise, yuan("1", "1"))
    put(enterprises()[0], {}, industry_section=None, industry_division=None, industry_code=None)

    sections, sums = shown(actor("province"), by="industry")
    divisions, within = shown(actor("province"), by="industry", industry="C")
    trades, deepest = shown(actor("province"), by="industry", industry="17")

    assert sums["enterprises"] == len(enterprises())
    assert "未填行业" in sections
    assert within["enterprises"] == sections["C 制造业"]["enterprises"]
    assert divisions["17 纺织业"]["enterprises"] == deepest["enterprises"]
    assert all(name.startswith("17") for name in trades)


def test_sectors_are_those_of_the_division(app: Flask, actor: ActorOf) -> None:
    def of(section: str | None, division: str | None) -> dict[str, str | None]:
        return {"industry_section": section, "industry_division": division}

    trades = [
        of("A", "01"), of("A", "05"), of("B", "06"), of("C", "17"), of("C", "43"), of("E", None), of("F", ""),
        of(None, None),
    ]  # fmt: skip
    for place, (enterprise, trade) in enumerate(zip(enterprises(), trades, strict=False)):
        put(enterprise, yuan(str(10**place), None), **trade)

    lines, totals = shown(actor("province"), by="sector")

    sums = {name: line["revenue_ytd"] for name, line in lines.items()}
    assert sums == {
        "第一产业": 1, "第二产业": 101_100, "第三产业": 1_010_010, "未填行业": 10_000_000,
    }  # fmt: skip
    assert totals["revenue_ytd"] == 11_111_111


PLAIN = {
    "sector": "(SELECT i.sector FROM industry i WHERE i.code = f.industry_division)",
    "region": "f.prefecture_id",
    "industry": "f.industry_section",
    "size": "f.size",
    "control": "f.control_type",
}


@pytest.mark.parametrize("by", PLAIN)
@pytest.mark.parametrize("exclude", ["0", "1"])
def test_every_grouping_agrees_with_plain_sql(app: Flask, actor: ActorOf, by: str, exclude: str) -> None:
    for place, enterprise in enumerate(enterprises()):
        put(enterprise, {**yuan(str(place * 7 - 50), str(90 - place * 3)), "cost.ytd": f"{place}.25"})
    where = "AND f.size <> 'large' AND NOT f.is_listed" if exclude == "1" else ""
    query = f"""SELECT {PLAIN[by]}, count(*), sum(f.revenue_ytd), sum(f.revenue_ly_ytd), sum(f.cost_ytd)
                FROM figures_sme_monthly_main f JOIN enterprise e ON e.id = f.enterprise_id
                WHERE f.period = 202610 AND f.state = 'approved' AND e.code_status <> 'test' {where}
                GROUP BY 1"""
    plain = sorted(tuple(map(int, row[1:])) for row in db.session.execute(text(query)))

    lines, totals = shown(actor("province"), by=by, no_large=exclude)

    columns = ("revenue_ytd", "revenue_ly_ytd", "cost_ytd")
    ours = sorted(
        (int(line["enterprises"]), *(int(line[name] * 10_000) for name in columns)) for line in lines.values()
    )
    assert ours == plain
    for name in ("enterprises", *columns):
        assert totals[name] == sum(line[name] for line in lines.values())


def test_a_number_opens_just_the_reports_that_it_counts(app: Flask, actor: ActorOf, sign_in: Any) -> None:
    for enterprise in enterprises():
        put(enterprise, yuan("1", "1"))
    client = sign_in("province")
    for by in ("all", "region", "industry", "sector", "size", "control"):
        args = MultiDict({"by": by})
        spec = summary_list(actor("province"), args)
        page = list_page(spec, actor("province"), args, TODAY)
        assert page.rows
        for row in page.rows:
            opened = MultiDict({"by": by, "asked": "1", "group": row.key})
            behind = list_page(behind_list(actor("province"), opened), actor("province"), opened, TODAY)
            assert behind.problems == []
            assert str(behind.total_number) in str(row.cells[1][1])
            address = str(row.cells[1][1]).split('"')[1].replace("&amp;", "&")
            assert client.get(address).status_code == 200
            assert f"共 {behind.total_number} " in client.get(address).text


def test_nobody_sees_the_reports_of_others(app: Flask, actor: ActorOf, sign_in: Any) -> None:
    for enterprise in enterprises():
        put(enterprise, yuan("1", "1"))
    own = sign_in("county").get("/summaries/reports?by=all&asked=1").text

    assert sum(enterprise.name in own for enterprise in enterprises()) == 6
    for stranger in ("enterprise", "auditor", "admin"):
        assert sign_in(stranger).get("/summaries/").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx", "csv-gb18030"])
@pytest.mark.parametrize("address", ["/summaries/", "/summaries/reports"])
def test_both_lists_are_exported(app: Flask, actor: ActorOf, sign_in: Any, address: str, kind: str) -> None:
    put(enterprises()[0], {**yuan("150", "-100"), "capacity_utilization.ytd": "80.1234"})

    answer = sign_in("province").post(
        address, data={"format": kind, "indicator": ["revenue", "capacity_utilization"], "asked": "1"}
    )

    assert answer.status_code == 200
    if kind == "csv":
        body = answer.data.decode("utf-8-sig")
        assert "150" in body
        assert "250.00" in body
        assert ("合计" in body) == (address == "/summaries/")


@pytest.mark.parametrize(
    "asked",
    [
        {"by": "nothing"},
        {"period": "2026-13"},
        {"indicator": "nothing"},
        {"region": "x"},
        {"state": "frozen!"},
        {"no_large": "2"},
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_summed(
    app: Flask, sign_in: Any, asked: dict[str, str]
) -> None:
    answer = sign_in("province").get("/summaries/", query_string=asked)

    assert answer.status_code == 400
    assert "<tbody" not in answer.text


FIGURES = st.one_of(st.none(), st.integers(-(10**16), 10**16))


@given(this=FIGURES, base=FIGURES)
def test_growth_in_sql_is_the_growth_of_the_report_page(
    app_once: Flask, this: int | None, base: int | None
) -> None:
    cells = {("x", "ytd"): _figure(this), ("x", "ly_ytd"): _figure(base)}
    expected = grown("pct", cells, "x")
    if expected is not None and abs(expected) >= 10**12:
        expected = None

    found = db.session.scalar(select(growth(_literal(this), _literal(base))))

    if found is None and expected is None:
        return
    assert found == expected


@given(values=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=5))
def test_a_mean_is_rounded_half_up(app_once: Flask, values: list[int]) -> None:
    exact = Decimal(sum(values)) / len(values) / 10_000
    expected = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert db.session.scalar(select(mean(_literal(sum(values)), _literal(len(values)), 4))) == expected


@pytest.fixture(scope="module")
def app_once(base_app: Flask) -> Flask:
    return base_app


def _figure(stored: int | None) -> Decimal | None:
    return None if stored is None else Decimal(stored).scaleb(-4)


def _literal(number: int | None) -> Any:
    return literal_column("CAST(NULL AS BIGINT)" if number is None else f"CAST({number} AS BIGINT)")


def test_several_regions_stand_side_by_side_with_their_places(app: Flask, actor: ActorOf) -> None:
    one, two, three = enterprises()[:3]
    put(one, yuan("1", None), region_id=region("330105").id)
    put(two, yuan("10", None), region_id=region("330206").id)
    put(three, yuan("100", None), region_id=region("330302").id)
    chosen = [str(region(HANGZHOU).id), str(region("330200").id)]

    lines, totals = shown(actor("province"), region=chosen)

    assert {name: line["revenue_ytd"] for name, line in lines.items()} == {"拱墅区": 1, "北仑区": 10}
    assert totals["revenue_ytd"] == 11


def test_conditions_in_groups_cut_reports_before_they_are_summed(app: Flask, actor: ActorOf) -> None:
    one, two, three = enterprises()[:3]
    put(one, yuan("1", None), size="large")
    put(two, yuan("10", None), size="small", region_id=region("330105").id)
    put(three, yuan("100", None), size="small", region_id=region("330206").id)
    where = f"any(all(size.in(large)),all(size.in(small),region.in({region(HANGZHOU).id})))"

    lines, _totals = shown(actor("province"), by="all", where=where)
    behind = behind_list(actor("province"), MultiDict({"by": "all", "where": where}))
    page = list_page(behind, actor("province"), MultiDict({"by": "all", "where": where}), TODAY)

    assert (lines["全部企业"]["enterprises"], lines["全部企业"]["revenue_ytd"]) == (2, 11)
    assert page.total_number == 2


def test_a_number_of_the_summary_opens_its_reports_with_the_conditions_in_groups(
    app: Flask, actor: ActorOf
) -> None:
    where = "any(all(size.in(large)))"

    spec = summary_list(actor("province"), MultiDict({"by": "all", "where": where}))

    assert urlencode({"where": where}) in spec.column("enterprises").link
