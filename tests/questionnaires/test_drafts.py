"""Edits of a draft: kept, undone, redone, and never lost to somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from app.infra import context
from app.infra.database import db
from app.infra.transactions import unit_of_work
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound, Overtaken
from app.kernel.texts import Message
from app.questionnaires import drafts, edits
from app.questionnaires.definition import Definition, QuestionKind, Wording
from app.questionnaires.models import Questionnaire, QuestionnaireEdit
from tests.questionnaires.drafted import ORDERS, draft, stored

ActorOf = Callable[[str], Actor]
LABEL = Message("Question changed")


@pytest.fixture
def admin(actor: ActorOf) -> Actor:
    """The admin whose draft it is."""
    return actor("prefecture")


@pytest.fixture
def key(admin: Actor, now: dt.datetime) -> int:
    """A draft."""
    return draft(admin, now)


def retext(actor: Actor, key: int, seen: int, code: str, words: str, now: dt.datetime) -> int:
    """Give a question another text; the number of the edit that holds then."""
    with context.acting_as(actor), unit_of_work():
        return drafts.change(
            actor,
            key,
            seen,
            lambda definition, _free: edits.change_question(definition, code, text=Wording.of(words)),
            lambda definition: definition.find(code),
            LABEL,
            now,
        ).edit_number


def texts(key: int) -> list[str]:
    return [question.text.in_language("zh") for question in drafts.definition_of(stored(key))]


def test_a_change_is_an_edit_and_can_be_undone_and_redone(admin: Actor, key: int, now: dt.datetime) -> None:
    second = retext(admin, key, 1, "q1", "甲", now)
    third = retext(admin, key, second, "q2", "乙", now)
    with unit_of_work():
        drafts.undo(admin, key, third, now)
    assert texts(key)[:2] == ["甲", "原因"]
    with unit_of_work():
        drafts.undo(admin, key, second, now)
    assert drafts.definition_of(stored(key)) == ORDERS
    with unit_of_work():
        drafts.redo(admin, key, 1, now)
        drafts.redo(admin, key, second, now)
    assert texts(key)[:2] == ["甲", "乙"]


def test_a_change_after_undoing_cuts_off_what_was_undone(admin: Actor, key: int, now: dt.datetime) -> None:
    second = retext(admin, key, 1, "q1", "甲", now)
    with unit_of_work():
        drafts.undo(admin, key, second, now)
    third = retext(admin, key, 1, "q1", "丙", now)
    assert third > second  # a number names one edit for good
    with pytest.raises(Conflict), unit_of_work():
        drafts.redo(admin, key, third, now)
    with unit_of_work():
        drafts.undo(admin, key, third, now)
    assert drafts.definition_of(stored(key)) == ORDERS


def test_nothing_is_kept_of_a_change_that_changes_nothing(admin: Actor, key: int, now: dt.datetime) -> None:
    assert retext(admin, key, 1, "q2", "原因", now) == 1


def test_at_the_ends_there_is_nothing_to_undo_or_redo(admin: Actor, key: int, now: dt.datetime) -> None:
    for step in (drafts.undo, drafts.redo):
        with pytest.raises(Conflict), unit_of_work():
            step(admin, key, 1, now)


def test_two_hundred_edits_are_kept(
    admin: Actor, key: int, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "KEPT_EDITS", 5)
    edit = 1
    for number in range(8):
        edit = retext(admin, key, edit, "q1", f"第{number}版", now)
    numbers = db.session.scalars(
        select(QuestionnaireEdit.number).where(QuestionnaireEdit.questionnaire_id == key)
    ).all()
    assert sorted(numbers) == [5, 6, 7, 8, 9]


def test_two_who_change_different_questions_both_keep_theirs(
    actor: ActorOf, admin: Actor, key: int, now: dt.datetime
) -> None:
    retext(actor("province"), key, 1, "q1", "甲", now)
    retext(admin, key, 1, "q3", "乙", now)
    assert texts(key) == ["甲", "原因", "乙"]


def test_two_who_change_the_same_question_are_told_who_and_when(
    actor: ActorOf, admin: Actor, key: int, now: dt.datetime
) -> None:
    other = actor("province")
    second = retext(other, key, 1, "q1", "甲", now)
    with pytest.raises(drafts.EditConflict) as refusal:
        retext(admin, key, 1, "q1", "乙", now)
    assert refusal.value.edit == second
    assert refusal.value.message.values["name"] == other.name  # type: ignore[union-attr]
    assert texts(key)[0] == "甲"
    retext(admin, key, refusal.value.edit, "q1", "乙", now)
    assert texts(key)[0] == "乙"


def test_a_question_that_somebody_deleted_meanwhile_is_a_conflict(
    admin: Actor, key: int, now: dt.datetime
) -> None:
    with unit_of_work():
        drafts.change(
            admin, key, 1, lambda one, _free: edits.remove_question(one, "q2"), lambda _one: None, LABEL, now
        )
    with pytest.raises(drafts.EditConflict):
        retext(admin, key, 1, "q2", "乙", now)


def test_a_question_that_never_was_is_not_found(admin: Actor, key: int, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        retext(admin, key, 1, "q99", "乙", now)


def test_undoing_needs_the_edit_that_the_page_showed(admin: Actor, key: int, now: dt.datetime) -> None:
    retext(admin, key, 1, "q1", "甲", now)
    with pytest.raises(drafts.EditConflict), unit_of_work():
        drafts.undo(admin, key, 1, now)


def test_codes_are_never_given_twice(admin: Actor, key: int, now: dt.datetime) -> None:
    with unit_of_work():
        drafts.change(
            admin,
            key,
            1,
            lambda one, free: edits.add_question(one, edits.new_question(QuestionKind.TEXT, free)),
            lambda _one: None,
            LABEL,
            now,
        )
        drafts.undo(admin, key, 2, now)
    found = stored(key)
    assert drafts.next_code(found, drafts.definition_of(found)) == "q5"


def test_an_import_replaces_the_definition_only_of_the_version_it_saw(
    admin: Actor, key: int, now: dt.datetime
) -> None:
    version = stored(key).version
    with unit_of_work():
        drafts.save(admin, key, version, Definition(), LABEL, now)
    assert drafts.definition_of(stored(key)) == Definition()
    with pytest.raises(Overtaken), unit_of_work():
        drafts.save(admin, key, version, ORDERS, LABEL, now)


def test_the_sibling_prefecture_finds_no_draft(actor: ActorOf, key: int, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        retext(actor("prefecture2"), key, 1, "q1", "甲", now)


def test_an_enabled_questionnaire_never_changes(admin: Actor, key: int, now: dt.datetime, app: Flask) -> None:
    with unit_of_work():
        found = db.session.get(Questionnaire, key)
        assert found is not None
        found.starts_on = found.ends_on = now.date()
        found.state, found.enabled_at = "enabled", now
    for step in (
        lambda: retext(admin, key, 1, "q1", "甲", now),
        lambda: drafts.undo(admin, key, 1, now),
        lambda: drafts.save(admin, key, stored(key).version, Definition(), LABEL, now),
    ):
        with pytest.raises(Conflict), unit_of_work():
            step()
    for statement in (
        "UPDATE questionnaire_edit SET definition = '{}' WHERE questionnaire_id = :key",
        "UPDATE questionnaire SET edit_number = 2 WHERE id = :key",
    ):
        with pytest.raises(DatabaseError, match="never changes"):
            db.session.execute(text(statement), {"key": key})
        db.session.rollback()


def test_too_many_questions_are_refused(
    admin: Actor, key: int, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_QUESTIONS", 2)
    with pytest.raises(Invalid):
        retext(admin, key, 1, "q1", "甲", now)
    assert db.session.scalar(select(func.count()).select_from(QuestionnaireEdit)) == 1
