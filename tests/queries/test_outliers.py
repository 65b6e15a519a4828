"""异常数据跟踪: scores by hand, the same as on a report's page, and who sees which of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import statistics
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise, Industry
from app.infra.database import db
from app.infra.json_rows import JsonRows
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.queries import outlier_scores
from app.queries.outlier_question import read_question
from app.queries.outlier_scores import Found, found_outliers
from app.reports.models import Report
from app.reports.opening import open_report, ref_of
from app.reports.outlier_hints import outlier_findings
from app.reports.outliers import Against
from app.reports.trade_samples import KEPT_FOR
from tests.access import set_value
from tests.factories.figures import OCTOBER, put
from tests.factories.reports import submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
HERE = "/queries/outliers/"


@pytest.fixture
def report(actor: ActorOf, now: dt.datetime) -> Report:
    """The report of October of the named enterprise, in review."""
    return submitted(actor("enterprise"), now)


def history(report: Report, figures: list[int], **changes: Any) -> None:
    """Revenue of the months up to October, oldest first."""
    enterprise = db.session.get_one(Enterprise, report.enterprise_id)
    for back, figure in enumerate(reversed(figures)):
        month = OCTOBER.plus(-back)
        put(enterprise, {"revenue.m": str(figure)}, month=month, report_id=report.id, **changes)


def trade(report: Report, growth: str) -> list[Enterprise]:
    """Twelve others of the trade whose revenue grew alike, give or take a little."""
    own = db.session.get_one(Enterprise, report.enterprise_id)
    division = db.session.get_one(Industry, own.industry_id)
    peers = list(
        db.session.scalars(
            select(Enterprise).where(Enterprise.id != own.id).order_by(Enterprise.id).limit(12)
        )
    )
    for place, one in enumerate(peers):
        filed = {"industry_division": division.division, "industry_section": division.section}
        put(one, {"revenue.m": "1000"}, month=OCTOBER.previous(), **filed)
        put(one, {"revenue.m": str(1000 * (1 + Decimal(growth)) + place)}, **filed)
    return peers


def found(actor: Actor, **asked: Any) -> list[Found]:
    return list(found_outliers(read_question(actor, MultiDict({"indicator": "revenue", **asked}))))


def by_hand(figures: list[int]) -> float:
    """The modified z-score of the last change, by Python's statistics."""
    changes = [2 * (now - before) / (now + before) for before, now in pairwise(figures)]
    usual, last = changes[:-1], changes[-1]
    middle = statistics.median(usual)
    spread = 1.4826 * statistics.median([abs(one - middle) for one in usual])
    return (last - middle) / max(spread, 0.02)


def test_the_score_against_own_history_is_the_one_reckoned_by_hand(actor: ActorOf, report: Report) -> None:
    figures = [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500]
    history(report, figures)

    (one,) = found(actor("county"))

    assert (one.report_id, one.indicator, one.outlier.against) == (report.id, "revenue", Against.HISTORY)
    assert float(one.outlier.score) == pytest.approx(by_hand(figures), abs=0.051)
    assert (one.now, one.before) == (2500, 1060)


def test_a_calm_month_or_a_short_history_stands_out_against_nothing(actor: ActorOf, report: Report) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 1000])
    calm = found(actor("county"))
    history(report, [2500], state="in_review")
    short = found(actor("county"), period="2026-09")

    assert (calm, short) == ([], [])


def test_a_figure_stands_out_against_its_trade(actor: ActorOf, report: Report) -> None:
    history(report, [1000, 1000])
    trade(report, "0.5")

    (one,) = found(actor("county"))

    assert (one.outlier.against, one.outlier.change) == (Against.TRADE, 0)
    assert one.outlier.score < -3.5


def test_ten_others_are_needed_to_speak_of_a_trade(actor: ActorOf, report: Report) -> None:
    history(report, [1000, 1000])
    for one in trade(report, "0.5")[:3]:
        put(one, {}, state="editing")

    assert found(actor("county")) == []


