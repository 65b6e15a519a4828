"""Rounds: opened when due, respondents fixed at opening, told once, closed by a stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.enterprises.models import Enterprise
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock, start_of_day
from app.notifications.models import InboxMessage
from app.questionnaires import lifecycle, rounds
from app.questionnaires.round_models import QuestionnaireRound, Respondent
from tests.questionnaires.lives import asked_of, enabled, rounds_of

ActorOf = Callable[[str], Actor]
DECEMBER = start_of_day(dt.date(2026, 12, 1))


def test_each_month_opens_a_round_of_its_own_until_the_last_day(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    made = enabled(actor("prefecture"), now)
    for day in (dt.date(2026, 12, 1), dt.date(2027, 1, 5), dt.date(2027, 2, 1)):
        clock.set(start_of_day(day))
        rounds.settle_rounds(clock.now())
    db.session.expire_all()
    assert [(one.begins_on, one.ends_on) for one in rounds_of(made)] == [
        (dt.date(2026, 11, 1), dt.date(2026, 11, 30)),
        (dt.date(2026, 12, 1), dt.date(2026, 12, 31)),
        (dt.date(2027, 1, 1), dt.date(2027, 1, 20)),
    ]
    assert made.next_round_at is None


def test_a_round_that_passed_while_nobody_looked_is_not_opened(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now)
    rounds.settle_rounds(start_of_day(dt.date(2027, 1, 2)))
    db.session.expire_all()
    assert [one.begins_on for one in rounds_of(made)] == [dt.date(2026, 11, 1), dt.date(2027, 1, 1)]


def test_settling_twice_opens_one_round_and_tells_once(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now)
    assert [rounds.settle_rounds(DECEMBER) for _time in range(2)] == [1, 0]
    assert len(rounds_of(made)) == 2
    per_account = (
        select(InboxMessage.account_id, func.count())
        .where(InboxMessage.key == f"questionnaire.round.{rounds_of(made)[1].id}")
        .group_by(InboxMessage.account_id)
    )
    told = db.session.execute(per_account).all()
    assert {number for _account, number in told} == {1}


def test_nothing_due_costs_one_statement(actor: ActorOf, now: dt.datetime, count: Any) -> None:
    enabled(actor("prefecture"), now)
    with count() as statements:
        rounds.settle_rounds(now)
    assert len([one for one in statements if one != "BEGIN"]) == 1


def test_opening_costs_the_same_statements_however_many_are_asked(
    actor: ActorOf, now: dt.datetime, count: Any
) -> None:
    statements = []
    for name in ("county", "province"):
        made = enabled(actor(name), now)
        with count() as found:
            assert rounds.settle_rounds(DECEMBER) == 1
        statements.append((len(asked_of(made)), len(found)))
    (few, one), (many, other) = statements
    assert few < many
    assert one == other


def test_who_was_asked_stays_asked_and_who_joins_later_is_not(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    author, mine = actor("prefecture"), actor("enterprise").enterprise_id or 0
    made = enabled(author, now)
    before = asked_of(made)
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.id == mine).values(state="disabled"))
    clock.advance(days=1)
    rounds.settle_rounds(clock.now())
    assert asked_of(made) == before
    rounds.settle_rounds(DECEMBER)
    second = rounds_of(made)[1]
    again = db.session.scalars(select(Respondent.enterprise_id).where(Respondent.round_id == second.id))
    assert set(again) == before - {mine}


def test_a_respondent_follows_its_enterprise_to_another_region(actor: ActorOf, now: dt.datetime) -> None:
    mine = actor("enterprise").enterprise_id or 0
    enabled(actor("province"), now)
    elsewhere = db.session.scalars(
        select(Enterprise.region_id).where(Enterprise.id == actor("enterprise2").enterprise_id)
    ).one()
    with unit_of_work():
        db.session.execute(update(Enterprise).where(Enterprise.id == mine).values(region_id=elsewhere))
    found = db.session.scalars(select(Respondent).where(Respondent.enterprise_id == mine)).one()
    assert found.region_id == elsewhere
    seen = select(Respondent.id).where(Respondent.enterprise_id == mine)
    assert db.session.scalar(seen) is not None


def test_an_enterprise_finds_what_it_is_asked_today(actor: ActorOf, now: dt.datetime) -> None:
    mine = actor("enterprise").enterprise_id or 0
    later = enabled(actor("prefecture"), now)
    sooner = enabled(actor("county"), now, frequency="once", ends_on=dt.date(2026, 11, 10))
    found = db.session.scalars(rounds.open_for(mine, dt.date(2026, 11, 6))).all()
    assert [one.round.questionnaire_id for one in found] == [sooner.id, later.id]
    found = db.session.scalars(rounds.open_for(mine, dt.date(2026, 11, 11))).all()
    assert [one.round.questionnaire_id for one in found] == [later.id]


def test_the_message_leads_to_the_answer_of_its_reader(actor: ActorOf, now: dt.datetime) -> None:
    mine = actor("enterprise")
    made = enabled(actor("prefecture"), now)
    told = db.session.scalars(
        select(InboxMessage).where(
            InboxMessage.account_id == mine.account_id, InboxMessage.kind == "questionnaire"
        )
    ).one()
    own = db.session.scalars(select(Respondent).where(Respondent.enterprise_id == mine.enterprise_id)).one()
    assert told.url == f"/answers/{own.id}"
    assert made.title in str(told.title)


def test_a_request_opens_what_fell_due_without_a_worker(
    actor: ActorOf, now: dt.datetime, clock: MovableClock, sign_in: Callable[[str], FlaskClient]
) -> None:
    made = enabled(actor("prefecture"), now)
    visitor = sign_in("county2")
    clock.set(DECEMBER)
    visitor.get("/inbox/")
    db.session.rollback()
    assert [one.begins_on.month for one in rounds_of(made)] == [11, 12]


def test_a_questionnaire_that_begins_later_opens_on_its_first_day(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now, starts_on=dt.date(2026, 11, 20))
    assert rounds_of(made) == []
    assert rounds.settle_rounds(start_of_day(dt.date(2026, 11, 20)) - dt.timedelta(seconds=1)) == 0
    assert rounds.settle_rounds(start_of_day(dt.date(2026, 11, 20))) == 1
    assert [one.begins_on for one in rounds_of(made)] == [dt.date(2026, 11, 20)]


def test_a_stopped_questionnaire_opens_no_further_round(actor: ActorOf, now: dt.datetime) -> None:
    made = enabled(actor("prefecture"), now)
    with unit_of_work():
        lifecycle.stop_questionnaire(actor("prefecture"), made.id, "不再需要", now)
    assert rounds.settle_rounds(DECEMBER) == 0
    assert len(rounds_of(made)) == 1


@pytest.mark.parametrize("day", [dt.date(2026, 10, 31), dt.date(2026, 12, 1)])
def test_a_round_is_open_on_its_own_days_only(day: dt.date) -> None:
    november = QuestionnaireRound(begins_on=dt.date(2026, 11, 1), ends_on=dt.date(2026, 11, 30))
    assert november.is_open(dt.date(2026, 11, 30))
    assert not november.is_open(day)
