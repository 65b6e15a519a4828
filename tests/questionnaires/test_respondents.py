"""Respondents, response rates by region, and reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.datastructures import MultiDict

from app.enterprises.models import Enterprise
from app.infra.audit import AuditEntry
from app.infra.database import db
from app.infra.jobs.models import Job
from app.infra.lists import list_page
from app.infra.outbox import OutboxMessage
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Forbidden, Invalid
from app.notifications.models import InboxMessage
from app.questionnaires import reminders
from app.questionnaires.answer_workflow import ANSWERED
from app.questionnaires.models import Questionnaire
from app.questionnaires.rates import rates_list
from app.questionnaires.reminder_models import RespondentReminder
from app.questionnaires.round_models import Respondent
from app.questionnaires.rounds import settle_rounds
from tests.questionnaires.lives import enabled, rounds_of

ActorOf = Callable[[str], Actor]
SignIn = Callable[[str], FlaskClient]


def respondents_of(questionnaire: Questionnaire) -> list[Respondent]:
    latest = rounds_of(questionnaire)[-1]
    query = select(Respondent).where(Respondent.round_id == latest.id).order_by(Respondent.id)
    return list(db.session.scalars(query))


def answer(respondents: list[Respondent], now: dt.datetime) -> None:
    with unit_of_work():
        keys = [one.id for one in respondents]
        values = {"state": ANSWERED, "answered_on": now.date(), "draft": None}
        db.session.execute(update(Respondent).where(Respondent.id.in_(keys)).values(values))


def rows(client: FlaskClient, address: str) -> list[list[str]]:
    soup = BeautifulSoup(client.get(address).data, "html.parser")
    return [[cell.text.strip() for cell in row.select("td,th")] for row in soup.select("tbody tr")]


def form(**values: Any) -> MultiDict[str, Any]:
    return MultiDict({"asked": "1", "action": "remind", **values})


def test_each_bureau_sees_the_respondents_of_its_regions(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    made = enabled(actor("province"), now)
    mine = db.session.get_one(Enterprise, actor("enterprise").enterprise_id).name
    other = db.session.get_one(Enterprise, actor("enterprise2").enterprise_id).name
    top = sign_in("province").get(f"/respondents/?asked=1&psize=100&questionnaire={made.id}").text
    assert mine in top
    assert other in top
    assert mine not in sign_in("prefecture").get("/respondents/").text


def test_rates_add_up_by_place_and_open_their_respondents(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    province = actor("province")
    made = enabled(province, now)
    everybody = respondents_of(made)
    near = [one for one in everybody if one.enterprise_id == actor("enterprise").enterprise_id]
    answer([*near, *everybody[:3]], now)
    done = len({one.id for one in [*near, *everybody[:3]]})
    address = f"/respondents/rates?asked=1&questionnaire={made.id}"
    shown = rows(sign_in("province"), address)
    asked, answered = (sum(int(row[place]) for row in shown) for place in (2, 3))
    assert (asked, answered) == (len(everybody), done)
    link = BeautifulSoup(sign_in("province").get(address).data, "html.parser").select_one(
        "td a[href*=answered]"
    )
    assert link is not None
    behind = rows(sign_in("province"), str(link["href"]))
    assert len(behind) == int(link.text)


def test_the_regions_of_rates_are_those_right_below(actor: ActorOf, now: dt.datetime, app: Any) -> None:
    province, prefecture = actor("province"), actor("prefecture")
    made = enabled(province, now)
    inside = next(iter(prefecture.region_ids))
    args: MultiDict[str, Any] = MultiDict(
        {"asked": "1", "questionnaire": str(made.id), "region": str(inside)}
    )
    with app.test_request_context(f"/respondents/rates?asked=1&region={inside}"):
        page = list_page(rates_list(province, args), province, args, now.date())
    within = (
        select(func.count())
        .select_from(Respondent)
        .join(Enterprise, Enterprise.id == Respondent.enterprise_id)
    )
    expected = db.session.scalar(within.where(Enterprise.prefecture_id == inside))
    assert page.rows
    assert str(expected) in str(page.totals)


def test_a_respondent_is_reminded_once_a_day_by_each_channel(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    mine = next(one for one in respondents_of(made) if one.enterprise_id == actor("enterprise").enterprise_id)
    ticked = form(key=str(mine.id))
    for expected in (True, False):
        with unit_of_work():
            outcome = reminders.run(author, reminders.meant(author, ticked, now), ["inbox", "sms"], now)
        assert [line.done for line in outcome.lines] == [expected]
    clock.advance(days=1)
    with unit_of_work():
        later = reminders.run(author, reminders.meant(author, ticked, clock.now()), ["inbox"], clock.now())
    assert [line.done for line in later.lines] == [True]
    account = actor("enterprise").account_id
    told = select(InboxMessage.url).where(InboxMessage.account_id == account)
    keyed = told.where(InboxMessage.key.startswith("questionnaire-reminder/"))
    assert db.session.scalars(keyed).all() == [f"/answers/{mine.id}"] * 2
    lines = select(func.count()).where(AuditEntry.action == "remind", AuditEntry.entity == "enterprise")
    assert db.session.scalar(lines) == 2


def test_who_answered_or_whose_round_ended_is_not_reminded(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now, frequency="once", ends_on=dt.date(2026, 11, 10))
    everybody = respondents_of(made)
    answer(everybody[:1], now)
    with unit_of_work():
        outcome = reminders.run(author, reminders.meant(author, form(all="1"), now), ["inbox"], now)
    assert sum(not line.done for line in outcome.lines) >= 1
    assert db.session.scalar(select(func.count()).select_from(RespondentReminder)) < len(everybody)
    after = dt.datetime(2026, 11, 11, 4, tzinfo=dt.UTC)
    with unit_of_work():
        late = reminders.run(author, reminders.meant(author, form(all="1"), after), ["inbox"], after)
    assert not any(line.done for line in late.lines)


def test_only_bureaus_remind_and_only_whom_they_see(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now)
    key = str(respondents_of(made)[0].id)
    with pytest.raises(Forbidden):
        reminders.meant(actor("enterprise"), form(key=key), now)
    with pytest.raises(Invalid):
        reminders.meant(actor("prefecture"), form(), now)
    foreign = reminders.meant(actor("prefecture2"), form(key=key), now)
    assert (foreign.keys, len(foreign.missing)) == ([], 1)


def test_reminding_asks_first_and_leaves_a_job_with_a_line_for_each(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    enabled(actor("prefecture"), now)
    client = sign_in("prefecture")
    asked = client.post("/respondents/", data={"asked": "1", "action": "remind", "all": "1"})
    page = client.get(asked.location) if asked.status_code in (302, 303) else asked
    assert 'name="confirmed"' in page.text or page.status_code == 307
    sent = {"asked": "1", "action": "remind", "all": "1", "confirmed": "1", "once": "a" * 32}
    assert client.post("/respondents/remind", data=sent).status_code == 422
    for _click in range(2):
        begun = client.post("/respondents/remind", data={**sent, "channel": ["inbox", "email"]})
        assert begun.status_code == 302
    db.session.rollback()
    jobs = db.session.scalars(select(Job).where(Job.kind == "remind_respondents")).all()
    assert len(jobs) == 1
    assert client.get(begun.location).status_code == 200


def test_the_list_of_respondents_knows_the_last_reminder(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    mine = next(one for one in respondents_of(made) if one.enterprise_id == actor("enterprise").enterprise_id)
    with unit_of_work():
        reminders.run(author, reminders.meant(author, form(key=str(mine.id)), now), ["inbox"], now)
    client = sign_in("prefecture")
    assert len(rows(client, "/respondents/?asked=1&reminded=yes")) == 1
    assert len(rows(client, "/respondents/reminders")) == 1
    assert rows(sign_in("prefecture2"), "/respondents/reminders") == []


def test_answers_are_reached_from_the_list_unless_they_are_anonymous(
    actor: ActorOf, now: dt.datetime, sign_in: SignIn
) -> None:
    author = actor("prefecture")
    named, hidden = enabled(author, now), enabled(author, now, anonymous=True)
    first = respondents_of(named)[0]
    answer([first, respondents_of(hidden)[0]], now)
    client = sign_in("prefecture")
    links = [
        BeautifulSoup(
            client.get(f"/respondents/?asked=1&state=answered&questionnaire={one.id}").data, "html.parser"
        ).select("td.acts a")
        for one in (named, hidden)
    ]
    assert [[str(link["href"]) for link in found] for found in links] == [
        [f"/answers/{first.id}/response"],
        [],
    ]


def test_an_e_mail_leads_to_the_answer(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    with unit_of_work():
        db.session.execute(update(Enterprise).values(email="contact@example.com"))
    key = respondents_of(made)[0].id
    with unit_of_work():
        reminders.run(author, reminders.meant(author, form(key=str(key)), now), ["email"], now)
    body = db.session.scalars(select(OutboxMessage).where(OutboxMessage.purpose == reminders.PURPOSE)).one()
    assert f"/answers/{key}" in body.body


def test_reaching_costs_no_more_statements_for_more_respondents(
    actor: ActorOf, now: dt.datetime, count: Any
) -> None:
    made = enabled(actor("province"), now)
    keys = [one.id for one in respondents_of(made)]
    numbers = []
    for part in (keys[:1], keys[:30]):
        with count() as statements:
            reminders.reach(part, now)
        numbers.append(len(statements))
    assert numbers[1] <= numbers[0]
    assert settle_rounds(now) == 0
