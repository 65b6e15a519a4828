"""A month is reported and reviewed up three levels; every step leaves its line of history and of audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.reports import filling, steps
from app.reports.form_loading import table_for
from app.reports.models import Report, ReportStep
from app.reports.opening import open_report
from tests.factories.reports import OCTOBER, accepted, approved, filled, holder_of, ref_for, submitted

ActorOf = Callable[[str], Actor]


def test_a_submitted_report_waits_at_the_county_and_climbs_to_the_province(
    actor: ActorOf, now: dt.datetime
) -> None:
    report = submitted(actor("enterprise"), now)
    levels = [holder_of(report).level]
    for _level in range(2):
        accepted(report, now)
        levels.append(holder_of(report).level)
    accepted(report, now)

    assert levels == ["county", "prefecture", "province"]
    assert report.state == "approved"
    assert report.approved_at == now


def test_each_step_is_kept_with_who_when_from_and_to(actor: ActorOf, now: dt.datetime) -> None:
    report = approved(actor("enterprise"), now)

    lines = db.session.execute(
        select(ReportStep.verb, ReportStep.source, ReportStep.target).where(ReportStep.report_id == report.id)
    ).all()

    assert [tuple(line) for line in lines] == [
        ("save", "not_filled", "editing"),
        ("submit", "editing", "in_review"),
        ("accept", "in_review", "in_review"),
        ("accept", "in_review", "in_review"),
        ("approve", "in_review", "approved"),
    ]


def test_the_figures_row_carries_the_state_of_its_report(actor: ActorOf, now: dt.datetime) -> None:
    report = approved(actor("enterprise"), now)

    table = table_for("sme_monthly", "main")
    state = db.session.scalar(select(table.c.state).where(table.c.report_id == report.id))

    assert state == "approved"


def test_a_step_is_audited_with_the_state_before_and_after(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)

    line = db.session.scalars(
        select(AuditEntry).where(AuditEntry.entity == "report", AuditEntry.entity_key == str(report.id))
        .order_by(AuditEntry.id.desc()).limit(1)
    ).one()  # fmt: skip

    assert line.before and line.after
    assert (line.before["state"], line.after["state"]) == ("editing", "in_review")
    assert line.account_id == actor("enterprise").account_id


def test_a_returned_report_goes_back_with_its_reason_and_can_be_submitted_again(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    report = accepted(submitted(owner, now), now)
    reviewer = holder_of(report)
    with context.acting_as(reviewer), unit_of_work():
        steps.give_back(reviewer, report, report.version, "利润请核实", now)

    assert (report.state, report.return_reason, report.holder_id) == ("returned", "利润请核实", None)
    with context.acting_as(owner), unit_of_work():
        again = steps.submit(owner, ref_for(owner), report.version, "填报员", now)
    assert (again.state, again.return_reason, again.accepted_levels) == ("in_review", "", 0)
    assert holder_of(again).level == "county"


def test_only_the_admin_whose_turn_it_is_may_act(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)

    for username in ("prefecture", "province", "county2", "enterprise"):
        with pytest.raises(Forbidden), unit_of_work():
            steps.accept(actor(username), report, report.version, "", now)


def test_a_report_is_withdrawn_while_nobody_accepted_it_and_not_afterwards(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    with unit_of_work():
        steps.withdraw(owner, report, report.version, now)
    assert (report.state, report.holder_id) == ("editing", None)

    with unit_of_work():
        steps.submit(owner, ref_for(owner), report.version, "填报员", now)
    accepted(report, now)

    with pytest.raises(Invalid), unit_of_work():
        steps.withdraw(owner, report, report.version, now)


def test_the_second_click_of_a_double_click_submits_nothing_twice(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = filled(owner, now)
    shown = report.version
    for _click in range(2):
        with unit_of_work():
            steps.submit(owner, ref_for(owner), shown, "填报员", now)

    count = db.session.scalar(
        select(func.count()).where(ReportStep.report_id == report.id, ReportStep.verb == "submit")
    )
    assert count == 1


def test_the_slower_of_two_reviewers_is_told_who_did_what(actor: ActorOf, now: dt.datetime) -> None:
    report = submitted(actor("enterprise"), now)
    shown = report.version
    reviewer = holder_of(report)
    accepted(report, now)

    with pytest.raises(Conflict) as refused, unit_of_work():
        steps.accept(reviewer, report, shown, "", now)

    assert reviewer.name in str(refused.value.message)


def test_an_approved_report_changes_only_when_the_top_returns_it(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = approved(owner, now)
    with pytest.raises(Conflict), unit_of_work():
        filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "1"}, report.version, now)

    top = holder_of(report)
    with unit_of_work():
        steps.give_back(top, report, report.version, "口径调整", now)

    assert (top.level, report.state, report.approved_at) == ("province", "returned", None)


def test_a_report_with_hard_findings_cannot_be_submitted_and_every_one_is_named(
    actor: ActorOf, now: dt.datetime
) -> None:
    owner = actor("enterprise")
    with unit_of_work():
        saved = filling.save_cells(owner, ref_for(owner), {"revenue.ytd": "-5"}, 0, now)

    with pytest.raises(Invalid) as refused, unit_of_work():
        steps.submit(owner, ref_for(owner), saved.opened.lock, "", now)

    fields = {problem.field for problem in refused.value.problems}
    assert {"revenue.ytd", "cost.ytd", "employees.ytd", "filler"} <= fields


def test_a_report_sent_after_the_due_day_is_late_and_stays_so(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    owner = actor("enterprise")
    filled(owner, now)
    clock.advance(days=12)
    after = clock.now()
    report = open_report(owner, ref_for(owner), after).report
    assert report is not None
    with unit_of_work():
        report = steps.submit(owner, ref_for(owner), report.version, "填报员", after)

    assert report.late
    with unit_of_work():
        steps.withdraw(owner, report, report.version, after)
    with unit_of_work():
        again = steps.submit(owner, ref_for(owner), report.version, "填报员", after)
    assert again.late


def test_a_report_keeps_the_enterprise_as_it_was_filed_with(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    report = submitted(owner, now)
    kept = report.enterprise_version_id

    opened = open_report(owner, ref_for(owner), now)
    opened.enterprise.current_version_id = 0

    assert opened.filing.version.id == kept


def test_a_foreign_report_does_not_exist(actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)
    ref = ref_for(actor("enterprise"))

    for username in ("enterprise2", "county2", "prefecture2", "admin", "auditor"):
        with pytest.raises(NotFound):
            open_report(actor(username), ref, now)


def test_an_earlier_month_can_be_made_up_and_a_future_one_not(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")
    assert filled(owner, now, OCTOBER.plus(-3)).state == "editing"

    with pytest.raises(Forbidden), unit_of_work():
        filling.save_cells(owner, ref_for(owner, OCTOBER.next()), {"revenue.ytd": "1"}, 0, now)


def test_there_is_no_row_before_something_was_saved(actor: ActorOf, now: dt.datetime) -> None:
    owner = actor("enterprise")

    opened = open_report(owner, ref_for(owner), now)

    assert (opened.state, opened.report) == ("not_filled", None)
    assert db.session.scalar(select(func.count(Report.id))) == 0
