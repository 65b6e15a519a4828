"""Changes of a definition."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.questionnaires import edits
from app.questionnaires.definition import (
    END,
    Check,
    CheckKind,
    Definition,
    Jump,
    Match,
    Question,
    QuestionKind,
    Wording,
)
from tests.questionnaires.drafted import ORDERS, single

CODES = st.sampled_from(["q1", "q2", "q3"])


def codes(definition: Definition) -> list[str]:
    return [question.code for question in definition]


def test_a_new_question_stands_behind_the_one_named_or_at_the_end() -> None:
    new = edits.new_question(QuestionKind.LINE, "q9")
    assert codes(edits.add_question(ORDERS, new, "q1")) == ["q1", "q9", "q2", "q3"]
    assert codes(edits.add_question(ORDERS, new)) == ["q1", "q2", "q3", "q9"]
    assert codes(edits.add_question(ORDERS, new, "gone")) == ["q1", "q2", "q3", "q9"]


def test_a_new_question_has_what_its_kind_needs() -> None:
    assert len(edits.new_question(QuestionKind.SINGLE, "q1").options) == edits.NEW_OPTIONS
    assert len(edits.new_question(QuestionKind.MATRIX_FILL, "q1").columns) == edits.NEW_OPTIONS
    assert not edits.new_question(QuestionKind.SECTION, "q1").required


@given(CODES, st.integers(-3, 8))
def test_moving_keeps_every_question_and_the_order_of_the_others(code: str, to: int) -> None:
    moved = edits.move_question(ORDERS, code, to)
    others = [one for one in codes(ORDERS) if one != code]
    assert [one for one in codes(moved) if one != code] == others
    assert codes(moved)[min(max(to, 0), 2)] == code


@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "copy"]), CODES), max_size=12))
def test_the_highest_code_never_falls_below_what_is_named_anywhere(steps: list[tuple[str, str]]) -> None:
    definition, last, given = ORDERS, 3, ["q1", "q2", "q3"]
    for step, code in steps:
        last = max(last, edits.highest_code(definition))
        new = f"q{last + 1}"
        if step == "remove" and definition.find(code):
            definition = edits.remove_question(definition, code)
        elif step == "copy" and definition.find(code):
            definition = edits.duplicate_question(definition, code, new)
            given.append(new)
        elif step == "add":
            definition = edits.add_question(definition, edits.new_question(QuestionKind.TEXT, new))
            given.append(new)
    assert len(set(given)) == len(given)


def test_a_code_that_is_still_jumped_to_is_not_free() -> None:
    dangling = edits.remove_question(ORDERS, "q3")
    assert edits.highest_code(dangling) == 3


def test_deleting_tells_who_refers_to_the_question() -> None:
    assert edits.referring(ORDERS, "q1") == ("q2",)
    assert edits.referring(ORDERS, "q3") == ("q1",)
    assert edits.referring(edits.remove_question(ORDERS, "q3"), "q3") == ("q1",)


def test_an_option_code_in_quotes_is_no_question() -> None:
    other = Question("q4", QuestionKind.TEXT, Wording.of("x"), show_if='q1 == "q3"')
    assert edits.referring(edits.add_question(ORDERS, other), "q3") == ("q1",)


def test_a_copy_checks_itself_and_not_the_original() -> None:
    check = Check(CheckKind.EXPRESSION, expression="q3 > 5 and q30 > 1")
    definition = edits.change_question(ORDERS, "q3", checks=(check,))
    copy = edits.duplicate_question(definition, "q3", "q8").find("q8")
    assert copy is not None
    assert copy.checks[0].expression == "q8 > 5 and q30 > 1"


def test_pasted_lines_lose_blanks_and_repetitions() -> None:
    assert edits.pasted("  价格\t上涨 \r\n\n汇率\v运费\n\u200b汇率\u00a0\n") == ("价格 上涨", "汇率", "运费")


def test_a_new_option_takes_no_code_that_a_jump_still_names() -> None:
    question = single("q1", "a", "b", jumps=(Jump(Match.ANY, ("o2", "o7"), END),))
    assert edits.with_options(ORDERS, question, ["新"], "zh")[-1].code == "o8"


def test_rows_and_options_move_within_their_list() -> None:
    options = single("q1", "a", "b", "c").options
    assert [one.code for one in edits.moved(options, "o3", -1)] == ["o1", "o3", "o2"]
    assert edits.moved(options, "o1", -1) == options
    assert edits.moved(options, "o3", 1) == options
    assert edits.moved(options, "gone", 1) == options


def test_jumps_by_option_are_offered_only_where_they_say_everything() -> None:
    question = single("q1", "a", "b", jumps=(Jump(Match.ANY, ("o1", "o2"), "q3"), Jump(Match.NONE, (), END)))
    found = edits.jumps_by_option(question)
    assert found == {"o1": "q3", "o2": "q3", "": END}
    assert edits.option_jumps(found) == question.jumps
    for jumps in (
        (Jump(Match.ALL, ("o1",), END),),
        (Jump(Match.NONE, ("o1",), END),),
        (Jump(Match.ANY, ("o1",), END), Jump(Match.ANY, ("o1",), "q3")),
        (Jump(Match.NONE, (), END), Jump(Match.ANY, ("o1",), "q3")),
    ):
        assert edits.jumps_by_option(replace(question, jumps=jumps)) is None
    assert edits.jumps_by_option(replace(question, kind=QuestionKind.MULTIPLE)) is None


def test_a_check_is_taken_away_by_its_number() -> None:
    checks = (Check(CheckKind.INTEGER), Check(CheckKind.RANGE))
    assert edits.without(checks, 1) == (Check(CheckKind.RANGE),)
    assert edits.without(checks, 5) == checks
