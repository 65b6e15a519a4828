"""Answering: drafts kept and merged, submissions judged again, reopening, and nothing said of whom."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from app.enterprises.models import Enterprise
from app.infra.audit import AuditEntry
from app.infra.database import db, is_postgresql
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.notifications.models import InboxMessage
from app.questionnaires import answering
from app.questionnaires.definition import Definition, Jump, Match, QuestionKind
from app.questionnaires.round_models import Answer, QuestionnaireRound, Respondent, RespondentStep, Response
from tests.conftest import ActorOf
from tests.questionnaires.asked import asked, chosen
from tests.questionnaires.samples import multiple, question, single

BRANCHED = Definition(
    (
        single("q1", "a b", jumps=(Jump(Match.ANY, ("b",), "q3"),)),
        multiple("q2", "a b c", required=False),
        single("q3", "a", required=False),
        question("q4", QuestionKind.TEXT, required=False),
    )
)


@pytest.fixture
def enterprise(actor: ActorOf) -> Actor:
    return actor("enterprise")


@pytest.fixture
def respondent(actor: ActorOf, enterprise: Actor) -> Respondent:
    """The enterprise, asked by the county's admin."""
    return asked(actor("county"), BRANCHED, enterprise.enterprise_id)[0]


def submit(actor: Actor, respondent: Respondent, answers: dict[str, Any], now: dt.datetime) -> None:
    with unit_of_work():
        answering.submit(actor, respondent.id, answers, now)


def save(
    actor: Actor, respondent: Respondent, lock: int, now: dt.datetime, **changed: Any
) -> answering.Opened:
    with unit_of_work():
        return answering.save_draft(actor, respondent.id, changed, lock, now)


def kept(respondent: Respondent) -> dict[str, Any]:
    return answering.kept_answers(respondent)


