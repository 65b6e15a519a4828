"""The sheet: what is shown, page by page, and where problems are told."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.kernel.errors import Problem
from app.kernel.texts import Message
from app.questionnaires.definition import Definition, Jump, Match, Option, Question, QuestionKind, Wording
from app.questionnaires.sheet import pages_of, sheet_of, turned, unseen
from tests.questionnaires.asked import chosen
from tests.questionnaires.samples import multiple, question, single

HIDDEN = Option("h", Wording.of("仅选了甲"), show_if='q1 == "a"')
SAMPLE = Definition(
    (
        single("q1", "a b", jumps=(Jump(Match.ANY, ("b",), "q4"),)),
        multiple("q2", "a"),
        question("q3", QuestionKind.SECTION, page_break=True),
        question("q4", QuestionKind.LINE, page_break=True),
    )
)


@pytest.fixture(autouse=True)
def _within(app: Flask) -> Any:
    with app.test_request_context():
        yield


def shown(sheet: dict[str, Any]) -> list[str]:
    return [one["code"] for page in sheet["pages"] for one in page["questions"] if one["shown"]]


def test_what_follows_a_question_that_decides_the_path_waits_for_its_answer() -> None:
    sheet = sheet_of(SAMPLE, {}, "zh")
    assert shown(sheet) == ["q1"]
    assert sheet["next"] == 2  # there may be more: the page is not the last one
    assert shown(sheet_of(SAMPLE, {"q1": chosen("a")}, "zh")) == ["q1", "q2", "q3", "q4"]
    assert shown(sheet_of(SAMPLE, {"q1": chosen("b")}, "zh")) == ["q1", "q4"]


def test_pages_without_anything_to_show_are_passed_over() -> None:
    assert [[one.code for one in page] for page in pages_of(SAMPLE)] == [["q1", "q2"], ["q3"], ["q4"]]
    sheet = sheet_of(SAMPLE, {"q1": chosen("b")}, "zh")
    assert (sheet["page"], sheet["previous"], sheet["next"]) == (1, None, 3)
    sheet = sheet_of(SAMPLE, {"q1": chosen("b")}, "zh", page=2)
    assert sheet["page"] == 1
    sheet = sheet_of(SAMPLE, {"q1": chosen("b")}, "zh", page=99)
    assert (sheet["page"], sheet["previous"], sheet["next"]) == (3, 1, None)


def test_a_turn_shows_questions_that_were_not_seen_before_it_leaves() -> None:
    answers = {"q1": chosen("a")}
    assert turned(SAMPLE, answers, 1, 1, {"q1"}) == (1, True)
    assert turned(SAMPLE, answers, 1, 1, {"q1", "q2"}) == (2, False)
    assert turned(SAMPLE, {"q1": chosen("b")}, 1, 1, {"q1"}) == (3, False)
    assert turned(SAMPLE, {"q1": chosen("b")}, 3, -1, {"q1"}) == (1, False)
    assert turned(SAMPLE, {}, 1, 1, {"q1"}) == (1, False)
    assert turned(SAMPLE, answers, 77, 1, {"q1", "q2", "q4"}) == (3, False)


def test_a_submission_of_questions_that_were_not_seen_opens_their_page() -> None:
    assert unseen(SAMPLE, {"q1": chosen("b")}, {"q1"}) == 3
    assert unseen(SAMPLE, {"q1": chosen("b")}, {"q1", "q4"}) is None


def test_problems_are_told_at_their_inputs_and_open_their_page() -> None:
    problems = [
        Problem(Message("Missing."), "q4"),
        Problem(Message("Elsewhere."), "q2"),
        Problem(Message("All.")),
    ]
    sheet = sheet_of(SAMPLE, {"q1": chosen("b")}, "en", problems)
    assert [problem["anchor"] for problem in sheet["problems"]] == ["a-q4", ""]  # q2 is not on the path
    assert sheet["problems"][0]["message"].startswith("Q3")
    assert sheet["page"] == 3
    assert [page["open"] for page in sheet["pages"]] == [False, False, True]


def test_options_are_shown_where_their_condition_holds() -> None:
    options = (Option("x", Wording.of("甲")), HIDDEN)
    second = Question("q2", QuestionKind.MULTIPLE, Wording.of("题目"), options=options)
    definition = Definition((single("q1", "a b"), second))
    for answer, seen in (("a", [True, True]), ("b", [True, False])):
        sheet = sheet_of(definition, {"q1": chosen(answer)}, "zh")
        assert [option["shown"] for option in sheet["pages"][0]["questions"][1]["options"]] == seen


def test_ranked_options_stand_first_in_their_order() -> None:
    definition = Definition((question("q1", QuestionKind.RANKING, "a b c"),))
    sheet = sheet_of(definition, {"q1": chosen("c", "a")}, "zh")
    options = sheet["pages"][0]["questions"][0]["options"]
    assert [(one["code"], one["rank"]) for one in options] == [("c", 1), ("a", 2), ("b", None)]


def test_a_draft_of_any_shape_can_be_drawn() -> None:
    for wild in ("text", 5, None, [], {"chosen": 5}, {"chosen": [1], "other": 3}, {"r1": 7}):
        sheet_of(SAMPLE, dict.fromkeys(("q1", "q2", "q4"), wild), "zh")
