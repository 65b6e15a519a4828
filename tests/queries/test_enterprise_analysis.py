"""企业分析: own figures beside trade and region by hand, what is kept back, what happened, who may look."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise, Industry
from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.periods import Month
from app.kernel.texts import LocalText
from app.organisations.models import Region
from app.queries.enterprise_figures import Others, others
from app.queries.enterprise_page import analysis_context
from app.queries.enterprise_question import Question, read_question
from app.queries.spread import Spread
from app.reports import steps
from app.reports.models import Report, ReportFinding
from app.reports.reminder_models import ReportReminder
from tests.factories import freezes
from tests.factories.figures import OCTOBER, put
from tests.factories.reports import approved, holder_of, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
D = Decimal


@pytest.fixture
def own(actor: ActorOf) -> Enterprise:
    """The enterprise of the named account."""
    return db.session.get_one(Enterprise, actor("enterprise").enterprise_id)


@pytest.fixture
def rest(own: Enterprise) -> list[Enterprise]:
    """All others, moved to another trade and another prefecture of the province, so that none compares."""
    far = db.session.scalars(select(Region).where(Region.code == "330203")).one()
    trade = db.session.scalars(select(Industry).where(Industry.code == "3511")).one()
    found = list(
        db.session.scalars(select(Enterprise).where(Enterprise.id != own.id).order_by(Enterprise.id))
    )
    with unit_of_work():
        for one in found:
            one.industry_id, one.region_id, one.county_id = trade.id, far.id, far.id
            one.prefecture_id = far.parent_id
    return found


def in_trade(own: Enterprise, *enterprises: Enterprise) -> None:
    with unit_of_work():
        for one in enterprises:
            one.industry_id = own.industry_id


def in_county(own: Enterprise, *enterprises: Enterprise) -> None:
    with unit_of_work():
        for one in enterprises:
            one.region_id, one.county_id, one.prefecture_id = own.region_id, own.county_id, own.prefecture_id


def asked(actor: Actor, now: dt.datetime, **args: str) -> Question:
    return read_question(actor, actor.enterprise_id, MultiDict(args), now)


def revenue(this: str | None, last: str | None = None) -> dict[str, str | None]:
    return {"revenue.m": this, "revenue.ly_m": last}


def beside(actor: Actor, now: dt.datetime, **args: str) -> Others:
    return others(asked(actor, now, **args))


def test_trade_and_region_are_those_reckoned_by_hand(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise]
) -> None:
    peers, neighbours = rest[:5], rest[5:11]
    in_trade(own, *peers)
    in_county(own, *neighbours)
    for one, this, last in zip(
        peers, ("10", "40", "20", "100", "30"), ("5", "20", None, "100", "60"), strict=True
    ):
        put(one, revenue(this, last))
    for one, this in zip(neighbours, ("1", "2", "3", "4", "5", "6"), strict=True):
        put(one, revenue(this, "2"))
    put(own, revenue("1000000", "1"))

    found = beside(actor("enterprise"), now)

    assert found.trade[OCTOBER.key].figure == Spread(5, D(20), D(30), D(40))
    assert found.trade[OCTOBER.key].growth is None  # only four have a base
    assert found.region[OCTOBER.key].figure == Spread(6, D("2.25"), D("3.5"), D("4.75"))
    assert found.region[OCTOBER.key].growth == Spread(6, D("12.5"), D(75), D("137.5"))


def test_fewer_than_five_others_are_not_told(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise]
) -> None:
    in_trade(own, *rest[:4])
    for one in (own, *rest[:4]):
        put(one, revenue("10", "5"))

    found = beside(actor("enterprise"), now)

    assert found.trade[OCTOBER.key].figure is None


def test_whom_statistics_leave_out_nobody_is_compared_with(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise]
) -> None:
    in_trade(own, *rest[:9])
    for one in rest[:5]:
        put(one, revenue("10"))
    test_code, editing, elsewhere, earlier = rest[5:9]
    with unit_of_work():
        test_code.code_status, test_code.uscc_exception = "test", "试用"
        elsewhere.province_id = db.session.scalars(select(Region.id).where(Region.code == "320000")).one()
    put(test_code, revenue("900"))
    put(editing, revenue("900"), state="editing")
    put(elsewhere, revenue("900"))
    put(earlier, revenue("900"), month=OCTOBER.previous())

    found = beside(actor("enterprise"), now)

    assert found.trade[OCTOBER.key].figure == Spread(5, D(10), D(10), D(10))
    assert found.trade[OCTOBER.previous().key].figure is None


def test_what_was_filled_in_before_an_enterprise_left_industry_is_not_compared(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise]
) -> None:
    in_trade(own, *rest[:6])
    for one in rest[:5]:
        put(one, {"industrial_output.m": "10"}, is_industrial=True)
    put(rest[5], {"industrial_output.m": "900"}, is_industrial=False)

    found = beside(actor("enterprise"), now, indicator="industrial_output")

    assert found.trade[OCTOBER.key].figure == Spread(5, D(10), D(10), D(10))


def test_a_county_with_too_few_others_gives_way_to_its_prefecture(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise]
) -> None:
    with unit_of_work():
        for one in rest[:5]:
            one.prefecture_id = own.prefecture_id
    for one in rest[:5]:
        put(one, revenue("7"))
    prefecture = db.session.get_one(Region, own.prefecture_id).name
    wide = beside(actor("enterprise"), now)
    in_county(own, *rest[:5])
    near = beside(actor("enterprise"), now)

    assert (wide.place, wide.region[OCTOBER.key].figure) == (prefecture, Spread(5, D(7), D(7), D(7)))
    assert near.place == db.session.get_one(Region, own.county_id).name


def test_the_page_tells_figures_growth_punctuality_and_what_is_not_shown(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise], sign_in: SignIn
) -> None:
    owner = actor("enterprise")
    approved(owner, now)
    put(own, revenue("150", "100"), report_id=db.session.scalars(select(Report.id)).one())

    page = BeautifulSoup(
        sign_in("enterprise").get("/queries/enterprises/", follow_redirects=True).data, "html.parser"
    )

    row = [cell.get_text(strip=True) for cell in page.select("tbody tr")[0].select("td")]
    assert row[:7] == ["2026-10", "审核通过", "150", "100", "+50.00%", "—", "—"]
    strip = [cell.get_text(" ", strip=True) for cell in page.select(".an-strip li")]
    assert (len(strip), strip[-1], strip[-2]) == (12, "2026-10 按时", "2026-09 未报")
    assert "12 个月中有 12 个月" in page.get_text()
    assert page.select("#chart-figures") and not page.select("#chart-region")


def test_figures_of_a_report_that_was_not_handed_in_are_not_shown(
    app: Flask, actor: ActorOf, now: dt.datetime, own: Enterprise
) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    holder = holder_of(report)
    with context.acting_as(holder), unit_of_work():
        steps.give_back(holder, report, report.version, "请核对营业收入", now)

    with app.test_request_context(), context.acting_as(owner):
        shown = analysis_context(owner, asked(owner, now), now)

    assert shown["rows"][0][2] == "—"
    assert [(event["words"], event["text"]) for event in shown["events"]] == [("退回", "请核对营业收入")]
    assert shown["strip"]["cells"][-1]["short"] == "按时"


def test_a_reminder_by_two_channels_is_one_line(
    app: Flask, actor: ActorOf, now: dt.datetime, own: Enterprise
) -> None:
    owner, form_id = actor("enterprise"), asked(actor("enterprise"), now).form.id
    with unit_of_work():
        for channel in ("inbox", "sms"):
            db.session.add(
                ReportReminder(
                    form_id=form_id,
                    period=OCTOBER.key,
                    enterprise_id=own.id,
                    channel=channel,
                    day=now.date(),
                    at=now,
                    actor_name="王管理员",
                    bureau_name="萧山区商务局",
                )
            )

    with app.test_request_context(), context.acting_as(owner):
        (event,) = analysis_context(owner, asked(owner, now), now)["events"]

    assert (event["words"], event["who"], event["text"]) == (
        "已催报",
        "王管理员、萧山区商务局",
        "站内消息、短信",
    )


def test_a_change_of_the_name_stands_with_the_freeze_that_it_brought(
    app: Flask, actor: ActorOf, now: dt.datetime, own: Enterprise
) -> None:
    owner, before = actor("enterprise"), own.name
    freezes.saved(owner, now, OCTOBER, name="杭州示范改名有限公司")

    with app.test_request_context(), context.acting_as(owner):
        events = analysis_context(owner, asked(owner, now), now)["events"]

    told = {event["words"]: event["text"] for event in events}
    assert told["变更企业名称"] == f"{before} → 杭州示范改名有限公司（待审核）"
    assert set(told) == {"变更企业名称", "冻结"}


def test_findings_stand_by_month_and_once_for_several_cells(
    app: Flask, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    words = LocalText("应收账款不能为空", "Receivables are missing")
    with unit_of_work():
        for cell in ("ytd", "ly_ytd"):
            db.session.add(
                ReportFinding(
                    report_id=report.id,
                    rule="H01",
                    severity="hard",
                    indicator="receivables",
                    cell=cell,
                    message=words,
                )
            )

    with app.test_request_context(), context.acting_as(owner):
        shown = analysis_context(owner, asked(owner, now), now)["findings"]

    (month,) = [one for one in shown if one["month"] == "2026-10"]
    assert [one["message"] for one in month["findings"] if one["rule"] == "H01"] == ["应收账款不能为空"]


def test_what_an_address_asks_in_vain_counts_as_not_asked(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")

    odd = asked(owner, now, indicator="nonsense", figure="ly_m", months="7")
    stock = asked(owner, now, indicator="employees", figure="m", months="36")

    assert (odd.indicator.code, odd.cell, len(odd.months)) == ("revenue", "m", 12)
    assert (stock.cell, stock.months[0], stock.months[-1]) == ("ytd", Month(2023, 11), OCTOBER)


def test_a_foreign_enterprise_is_not_there(actor: ActorOf, sign_in: SignIn) -> None:
    foreign, mine = actor("enterprise2").enterprise_id, actor("enterprise").enterprise_id
    for role in ("enterprise", "county", "prefecture"):
        client = sign_in(role)
        for address in (
            f"/queries/enterprises/{foreign}/",
            f"/queries/enterprises/figures?enterprise={foreign}",
        ):
            assert client.get(address).status_code == 404, (role, address)
        assert client.get(f"/queries/enterprises/{mine}/").status_code == 200
    assert sign_in("county").get("/queries/enterprises/figures").status_code == 404
    assert sign_in("auditor").get(f"/queries/enterprises/{mine}/").status_code == 403


def test_the_list_holds_what_the_page_shows(
    actor: ActorOf, now: dt.datetime, own: Enterprise, rest: list[Enterprise], sign_in: SignIn
) -> None:
    approved(actor("enterprise"), now)
    put(own, revenue("150.5", "100"), report_id=db.session.scalars(select(Report.id)).one())
    in_trade(own, *rest[:5])
    for one in rest[:5]:
        put(one, revenue("12345", "10000"))

    answer = sign_in("enterprise").post(
        "/queries/enterprises/figures", data={"format": "csv", "columns": "all", "months": "24"}
    )

    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(lines) == 25
    assert lines[1][:5] == ["2026-10", "审核通过", "150.5", "100", "50.50"]
    assert lines[1][5:10] == ["5", "12300", "12300", "12300", "23.50"]
    assert lines[2][:3] == ["2026-09", "未填报", ""]


def test_months_cost_no_statements(actor: ActorOf, now: dt.datetime, sign_in: SignIn, count: Any) -> None:
    owner = actor("enterprise")
    approved(owner, now)
    client = sign_in("enterprise")
    taken = []
    for months in ("12", "36"):
        address = f"/queries/enterprises/{owner.enterprise_id}/?months={months}"
        client.get(address)
        with count() as statements:
            assert client.get(address).status_code == 200
        taken.append(sum(text.startswith("SELECT") for text in statements))

    assert taken == [8, 8]  # five of its own, three of every page