def test_what_lies_off_the_path_is_not_stored(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    answers = {"q1": chosen("b"), "q2": chosen("a", "c"), "q4": "好"}
    submit(enterprise, respondent, answers, now)
    assert kept(respondent) == {"q1": chosen("b"), "q4": "好"}
    assert respondent.state == "answered" and respondent.answered_on == dt.date(2026, 11, 6)
    steps = db.session.scalars(select(RespondentStep.verb)).all()
    assert steps == ["answer"]


def test_forged_options_are_not_stored(enterprise: Actor, respondent: Respondent, now: dt.datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        submit(enterprise, respondent, {"q1": chosen("z")}, now)
    assert [problem.field for problem in refusal.value.problems] == ["q1"]
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


def test_a_second_submission_is_refused(enterprise: Actor, respondent: Respondent, now: dt.datetime) -> None:
    submit(enterprise, respondent, {"q1": chosen("b")}, now)
    with pytest.raises(Conflict, match="submitted on 2026-11-06"):
        submit(enterprise, respondent, {"q1": chosen("a")}, now)
    assert kept(respondent) == {"q1": chosen("b")}


def test_a_round_that_ended_takes_no_answers(
    enterprise: Actor, respondent: Respondent, clock: MovableClock
) -> None:
    late = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(Invalid) as refusal:
        submit(enterprise, respondent, {"q1": chosen("b")}, late)
    assert "closed on 2026-11-30" in str(refusal.value.problems[0].message)


def test_a_stopped_round_takes_no_answers(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    with unit_of_work():
        db.session.get_one(QuestionnaireRound, respondent.round_id).closed_at = now
    with pytest.raises(Conflict, match="closed on 2026-11-06"):
        save(enterprise, respondent, 1, now, q1=chosen("a"))


def test_who_was_not_asked_finds_nothing(actor: ActorOf, respondent: Respondent, now: dt.datetime) -> None:
    for name in ("enterprise2", "county2"):
        with pytest.raises(NotFound):
            submit(actor(name), respondent, {"q1": chosen("b")}, now)


def test_an_admin_cannot_answer_for_an_enterprise(
    actor: ActorOf, respondent: Respondent, now: dt.datetime
) -> None:
    with pytest.raises(Forbidden):
        submit(actor("county"), respondent, {"q1": chosen("b")}, now)


def test_a_draft_is_kept_as_typed_and_ends_with_the_submission(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    opened = save(enterprise, respondent, 1, now, q1=chosen("a"), q4="字" * 10_000, q9="no question")
    assert respondent.state == "begun"
    opened = save(enterprise, respondent, opened.respondent.version, now, q1=None, q2=chosen("b"))
    assert dict(opened.draft) == {"q2": {"chosen": ["b"]}, "q4": "字" * 10_000}
    with pytest.raises(Invalid):
        submit(enterprise, respondent, {**opened.draft, "q1": chosen("a")}, now)
    submit(enterprise, respondent, {"q1": chosen("a"), "q4": "🎉“引号”"}, now)
    assert respondent.draft is None and respondent.draft_at is None
    assert kept(respondent)["q4"] == "🎉“引号”"


def test_two_devices_are_told_of_each_other(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    save(enterprise, respondent, 1, now, q1=chosen("a"))
    with pytest.raises(answering.DraftConflict) as refusal:
        save(enterprise, respondent, 1, now, q1=chosen("b"))
    assert dict(refusal.value.opened.draft) == {"q1": {"chosen": ["a"]}}
    with unit_of_work(), pytest.raises(answering.DraftConflict):
        answering.submit(enterprise, respondent.id, {"q1": chosen("b")}, now, lock=1)


def test_a_draft_that_says_nothing_new_is_no_new_version(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    version = save(enterprise, respondent, 1, now, q1=chosen("a")).respondent.version
    assert save(enterprise, respondent, version, now, q1=chosen("a")).respondent.version == version


def test_a_reopened_response_stands_until_the_new_one_replaces_it(
    actor: ActorOf, enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    submit(enterprise, respondent, {"q1": chosen("b"), "q4": "旧"}, now)
    first = db.session.scalars(select(Response.id)).one()
    with unit_of_work():
        answering.reopen(actor("county"), respondent.id, " 金额有误 ", now)
    assert respondent.state == "reopened"
    assert kept(respondent)["q4"] == "旧"
    assert json.loads(respondent.draft or "")["q4"] == "旧"
    after = dt.datetime(2026, 12, 3, tzinfo=dt.UTC)  # what was reopened may be answered after the round
    submit(enterprise, respondent, {"q1": chosen("b"), "q4": "新"}, after)
    second = db.session.scalars(select(Response.id)).one()
    assert kept(respondent)["q4"] == "新"
    assert second != first
    query = select(RespondentStep.verb, RespondentStep.comment).order_by(RespondentStep.id)
    steps = [tuple(row) for row in db.session.execute(query)]
    assert steps == [("answer", ""), ("reopen", "金额有误"), ("answer_again", "")]
    message = db.session.scalars(select(InboxMessage).where(InboxMessage.kind == "questionnaire")).one()
    assert message.account_id == enterprise.account_id and message.url == f"/answers/{respondent.id}"


def test_reopening_needs_a_reason_an_admin_and_an_answer(
    actor: ActorOf, enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    county = actor("county")
    with unit_of_work(), pytest.raises(Conflict):
        answering.reopen(county, respondent.id, "理由", now)
    submit(enterprise, respondent, {"q1": chosen("b")}, now)
    for reason in (" ", "长" * 501):
        with unit_of_work(), pytest.raises(Invalid):
            answering.reopen(county, respondent.id, reason, now)
    with unit_of_work(), pytest.raises(Forbidden):
        answering.reopen(enterprise, respondent.id, "理由", now)
    with unit_of_work(), pytest.raises(NotFound):
        answering.reopen(actor("county2"), respondent.id, "理由", now)


# Anonymous questionnaires


@pytest.fixture
def nameless(actor: ActorOf) -> list[Respondent]:
    """Two enterprises, asked by the province without names."""
    ids = [actor(name).enterprise_id for name in ("enterprise", "enterprise2")]
    return asked(actor("province"), BRANCHED, *ids, anonymous=True)


def test_respondents_and_responses_of_an_anonymous_questionnaire_share_no_key() -> None:
    shared = {key.column.table.name for key in inspect(Response).local_table.foreign_keys}
    assert "questionnaire_respondent" not in shared
    keys = {key.column.table.name for key in inspect(Respondent).local_table.foreign_keys}
    assert not keys & {"questionnaire_response", "questionnaire_answer"}


def test_an_anonymous_response_says_nothing_but_the_day(
    actor: ActorOf, nameless: list[Respondent], now: dt.datetime
) -> None:
    submit(actor("enterprise"), nameless[0], {"q1": chosen("b"), "q4": "匿名的话"}, now)
    response = db.session.scalars(select(Response)).one()
    columns = [column.key for column in inspect(Response).column_attrs]
    told = {name: getattr(response, name) for name in columns if getattr(response, name) is not None}
    assert told == {"id": response.id, "round_id": nameless[0].round_id, "submitted_on": dt.date(2026, 11, 6)}
    columns = [column.key for column in inspect(Respondent).column_attrs]
    told = {name: getattr(nameless[0], name) for name in columns if getattr(nameless[0], name) is not None}
    assert not set(told) - {
        *("id", "round_id", "enterprise_id", "region_id", "enterprise_version_id"),
        *("state", "answered_on", "version"),
    }
    assert told["version"] == 2 and response.id not in told.values()


def test_an_anonymous_submission_leaves_no_step_and_no_line_of_the_trail(
    actor: ActorOf, nameless: list[Respondent], now: dt.datetime
) -> None:
    before = db.session.scalar(select(func.count()).select_from(AuditEntry))
    submit(actor("enterprise"), nameless[0], {"q1": chosen("b"), "q4": "匿名的话"}, now)
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == before
    assert db.session.scalar(select(func.count()).select_from(RespondentStep)) == 0


def test_drafts_of_an_anonymous_questionnaire_never_reach_the_server(
    actor: ActorOf, nameless: list[Respondent], now: dt.datetime
) -> None:
    with pytest.raises(Conflict, match="stay in the browser"):
        save(actor("enterprise"), nameless[0], 1, now, q1=chosen("a"))
    assert nameless[0].draft is None and nameless[0].state == "open"


def test_numbers_of_responses_are_drawn_by_lot_and_are_the_only_order(
    actor: ActorOf, nameless: list[Respondent], now: dt.datetime
) -> None:
    drawn = [answering._drawn() for _ in range(60)]
    assert drawn != sorted(drawn) and len(set(drawn)) == 60
    for respondent, name in zip(nameless, ("enterprise", "enterprise2"), strict=True):
        submit(actor(name), respondent, {"q1": chosen("b")}, now)
    if db.engine.dialect.name == "sqlite":
        for table, key in (("questionnaire_response", "rowid = id"), ("questionnaire_answer", None)):
            if key is None:
                with pytest.raises(Exception, match="no such column"):
                    db.session.execute(text(f"SELECT rowid FROM {table}"))
            else:
                query = text(f"SELECT count(*) FROM {table} WHERE {key}")
                assert db.session.scalar(query) == 2


def test_postgresql_writes_with_a_response_what_it_writes_with_other_respondents(
    actor: ActorOf, now: dt.datetime
) -> None:
    """Neither transaction nor order of the rows leads from a response to its respondent."""
    if not is_postgresql():
        return
    ids = db.session.scalars(select(Enterprise.id).order_by(Enterprise.id).limit(8)).all()
    respondents = asked(actor("province"), BRANCHED, *ids, anonymous=True)
    for respondent in respondents:
        enterprise = replace(actor("enterprise"), enterprise_id=respondent.enterprise_id)
        submit(enterprise, respondent, {"q1": chosen("b")}, now)
    last = db.session.scalars(text("SELECT xmin::text::bigint FROM questionnaire_response")).all()
    query = text("SELECT id FROM questionnaire_respondent WHERE xmin::text::bigint = :last")
    written = db.session.scalars(query, {"last": max(last)}).all()
    assert sorted(written) == sorted(respondent.id for respondent in respondents)
    assert {respondent.version for respondent in respondents} == {2}
    query = text("SELECT id FROM questionnaire_respondent ORDER BY ctid")
    assert db.session.scalars(query).all() != sorted(written)


def test_an_anonymous_response_cannot_be_reopened(
    actor: ActorOf, nameless: list[Respondent], now: dt.datetime
) -> None:
    submit(actor("enterprise"), nameless[0], {"q1": chosen("b")}, now)
    with unit_of_work(), pytest.raises(Forbidden):
        answering.reopen(actor("province"), nameless[0].id, "理由", now)
    assert answering.response_of(nameless[0]) is None


def test_each_question_asked_has_one_head(
    enterprise: Actor, respondent: Respondent, now: dt.datetime
) -> None:
    submit(enterprise, respondent, {"q1": chosen("a"), "q2": chosen("a", "c")}, now)
    lines = db.session.scalars(select(Answer).order_by(Answer.question_no, Answer.row_no, Answer.option_no))
    found = [(line.question_no, line.row_no, line.option_no) for line in lines]
    assert found == [(1, 0, 1), (2, 0, 0), (2, 1, 1), (2, 1, 3), (3, 0, -1), (4, 0, -1)]
