"""催报: ticked and all, the limit, who cannot be reached, two clicks, two admins, the record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra import context
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.jobs import Job, JobState, Outcome, runner
from app.infra.jobs.queue import engine
from app.infra.outbox import OutboxMessage
from app.infra.settings import service as settings_service
from app.infra.transactions import unit_of_work
from app.infra.words import words_from_json
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Forbidden, Invalid
from app.notifications.models import InboxMessage
from app.organisations.models import Account
from app.reports import reminders
from app.reports.nonreporters import REMIND
from app.reports.reminder_models import ReportReminder
from app.reports.reminder_rules import EMAIL, INBOX, SMS
from app.reports.settings import REMINDER_DAYS, REMINDER_TEXT
from tests.factories.reports import submitted

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def form_of(*enterprise_ids: int, **more: str) -> MultiDict[str, str]:
    """What the list sends: the ticked enterprises, or all filtered ones where none is given."""
    ticked = [("key", str(number)) for number in enterprise_ids] or [("all", "1")]
    asked = {"action": REMIND, "asked": "1", "period": "2026-10", **more}
    return MultiDict([*asked.items(), *ticked])


def remind(
    actor: Actor, now: dt.datetime, *enterprise_ids: int, channels: tuple[str, ...] = (INBOX,), **more: str
) -> Outcome:
    with context.acting_as(actor), unit_of_work():
        who = reminders.meant(actor, form_of(*enterprise_ids, **more), now)
        return reminders.run(actor, who, channels, now)


def number_of(actor: Actor) -> int:
    assert actor.enterprise_id is not None
    return actor.enterprise_id


def inbox(actor: Actor) -> list[InboxMessage]:
    query = select(InboxMessage).where(
        InboxMessage.account_id == actor.account_id, InboxMessage.kind == "report"
    )
    return list(db.session.scalars(query))


def outbox() -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.purpose == reminders.PURPOSE)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


def count_of(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_ticked_enterprise_is_told_with_the_way_to_its_report(actor: ActorOf, now: dt.datetime) -> None:
    own = actor("enterprise")

    outcome = remind(actor("county"), now, number_of(own))

    [message] = inbox(own)
    assert (outcome.done, outcome.skipped) == (1, 0)
    assert message.url == "/filing/sme_monthly/2026-10/"
    assert "2026-11-15" in str(words_from_json(message.body))
    assert inbox(actor("enterprise2")) == []


def test_all_means_all_of_the_filtered_list_and_nobody_elses(actor: ActorOf, now: dt.datetime) -> None:
    county = actor("county")

    outcome = remind(county, now)

    mine = set(db.session.scalars(select(ReportReminder.enterprise_id)))
    reviewed = set(
        db.session.scalars(select(Enterprise.id).where(Enterprise.direct_reviewer_id == county.admin_id))
    )
    assert outcome.skipped == 0 and mine == reviewed and number_of(actor("enterprise")) in mine
    assert number_of(actor("enterprise2")) not in mine


def test_a_foreign_enterprise_that_was_ticked_is_not_told(actor: ActorOf, now: dt.datetime) -> None:
    outcome = remind(actor("county"), now, number_of(actor("enterprise2")))

    assert (outcome.done, outcome.skipped) == (0, 1)
    assert inbox(actor("enterprise2")) == [] and count_of(ReportReminder) == 0


def test_one_that_reported_meanwhile_is_left_alone(actor: ActorOf, now: dt.datetime) -> None:
    submitted(actor("enterprise"), now)

    outcome = remind(actor("county"), now, number_of(actor("enterprise")))

    assert [str(line.message) for line in outcome.lines] == [str(reminders.REPORTED)]
    assert count_of(ReportReminder) == 0


def test_each_channel_reaches_the_contact_or_says_why_not(actor: ActorOf, now: dt.datetime) -> None:
    own = number_of(actor("enterprise"))
    with unit_of_work():
        db.session.execute(
            update(Enterprise).where(Enterprise.id == own).values(mobile="", phone="0500-12345678")
        )
        account = select(Enterprise.account_id).where(Enterprise.id == own).scalar_subquery()
        db.session.execute(update(Account).where(Account.id == account).values(phone=""))
        db.session.execute(update(Enterprise).where(Enterprise.id == own).values(email="contact@example.com"))

    outcome = remind(actor("county"), now, own, channels=(INBOX, SMS, EMAIL))

    [line] = outcome.lines
    [mail] = outbox()
    assert line.done and "SMS: no mobile number is known" in str(line.message)
    assert (mail.channel, mail.recipient) == ("email", "contact@example.com")
    assert "/filing/sme_monthly/2026-10/" in mail.body and "2026-10" in mail.subject


def test_who_can_be_reached_by_nothing_is_named_and_nothing_is_noted(
    actor: ActorOf, now: dt.datetime
) -> None:
    own = number_of(actor("enterprise"))
    account_id = actor("enterprise").account_id
    county = actor("county")
    with unit_of_work():
        db.session.execute(update(Account).where(Account.id == account_id).values(state="disabled"))

    outcome = remind(county, now, own)

    assert [(line.done, str(line.message)) for line in outcome.lines] == [
        (False, "In-app message: no account that can sign in")
    ]
    assert count_of(ReportReminder) == 0


def test_once_a_day_by_each_channel_whoever_asks(actor: ActorOf, clock: MovableClock) -> None:
    own, now = number_of(actor("enterprise")), clock.now()
    remind(actor("county"), now, own)
    again = remind(actor("prefecture"), now, own, channels=(INBOX, SMS))
    clock.advance(days=1)
    next_day = remind(actor("county"), clock.now(), own)

    [line] = again.lines
    assert "reminded on 2026-11-06 already, again from 2026-11-07 on" in str(line.message)
    assert line.done and [message.channel for message in outbox()] == ["sms"]
    assert next_day.done == 1 and len(inbox(actor("enterprise"))) == 2


def test_a_longer_pause_can_be_set(actor: ActorOf, clock: MovableClock) -> None:
    own = number_of(actor("enterprise"))
    with context.acting_as(actor("admin")), unit_of_work():
        settings_service.change(actor("admin"), REMINDER_DAYS, 3, None, "每三天一次", clock.now())
    done = []
    for _day in range(4):
        done.append(remind(actor("county"), clock.now(), own).done)
        clock.advance(days=1)

    assert done == [1, 0, 0, 1]


def test_what_somebody_else_wrote_in_the_same_moment_is_not_told_twice(
    actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read that nobody was reminded yet; the constraint decides who was first."""
    own = number_of(actor("enterprise"))
    remind(actor("county"), now, own)
    monkeypatch.setattr(reminders, "_last_days", lambda _ids, _subject: {})

    late = remind(actor("prefecture"), now, own)

    assert [str(line.message) for line in late.lines] == [
        "In-app message: somebody else has just reminded it"
    ]
    assert len(inbox(actor("enterprise"))) == 1


