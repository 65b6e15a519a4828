"""Windows of stored reports: closings, returns, timed unfreezes, make-ups, lateness that is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import SHANGHAI
from app.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from app.kernel.periods import Month
from app.notifications.models import InboxMessage
from app.organisations.models import Region
from app.reports import filling, steps, unfreezing, window_dates
from app.reports.form_models import ReportForm
from app.reports.models import Report
from app.reports.opening import Closed, closed_reasons, open_report
from app.reports.unfreeze_models import ReportUnfreeze
from app.reports.unfreezing import UnfreezeDraft
from app.reports.window_dates import PeriodInput
from tests.factories.reports import (
    OCTOBER,
    approved,
    filled,
    good_cells,
    holder_of,
    ref_for,
    submitted,
)

ActorOf = Callable[[str], Actor]
SEPTEMBER = Month(2026, 9)


def at(month: int, day: int, hour: int = 12, minute: int = 0, *, year: int = 2026) -> dt.datetime:
    """An instant on a clock in Shanghai, from 2026."""
    return dt.datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


@pytest.fixture
def form(app: Any) -> ReportForm:
    """The shipped form; it closes ten days after the 15th."""
    found = db.session.scalars(select(ReportForm).where(ReportForm.code == "sme_monthly")).one()
    with unit_of_work():
        found.closes_after_days = 10
    return found


def closed(actor: Actor, now: dt.datetime, month: Month = OCTOBER) -> str:
    """Why a month is closed for an enterprise, read anew; empty where it is open."""
    words = open_report(actor, ref_for(actor, month), now).closed(now)
    return "" if words is None else str(words)


def returned(report: Report, now: dt.datetime) -> Report:
    """The report after its reviewer gave it back."""
    reviewer = holder_of(report)
    with context.acting_as(reviewer), unit_of_work():
        steps.give_back(reviewer, report, report.version, "请核实", now)
    return report


def draft(form: ReportForm, expires: dt.date, **changes: Any) -> UnfreezeDraft:
    """An unfreeze of October."""
    given = UnfreezeDraft(form.id, OCTOBER, None, None, expires, "系统故障，延长报送")
    return replace(given, **changes)


def granted(actor: Actor, given: UnfreezeDraft, now: dt.datetime) -> ReportUnfreeze:
    with context.acting_as(actor), unit_of_work():
        return unfreezing.grant(actor, given, now)


def region(code: str) -> int:
    return db.session.scalars(select(Region.id).where(Region.code == code)).one()


def told(actor: Actor) -> list[str]:
    query = select(InboxMessage.title).where(InboxMessage.account_id == actor.account_id)
    return [str(title["msgid"]) if "msgid" in title else str(title) for title in db.session.scalars(query)]


def test_after_the_closing_no_write_path_is_open_to_a_draft(form: ReportForm, actor: ActorOf) -> None:
    owner, evening, midnight = actor("enterprise"), at(11, 25, 23, 59), at(11, 26, 0, 0)
    report = filled(owner, evening)
    cells = good_cells(open_report(owner, ref_for(owner), evening))

    with pytest.raises(Closed) as refusal, unit_of_work():
        filling.save_cells(owner, ref_for(owner), cells, report.version, midnight)
    with pytest.raises(Closed), unit_of_work():
        filling.save_rows(owner, ref_for(owner), "products", [], report.version, midnight)
    with pytest.raises(Invalid) as obstacles, unit_of_work():
        steps.submit(owner, ref_for(owner), report.version, "填报员", midnight)

    assert "2026-10 closed on 2026-11-25" in str(refusal.value)
    assert any("closed on" in str(problem.message) for problem in obstacles.value.problems)


def test_what_could_not_be_sent_again_cannot_be_withdrawn(form: ReportForm, actor: ActorOf) -> None:
    owner = actor("enterprise")
    report = submitted(owner, at(11, 25, 23, 0))

    with pytest.raises(Conflict), unit_of_work():
        steps.withdraw(owner, report, report.version, at(11, 26, 0, 0))
    with unit_of_work():
        steps.withdraw(owner, report, report.version, at(11, 25, 23, 59))

    assert report.state == "editing"


@pytest.mark.parametrize(
    ("returned_at", "last_open"),
    [
        (at(11, 26, 0, 0), at(12, 3, 23, 59)),  # Thursday: Friday, Monday to Thursday
        (at(11, 28, 9, 0), at(12, 4, 23, 59)),  # Saturday: Monday to Friday
        (at(12, 28, 9, 0), at(1, 5, 23, 59, year=2027)),  # 1 January is a holiday
    ],
)
def test_a_report_returned_after_the_closing_stays_open_for_five_working_days(
    form: ReportForm, actor: ActorOf, returned_at: dt.datetime, last_open: dt.datetime
) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, at(11, 14)), returned_at)

    assert closed(owner, last_open) == ""
    assert "open again until" in closed(owner, last_open + dt.timedelta(minutes=1))
    with unit_of_work():
        steps.submit(owner, ref_for(owner), report.version, "填报员", last_open)
    assert report.state == "in_review"


def test_a_report_returned_before_the_closing_closes_with_its_month(form: ReportForm, actor: ActorOf) -> None:
    owner = actor("enterprise")
    returned(submitted(owner, at(11, 14)), at(11, 25, 23, 59))

    assert closed(owner, at(11, 25, 23, 59)) == ""
    assert closed(owner, at(11, 26, 0, 0)) != ""


def test_an_approved_report_that_is_reopened_long_after_can_be_corrected(
    form: ReportForm, actor: ActorOf
) -> None:
    owner = actor("enterprise")
    report = approved(owner, at(11, 10))
    later = at(12, 20, year=2027)
    returned(report, later)

    assert closed(owner, later) == ""
    assert closed(owner, later + dt.timedelta(days=10)) != ""


def test_lateness_is_that_of_the_first_submission(form: ReportForm, actor: ActorOf) -> None:
    owner = actor("enterprise")
    report = returned(submitted(owner, at(11, 15, 23, 59)), at(11, 18))
    with unit_of_work():
        steps.submit(owner, ref_for(owner), report.version, "填报员", at(11, 19))
    assert not report.late

    other = actor("enterprise2")
    late = returned(submitted(other, at(11, 16, 0, 0)), at(11, 18))
    with unit_of_work():
        steps.submit(other, ref_for(other), late.version, "填报员", at(11, 19))
    assert late.late


def test_an_unfreeze_opens_the_month_until_its_last_day_and_the_report_stays_late(
    form: ReportForm, actor: ActorOf
) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    assert closed(owner, now) != ""
    granted(actor("province"), draft(form, dt.date(2026, 12, 3), enterprise_id=owner.enterprise_id), now)

    assert closed(owner, at(12, 3, 23, 59)) == ""
    assert "open again until 2026-12-03" in closed(owner, at(12, 4, 0, 0))
    assert submitted(owner, at(12, 3, 23, 59)).late
    assert told(owner) == ["Reporting opened again"]


def test_an_unfreeze_of_a_region_is_for_every_enterprise_of_it_and_for_no_other(
    form: ReportForm, actor: ActorOf
) -> None:
    now, here, there = at(12, 1), actor("enterprise"), actor("enterprise2")
    place = db.session.get_one(Enterprise, here.enterprise_id).prefecture_id

    granted(actor("prefecture"), draft(form, dt.date(2026, 12, 3), region_id=place), now)

    assert closed(here, now) == ""
    assert closed(there, now) != ""
    assert (told(here), told(there)) == (["Reporting opened again"], [])


def test_who_has_filed_already_gets_no_message(form: ReportForm, actor: ActorOf) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    submitted(owner, at(11, 14))
    given = draft(form, dt.date(2026, 12, 3), enterprise_id=owner.enterprise_id)

    assert unfreezing.concern_of(given, dt.date(2026, 12, 1)) == unfreezing.Concern(0, 1)
    granted(actor("province"), given, now)

    assert told(owner) == []


def test_an_unfreeze_ended_early_closes_at_once_and_says_why(form: ReportForm, actor: ActorOf) -> None:
    owner, now, admin = actor("enterprise"), at(12, 1), actor("province")
    row = granted(admin, draft(form, dt.date(2026, 12, 9), enterprise_id=owner.enterprise_id), now)
    with context.acting_as(admin), unit_of_work():
        unfreezing.end_early(admin, row.id, "已恢复", at(12, 2, 9, 0))

    assert closed(owner, at(12, 2, 8, 59)) == ""
    assert closed(owner, at(12, 2, 9, 0)) != ""
    assert told(owner)[-1] == "Timed unfreeze ended"
    with pytest.raises(Conflict), unit_of_work():
        unfreezing.end_early(admin, row.id, "再次", at(12, 2, 9, 1))


def test_ending_early_takes_a_reason(form: ReportForm, actor: ActorOf) -> None:
    owner, now, admin = actor("enterprise"), at(12, 1), actor("province")
    row = granted(admin, draft(form, dt.date(2026, 12, 9), enterprise_id=owner.enterprise_id), now)

    for reason in ("  ", "字" * 501):
        with pytest.raises(Invalid), unit_of_work():
            unfreezing.end_early(admin, row.id, reason, now)


def test_a_lower_level_does_not_end_what_a_higher_one_granted(form: ReportForm, actor: ActorOf) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    row = granted(
        actor("province"), draft(form, dt.date(2026, 12, 9), enterprise_id=owner.enterprise_id), now
    )

    with pytest.raises(Forbidden), unit_of_work():
        unfreezing.end_early(actor("prefecture"), row.id, "不需要", now)


def test_nobody_unfreezes_outside_the_own_territory_or_without_the_right(
    form: ReportForm, actor: ActorOf
) -> None:
    now, owner = at(12, 1), actor("enterprise")
    given = draft(form, dt.date(2026, 12, 3), enterprise_id=owner.enterprise_id)
    place = db.session.get_one(Enterprise, owner.enterprise_id).prefecture_id
    stranger = actor("prefecture2")

    for target in (given, replace(given, enterprise_id=None, region_id=place)):
        with pytest.raises(NotFound), unit_of_work():
            unfreezing.grant(stranger, target, now)
    for username in ("county", "enterprise", "admin"):
        with pytest.raises(Forbidden), unit_of_work():
            unfreezing.grant(actor(username), given, now)
    row = granted(actor("prefecture"), given, now)
    with pytest.raises(NotFound), unit_of_work():
        unfreezing.end_early(stranger, row.id, "不是我的", now)


def test_everything_wrong_with_an_unfreeze_is_told_at_once(form: ReportForm, actor: ActorOf) -> None:
    now = at(12, 1)
    wrong = UnfreezeDraft(None, Month(2026, 12), None, None, dt.date(2026, 11, 30), " ")

    found = unfreezing.unfreeze_problems(actor("province"), wrong, now)

    assert {problem.field for problem in found} == {"form", "enterprise", "expires_on", "reason"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"month": Month(2026, 12)}, "month"),
        ({"month": None}, "month"),
        ({"expires_on": dt.date(2026, 11, 30)}, "expires_on"),
        ({"expires_on": dt.date(2027, 1, 1)}, "expires_on"),
        ({"expires_on": None}, "expires_on"),
        ({"reason": "字" * 501}, "reason"),
        ({"region_id": 1}, "enterprise"),
    ],
)
def test_an_unfreeze_that_cannot_be_is_refused(
    form: ReportForm, actor: ActorOf, changes: dict[str, Any], field: str
) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    given = draft(form, dt.date(2026, 12, 31), enterprise_id=owner.enterprise_id)

    assert unfreezing.unfreeze_problems(actor("province"), given, now) == []
    wrong = replace(given, **changes)
    assert [one.field for one in unfreezing.unfreeze_problems(actor("province"), wrong, now)] == [field]


def test_what_was_granted_can_only_be_ended(form: ReportForm, actor: ActorOf) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    row = granted(
        actor("province"), draft(form, dt.date(2026, 12, 9), enterprise_id=owner.enterprise_id), now
    )
    changed = update(ReportUnfreeze).where(ReportUnfreeze.id == row.id)

    with pytest.raises((Conflict, DBAPIError)), unit_of_work():
        db.session.execute(changed.values(expires_on=dt.date(2027, 12, 9)))


def test_a_grant_is_audited_with_its_reason(form: ReportForm, actor: ActorOf) -> None:
    owner, now = actor("enterprise"), at(12, 1)
    row = granted(
        actor("province"), draft(form, dt.date(2026, 12, 9), enterprise_id=owner.enterprise_id), now
    )

    line = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "report_unfreeze")).one()

    assert line.entity_key == str(row.id)
    assert line.after is not None
    assert line.after["reason"] == "系统故障，延长报送"


def test_reasons_for_many_are_those_for_each_in_few_statements(
    form: ReportForm, actor: ActorOf, count: Callable[[], Any]
) -> None:
    now, here, there = at(12, 1), actor("enterprise"), actor("enterprise2")
    granted(actor("province"), draft(form, dt.date(2026, 12, 9), enterprise_id=here.enterprise_id), now)
    ids = list(db.session.scalars(select(Enterprise.id)))

    with count() as statements:
        reasons = closed_reasons(form, OCTOBER, ids, now)

    assert len(statements) <= 5
    assert here.enterprise_id not in reasons
    assert set(reasons) == set(ids) - {here.enterprise_id}
    assert closed_reasons(form, OCTOBER, ids, at(11, 20)) == {}
    assert set(closed_reasons(form, Month(2026, 12), ids, now)) == set(ids)
    assert there.enterprise_id in reasons


def period(form: ReportForm, due: dt.date, closes: dt.date | None = None) -> PeriodInput:
    """Dates of October with a later due date."""
    return PeriodInput(form.id, OCTOBER, dt.date(2026, 11, 1), due, closes, "国庆假期顺延")


def test_dates_of_a_month_move_the_due_date_of_drafts_and_not_of_what_was_submitted(
    form: ReportForm, actor: ActorOf
) -> None:
    mine, sent = filled(actor("enterprise"), at(11, 5)), submitted(actor("enterprise2"), at(11, 5))
    province = actor("province")
    with context.acting_as(province), unit_of_work():
        row = window_dates.add_period(province, period(form, dt.date(2026, 11, 20)), at(11, 6))
    assert [report.due_on.day for report in (mine, sent)] == [20, 15]

    with context.acting_as(province), unit_of_work():
        window_dates.remove_period(province, row.id)
    assert [report.due_on.day for report in (mine, sent)] == [15, 15]


def test_a_later_due_date_makes_no_submitted_report_punctual(form: ReportForm, actor: ActorOf) -> None:
    owner, province = actor("enterprise"), actor("province")
    report = submitted(owner, at(11, 16))
    with context.acting_as(province), unit_of_work():
        window_dates.add_period(province, period(form, dt.date(2026, 11, 20)), at(11, 17))
    returned(report, at(11, 18))
    with unit_of_work():
        steps.submit(owner, ref_for(owner), report.version, "填报员", at(11, 19))

    assert report.late
    assert not submitted(actor("enterprise2"), at(11, 19)).late


def test_days_of_the_form_move_the_due_date_of_drafts(form: ReportForm, actor: ActorOf) -> None:
    report = filled(actor("enterprise"), at(11, 5))
    with unit_of_work():
        form.due_day = 20
        db.session.flush()
        window_dates.follow_form(form)

    assert report.due_on == dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"due_on": dt.date(2026, 10, 31)}, ["due_on"]),
        ({"closes_on": dt.date(2026, 11, 19)}, ["closes_on"]),
        ({"opens_on": dt.date(2026, 9, 30)}, ["opens_on"]),
        ({"due_on": dt.date(2036, 11, 20)}, ["due_on"]),
        ({"opens_on": None, "reason": ""}, ["opens_on", "reason"]),
        ({"form_id": None, "month": None}, ["form", "month"]),
    ],
)
def test_dates_that_cannot_be_are_refused_all_at_once(
    form: ReportForm, actor: ActorOf, changes: dict[str, Any], fields: list[str]
) -> None:
    given = replace(period(form, dt.date(2026, 11, 20)), **changes)

    found = window_dates.period_problems(actor("province"), given, None)

    assert [problem.field for problem in found] == fields


def test_a_month_has_dates_of_its_own_once_and_only_editors_give_them(
    form: ReportForm, actor: ActorOf
) -> None:
    province, given = actor("province"), period(form, dt.date(2026, 11, 20))
    with pytest.raises(Forbidden), unit_of_work():
        window_dates.add_period(actor("county"), given, at(11, 6))
    with context.acting_as(province), unit_of_work():
        window_dates.add_period(province, given, at(11, 6))

    with pytest.raises(Invalid), unit_of_work():
        window_dates.add_period(province, given, at(11, 7))


def test_an_enterprise_owes_no_month_that_was_due_before_it_was_there(
    form: ReportForm, actor: ActorOf
) -> None:
    owner = actor("enterprise")
    with unit_of_work():
        db.session.get_one(Enterprise, owner.enterprise_id).created_at = at(11, 16, 0, 0)
    opened = open_report(owner, ref_for(owner), at(11, 20))

    assert not opened.is_late(at(11, 20))
    assert not open_report(owner, ref_for(owner, SEPTEMBER), at(11, 20)).is_make_up
    assert not submitted(owner, at(11, 20)).late


def test_a_made_up_report_is_late(form: ReportForm, actor: ActorOf) -> None:
    owner, now = actor("enterprise"), at(11, 6)
    with unit_of_work():
        form.closes_after_days = None
    assert open_report(owner, ref_for(owner, SEPTEMBER), now).is_make_up
    assert not open_report(owner, ref_for(owner), now).is_make_up

    assert submitted(owner, now, SEPTEMBER).late
    assert not submitted(owner, now).late


class Undone(Exception):
    """Ends a unit of work whose writes were only tried."""


def _undo() -> None:
    raise Undone


def refusal_of(work: Callable[[], object]) -> str:
    """In which words a write is refused; empty where it is not. Nothing is kept."""
    try:
        with unit_of_work():
            work()
            _undo()
    except Undone:
        return ""
    except DomainError as refusal:
        return " ".join(str(words) for words in (refusal.message, *(one.message for one in refusal.problems)))


def test_closed_refuses_every_write_and_open_refuses_none(form: ReportForm, actor: ActorOf) -> None:
    back, thawed = actor("enterprise"), actor("enterprise2")
    returned(submitted(back, at(11, 14)), at(11, 27))
    filled(thawed, at(11, 14))
    unfreeze = draft(form, dt.date(2026, 12, 6), enterprise_id=thawed.enterprise_id)
    granted(actor("province"), unfreeze, at(11, 30))

    @given(owner=st.sampled_from([back, thawed]), hours=st.integers(-72, 24 * 60))
    @settings(max_examples=40)
    def agree(owner: Actor, hours: int) -> None:
        now, ref = at(11, 1, 0, 0) + dt.timedelta(hours=hours), ref_for(owner)
        opened = open_report(owner, ref, now)
        cells, reason = good_cells(opened), str(opened.closed(now) or "")
        for work in (
            lambda: filling.save_cells(owner, ref, cells, opened.lock, now),
            lambda: filling.save_rows(owner, ref, "products", [], opened.lock, now),
            lambda: steps.submit(owner, ref, opened.lock, "填报员", now),
        ):
            told = refusal_of(work)
            assert (reason in told) if reason else (told == "")

    agree()


def test_what_is_refused_at_the_edge_of_a_window_is_told_as_closed(form: ReportForm, actor: ActorOf) -> None:
    owner = actor("enterprise")

    reasons = {now: closed(owner, now) for now in (at(10, 31, 23, 59), at(11, 1, 0, 0))}

    assert list(reasons.values()) == ["2026-10 opens on 2026-11-01.", ""]
