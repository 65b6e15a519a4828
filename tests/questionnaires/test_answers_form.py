"""Answers as the inputs of a sheet carry them, and drafts that hold nothing but answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.kernel.errors import Invalid
from app.questionnaires import answer_drafts
from app.questionnaires.answers_form import faults, read
from app.questionnaires.definition import MATRICES, OPTIONED, Definition, Question, QuestionKind
from tests.questionnaires.samples import matrix, question
from tests.questionnaires.strategies import answers_to, definitions

RANKED = Definition((question("q1", QuestionKind.RANKING, "a b c"),))


def inputs(question: Question, answer: Any) -> Iterator[tuple[str, str]]:
    """What the inputs of a question hold where it was answered so."""
    code = question.code
    if question.kind in OPTIONED:
        ranked = question.kind is QuestionKind.RANKING
        for rank, option in enumerate(answer["chosen"], 1):
            yield (f"{code}.rank.{option}", str(rank)) if ranked else (code, option)
        yield from ((f"{code}.other.{option}", words) for option, words in answer.get("other", {}).items())
    elif question.kind in MATRICES:
        for row, given in answer.items():
            if isinstance(given, dict):
                yield from ((f"{code}.{row}.{column}", text) for column, text in given.items())
            else:
                yield from (
                    (f"{code}.{row}", column) for column in ([given] if isinstance(given, str) else given)
                )
    else:
        yield code, answer


def is_possible(question: Question, answer: Any) -> bool:
    """Whether inputs can say it: options, rows and columns that are there, one choice of one."""
    if question.kind in OPTIONED:
        options = {option.code: option.other for option in question.options}
        known = all(code in options for code in answer["chosen"])
        words = all(options.get(code) for code in answer.get("other", {}))
        return known and words and (question.kind is not QuestionKind.SINGLE or len(answer["chosen"]) < 2)
    columns = {column.code for column in question.columns}
    if question.kind is QuestionKind.MATRIX_FILL:
        return all(set(cells) <= columns for cells in answer.values())
    return True


@given(definitions().flatmap(lambda found: st.tuples(st.just(found), answers_to(found))))
def test_what_a_draft_holds_comes_back_from_the_inputs_of_its_sheet(
    case: tuple[Definition, dict[str, Any]],
) -> None:
    definition, answers = case
    draft = {
        found.code: answer
        for found in definition
        if (answer := answer_drafts.shaped(definition, answers).get(found.code))
        and is_possible(found, answer)
    }
    form: MultiDict[str, str] = MultiDict()
    for found in definition:
        for name, value in inputs(found, draft[found.code]) if found.code in draft else ():
            form.add(name, value)
    assert read(definition, form) == draft
    assert faults(definition, form) == ()


@given(definitions().flatmap(lambda found: st.tuples(st.just(found), answers_to(found))))
def test_a_draft_is_kept_as_it_was_and_can_be_written(case: tuple[Definition, dict[str, Any]]) -> None:
    definition, answers = case
    draft = answer_drafts.shaped(definition, answers)
    text = answer_drafts.dumped(draft)
    text.encode("utf-8")
    assert "\\u0000" not in text
    assert answer_drafts.loaded(definition, text) == draft


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"q1.rank.a": "1", "q1.rank.b": "2", "q1.rank.c": "3"}, []),
        ({"q1.rank.a": "7", "q1.rank.b": "9"}, []),
        ({"q1.rank.a": "1", "q1.rank.b": "1"}, ["q1.rank.b"]),
        ({"q1.rank.a": "0", "q1.rank.b": "x", "q1.rank.c": "²"}, ["q1.rank.a", "q1.rank.b", "q1.rank.c"]),
    ],
)
def test_ranks_are_numbers_and_each_is_given_once(typed: dict[str, str], fields: list[str]) -> None:
    assert [problem.field for problem in faults(RANKED, MultiDict(typed))] == fields


def test_a_gap_between_ranks_closes() -> None:
    assert read(RANKED, MultiDict({"q1.rank.a": "7", "q1.rank.b": "2"})) == {"q1": {"chosen": ["b", "a"]}}


def test_a_draft_takes_no_other_shapes() -> None:
    definition = Definition((*RANKED.questions, matrix("q2", QuestionKind.MATRIX_FILL)))
    wild = {
        "q1": {"chosen": [1, ["a"], "a", None], "other": ["x"]},
        "q2": {"r1": {"c1": 5}, "r9": {"c1": "x"}},
        "q3": "x",
    }
    assert answer_drafts.shaped(definition, wild) == {"q1": {"chosen": ["a"]}}


def test_a_draft_leaves_out_what_no_database_holds() -> None:
    definition = Definition((question("q1", QuestionKind.TEXT),))
    assert answer_drafts.shaped(definition, {"q1": "a\x00b\ud800c"}) == {"q1": "abc"}


def test_a_draft_beyond_all_measure_is_refused() -> None:
    with pytest.raises(Invalid):
        answer_drafts.dumped({"q1": "x" * answer_drafts.LARGEST})
    assert json.loads(answer_drafts.dumped({"q1": "字" * 20_000}))