def test_two_clicks_are_one_job_and_one_reminder(actor: ActorOf, sign_in: SignIn) -> None:
    page = sign_in("county")
    sent = [*form_of(number_of(actor("enterprise"))).items(multi=True)]
    sent += [("confirmed", "1"), ("once", "a" * 32), ("channel", INBOX)]

    first, second = (page.post("/nonreporters/remind", data=MultiDict(sent)) for _click in range(2))
    with context.acting_as(actor("county")):
        [job_id] = db.session.scalars(select(Job.id).where(Job.kind == "remind")).all()
    runner.run(engine(), job_id)
    runner.run(engine(), job_id)
    db.session.rollback()

    assert first.location == second.location
    assert db.session.get_one(Job, job_id).state == JobState.DONE
    assert len(inbox(actor("enterprise"))) == 1


def test_a_text_of_ones_own_goes_out_and_the_language_is_the_receivers(
    actor: ActorOf, now: dt.datetime
) -> None:
    own = number_of(actor("enterprise"))
    remind(actor("county"), now, own, channels=(SMS,))
    with context.acting_as(actor("admin")), unit_of_work():
        settings_service.change(actor("admin"), REMINDER_TEXT, "请报{month}", None, "简短", now)
    later = now + dt.timedelta(days=1)
    remind(actor("county"), later, own, channels=(SMS,))

    first, second = (message.body for message in outbox())
    assert "请尽快填报" in first and "2026-10" in first
    assert second == "请报2026-10"


