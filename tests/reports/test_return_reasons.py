"""常用退回原因: kept by a bureau, chosen on the desk and for batches, filled in for each report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import local_date
from app.kernel.errors import Forbidden, Invalid
from app.reports import return_reasons
from app.reports.models import Report
from app.reports.return_reasons import MOST_REASONS, add_reason, filled, problems_of, reasons_for
from app.reports.review_models import ReturnReason
from tests.factories.reports import accepted, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def kept(actor: Actor, text: str, now: dt.datetime, position: int | None = None) -> ReturnReason:
    """A reason in the list of an admin's bureau."""
    with context.acting_as(actor), unit_of_work():
        return add_reason(actor, text, position, now)


@pytest.mark.parametrize(
    "text", ["请核对累计数", "{name} {month} {indicator}", "{月份}{企业名称}{指标}", "字" * 150, " 前后空白 "]
)
def test_a_reason_may_have_variables_and_up_to_150_characters(text: str) -> None:
    assert problems_of(text) == []


@pytest.mark.parametrize("text", ["", "  ", "字" * 151, "{region}", "{name", "name}", "{{name}}"])
def test_other_reasons_are_refused(text: str) -> None:
    assert [problem.field for problem in problems_of(text)] == ["text"]


def test_variables_are_replaced_and_other_braces_stay() -> None:
    values = {"name": "甲{month}", "month": "2026 年 10 月"}

    assert filled("{name}：{month} {else} {", values) == "甲{month}：2026 年 10 月 {else} {"
    assert filled("{企业名称}：{月份}", values) == "甲{month}：2026 年 10 月"


def test_reasons_stand_in_their_order_and_new_ones_at_the_end(actor: ActorOf, now: dt.datetime) -> None:
    admin = actor("county")
    for text, position in (("乙", 5), ("甲", 2), ("丙", None)):
        kept(admin, text, now, position)

    assert reasons_for(admin, local_date(now)) == ["甲", "乙", "丙"]


def test_each_bureau_sees_its_own_reasons_only(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    foreign = kept(actor("county2"), "外地", now)
    kept(actor("county"), "本地", now)
    visitor = sign_in("county")

    body = visitor.get("/return-reasons/list/").get_data(as_text=True)
    answers = [
        visitor.get(f"/return-reasons/show/{foreign.id}"),
        visitor.post(
            f"/return-reasons/edit/{foreign.id}", data={"text": "改", "position": "1", "version": "1"}
        ),
        visitor.post(f"/return-reasons/delete/{foreign.id}"),
    ]

    assert ("本地" in body, "外地" in body) == (True, False)
    assert [answer.status_code for answer in answers] == [404] * 3
    assert db.session.get_one(ReturnReason, foreign.id).text == "外地"


def test_a_reason_is_there_once_and_the_list_ends(
    actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = actor("county")
    kept(admin, "请核对", now)
    monkeypatch.setattr(return_reasons, "MOST_REASONS", 1)

    with pytest.raises(Invalid) as refusal:
        kept(admin, " 请核对 ", now)

    assert len(refusal.value.problems) == 2
    assert MOST_REASONS == 30


def test_whoever_belongs_to_no_bureau_keeps_no_reasons(actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Forbidden):
        kept(actor("admin"), "请核对", now)


def test_reasons_are_added_changed_and_deleted_on_their_page(sign_in: SignIn, actor: ActorOf) -> None:
    visitor = sign_in("county")
    visitor.post("/return-reasons/add", data={"text": "请核对{month}数据", "position": "3"})
    row = db.session.scalars(select(ReturnReason)).one()

    refused = visitor.post("/return-reasons/add", data={"text": "请看{region}", "position": "1"})
    visitor.post(
        f"/return-reasons/edit/{row.id}", data={"text": "请核实", "position": "1", "version": row.version}
    )
    db.session.expire_all()
    changed = (row.text, row.position, row.bureau_id)
    visitor.post(f"/return-reasons/delete/{row.id}")

    assert refused.status_code == 422
    assert "只能使用这些变量：{月份}、{企业名称}、{指标}。" in refused.text
    assert "请看{region}" in refused.text
    assert changed == ("请核实", 1, actor("county").bureau_id)
    assert db.session.scalars(select(ReturnReason)).all() == []


def test_the_desk_offers_the_reasons_filled_in(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    kept(actor("county"), "{name}：请核对 {month} {indicator}", now)

    body = sign_in("county").get("/review/").get_data(as_text=True)

    assert f"{report.enterprise_version.name}：请核对 2026 年 10 月 有关指标</button>" in body


def test_who_cannot_return_is_offered_no_reasons(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    report = accepted(submitted(actor("enterprise"), now), now)
    kept(actor("county"), "请核对累计数", now)

    body = sign_in("county").get(f"/review/?report={report.id}").get_data(as_text=True)

    assert "data-opinion" not in body
    assert "请核对累计数" not in body


def test_a_batch_offers_the_reasons_and_fills_them_in_for_each_report(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    kept(actor("county"), "{name}请核对", now)
    visitor = sign_in("county")
    form = {"action": "return", "key": str(report.id)}

    asked = visitor.post("/review/", data=form)
    visitor.post("/review/", data={**form, "confirmed": "1", "comment": "{name}请核对"})

    db.session.expire_all()
    found = db.session.get_one(Report, report.id)
    assert ">{name}请核对</button>" in asked.text
    assert (found.state, found.return_reason) == ("returned", f"{report.enterprise_version.name}请核对")


def test_a_reason_typed_with_a_variable_is_filled_in(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)

    sign_in("county").post(
        f"/review/{report.id}/return", data={"version": report.version, "comment": "{month}有误 {x}"}
    )

    db.session.expire_all()
    assert db.session.get_one(Report, report.id).return_reason == "2026 年 10 月有误 {x}"
