"""Soft findings, explanations, screening and silence, from saving to the reviewers: nothing is skipped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.infra import context
from app.infra.database import db
from app.infra.settings.models import SettingChange
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Invalid
from app.kernel.periods import Month
from app.reports import filling, steps
from app.reports.checking import check
from app.reports.findings import standing
from app.reports.models import Report, ReportFinding
from app.reports.opening import OpenReport, open_report
from app.reports.settings import APPROVED_LEVEL, DIRECT
from app.reports.silence import silence_notes
from tests.factories.reports import OCTOBER, accepted, approved, filled, holder_of, ref_for, submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]

SEPTEMBER, PAGE = Month(2026, 9), "/filing/sme_monthly/2026-10/main"
WHY = "本月补记了上月漏抄的读数"
KEY = "S03:electricity.ytd"


@pytest.fixture
def owner(actor: ActorOf) -> Actor:
    """The enterprise."""
    return actor("enterprise")


def opened(owner: Actor, now: dt.datetime, month: Month = OCTOBER) -> OpenReport:
    db.session.expire_all()
    return open_report(owner, ref_for(owner, month), now)


def save(owner: Actor, now: dt.datetime, told: dict[str, str] | None = None, **cells: str) -> filling.Saved:
    """Save cells (``revenue__ytd="5"``) and explanations into October's report."""
    typed = {name.replace("__", "."): text for name, text in cells.items()}
    with context.acting_as(owner), unit_of_work():
        before = opened(owner, now)
        return filling.save_cells(owner, before.ref, typed, before.lock, now, told)


def submit(owner: Actor, now: dt.datetime) -> Report:
    with context.acting_as(owner), unit_of_work():
        return steps.submit(owner, ref_for(owner), opened(owner, now).lock, "填报员", now)


def stored(report: Report) -> list[tuple[str, str]]:
    db.session.expire_all()
    query = select(ReportFinding.rule, ReportFinding.explanation).where(ReportFinding.report_id == report.id)
    return [tuple(line) for line in db.session.execute(query.order_by(ReportFinding.id))]


def wrong_electricity(owner: Actor, now: dt.datetime) -> Report:
    """October's report, whose electricity does not add up with September's."""
    report = filled(owner, now)
    save(owner, now, electricity__m="1")
    return report


def test_a_soft_finding_asks_for_five_characters_and_then_lets_the_report_go_unpassed(
    owner: Actor, now: dt.datetime
) -> None:
    approved(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)

    with pytest.raises(Invalid) as refused:
        submit(owner, now)
    assert [problem.field for problem in refused.value.problems] == ["electricity.ytd"]
    save(owner, now, {KEY: "  四个字啊  "})
    with pytest.raises(Invalid):
        submit(owner, now)
    save(owner, now, {KEY: WHY})
    submit(owner, now)

    assert stored(report) == [("S03", WHY)]
    assert (report.state, report.screening, report.soft_count) == ("in_review", "failed", 1)


def test_hints_need_no_explanation_and_pass_screening(
    owner: Actor, now: dt.datetime, sign_in: SignIn
) -> None:
    report = filled(owner, now)
    save(owner, now, capacity_utilization__m="104")

    submit(owner, now)

    assert stored(report) == [("P02", "")]
    assert (report.screening, report.soft_count) == ("passed", 0)
    desk = sign_in("county").get(f"/review/?report={report.id}").get_data(as_text=True)
    assert "一般在0至100%之间" in desk
    assert "系统筛查通过" in desk


def test_an_explanation_of_what_was_not_found_is_not_kept(owner: Actor, now: dt.datetime) -> None:
    approved(owner, now, SEPTEMBER)
    report = filled(owner, now)

    save(owner, now, {KEY: WHY, "S99:nothing.ytd": WHY}, revenue__m="1")

    assert stored(report) == []


def test_an_explanation_goes_with_its_finding_and_is_not_carried_to_another(
    owner: Actor, now: dt.datetime
) -> None:
    approved(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)
    save(owner, now, {KEY: WHY})
    right = opened(owner, now).last
    assert right is not None
    before = right.cells["electricity", "ytd"]
    assert before is not None

    save(owner, now, electricity__m="100", electricity__ytd=str(before + 100))
    assert stored(report) == []
    save(owner, now, electricity__m="1")

    assert stored(report) == [("S03", "")]


def test_a_report_that_is_not_approved_silences_and_the_page_says_so(
    owner: Actor, now: dt.datetime, sign_in: SignIn
) -> None:
    submitted(owner, now, SEPTEMBER)
    wrong_electricity(owner, now)

    page = sign_in("enterprise").get(PAGE).get_data(as_text=True)

    assert stored_count(owner, now) == 0
    assert "2026-09 的报表尚未审核通过" in page
    assert "S03" in page


def stored_count(owner: Actor, now: dt.datetime) -> int:
    return sum(one.finding.severity == "soft" for one in standing(opened(owner, now)))


def test_what_is_approved_since_the_last_save_is_found_on_the_page_and_at_submission(
    owner: Actor, now: dt.datetime, sign_in: SignIn
) -> None:
    september = submitted(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)
    accepted(september, now, times=3)

    assert stored(report) == []  # as of the last save
    assert KEY in sign_in("enterprise").get(PAGE).get_data(as_text=True)
    with pytest.raises(Invalid):
        submit(owner, now)


