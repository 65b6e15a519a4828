"""Pages of reporting windows: dates of months, timed unfreezes, and what an enterprise sees of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI, MovableClock
from app.reports.form_models import ReportForm, ReportPeriod
from app.reports.models import Report
from app.reports.unfreeze_models import ReportUnfreeze
from tests.factories.reports import filled, submitted

SignIn = Callable[[str], FlaskClient]
ActorOf = Callable[[str], Actor]
MAIN = "/filing/sme_monthly/2026-10/main"


def at(month: int, day: int, hour: int = 12) -> dt.datetime:
    """An instant on a clock in Shanghai in 2026."""
    return dt.datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def form(app: Any) -> ReportForm:
    """The shipped form; it closes ten days after the 15th."""
    found = db.session.scalars(select(ReportForm).where(ReportForm.code == "sme_monthly")).one()
    with unit_of_work():
        found.closes_after_days = 10
    return found


@pytest.fixture
def entries(form: ReportForm, actor: ActorOf) -> dict[str, str]:
    """What one types to open October again for the enterprise of the demonstration."""
    return {
        "form": str(form.id),
        "month": "2026-10",
        "enterprise": str(actor("enterprise").enterprise_id),
        "expires_on": "2026-12-05",
        "reason": "系统故障",
    }


def terms(entered: dict[str, str], region: str = "") -> str:
    parts = (entered["form"], entered["month"], entered["enterprise"], region, entered["expires_on"])
    return "/".join(parts)


def test_a_grant_shows_first_whom_it_concerns_and_is_then_confirmed(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn
) -> None:
    clock.set(at(12, 1))
    province = sign_in("province")

    asked = province.post("/unfreezes/add", data=entries)
    assert asked.status_code == 200
    assert "解冻后 1 户企业可以填报" in text(asked)
    assert f'name="seen" value="{terms(entries)}"' in text(asked)
    assert db.session.scalars(select(ReportUnfreeze)).all() == []

    done = province.post("/unfreezes/add", data={**entries, "seen": terms(entries)})
    assert done.status_code == 302
    row = db.session.scalars(select(ReportUnfreeze)).one()
    assert "系统故障" in text(province.get(f"/unfreezes/show/{row.id}"))
    assert "生效中" in text(province.get("/unfreezes/list/"))


def test_other_terms_than_those_previewed_are_previewed_anew(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn
) -> None:
    clock.set(at(12, 1))
    later = {**entries, "expires_on": "2026-12-09", "seen": terms(entries)}

    asked = sign_in("province").post("/unfreezes/add", data=later)

    assert asked.status_code == 200
    assert db.session.scalars(select(ReportUnfreeze)).all() == []


def test_all_that_is_wrong_with_a_grant_is_told_at_its_fields_and_what_was_typed_stays(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn
) -> None:
    clock.set(at(12, 1))
    wrong = {**entries, "month": "2026-1", "expires_on": "2026-11-01", "reason": ""}

    answer = sign_in("province").post("/unfreezes/add", data=wrong)

    assert answer.status_code == 422
    for field in ("month", "expires_on", "reason"):
        assert f'id="{field}-error"' in text(answer)
    assert 'value="2026-11-01"' in text(answer)


def test_an_unfreeze_is_ended_early_with_a_reason_from_its_page(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn, actor: ActorOf
) -> None:
    clock.set(at(12, 1))
    province = sign_in("province")
    province.post("/unfreezes/add", data={**entries, "seen": terms(entries)})
    key = str(db.session.scalars(select(ReportUnfreeze.id)).one())
    page = province.get(f"/unfreezes/show/{key}")
    assert "提前结束" in text(page)

    asked = province.post("/unfreezes/list/", data={"action": "end", "key": key})
    assert "提前结束" in text(asked) and actor("enterprise").name in text(asked)
    data = {"action": "end", "key": key, "comment": "已恢复", "confirmed": "1", "once": "once-key"}
    assert province.post("/unfreezes/list/", data=data).status_code == 200

    row = db.session.scalars(select(ReportUnfreeze)).one()
    assert (row.end_reason, row.ended_at) == ("已恢复", at(12, 1))
    assert "提前结束" not in text(province.get(f"/unfreezes/show/{key}")).split("qj-acts")[-1][:400]


def test_the_wizard_tells_until_when_a_closed_month_is_open_and_that_it_makes_up(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn
) -> None:
    clock.set(at(12, 1))
    enterprise = sign_in("enterprise")
    assert "2026-10 报表已于 2026-11-25 关闭填报。" in text(enterprise.get(MAIN))

    sign_in("province").post("/unfreezes/add", data={**entries, "seen": terms(entries)})

    page = text(enterprise.get(MAIN))
    assert "您可以填报到 2026-12-05" in page
    assert "补报：本表为以前月份" in page
    assert "关闭填报" not in page
    assert "补报" not in text(enterprise.get("/filing/sme_monthly/2026-11/main"))


def test_a_window_that_closes_while_one_types_keeps_what_was_typed_and_tells_why(
    form: ReportForm, clock: MovableClock, sign_in: SignIn, actor: ActorOf
) -> None:
    report = filled(actor("enterprise"), at(11, 25))
    clock.set(at(11, 26, 0))
    typed = {"version": str(report.version), "c-revenue-ytd": "4711.5", "go": "save"}

    page = sign_in("enterprise").post(MAIN, data=typed)
    script = sign_in("enterprise").post(
        f"{MAIN}/save", json={"version": report.version, "cells": {"revenue.ytd": "4711.5"}}
    )

    assert page.status_code == 403
    assert 'value="4711.5"' in text(page) or 'value="4,711.5' in text(page)
    assert "2026-10 报表已于 2026-11-25 关闭填报。" in text(page)
    assert script.status_code == 403
    assert "关闭填报" in script.get_json()["message"]


def test_a_report_shows_its_unfreezes_and_offers_no_step_that_would_be_refused(
    entries: dict[str, str], clock: MovableClock, sign_in: SignIn, actor: ActorOf
) -> None:
    report = submitted(actor("enterprise"), at(11, 14))
    clock.set(at(12, 1))
    enterprise, page = sign_in("enterprise"), f"/reports/{report.id}"
    assert "/withdraw" not in text(enterprise.get(page))

    sign_in("province").post("/unfreezes/add", data={**entries, "seen": terms(entries)})

    shown = text(enterprise.get(page))
    assert "/withdraw" in shown
    assert "解冻至 2026-12-05" in shown
    assert "系统故障" in shown


def test_a_fresh_enterprise_is_not_called_overdue(
    form: ReportForm, clock: MovableClock, sign_in: SignIn, actor: ActorOf
) -> None:
    with unit_of_work():
        found = db.session.get_one(Enterprise, actor("enterprise").enterprise_id)
        found.created_at = at(11, 20)
    clock.set(at(11, 20, 13))
    enterprise = sign_in("enterprise")

    page = text(enterprise.get(MAIN))

    assert "无需报送：企业于 2026-11-20 注册" in page
    assert "逾期" not in page.split("rp-steps")[0]
    assert "2026-10" not in text(enterprise.get("/todos/"))


def test_dates_of_a_month_are_given_changed_and_taken_away(
    form: ReportForm, sign_in: SignIn, actor: ActorOf
) -> None:
    report = filled(actor("enterprise"), at(11, 5))
    panel, given = sign_in("admin"), {"form": str(form.id), "month": "2026-10", "reason": "顺延"}
    dates = {"opens_on": "2026-11-01", "due_on": "2026-11-20", "closes_on": ""}

    refused = panel.post("/report-periods/add", data={**given, **dates, "due_on": "2026-10-20"})
    assert refused.status_code == 422
    assert 'id="due_on-error"' in text(refused)
    assert panel.post("/report-periods/add", data={**given, **dates}).status_code == 302
    row = db.session.scalars(select(ReportPeriod)).one()
    seen = {**dates, "due_on": "2026-11-22", "reason": "再次顺延", "version": str(row.version)}
    assert panel.post(f"/report-periods/edit/{row.id}", data=seen).status_code == 302
    assert panel.post(f"/report-periods/edit/{row.id}", data=seen).status_code in {409, 422}
    assert db.session.get_one(Report, report.id).due_on == dt.date(2026, 11, 22)
    assert "2026-11-22" in text(panel.get("/report-periods/list/"))
    assert panel.post(f"/report-periods/delete/{row.id}").status_code == 302
    assert db.session.get_one(Report, report.id).due_on == dt.date(2026, 11, 15)


def test_the_closing_of_a_form_is_set_on_its_page(form: ReportForm, sign_in: SignIn) -> None:
    panel = sign_in("admin")
    seen = {"name": form.name.zh, "name-en": form.name.en, "opens_day": "1", "due_day": "15"}
    seen |= {"make_up_months": "12", "revision": str(form.revision)}

    wrong = panel.post(f"/report-forms/edit/{form.id}", data={**seen, "closes_after_days": "400"})
    done = panel.post(f"/report-forms/edit/{form.id}", data={**seen, "closes_after_days": ""})

    assert (wrong.status_code, done.status_code) == (422, 302)
    assert 'id="closes_after_days-error"' in text(wrong)
    assert db.session.scalars(select(ReportForm.closes_after_days)).all() == [None]
