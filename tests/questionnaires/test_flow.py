"""The flow of a questionnaire, as it is drawn and printed."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.questionnaires.answers import judge
from app.questionnaires.definition import END, Definition, Jump, Match, QuestionKind
from app.questionnaires.flow import FINISH, START, EdgeKind, flow_of, key_of
from app.questionnaires.paths import walk
from tests.questionnaires.samples import defined, jump, matrix, multiple, orders, question, single
from tests.questionnaires.strategies import answers_to, definitions


def drawn(definition: Definition) -> list[tuple[str, str, str, str]]:
    return [
        (edge.source.removeprefix("q:"), edge.target.removeprefix("q:"), edge.kind.value, str(edge.label))
        for edge in flow_of(definition, "zh").edges
    ]


def test_the_flow_of_the_design_is_drawn_with_the_options_of_each_branch() -> None:
    assert drawn(orders()) == [
        ("start", "q1", "next", ""),
        ("q1", "q5", "jump", "选项same"),
        ("q1", "q3", "jump", "选项down"),
        ("q1", "end", "jump", "选项none"),
        ("q1", "q2", "next", "选项up"),
        ("q2", "q5", "jump", ""),
        ("q3", "q4", "next", ""),
        ("q4", "q5", "next", ""),
        ("q5", "q7", "jump", "选项no"),
        ("q5", "q6", "next", "选项yes"),
        ("q6", "q7", "next", ""),
        ("q7", "end", "next", ""),
    ]


def test_a_branch_by_several_options_says_how_they_are_matched() -> None:
    jumps = (jump("q3", "a b", Match.ALL), jump(END, "c", Match.NONE), jump("q3", "a b"))
    edges = drawn(defined(multiple("q1", jumps=jumps), single("q2"), single("q3")))

    assert edges[1:5] == [
        ("q1", "q3", "jump", "all of 选项a, 选项b"),
        ("q1", "end", "jump", "none of 选项c"),
        ("q1", "q3", "jump", "选项a, 选项b"),
        ("q1", "q2", "next", "otherwise"),
    ]


def test_nothing_follows_a_branch_in_any_case() -> None:
    always = (Jump(Match.NONE, (), END), jump("q2", "a"))
    edges = drawn(defined(multiple("q1", jumps=always), single("q2")))

    assert [edge for edge in edges if edge[0] == "q1"] == [("q1", "end", "jump", "")]
    assert [
        node.reached for node in flow_of(defined(multiple("q1", jumps=always), single("q2")), "zh").nodes
    ] == [
        True,
        True,
        False,
        True,
    ]


def test_a_condition_is_told_in_words_and_drawn_as_a_way_past() -> None:
    definition = defined(
        question("s", QuestionKind.SECTION),
        matrix("q1", QuestionKind.MATRIX_FILL, columns="n1"),
        single("q2", show_if="q1.r1.n1 > 5"),
    )
    flow = flow_of(definition, "zh")

    assert str(flow.nodes[3].condition) == "Q1 “行r1” “列n1” is above 5"
    assert drawn(definition)[-1] == ("q2", "end", "skip", "condition does not hold")
    assert [node.label for node in flow.nodes] == ["", "", "Q1", "Q2", ""]


def test_without_questions_the_start_leads_to_the_end() -> None:
    assert drawn(Definition()) == [("start", "end", "next", "")]


@settings(max_examples=30, deadline=None)
@given(definitions(faulty=True).flatmap(lambda d: st.tuples(st.just(d), answers_to(d))))
def test_every_answer_that_is_not_refused_follows_an_edge_that_is_drawn(
    case: tuple[Definition, dict[str, Any]],
) -> None:
    definition, answers = case
    refused = {key_of(problem.field.partition(".")[0]) for problem in judge(definition, answers).problems}
    edges = flow_of(definition, "zh").edges
    stops = [START, *map(key_of, walk(definition, answers).asked), FINISH]

    for source, target in pairwise(stops):
        assert source in refused or target in reachable_past_conditions(source, edges)


def reachable_past_conditions(source: str, edges: Any) -> set[str]:
    """The nodes that directly follow one, also where conditional ones between are passed over."""
    found = {edge.target for edge in edges if edge.source == source and edge.kind is not EdgeKind.SKIP}
    while (
        more := {edge.target for edge in edges if edge.kind is EdgeKind.SKIP and edge.source in found} - found
    ):
        found |= more
    return found
