"""Which questions answers lead through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.questionnaires.definition import END, Jump, Match, Option, QuestionKind, Wording
from app.questionnaires.paths import walk
from tests.questionnaires.samples import defined, jump, multiple, option, orders, question, single


def chosen(*codes: str) -> dict[str, Any]:
    return {"chosen": list(codes)}


@pytest.mark.parametrize(
    ("first", "friction", "path"),
    [
        ("up", "yes", "q1 q2 q5 q6 q7"),
        ("up", "no", "q1 q2 q5 q7"),
        ("same", "yes", "q1 q5 q6 q7"),
        ("down", "no", "q1 q3 q4 q5 q7"),
        ("none", "yes", "q1"),
    ],
)
def test_answers_lead_along_the_branches_of_the_design(first: str, friction: str, path: str) -> None:
    assert walk(orders(), {"q1": chosen(first), "q5": chosen(friction)}).asked == tuple(path.split())


def test_without_answers_one_question_follows_the_other() -> None:
    definition = defined(
        single("q1", jumps=(jump(END, "a"),)), question("s", QuestionKind.SECTION), single("q2")
    )

    assert walk(definition, {}).asked == ("q1", "s", "q2")


@pytest.mark.parametrize(
    ("match", "answer", "goes"),
    [
        (Match.ANY, "a", True),
        (Match.ANY, "c", False),
        (Match.ALL, "a", False),
        (Match.ALL, "a b", True),
        (Match.ALL, "a b c", True),
        (Match.NONE, "c", True),
        (Match.NONE, "", True),
        (Match.NONE, "b c", False),
        (Match.ANY, "", False),
        (Match.ALL, "", False),
    ],
)
def test_a_jump_compares_its_options_with_those_chosen(match: Match, answer: str, goes: bool) -> None:
    definition = defined(multiple("q1", jumps=(jump("q3", "a b", match),)), single("q2"), single("q3"))

    assert ("q2" not in walk(definition, {"q1": chosen(*answer.split())}).asked) is goes


def test_the_first_jump_that_holds_is_taken() -> None:
    jumps = (jump("q3", "a"), jump("q4", "a b"))
    definition = defined(multiple("q1", jumps=jumps), single("q2"), single("q3"), single("q4"))

    assert walk(definition, {"q1": chosen("a", "b")}).asked == ("q1", "q3", "q4")
    assert walk(definition, {"q1": chosen("b")}).asked == ("q1", "q4")


def test_none_of_no_options_jumps_after_a_question_of_any_kind() -> None:
    always = (Jump(Match.NONE, (), "q3"),)
    definition = defined(question("q1", QuestionKind.LINE, jumps=always), single("q2"), single("q3"))

    assert walk(definition, {"q1": "x"}).asked == ("q1", "q3")


@pytest.mark.parametrize("target", ["q0", "q1", "gone"])
def test_a_jump_back_or_to_nothing_is_not_there_for_a_walk(target: str) -> None:
    definition = defined(single("q0"), single("q1", jumps=(jump(target, "a"), jump("q3", "a"))), single("q2"))

    assert walk(definition, {"q1": chosen("a")}).asked == ("q0", "q1", "q2")


@pytest.mark.parametrize(
    ("show_if", "answer", "shown"),
    [
        ('q1 == "a"', "a", True),
        ('q1 == "a"', "b", False),
        ('q1 == "a"', "", False),
        ('q1 != "a"', "", False),
        ("blank(q1)", "", True),
        ("q1 ==", "a", False),
        ("", "", True),
    ],
)
def test_a_question_is_asked_only_where_its_condition_is_true(show_if: str, answer: str, shown: bool) -> None:
    definition = defined(single("q1"), single("q2", show_if=show_if))

    assert ("q2" in walk(definition, {"q1": chosen(*answer.split())}).asked) is shown


def test_an_answer_to_a_skipped_question_decides_nothing() -> None:
    definition = defined(
        single("q1", jumps=(jump("q3", "a"),)), single("q2"), single("q3", show_if='q2 == "a"'), single("q4")
    )

    assert walk(definition, {"q1": chosen("a"), "q2": chosen("a")}).asked == ("q1", "q4")
    assert walk(definition, {"q1": chosen("b"), "q2": chosen("a")}).asked == ("q1", "q2", "q3", "q4")


def test_an_option_that_is_hidden_cannot_be_chosen_and_jumps_nowhere() -> None:
    hidden = Option("b", Wording.of("乙"), show_if='q1 == "b"')
    second = single("q2", jumps=(jump(END, "b"),), options="")
    definition = defined(single("q1"), replace(second, options=(option("a"), hidden)), single("q3"))

    away = walk(definition, {"q1": chosen("a"), "q2": chosen("b")})
    there = walk(definition, {"q1": chosen("b"), "q2": chosen("b")})

    assert away.asked == ("q1", "q2", "q3") and away.offered["q2"] == ("a",)
    assert there.asked == ("q1", "q2") and there.offered["q2"] == ("a", "b")
