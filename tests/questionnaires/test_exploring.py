"""What the checker takes to be possible is what exhaustive walks see."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.questionnaires.answers import judge
from app.questionnaires.counting import count_paths, list_paths, minutes_of
from app.questionnaires.definition import Definition, Question, QuestionKind
from app.questionnaires.exploring import explore
from app.questionnaires.paths import walk
from tests.questionnaires.samples import defined, jump, multiple, orders, question, single
from tests.questionnaires.strategies import COUNTABLE_KINDS, answers_to, definitions

NUMBERS = [Decimal(half) / 2 for half in range(-2, 11)]


class Exhaustive:
    """All walks through a definition, by trying every answer that is not refused where it is given."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.paths: set[tuple[str, ...]] = set()
        self.reached: set[str] = set()
        self._go_on({})

    def _go_on(self, answers: dict[str, Any]) -> None:
        asked = walk(self.definition, answers).asked
        code = next((code for code in asked if code not in answers), None)
        if code is None:
            self.paths.add(asked)
            return
        self.reached.add(code)
        question = self.definition.find(code)
        assert question is not None
        tries = [{**answers, code: value} for value in _values(question)]
        accepted = [tried for tried in tries if not self._is_refused(tried, code)]
        for tried in accepted or tries[:1]:  # where checks refuse everything, what follows is looked at too
            self._go_on(tried)

    def _is_refused(self, answers: dict[str, Any], code: str) -> bool:
        problems = judge(self.definition, answers).problems
        return any(problem.field.partition(".")[0] == code for problem in problems)


def _values(question: Question) -> Iterator[Any]:
    yield None
    words = {"other": dict.fromkeys("abc", "x")}
    codes = [option.code for option in question.options]
    match question.kind:
        case QuestionKind.SINGLE:
            yield from ({"chosen": [code], **words} for code in codes)
        case QuestionKind.MULTIPLE:
            for count in range(1, len(codes) + 1):
                yield from ({"chosen": list(some), **words} for some in combinations(codes, count))
        case QuestionKind.RATING | QuestionKind.NUMBER:
            yield from map(str, NUMBERS)
        case _:
            yield "x"


@settings(max_examples=60, deadline=None)
@given(definitions(kinds=COUNTABLE_KINDS, most=4, checked=False))
def test_reached_questions_paths_and_lengths_are_those_of_exhaustive_walks(definition: Definition) -> None:
    walks = Exhaustive(definition)

    explored = explore(definition)
    listed = list_paths(definition)

    assert explored.undecided == ()
    assert explored.reached == walks.reached
    assert listed is not None
    assert {path.asked for path in listed} == walks.paths
    assert len(listed) == len(walks.paths) == count_paths(definition).count
    lengths = sorted(map(len, walks.paths))
    assert (explored.shortest, explored.longest) == (lengths[0], lengths[-1])


@settings(max_examples=40, deadline=None)
@given(definitions(most=4, faulty=True).flatmap(lambda d: st.tuples(st.just(d), answers_to(d))))
def test_no_walk_leads_where_the_checker_says_that_none_does(
    drawn: tuple[Definition, dict[str, Any]],
) -> None:
    definition, answers = drawn

    explored = explore(definition)

    if not judge(definition, answers).problems:
        assert explored.reached >= set(walk(definition, answers).asked)


def test_the_paths_of_the_design_are_counted_and_listed() -> None:
    counted = count_paths(orders())

    assert (counted.count, counted.shortest, counted.longest) == (7, 1, 6)
    listed = list_paths(orders())
    assert listed is not None
    assert [" ".join(path.asked) for path in listed] == [
        "q1",
        "q1 q2 q5 q6 q7",
        "q1 q2 q5 q7",
        "q1 q3 q4 q5 q6 q7",
        "q1 q3 q4 q5 q7",
        "q1 q5 q6 q7",
        "q1 q5 q7",
    ]
    assert minutes_of(orders(), listed[3].asked) == 3


def test_paths_are_counted_where_they_are_too_many_to_list() -> None:
    forks = [single(f"q{at}", jumps=(jump(f"q{at + 2}", "a"),)) for at in range(60)]
    definition = defined(*forks, single("q60"), single("q61"))

    counted = count_paths(definition)

    assert counted.count == 4052739537881  # as Fibonacci has it
    assert (counted.shortest, counted.longest) == (32, 62)
    assert list_paths(definition) is None


@pytest.mark.parametrize(
    ("show_if", "paths"),
    [
        ('q1 == "x"', {"q1 q2 q4", "q1 q2 q3 q4"}),
        ('q1 == "x" and q2 == "a"', {"q1 q2 q4", "q1 q2 q3 q4"}),
        ('q1 == "x" and q2 == "z"', {"q1 q2 q4"}),
        ('q1 == "x" or q2 == "z"', {"q1 q2 q4", "q1 q2 q3 q4"}),
        ('q1 == "x" or q2 != "z"', {"q1 q2 q3 q4"}),
        ('not (q1 == "x" and q2 == "z")', {"q1 q2 q3 q4"}),
    ],
)
def test_a_condition_over_a_text_may_hold_or_not_unless_something_else_decides(
    show_if: str, paths: set[str]
) -> None:
    definition = defined(
        question("q1", QuestionKind.LINE), single("q2"), single("q3", show_if=show_if), single("q4")
    )

    listed = list_paths(definition)

    assert listed is not None
    assert {" ".join(path.asked) for path in listed} == paths


def remembering(count: int) -> Definition:
    """A multiple choice of so many options, each with a question of its own."""
    codes = [f"o{at}" for at in range(count)]
    followers = (single(f"q{code}", show_if=f'"{code}" in q1') for code in codes)
    return defined(multiple("q1", " ".join(codes)), *followers)


def test_sixteen_options_are_told_apart_exactly() -> None:
    never = single("q2", show_if='"o0" in q1 and not ("o15" in q1) and "o15" in q1')
    definition = remembering(16)

    explored = explore(Definition((*definition.questions, never)))

    assert explored.undecided == ()
    assert "q2" not in explored.reached
    assert len(explored.reached) == 17


def test_beyond_sixteen_options_nothing_is_claimed() -> None:
    explored = explore(remembering(17))

    assert explored.undecided == ("q1",)
    assert len(explored.reached) == 18
    assert count_paths(remembering(17)).count is None
    assert list_paths(remembering(17)) is None