def test_the_list_says_what_the_page_of_each_report_says(
    actor: ActorOf, report: Report, now: dt.datetime
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    trade(report, "0.1")
    owner = actor("enterprise")

    listed = {(one.indicator, one.outlier.against) for one in found(actor("county"))}
    told = {one.indicator for one in outlier_findings(open_report(owner, ref_of(report), now), now)}

    assert listed == {("revenue", Against.HISTORY), ("revenue", Against.TRADE)}
    assert told == {"revenue"}


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 1),
        ({"region": "own"}, 1),
        ({"region": "other"}, 0),
        ({"industry": "own"}, 1),
        ({"industry": "A"}, 0),
        ({"period": "2026-09"}, 0),
        ({"indicator": "cost"}, 0),
    ],
)
def test_a_question_narrows_what_is_scored(
    actor: ActorOf, report: Report, asked: dict[str, str], number: int
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    own = db.session.get_one(Enterprise, report.enterprise_id)
    other = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    values = {
        "own": str(own.county_id) if "region" in asked else own.industry.division,
        "other": str(other.county_id),
    }

    assert (
        len(found(actor("province"), **{name: values.get(text, text) for name, text in asked.items()}))
        == number
    )


def test_others_than_the_own_territory_and_test_codes_are_not_scored(
    actor: ActorOf, report: Report, sign_in: SignIn
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    address = f"{HERE}?indicator=revenue"
    name = db.session.get_one(Enterprise, report.enterprise_id).name
    seen = {role: name in sign_in(role).get(address).text for role in ("province", "prefecture", "county")}
    unseen = {role: name in sign_in(role).get(address).text for role in ("prefecture2", "county2")}

    assert (set(seen.values()), set(unseen.values())) == ({True}, {False})
    assert sign_in("enterprise").get(HERE).status_code == 403


def test_what_was_scored_is_cut_by_scope_when_it_is_shown(
    actor: ActorOf, report: Report, sign_in: SignIn
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    client = sign_in("county")
    enterprise = db.session.get_one(Enterprise, report.enterprise_id)
    name, address = enterprise.name, f"{HERE}?indicator=revenue"
    before = client.get(address).text
    other = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id)
    enterprise = db.session.get_one(Enterprise, report.enterprise_id)
    enterprise.region_id = other.region_id
    db.session.commit()

    assert name in before
    assert name not in client.get(address).text


def test_a_line_opens_its_report_and_is_exported(report: Report, sign_in: SignIn) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    client = sign_in("county")

    page = client.get(f"{HERE}?indicator=revenue")
    answer = client.post(HERE, data={"format": "csv", "columns": "shown", "indicator": "revenue"})

    assert f'href="/reports/{report.id}"' in page.text
    (_head, line) = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert line[3:] == ["营业收入", "本企业历史", line[5], "1060", "2500", "135.8", line[9]]


def test_conditions_on_the_score_and_on_what_it_is_against_cut_the_list(
    report: Report, sign_in: SignIn
) -> None:
    figures = [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500]
    history(report, figures)
    client, score = sign_in("county"), by_hand(figures)

    def number(**asked: str) -> int:
        return client.get(HERE, query_string={"indicator": "revenue", **asked}).text.count("/reports/")

    assert number(score_from=f"{score - 1:.1f}") > number(score_from=f"{score + 1:.1f}")
    assert number(against="history") > number(against="trade")


def test_too_many_figures_ask_for_a_narrower_question(
    report: Report, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    monkeypatch.setattr(outlier_scores, "MOST_SERIES", 1)

    assert "请选择地区、行业，或减少指标" not in sign_in("county").get(f"{HERE}?indicator=revenue").text
    assert "请选择地区、行业，或减少指标" in sign_in("county").get(HERE).text


def test_where_hints_are_switched_off_the_list_says_so(
    report: Report, sign_in: SignIn, now: dt.datetime
) -> None:
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    set_value("reports.outliers", "off", now)

    assert "参数设置已关闭异常波动提示" in sign_in("county").get(HERE).text


def test_scores_are_kept_for_a_while(actor: ActorOf, report: Report, clock: MovableClock) -> None:
    before = found(actor("county"))
    history(report, [1000, 1100, 980, 1050, 1010, 1120, 990, 1060, 2500])
    kept = found(actor("county"))
    clock.set(clock.now() + KEPT_FOR)

    assert (before, kept) == ([], [])
    assert len(found(actor("county"))) == 1


def test_statements_do_not_grow_with_trades_and_reports(
    actor: ActorOf, report: Report, count: Any, now: dt.datetime
) -> None:
    history(report, [1000, 1000])
    one, many = read_question(actor("province"), MultiDict()), read_question(actor("province"), MultiDict())
    with count() as few:
        outlier_scores._score(one, Decimal("3.5"))
    for enterprise in db.session.scalars(select(Enterprise)).all():
        put(enterprise, {"revenue.m": "5"})
    with count() as more:
        outlier_scores._score(many, Decimal("3.5"))

    asked = [sum(text.startswith("SELECT") for text in texts) for texts in (few, more)]
    assert asked == [3, 3]


def test_rows_of_the_program_are_a_table(actor: ActorOf) -> None:
    rows = JsonRows("some", [[2**53, "营业'收入\"", None], [-7, "", 3]])
    query = select(rows.number(0), rows.text(1), rows.number(2)).order_by(rows.number(0))

    assert list(map(tuple, db.session.execute(query))) == [(-7, "", 3), (2**53, "营业'收入\"", None)]