def test_each_reminder_leaves_a_line_in_the_audit_trail(actor: ActorOf, now: dt.datetime) -> None:
    county = actor("county")
    remind(county, now, number_of(actor("enterprise")), channels=(INBOX, SMS))

    [line] = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "remind"))
    assert (line.entity, line.entity_key) == ("enterprise", str(number_of(actor("enterprise"))))
    assert line.after == {"period": 202610, "channels": [INBOX, SMS]} and line.account_id == county.account_id


def test_only_bureaus_remind_and_never_of_a_month_that_is_not_open(actor: ActorOf, now: dt.datetime) -> None:
    with pytest.raises(Forbidden):
        reminders.meant(actor("enterprise"), form_of(), now)
    with pytest.raises(Invalid) as refusal:
        reminders.meant(actor("county"), form_of(period="2026-11"), now)

    assert "opens on 2026-12-01" in str(refusal.value.problems[0].message)


@pytest.mark.parametrize("period", ["2999-12", "1900-01", "2027-11"])
def test_a_month_out_of_reach_is_listed_and_refused_for_reminders(sign_in: SignIn, period: str) -> None:
    client = sign_in("county")

    assert client.get(f"/nonreporters/?asked=1&period={period}").status_code == 200
    answer = client.get(f"/nonreporters/remind?asked=1&period={period}")
    assert answer.status_code == 303 and answer.location.startswith("/nonreporters/?")


def test_too_many_at_once_are_refused(
    actor: ActorOf, now: dt.datetime, monkeypatch: pytest.MonkeyPatch, sign_in: SignIn
) -> None:
    monkeypatch.setattr(reminders, "MOST", 1)
    with pytest.raises(Invalid):
        reminders.meant(actor("province"), form_of(), now)

    answer = sign_in("province").get("/nonreporters/remind?asked=1&period=2026-10")
    assert answer.status_code == 303 and answer.location == "/nonreporters/?asked=1&period=2026-10"


def test_the_page_before_a_reminder_counts_by_channel_and_asks_for_one(
    actor: ActorOf, sign_in: SignIn
) -> None:
    page = sign_in("county")
    ticked = [*form_of(number_of(actor("enterprise"))).items(multi=True)]
    handed_on = page.post("/nonreporters/", data=MultiDict(ticked))
    asked = page.post("/nonreporters/remind", data=MultiDict(ticked))
    refused = page.post(
        "/nonreporters/remind", data=MultiDict([*ticked, ("confirmed", "1"), ("once", "b" * 32)])
    )

    assert (handed_on.status_code, handed_on.location) == (307, "/nonreporters/remind")
    assert asked.status_code == 200 and "站内消息" in asked.get_data(as_text=True)
    assert refused.status_code == 422 and "请至少选择一种催报方式" in refused.get_data(as_text=True)
    assert count_of(Job) == 0


def test_nothing_ticked_goes_back_to_the_list_with_the_reason(sign_in: SignIn) -> None:
    answer = sign_in("county").post("/nonreporters/remind", data={"action": REMIND, "asked": "1"})

    assert answer.status_code == 303 and answer.location.startswith("/nonreporters/")


def test_the_list_and_the_page_of_the_enterprise_show_who_was_reminded(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    own = number_of(actor("enterprise"))
    county = actor("county")
    remind(county, now, own, channels=(INBOX, SMS))
    page = sign_in("county")

    listed = page.get("/nonreporters/?asked=1&period=2026-10&reminded=yes").get_data(as_text=True)
    others = page.get("/nonreporters/?asked=1&period=2026-10&reminded=no").get_data(as_text=True)
    record = page.get(f"/nonreporters/reminders?enterprise={own}").get_data(as_text=True)
    shown = page.get(f"/enterprises/show/{own}").get_data(as_text=True)

    name = db.session.get_one(Enterprise, own).name
    assert name in listed and "2026-11-06 12:00" in listed and "站内消息、短信" in listed
    assert name not in others
    assert record.count(county.name) >= 2 and "未读" in record
    assert f"/nonreporters/reminders?enterprise={own}" in shown


def test_the_records_of_one_tenant_are_not_the_others(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    remind(actor("county"), now, number_of(actor("enterprise")))
    name = db.session.get_one(Enterprise, actor("enterprise").enterprise_id).name

    assert name in sign_in("county").get("/nonreporters/reminders").get_data(as_text=True)
    assert name not in sign_in("county2").get("/nonreporters/reminders").get_data(as_text=True)
    assert sign_in("enterprise").get("/nonreporters/").status_code == 403
