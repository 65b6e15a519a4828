"""Freezing over HTTP: the first step asks before it freezes, the desk decides, nobody reads what is due."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises import key_changes
from app.enterprises.key_change_models import KeyChange
from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.files import file_store
from app.infra.files.models import StoredFile
from app.infra.jobs import Job, enqueue, runner
from app.infra.jobs.queue import engine
from app.infra.settling import settle_due
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.periods import Month
from tests.factories.freezes import (
    NEW_NAME,
    OTHER_CODE,
    change_of,
    enterprise_of,
    frozen,
    industry,
    referred,
    report_of,
)
from tests.factories.reports import approved, filled
from tests.web.pages import Page

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]
STEP = "/filing/sme_monthly/2026-10/enterprise"


def entries(visitor: FlaskClient, **changes: str) -> dict[str, str]:
    """What the first step sends as it stands, with some entries changed."""
    return {**Page(visitor.get(STEP).text).fields, "go": "save", **changes}


def confirmed(visitor: FlaskClient, **changes: str) -> Any:
    """Send the step, and once more with the confirmation that the question offers."""
    typed = entries(visitor, **changes)
    asked = visitor.post(STEP, data=typed)
    assert asked.status_code == 200
    token = asked.text.split('name="confirmed" value="')[1].split('"')[0]
    return visitor.post(STEP, data={**typed, "confirmed": token})


def test_the_step_shows_the_enterprise_as_it_stands_and_keeps_it_unchanged(
    sign_in: SignIn, actor: ActorOf
) -> None:
    visitor, owner = sign_in("enterprise"), actor("enterprise")
    before = enterprise_of(owner)
    revision, kept = before.revision, key_changes.draft_of(before)

    answer = visitor.post(STEP, data=entries(visitor, go="next"))

    after = enterprise_of(owner)
    assert answer.location.endswith("/filing/sme_monthly/2026-10/main")
    assert (after.revision, key_changes.draft_of(after)) == (revision, kept)


def test_other_entries_are_saved_at_once(sign_in: SignIn, actor: ActorOf) -> None:
    visitor = sign_in("enterprise")

    answer = visitor.post(STEP, data=entries(visitor, address="新址一号"))

    assert answer.status_code == 302
    assert enterprise_of(actor("enterprise")).address == "新址一号"
    assert "已保存" in visitor.get(STEP).text


def test_what_is_wrong_stands_at_its_entry_and_what_was_typed_stays(sign_in: SignIn, actor: ActorOf) -> None:
    visitor = sign_in("enterprise")

    answer = visitor.post(STEP, data=entries(visitor, uscc="123", address="", contact_name="赵言"))

    assert answer.status_code == 422
    assert 'href="#uscc"' in answer.text and 'href="#address"' in answer.text
    assert Page(answer.text).fields["contact_name"] == "赵言"
    assert report_of(actor("enterprise")) is None


def test_a_key_field_is_asked_about_with_old_and_new_and_what_will_happen(
    sign_in: SignIn, actor: ActorOf
) -> None:
    visitor, owner = sign_in("enterprise"), actor("enterprise")
    old = enterprise_of(owner).name

    asked = visitor.post(STEP, data=entries(visitor, name=NEW_NAME, address="新址一号"))

    assert "确认变更关键信息" in asked.text and "120 秒" in asked.text
    assert f"<del>{old}</del>" in asked.text and f"<ins>{NEW_NAME}</ins>" in asked.text
    assert Page(asked.text).fields["address"] == "新址一号"
    assert (enterprise_of(owner).name, report_of(owner)) == (old, None)


def test_confirming_freezes_and_every_step_is_read_only_with_reason_and_countdown(
    sign_in: SignIn, actor: ActorOf
) -> None:
    visitor, owner = sign_in("enterprise"), actor("enterprise")

    answer = confirmed(visitor, name=NEW_NAME)

    report = report_of(owner)
    assert answer.status_code == 302 and report is not None and report.state == "frozen"
    for step in ("enterprise", "main", "products", "confirm"):
        page = visitor.get(f"/filing/sme_monthly/2026-10/{step}").text
        assert "报表已冻结：企业名称有变更" in page and 'data-countdown="120"' in page, step
        assert 'name="go" value="save"' not in page, step
    saved = visitor.post(f"{STEP[:-10]}main/save", json={"version": report.version, "cells": {}})
    assert saved.status_code == 409


def test_a_frozen_report_asks_for_nothing_to_be_settled_and_its_last_step_is_not_done(
    sign_in: SignIn, actor: ActorOf
) -> None:
    visitor = sign_in("enterprise")
    confirmed(visitor, name=NEW_NAME)

    page = visitor.get("/filing/sme_monthly/2026-10/confirm").text
    assert "报表已冻结" in page and "上报前须处理" not in page and "项须处理" not in page
    steps = (
        visitor.get("/filing/sme_monthly/2026-10/main").text.split('class="qj-steps"')[1].split("</ol>")[0]
    )
    assert steps.count("已完成") == 1  # the information


def test_a_frozen_grid_still_shows_the_figures_of_last_year(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    visitor, owner = sign_in("enterprise"), actor("enterprise")
    approved(owner, now, Month(2025, 10))

    def shown() -> str:
        page = visitor.get("/filing/sme_monthly/2026-10/main").text
        tag = page.split('id="c-revenue-ly_ytd"')[1].split(">")[0]
        return tag.split('value="')[1].split('"')[0]

    before = shown()
    confirmed(visitor, name=NEW_NAME)

    assert report_of(owner) is not None and before and shown() == before


def test_a_confirmation_holds_for_what_was_asked_only(sign_in: SignIn, actor: ActorOf) -> None:
    visitor = sign_in("enterprise")
    typed = entries(visitor, name=NEW_NAME)
    token = visitor.post(STEP, data=typed).text.split('name="confirmed" value="')[1].split('"')[0]

    again = visitor.post(STEP, data={**typed, "name": "又一新名有限公司", "confirmed": token})

    assert again.status_code == 200 and "确认变更关键信息" in again.text
    assert report_of(actor("enterprise")) is None


def test_a_far_reaching_change_says_that_an_administrator_decides(sign_in: SignIn) -> None:
    visitor = sign_in("enterprise")

    asked = visitor.post(STEP, data=entries(visitor, name=NEW_NAME, uscc=OTHER_CODE))

    assert "企业名称与统一社会信用代码同时变更" in asked.text and "管理员审核" in asked.text


def test_who_saves_an_older_page_is_told_and_may_then_replace(sign_in: SignIn, actor: ActorOf) -> None:
    visitor = sign_in("enterprise")
    older = entries(visitor, address="后到一号")
    visitor.post(STEP, data=entries(visitor, address="先到一号"))

    refused = visitor.post(STEP, data=older)
    assert refused.status_code == 409 and Page(refused.text).fields["address"] == "后到一号"
    again = visitor.post(STEP, data={**Page(refused.text).fields, "go": "save"})

    assert again.status_code == 302
    assert enterprise_of(actor("enterprise")).address == "后到一号"


def test_while_a_change_waits_another_month_takes_other_entries_only(sign_in: SignIn) -> None:
    visitor = sign_in("enterprise")
    confirmed(visitor, name=NEW_NAME)
    earlier = STEP.replace("2026-10", "2026-09")
    typed = Page(visitor.get(earlier).text).fields

    refused = visitor.post(earlier, data={**typed, "name": "又一新名有限公司", "go": "save"})
    other = visitor.post(earlier, data={**typed, "address": "新址二号", "go": "save"})

    assert refused.status_code == 409 and "正在审核" in refused.text
    assert other.status_code == 302


# --- what is due is settled before anybody reads it


LOOKS = {
    "list": ("county", "/reports/?period=2026-10", NEW_NAME),
    "count": ("county", "/reports/?period=2026-10&state=unfrozen", NEW_NAME),
    "api": ("county", "/api/v1/reports/?month=2026-10", '"unfrozen"'),
    "home": ("enterprise", "/", "解除冻结"),
    "wizard": ("enterprise", STEP, NEW_NAME),
    "query": ("enterprise", "/key-change-query/", "审核通过"),
}


@pytest.mark.parametrize("look", LOOKS)
def test_nobody_reads_a_freeze_that_is_due(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, clock: MovableClock, look: str
) -> None:
    who, address, expected = LOOKS[look]
    visitor = sign_in(who)
    filled(actor("enterprise"), now)
    frozen(actor("enterprise"), now)
    clock.advance(seconds=120)

    answer = visitor.get(address)

    assert answer.status_code == 200 and expected in answer.text
    assert change_of(actor("enterprise")).state == "approved"


def test_an_export_reads_what_is_settled(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    visitor = sign_in("county")
    filled(actor("enterprise"), now)
    frozen(actor("enterprise"), now)
    clock.advance(seconds=120)

    answer = visitor.post("/reports/?period=2026-10", data={"action": "export", "format": "csv", "all": "1"})

    text = answer.data.decode("utf-8-sig")
    assert NEW_NAME in text and "解除冻结" in text


def test_nothing_due_costs_no_statement(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, count: Callable[[], Any]
) -> None:
    visitor = sign_in("county")
    visitor.get("/inbox/")
    with count() as quiet:
        visitor.get("/inbox/")
    frozen(actor("enterprise"), now)
    with count() as waiting:
        visitor.get("/inbox/")

    assert len(waiting) == len(quiet)


def test_a_fault_in_settling_closes_no_page(
    app: Flask,
    sign_in: SignIn,
    actor: ActorOf,
    now: dt.datetime,
    clock: MovableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor = sign_in("county")
    frozen(actor("enterprise"), now)
    clock.advance(seconds=120)

    def fail(_now: dt.datetime) -> int:
        raise RuntimeError("a fault")

    monkeypatch.setitem(app.extensions["wiring"], "SETTLERS", (fail, key_changes.settle_due))

    assert visitor.get("/").status_code == 200
    assert change_of(actor("enterprise")).state == "approved"


def test_of_settlers_at_once_exactly_one_decides(app: Flask, actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    frozen(owner, now)
    due = now + dt.timedelta(seconds=120)
    gate = threading.Barrier(2)
    decided: list[int] = []

    def settle() -> None:
        with app.app_context():
            gate.wait()
            decided.append(key_changes.settle_due(due))
            db.session.remove()

    threads = [threading.Thread(target=settle) for _thread in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    report = report_of(owner)
    assert sorted(decided) == [0, 1] and report is not None
    assert [step.verb for step in report.steps] == ["freeze", "unfreeze"]


# --- the desk and the query


def test_the_desk_shows_both_sides_with_differences_and_why(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    change = referred(actor("enterprise"), now)

    page = sign_in("county").get("/key-changes/").text

    assert change.old_name in page and f"<ins>{NEW_NAME}</ins>" in page and f"<ins>{OTHER_CODE}</ins>" in page
    assert "企业名称与统一社会信用代码同时变更" in page and "（未变）" in page


def test_the_admin_has_a_todo_that_opens_the_desk(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    referred(actor("enterprise"), now)

    home = sign_in("county").get("/").text

    assert "待审核的企业信息变更" in home and 'href="/key-changes/"' in home


def test_passing_on_the_desk_unfreezes_and_opens_the_next(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    change = referred(actor("enterprise"), now)
    visitor = sign_in("county")

    answer = visitor.post(f"/key-changes/{change.id}/approve", data={"version": str(change.version)})

    report = report_of(actor("enterprise"))
    assert answer.status_code == 302 and report is not None and report.state == "unfrozen"
    assert "没有待您审核的变更" in visitor.get("/key-changes/").text


def test_returning_without_a_reason_is_refused_on_the_desk(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    change = referred(actor("enterprise"), now)
    visitor = sign_in("county")

    refused = visitor.post(f"/key-changes/{change.id}/return", data={"version": str(change.version)})
    done = visitor.post(
        f"/key-changes/{change.id}/return", data={"version": str(change.version), "comment": "请附证明"}
    )

    assert refused.status_code == 422 and "rv-problem" in refused.text
    assert done.status_code == 302 and change_of(actor("enterprise")).state == "returned"


def test_outside_the_regions_a_case_does_not_exist(sign_in: SignIn, actor: ActorOf, now: dt.datetime) -> None:
    change = referred(actor("enterprise"), now)

    for username in ("county2", "prefecture2"):
        visitor = sign_in(username)
        assert visitor.get(f"/key-changes/?change={change.id}").status_code == 404
        assert visitor.post(f"/key-changes/{change.id}/approve").status_code == 404
        assert change.old_name not in visitor.get("/key-change-query/").text
    assert sign_in("enterprise").get("/key-changes/").status_code == 403


def test_the_query_finds_by_region_state_month_and_words(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    old = enterprise_of(owner).name
    frozen(owner, now)
    visitor = sign_in("province")

    for found in (
        f"keyword={old[:6]}",
        "keyword=新名纺织",
        "keyword=enterprise",
        "state=pending",
        "period=2026-10",
    ):
        assert NEW_NAME in visitor.get(f"/key-change-query/?asked=1&{found}").text, found
    for missed in ("keyword=没有此名", "state=returned", "period=2026-09"):
        assert NEW_NAME not in visitor.get(f"/key-change-query/?asked=1&{missed}").text, missed


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_query_is_exported_and_an_enterprise_sees_its_own(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime, kind: str
) -> None:
    frozen(actor("enterprise"), now)
    data = {"action": "export", "format": kind, "all": "1"}

    own = sign_in("enterprise").post("/key-change-query/", data=data)
    other = sign_in("enterprise2").get("/key-change-query/").text

    assert own.status_code == 200 and len(own.data) > 100
    assert kind == "xlsx" or NEW_NAME in own.data.decode("utf-8-sig")
    assert NEW_NAME not in other


def test_the_page_of_the_report_tells_the_whole_history(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    taken = enterprise_of(actor("enterprise2")).name
    frozen(owner, now, name=taken)
    key_changes.settle_due(now + dt.timedelta(seconds=120))
    frozen(owner, now)
    report = report_of(owner)
    assert report is not None

    page = sign_in("county").get(f"/reports/{report.id}").text
    assert page.count("冻结：关键信息变更") == 2
    assert "解除冻结：变更审核退回" in page and "系统" in page
    assert "报表已冻结" in page and "data-countdown" in page


def test_the_own_record_cannot_be_changed_elsewhere(sign_in: SignIn, actor: ActorOf) -> None:
    owner = actor("enterprise")
    visitor = sign_in("enterprise")

    for method in (visitor.get, visitor.post):
        assert method(f"/enterprises/edit/{owner.enterprise_id}").status_code == 403


def test_a_trade_of_another_section_is_referred_from_the_page(
    sign_in: SignIn, actor: ActorOf, now: dt.datetime
) -> None:
    visitor, owner = sign_in("enterprise"), actor("enterprise")
    path, row = [], industry("5132")
    while row is not None:
        path.insert(0, row.id)
        row = row.parent
    trade = {f"industry-{place}": str(key) for place, key in enumerate(path, 1)}

    assert confirmed(visitor, **trade).status_code == 302
    key_changes.settle_due(now + dt.timedelta(seconds=120))

    assert db.session.scalars(select(KeyChange.route)).one() == "manual"
    page = visitor.get(STEP).text
    assert "所属行业变更到另一门类" in page and "data-countdown" not in page
    assert db.session.get_one(Enterprise, owner.enterprise_id).industry.code != "5132"


def test_a_job_reads_what_is_settled(actor: ActorOf, now: dt.datetime, clock: MovableClock) -> None:
    filled(actor("enterprise"), now)
    frozen(actor("enterprise"), now)
    form = [("format", "csv"), ("period", "2026-10")]
    with unit_of_work():
        job = enqueue("export", actor("county"), {"list": "reports", "form": form, "language": "zh"})
    job_id = job.id
    db.session.remove()
    clock.advance(seconds=120)

    runner.run(engine(), job_id)

    assert change_of(actor("enterprise")).state == "approved"
    job = db.session.get_one(Job, job_id)
    with file_store().open(db.session.get_one(StoredFile, job.result_id).path) as content:
        assert NEW_NAME in content.read().decode("utf-8-sig")


def test_the_worker_settles_what_is_due_in_its_rounds(
    app: Flask, actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    frozen(actor("enterprise"), now)
    clock.advance(seconds=120)

    settle_due()

    assert change_of(actor("enterprise")).state == "approved"
