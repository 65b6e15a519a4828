"""The life of a questionnaire: who takes which step when, and what it leaves behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.clock import MovableClock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken
from app.questionnaires import drafts, handing_out, lifecycle, rounds
from app.questionnaires.definition import Definition, Jump, Match
from app.questionnaires.models import Questionnaire
from app.questionnaires.themes import Theme, theme_of
from app.questionnaires.workflow import ENABLED, STOPPED
from tests.questionnaires.drafted import ORDERS
from tests.questionnaires.lives import NOVEMBER, asked_of, drawn_up, enabled, rounds_of

ActorOf = Callable[[str], Actor]


def test_a_new_questionnaire_is_an_empty_draft_of_its_author(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    with unit_of_work():
        made = lifecycle.create_questionnaire(author, NOVEMBER, now)
    assert made.is_draft
    assert (made.admin_id, made.revision, made.series_id) == (author.admin_id, 1, None)
    assert drafts.definition_of(made) == Definition()


def test_only_bureaus_draw_up_questionnaires(actor: ActorOf, now: dt.datetime) -> None:
    for name in ("enterprise", "admin"):
        with pytest.raises(Forbidden), unit_of_work():
            lifecycle.create_questionnaire(actor(name), NOVEMBER, now)


def test_a_theme_is_refused_with_all_that_is_wrong(actor: ActorOf, now: dt.datetime) -> None:
    author, other = actor("prefecture"), actor("prefecture2")
    wrong = Theme(
        " ",
        introduction="x" * 4001,
        frequency="weekly",
        starts_on=dt.date(2026, 12, 1),
        ends_on=dt.date(2026, 11, 1),
        placement="nowhere",
        sector="C",
        sizes=("huge",),
        control_types=("??",),
        region_ids=sorted(other.region_ids),
        enterprise_ids=(actor("enterprise2").enterprise_id or 0,),
    )
    with pytest.raises(Invalid) as refusal, unit_of_work():
        lifecycle.create_questionnaire(author, wrong, now)
    assert {problem.field for problem in refusal.value.problems} == {
        *("title", "introduction", "frequency", "placement", "ends_on"),
        *("sector", "sizes", "control_types", "regions", "named"),
    }


def test_a_questionnaire_of_a_sibling_is_not_there(actor: ActorOf, now: dt.datetime) -> None:
    made = drawn_up(actor("prefecture"), now)
    other = actor("prefecture2")
    for attempt in (
        lambda: lifecycle.find_managed(other, made.id, now),
        lambda: lifecycle.edit_theme(other, made.id, NOVEMBER, None, now),
        lambda: lifecycle.copy_questionnaire(other, made.id, "Copy", now),
        lambda: lifecycle.enable_questionnaire(other, made.id, None, now),
        lambda: lifecycle.delete_questionnaire(other, made.id, now),
    ):
        with pytest.raises(NotFound), unit_of_work():
            attempt()


def test_a_superior_manages_the_questionnaires_of_its_subordinates(actor: ActorOf, now: dt.datetime) -> None:
    made = drawn_up(actor("county"), now)
    with unit_of_work():
        changed = lifecycle.edit_theme(
            actor("prefecture"), made.id, replace(NOVEMBER, title="改过"), made.version, now
        )
    assert changed.title == "改过"
    assert changed.admin_id == actor("county").admin_id


def test_two_people_cannot_save_one_theme_over_each_other(actor: ActorOf, now: dt.datetime) -> None:
    made = drawn_up(actor("prefecture"), now)
    version = made.version
    with unit_of_work():
        lifecycle.edit_theme(actor("prefecture"), made.id, replace(NOVEMBER, title="先"), version, now)
    with pytest.raises(Overtaken), unit_of_work():
        lifecycle.edit_theme(actor("province"), made.id, replace(NOVEMBER, title="后"), version, now)


def test_enabling_asks_for_days_questions_and_an_audience(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = drawn_up(author, now, definition=Definition(), starts_on=None, ends_on=None, sizes=("unknown",))
    with pytest.raises(Invalid), unit_of_work():
        lifecycle.enable_questionnaire(author, made.id, made.version, now)
    assert db.session.get_one(Questionnaire, made.id).is_draft


def test_errors_of_the_checker_keep_a_questionnaire_from_being_enabled(
    actor: ActorOf, now: dt.datetime
) -> None:
    author = actor("prefecture")
    first, *others = ORDERS.questions
    dangling = replace(first, jumps=(Jump(Match.ANY, ("o2",), "q9"),))
    made = drawn_up(author, now, definition=replace(ORDERS, questions=(dangling, *others)))
    with pytest.raises(Invalid) as refusal, unit_of_work():
        lifecycle.enable_questionnaire(author, made.id, made.version, now)
    assert "not there" in str(refusal.value.problems[0].message)
    assert db.session.get_one(Questionnaire, made.id).is_draft


def test_a_questionnaire_whose_last_day_passed_cannot_be_enabled(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    past = {"starts_on": dt.date(2026, 9, 1), "ends_on": dt.date(2026, 11, 5)}
    made = drawn_up(author, now, **past)
    with pytest.raises(Invalid), unit_of_work():
        lifecycle.enable_questionnaire(author, made.id, made.version, now)


def test_enabling_opens_the_round_that_is_due_and_fixes_the_regions(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    assert made.state == ENABLED
    assert {region.id for region in made.regions} == set(author.region_ids)
    assert [(one.begins_on, one.ends_on) for one in rounds_of(made)] == [
        (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    ]
    assert actor("enterprise").enterprise_id in asked_of(made)
    assert actor("enterprise2").enterprise_id not in asked_of(made)


def test_enabling_a_stale_page_is_refused(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = drawn_up(author, now)
    with pytest.raises(Overtaken), unit_of_work():
        lifecycle.enable_questionnaire(author, made.id, made.version - 1, now)


def test_an_enabled_questionnaire_is_neither_changed_nor_deleted(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    for attempt in (
        lambda: lifecycle.edit_theme(author, made.id, NOVEMBER, None, now),
        lambda: lifecycle.delete_questionnaire(author, made.id, now),
        lambda: lifecycle.enable_questionnaire(author, made.id, None, now),
    ):
        with pytest.raises(Conflict), unit_of_work():
            attempt()


def test_stopping_takes_a_reason_and_closes_the_open_round(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    with pytest.raises(Invalid), unit_of_work():
        lifecycle.stop_questionnaire(author, made.id, " ", now)
    with unit_of_work():
        stopped = lifecycle.stop_questionnaire(author, made.id, "口径有误", now)
    assert (stopped.state, stopped.next_round_at) == (STOPPED, None)
    assert [one.closed_at for one in rounds_of(stopped)] == [now]
    assert [(one.verb, one.comment) for one in stopped.steps] == [("enable", ""), ("stop", "口径有误")]
    enterprise = actor("enterprise").enterprise_id or 0
    assert db.session.scalars(rounds.open_for(enterprise, dt.date(2026, 11, 6))).all() == []


def test_a_draft_is_deleted_with_all_its_parts(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = drawn_up(author, now, sizes=("small",))
    with unit_of_work():
        handing_out.hand_out(author, made.id, [actor("county").admin_id or 0], now)
        lifecycle.delete_questionnaire(author, made.id, now)
    assert db.session.get(Questionnaire, made.id) is None


def test_a_copy_is_a_draft_of_who_copies_without_days(actor: ActorOf, now: dt.datetime) -> None:
    province, prefecture = actor("province"), actor("prefecture")
    everywhere = [*prefecture.region_ids, *actor("prefecture2").region_ids]
    made = drawn_up(province, now, region_ids=everywhere, sizes=("small", "micro"))
    with unit_of_work():
        handing_out.hand_out(province, made.id, [prefecture.admin_id or 0], now)
        copy = lifecycle.copy_questionnaire(prefecture, made.id, "自己的问卷", now)
    theme = theme_of(copy)
    assert copy.admin_id == prefecture.admin_id
    assert (theme.title, theme.starts_on, theme.sizes) == ("自己的问卷", None, ["micro", "small"])
    assert set(theme.region_ids) == set(prefecture.region_ids)
    assert drafts.definition_of(copy) == ORDERS


def test_a_revision_continues_the_series_from_the_next_round(actor: ActorOf, now: dt.datetime) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    with unit_of_work():
        revision = lifecycle.revise_questionnaire(author, made.id, now)
    assert (revision.series_id, revision.revision, revision.is_draft) == (made.id, 2, True)
    assert (revision.starts_on, revision.ends_on) == (dt.date(2026, 12, 1), made.ends_on)
    assert drafts.definition_of(revision) == ORDERS
    with pytest.raises(Conflict), unit_of_work():
        lifecycle.revise_questionnaire(author, made.id, now)
    with pytest.raises(Conflict), unit_of_work():
        lifecycle.revise_questionnaire(author, revision.id, now)


def test_an_enabled_revision_stops_its_predecessor_when_its_first_day_comes(
    actor: ActorOf, now: dt.datetime, clock: MovableClock
) -> None:
    author = actor("prefecture")
    made = enabled(author, now)
    with unit_of_work():
        revision = lifecycle.revise_questionnaire(author, made.id, now)
        lifecycle.enable_questionnaire(author, revision.id, revision.version, now)
    assert made.state == ENABLED
    assert rounds_of(revision) == []

    clock.set(dt.datetime(2026, 11, 30, 16, 0, tzinfo=dt.UTC))  # midnight in Shanghai
    rounds.settle_rounds(clock.now())
    db.session.expire_all()
    assert made.state == STOPPED
    assert "2" in made.steps[-1].comment
    assert [one.begins_on for one in rounds_of(made)] == [dt.date(2026, 11, 1)]
    assert [one.begins_on for one in rounds_of(revision)] == [dt.date(2026, 12, 1)]


def test_who_was_handed_a_questionnaire_sees_and_copies_it_but_takes_no_step(
    actor: ActorOf, now: dt.datetime
) -> None:
    author, below = actor("prefecture"), actor("county")
    made = drawn_up(author, now)
    with unit_of_work():
        assert handing_out.hand_out(author, made.id, [below.admin_id or 0], now) == 1
        assert handing_out.hand_out(author, made.id, [below.admin_id or 0], now) == 0
    with pytest.raises(Forbidden), unit_of_work():
        lifecycle.enable_questionnaire(below, made.id, None, now)
    with unit_of_work():
        assert handing_out.take_back(author, made.id, [below.admin_id or 0], now) == 1
    with pytest.raises(NotFound):
        lifecycle.copy_questionnaire(below, made.id, "迟了", now)


@pytest.mark.parametrize("chosen", [(), ("province",), ("prefecture",), ("county2",)])
def test_handing_out_goes_to_active_subordinates_only(
    actor: ActorOf, now: dt.datetime, chosen: tuple[str, ...]
) -> None:
    author = actor("prefecture")
    made = drawn_up(author, now)
    with pytest.raises(Invalid), unit_of_work():
        handing_out.hand_out(author, made.id, [actor(name).admin_id or 0 for name in chosen], now)