def test_a_refresh_or_a_forged_request_cannot_skip_a_rule(
    owner: Actor, now: dt.datetime, sign_in: SignIn
) -> None:
    approved(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)
    browser = sign_in("enterprise")
    send = f"{PAGE.rpartition('/')[0]}/submit"

    for _refresh in range(2):
        assert KEY in browser.get(PAGE).get_data(as_text=True)
    for forged in ({}, {"findings": "", "screening": "passed", "soft_count": "0"}, {"x-" + KEY: WHY}):
        lock = opened(owner, now).lock
        answer = browser.post(send, data={"version": lock, "filler": "填报员", **forged})
        assert answer.status_code == 422
    emptied = browser.post(
        f"{PAGE}/save",
        json={"version": opened(owner, now).lock, "cells": {}, "findings": [], "screening": "passed"},
    ).get_json()

    assert [found["key"] for found in emptied["findings"]] == [KEY]
    db.session.expire_all()
    assert (report.state, report.screening) == ("editing", "failed")


def test_submission_keeps_the_findings_of_that_moment_and_not_older_ones(
    owner: Actor, now: dt.datetime, actor: ActorOf
) -> None:
    september = approved(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)
    save(owner, now, {KEY: WHY})
    province = holder_of(september)
    with context.acting_as(province), unit_of_work():
        found = db.session.get_one(Report, september.id)
        steps.give_back(province, found, found.version, "请核实用电量", now)

    submit(owner, now)

    assert stored(report) == []  # September can be compared with no longer
    assert (report.screening, report.soft_count) == ("passed", 0)


def test_reviewers_see_findings_explanations_and_what_could_not_be_checked(
    owner: Actor, now: dt.datetime, sign_in: SignIn
) -> None:
    approved(owner, now, SEPTEMBER)
    report = wrong_electricity(owner, now)
    save(owner, now, {KEY: WHY})
    submit(owner, now)

    pages = [
        sign_in("county").get(path).get_data(as_text=True)
        for path in (f"/review/?report={report.id}", f"/reports/{report.id}")
    ]

    for page in pages:
        assert WHY in page
        assert "用电量本月止累计应等于本月+上月止累计" in page
        assert "没有 2025-10 的报表" in page


def test_the_direct_reviewers_acceptance_may_be_enough_to_compare_with(
    owner: Actor, now: dt.datetime
) -> None:
    september = submitted(owner, now, SEPTEMBER)
    wrong_electricity(owner, now)
    set_level(now)
    assert stored_count(owner, now) == 0

    accepted(september, now)

    assert stored_count(owner, now) == 1


def test_the_top_of_the_chain_is_needed_unless_it_is_set_otherwise(owner: Actor, now: dt.datetime) -> None:
    september = submitted(owner, now, SEPTEMBER)
    wrong_electricity(owner, now)

    accepted(september, now, times=2)
    assert stored_count(owner, now) == 0
    accepted(september, now)

    assert stored_count(owner, now) == 1


def set_level(now: dt.datetime) -> None:
    with unit_of_work():
        db.session.add(
            SettingChange(
                key=APPROVED_LEVEL,
                value=DIRECT,
                valid_from=now - dt.timedelta(days=1),
                reason="试点",
                created_at=now,
            )
        )


def test_last_years_figure_that_last_month_lacks_is_that_of_the_report_it_comes_from(
    owner: Actor, clock: MovableClock
) -> None:
    year_ago = dt.datetime(2025, 10, 9, 4, 0, tzinfo=dt.UTC)
    clock.set(year_ago)
    before = approved(owner, year_ago, Month(2025, 9))
    now = dt.datetime(2026, 11, 6, 4, 0, tzinfo=dt.UTC)
    clock.set(now)
    copied = figures_of(owner, now, before)["export_delivery", "ytd"]
    with context.acting_as(owner), unit_of_work():
        filled(owner, now, SEPTEMBER)
    with context.acting_as(owner), unit_of_work():
        september = opened(owner, now, SEPTEMBER)
        filling.save_cells(owner, september.ref, {"export_delivery.ly_ytd": ""}, september.lock, now)
    with context.acting_as(owner), unit_of_work():
        report = steps.submit(
            owner, ref_for(owner, SEPTEMBER), opened(owner, now, SEPTEMBER).lock, "填报员", now
        )
    accepted(report, now, times=3)

    last = opened(owner, now).last

    assert last is not None
    assert last.approved
    assert last.cells["export_delivery", "ly_ytd"] == copied


def figures_of(owner: Actor, now: dt.datetime, report: Report) -> dict[Any, Decimal]:
    return opened(owner, now, report.month).cells


def test_a_new_report_says_only_what_it_cannot_be_compared_with(owner: Actor, now: dt.datetime) -> None:
    submitted(owner, now, SEPTEMBER)

    lines = silence_notes(opened(owner, now))

    assert len(lines) == 2
    assert any("2026-09" in line for line in lines)
    assert any("2025-10" in line for line in lines)


def test_the_lines_of_silence_name_what_is_not_filled_in(owner: Actor, now: dt.datetime) -> None:
    approved(owner, now, SEPTEMBER)
    filled(owner, now)
    save(owner, now, export_delivery__m="")

    report = opened(owner, now)
    lines = silence_notes(report, check(report.version, report.case()).silenced)

    assert any("S03" in line and "出口交货值" in line for line in lines)
